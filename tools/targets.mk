# SPDX-License-Identifier: GPL-2.0
# drbctl; included by the top Makefile.

DRBCTL ?= $(B)/tools/drbctl
DRBCTL_OBJECTS := $(patsubst tools/drbctl/%.c,$(B)/tools/obj/%.o,\
	$(wildcard tools/drbctl/*.c))
DRBCTL_PACKAGES := xenstore xencall json-c libnl-3.0 libnl-route-3.0 ncurses
DRBCTL_CFLAGS = -std=gnu11 -O2 -Wall -Wextra -Werror -Iinclude \
	-DDRB_VERSION_STRING='"$(VERSION)"' $(CPPFLAGS) $(CFLAGS) \
	$(shell pkg-config --cflags $(DRBCTL_PACKAGES))

.PHONY: tools
tools: $(DRBCTL) ## build drbctl into build/tools

$(DRBCTL): $(DRBCTL_OBJECTS)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ \
		$(shell pkg-config --libs $(DRBCTL_PACKAGES))

# Any header, and the version that the top Makefile has, may be in any file.
$(B)/tools/obj/%.o: tools/drbctl/%.c $(wildcard tools/drbctl/*.h) \
		include/drb/iotask.h include/drb/drb_if.h Makefile
	@mkdir -p $(@D)
	@$(CC) $(DRBCTL_CFLAGS) -c -o $@ $<
