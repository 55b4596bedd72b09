# SPDX-License-Identifier: GPL-2.0
# drbctl and drb-bench; included by the top Makefile.

TOOLS ?= $(B)/tools
DRBCTL := $(TOOLS)/drbctl
DRB_BENCH := $(TOOLS)/drb-bench
# objects DIRECTORY: of its files.
tool_objects = $(patsubst tools/%.c,$(TOOLS)/obj/%.o,$(wildcard tools/$(1)/*.c))
TOOLS_PACKAGES := xenstore xencall json-c libnl-3.0 libnl-route-3.0
TOOLS_CFLAGS = -std=gnu11 -O2 -Wall -Wextra -Werror -Iinclude -Itools/common \
	$(CPPFLAGS) $(CFLAGS) \
	$(shell pkg-config --cflags $(TOOLS_PACKAGES))

.PHONY: tools
tools: $(DRBCTL) $(DRB_BENCH) ## build drbctl and drb-bench into build/tools

$(DRBCTL): TOOL_LIBS = $(shell pkg-config --libs ncurses)
$(DRBCTL): $(call tool_objects,common) $(call tool_objects,drbctl)
$(DRB_BENCH): TOOL_LIBS = -lm
$(DRB_BENCH): $(call tool_objects,common) $(call tool_objects,drb-bench)
# For the tests: its serving end at any device.
$(TOOLS)/serve_dev: TOOL_LIBS = -lm
$(TOOLS)/serve_dev: $(TOOLS)/obj/serve_dev.o $(call tool_objects,common) \
	$(filter-out %/main.o,$(call tool_objects,drb-bench))
# One check of drbctl's, of a version of Xen that it is told.
$(TOOLS)/updates: $(TOOLS)/obj/updates.o $(TOOLS)/obj/drbctl/check_updates.o \
	$(call tool_objects,common)

$(DRBCTL) $(DRB_BENCH) $(TOOLS)/serve_dev $(TOOLS)/updates:
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ \
		$(shell pkg-config --libs $(TOOLS_PACKAGES)) $(TOOL_LIBS)

# Any header may be in any file.
TOOLS_HEADERS := $(wildcard tools/*/*.h) include/drb/iotask.h include/drb/drb_if.h

$(TOOLS)/obj/%.o: tools/%.c $(TOOLS_HEADERS) Makefile
	@mkdir -p $(@D)
	@$(CC) $(TOOLS_CFLAGS) -c -o $@ $<

# The version changes with each commit, and is in one file only.
$(TOOLS)/obj/common/version.o: TOOLS_CFLAGS += -DDRB_BUILD='"$(shell cat $(B)/version)"'
$(TOOLS)/obj/common/version.o: $(B)/version

.PHONY: FORCE
$(B)/version: FORCE
	@mkdir -p $(@D)
	@packaging/version.sh $@

$(TOOLS)/obj/serve_dev.o $(TOOLS)/obj/updates.o: $(TOOLS)/obj/%.o: \
		tests/tools/%.c $(TOOLS_HEADERS) Makefile
	@mkdir -p $(@D)
	@$(CC) $(TOOLS_CFLAGS) -Itools/drb-bench -Itools/drbctl -c -o $@ $<
