# SPDX-License-Identifier: GPL-2.0
# DRB: the top Makefile.  "make help" lists the targets.

VERSION   := 0.1.0
# Not "O": kbuild has a meaning of its own for that.
B         := build
DRB_CACHE ?= $(HOME)/.cache/drb
export DRB_CACHE

# The newest kernel whose headers are installed; KVER= or KDIR= choose others.
KVER ?= $(lastword $(shell ls /lib/modules 2>/dev/null | sort -V | \
	while read v; do [ -d /lib/modules/$$v/build ] && echo $$v; done))
KDIR ?= /lib/modules/$(KVER)/build

MODDIR := $(B)/modules
MODSRC := Kbuild $(wildcard include/drb/*.h drb-core/*.[ch] netfront-drb/*.[ch] \
	netback-drb/*.[ch])

.PHONY: help
help: ## this list
	@echo "DRB $(VERSION): targets"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 20
	@echo "variables: BENCH=quick|full BENCH_CLOCK=wall|icount KVER=... C=2 V=1"

.PHONY: all
all: modules tools ## build everything that a host installs

# Built from a copy, so that the source tree stays as it is.
.PHONY: modules
modules: ## build drb-core, netback-drb and netfront-drb into build/modules
	@mkdir -p $(MODDIR)
	@cp -u --parents $(MODSRC) $(MODDIR)
	@packaging/version.sh $(MODDIR)/version
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/$(MODDIR) \
		$(if $(C),C=$(C)) $(if $(V),V=$(V)) modules

.PHONY: clean
clean: ## remove build/ (not the cache of downloads)
	rm -rf $(B)

.PHONY: deps-bench
deps-bench: ## install and download what measuring needs
	@testbed/deps.sh bench

.PHONY: deps
deps: ## the same, and what building and testing need
	@testbed/deps.sh check

.PHONY: deps-full
deps-full: ## the same, and what only check-full needs
	@testbed/deps.sh full

.PHONY: deps-debug
deps-debug: ## what check needs, and kernels that watch themselves, built here
	@testbed/deps.sh debug

BENCH ?= quick
BENCH_CLOCK ?= wall
BENCH_CELLS_quick := headline_round
BENCH_CELLS_full := full_round
BENCH_SAMPLES_quick := 5
BENCH_SAMPLES_full := 11
BENCH_WINDOW_wall_quick := 250
BENCH_WINDOW_wall_full := 2000
BENCH_WINDOW_icount_quick := 200
BENCH_WINDOW_icount_full := 600
# A second of iperf3 is enough where an instruction is a nanosecond.
BENCH_TCP_wall_quick := 1
BENCH_TCP_wall_full := 2
BENCH_TCP_icount_quick := 1
BENCH_TCP_icount_full := 1
# Seconds after which no sample is begun; 0: there is no end.
BENCH_SECONDS_wall_quick ?= 570
BENCH_SECONDS_wall_full ?= 0
BENCH_SECONDS_icount_quick ?= 0
BENCH_SECONDS_icount_full ?= 0
BENCH_COSTS_quick := 1
BENCH_COSTS_full := 11
# Others' share of the CPUs, in percent, from which on a sample is repeated;
# where instructions are the clock it does not matter.
BENCH_LIMIT_wall := 10
BENCH_LIMIT_icount := 101
# What measures how far apart the host's CPUs are.
BENCH_DISTANCE ?= $(CURDIR)/$(B)/testbed/distance

# The second guest shares the first one's CPU, or two CPUs of the host would do
# the work of three; where instructions are the clock it has one of its own.
BENCH_CPUS_icount := --set smp=3 --set 'domain.peer.cpus="2"'

$(B)/bench/window: bench/window.c bench/mark.h
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -Werror -o $@ $< -Wl,-Bstatic \
		$$(pkg-config --static --libs xencontrol) -Wl,-Bdynamic

$(B)/testbed/distance: testbed/distance.c
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -Werror -pthread -o $@ $<

$(B)/bench/sink $(B)/bench/xdpdrop: $(B)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -Werror -static -o $@ $<

BENCH_PROGRAMS := $(addprefix $(B)/,bench/window bench/sink bench/xdpdrop \
	testbed/distance)

# measure NAME CELLS ARGUMENTS: the raw data are in build/bench/raw-NAME, the report
# is build/bench/report-NAME.md.
measure = bench/measure.sh $(1) $(BENCH_CLOCK) $(BENCH_DISTANCE) \
	bench/bench.toml --clock $(BENCH_CLOCK) --xen $(B)/xen/4.17/xen \
	--modules $(MODDIR) --set 'env.cells_of="$(2)"' \
	--set env.window=$(BENCH_WINDOW_$(BENCH_CLOCK)_$(BENCH)) \
	--set env.tcp_time=$(BENCH_TCP_$(BENCH_CLOCK)_$(BENCH)) \
	--set env.limit=$(BENCH_LIMIT_$(BENCH_CLOCK)) $(3)

.PHONY: bench
bench: deps-bench ## measure DRB beside the stock path (BENCH=, BENCH_CLOCK=)
	@$(MAKE) --no-print-directory modules iotest $(BENCH_PROGRAMS)
	@hypervisor-patch/build.sh $(B)/xen 4.17
	@$(call measure,$(BENCH_CLOCK),$(BENCH_CELLS_$(BENCH)),\
		--set env.samples=$(BENCH_SAMPLES_$(BENCH)) \
		--set env.seconds=$(BENCH_SECONDS_$(BENCH_CLOCK)_$(BENCH)) \
		--set env.costs=$(BENCH_COSTS_$(BENCH)) \
		$(BENCH_CPUS_$(BENCH_CLOCK)))
	@testbed/behind.sh 4.17

# What else can be set: sizes, MTU, offloads, and queues by the number of CPUs.
# sweep NAME CELLS CPUS ALL FIRST-LAST: CPUs of dom0 and of the guest, of both,
# the guest's.
sweep = $(call measure,$(1),$(2),--set 'env.paths="stock drb"' \
	--set env.samples=$(SWEEP_SAMPLES) --set dom0.vcpus=$(3) \
	--set domain.guest.vcpus=$(3) --set smp=$(4) \
	--set 'domain.guest.cpus="$(5)"')
SWEEP_SAMPLES ?= 4

.PHONY: bench-sweep
bench-sweep: deps-bench ## DRB beside stock with other sizes, MTU, offloads and queues
	@$(MAKE) --no-print-directory modules iotest $(BENCH_PROGRAMS)
	@hypervisor-patch/build.sh $(B)/xen 4.17
	$(call sweep,sweep,sweep_round,1,2,1)
	$(call sweep,queues-2,queues_round,2,4,2-3)
	$(call sweep,queues-4,queues_round,4,8,4-7)

# Which samples are profiled, as a regular expression for bench.sh's names.
PROFILE ?= (60|1496|64) ?1?$$|tcp

$(B)/bench/insns.so: bench/profile/insns.c bench/profile/plugin_api.h bench/mark.h
	@mkdir -p $(@D)
	$(CC) -shared -fPIC -fvisibility=hidden -O2 -Wall -Wextra -Werror \
		-o $@ $<

.PHONY: profile
profile: deps-bench ## instructions by function and domain, per packet (PROFILE=)
	@$(MAKE) --no-print-directory modules iotest $(BENCH_PROGRAMS) \
		$(B)/bench/insns.so
	@hypervisor-patch/build.sh $(B)/xen 4.17
	testbed/run.py bench/bench.toml --clock icount \
		--xen $(B)/xen/4.17/xen --modules $(MODDIR) \
		--out $(B)/bench/profile --plugin \
		$(CURDIR)/$(B)/bench/insns.so,out=$(CURDIR)/$(B)/bench/profile/insns.txt \
		--set env.samples=1 --set env.window=200 \
		--set env.tcp_time=1 --set env.limit=101 \
		--set 'env.cells_of="full_round"' --set env.profile=1 --set 'env.cells="$(PROFILE)"'
	bench/profile/profile.py $(B)/bench/profile $(B)/xen/4.17/xen-syms | \
		tee $(B)/bench/profile.txt

.PHONY: bench-scale
bench-scale: deps-bench ## instructions per packet with more queues and guests
	@$(MAKE) --no-print-directory modules $(BENCH_PROGRAMS)
	@hypervisor-patch/build.sh $(B)/xen 4.17
	testbed/run.py bench/scale.toml --clock icount \
		--xen $(B)/xen/4.17/xen --modules $(MODDIR) \
		--out $(B)/bench/raw-scale
	bench/scale.py $(B)/bench/raw-scale $(B)/bench

.PHONY: bench-layout
bench-layout: deps-bench ## compare ring layouts natively (docs/design.md, section 6)
	@$(MAKE) --no-print-directory -C bench/layout run

.PHONY: figure
figure: ## draw docs/figures/headline.svg, and the tables, from docs/results
	bench/figure.py >docs/figures/headline.svg && bench/table.py

.PHONY: shell
shell: deps-bench ## drop into dom0 of a running test bed
	@$(MAKE) --no-print-directory modules
	testbed/run.py tests/boot/traffic.toml --modules $(MODDIR) --shell

# Programs of the booted tests, static so that any domain runs them.
BOOT_PROGRAMS := $(addprefix $(B)/tests/,flow queueinfo peer kvar leak hv flap toeplitz \
	xdp.o hash.o)
XEN_STATIC_leak = $(shell pkg-config --static --libs xengnttab xenevtchn)
XEN_STATIC_hv = $(shell pkg-config --static --libs xencontrol)
XEN_STATIC_flap = $(shell pkg-config --static --libs xenstore)

$(B)/tests/%: tests/boot/%.c
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -Werror -Iinclude -static -o $@ $< \
		$(XEN_STATIC_$(@F))

$(B)/tests/xdp.o $(B)/tests/hash.o: $(B)/tests/%.o: tests/boot/%.bpf.c
	@mkdir -p $(@D)
	clang -O2 -g -target bpf -Wall -Wextra -Wno-unused-parameter -Werror \
		-I/usr/include/x86_64-linux-gnu -c -o $@ $<

# The same for dom0 of the next Debian release, whose Xen differs in what hv
# asks it.
DRB_TRIXIE := $(DRB_CACHE)/root-trixie
BOOT_PROGRAMS_4.20 := $(B)/tests/hv-4.20

$(B)/tests/%-4.20: tests/boot/%.c
	@mkdir -p $(@D)
	$(CC) --sysroot=$(DRB_TRIXIE) -L$(DRB_TRIXIE)/usr/lib/x86_64-linux-gnu \
		-O2 -Wall -Wextra -Werror -static -o $@ \
		$< $(XEN_STATIC_$*)

include tests/compat32/targets.mk

# The module that attacks the I/O task table.
IOTEST := $(B)/tests/iotask

.PHONY: iotest
iotest:
	@mkdir -p $(IOTEST)/include
	@cp -u tests/iotask/* $(IOTEST)
	@cp -u include/drb/iotask.h include/drb/xen.h $(IOTEST)/include
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/$(IOTEST) \
		$(if $(C),C=$(C)) $(if $(V),V=$(V)) modules

# The module that breaks DRB's protocol.
HOSTILE := $(B)/tests/hostile

.PHONY: hostile
hostile:
	@mkdir -p $(HOSTILE)/include
	@cp -u tests/hostile/* $(HOSTILE)
	@cp -ru include/drb drb-core/drb_core.h drb-core/compat.h $(HOSTILE)/include
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/$(HOSTILE) \
		$(if $(C),C=$(C)) $(if $(V),V=$(V)) modules

# The module that makes mistakes which a kernel is to report.
FAULTY := $(B)/tests/faulty

.PHONY: faulty
faulty:
	@mkdir -p $(FAULTY)
	@cp -u tests/faulty/* $(FAULTY)
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(CURDIR)/$(FAULTY) \
		$(if $(C),C=$(C)) $(if $(V),V=$(V)) modules

include hypervisor-patch/targets.mk
include tools/targets.mk
include packaging/targets.mk

# Fewer attempts where every change waits for them.
TASK_QUICK := task:iotask:env.attempts=100000
# Two lanes that take about as long, the first with what does not boot.
CHECK_LANE_1 := runner lint tools host iotask-host gnttab-host xen deb \
	kernels:6.1,6.12 selftest boot:xdp boot:save boot:idle \
	task:required task:drbctl task:driver-domain
CHECK_LANE_2 := boot:traffic boot:refuse boot:attach boot:queues \
	boot:features boot:hostile task:protect \
	$(TASK_QUICK) task:iotask-frames task:traffic:4.20,6.12
CHECK := $(CHECK_LANE_1) $(CHECK_LANE_2)
# What builds more than it boots, and what is long, beside the rest.
CHECK_BUILDS := runner lint tools monitor host iotask-host gnttab-host xen-full \
	kernels:6.1,6.12 kernels:unstable deb system
CHECK_BOOTS := $(filter-out xen $(TASK_QUICK) $(CHECK_BUILDS),$(CHECK)) \
	boot:rss boot:lend boot:unread boot:idle-queues \
	boot:traffic:pvh boot:driver-domain boot:many-vifs \
	boot:many-vifs-dom0 boot:bond bed:stock-pv bed:stock-pvh \
	bed:driver-domain bed:two-guests \
	task:traffic task:traffic:6.12 task:traffic:pvh-guest task:driver-domain:pvh-netdd \
	task:driver-domain:4.20 control:required boot:drbctl \
	boot:drb-bench task:drb-bench task:drb-bench-netdd boot:daily \
	task:hostcheck boot:chain task:chain task:save \
	task:iotask task:iotask-life task:compat32 \
	task:iotask:4.20 task:iotask-life:4.20 \
	task:iotask-frames:4.20 task:iotask-frames:4.20,pvh-driver \
	task:iotask-frames:4.19 task:iotask-frames:4.19,pvh-driver \
	task:traffic:4.19 task:iotask-dom0:4.22 task:rss:6.12 \
	boot:traffic:unstable boot:rss:unstable boot:xdp:unstable \
	boot:features:unstable boot:idle:unstable \
	task:iotask-frames:pvh-driver task:iotask-frames:pvh-guest debug:iotask-frames \
	debug:iotask-frames:pvh-driver fault:iotask-fault fault:parked \
	task:iotask-driver task:iotask-driver:pvh-driver \
	task:iotask-driver:pvh-guest task:iotask-strict task:iotask-relaxed \
	control:iotask control:iotask-life control:compat32 \
	control:iotask-driver control:iotask-driver:pvh-driver \
	control:iotask-strict \
	debug:iotask:env.attempts=1400000 debug:iotask-life debug:iotask-driver:pvh-driver \
	debug:silo flask:flask flask:flask:4.20 flask:driver-domain

.PHONY: check
check: deps ## the tests that every change must pass, in two lanes (about 40 minutes)
	@$(MAKE) --no-print-directory modules iotest hostile tools $(BOOT_PROGRAMS)
	@MODULES=$(MODDIR) OUT=$(B)/check tests/lanes.sh "$(CHECK_LANE_1)" \
		"$(CHECK_LANE_2)"

# The suites in which the drivers are driven hardest, on kernels that watch them.  The
# one with KASAN is slow: beside another machine libxl, which gives a script ten seconds,
# gives up on it.
DEBUG_SUITES := traffic attach queues features xdp save hostile refuse
on_kernel = $(foreach s,faulty $(DEBUG_SUITES),boot:$(s):$(1))

.PHONY: check-debug
check-debug: deps-debug ## suites on kernels with KASAN, lockdep, KCSAN, full preemption
	@$(MAKE) --no-print-directory modules iotest hostile faulty tools $(BOOT_PROGRAMS)
	@export MODULES=$(MODDIR) OUT=$(B)/check-debug; code=0; \
		tests/lanes.sh "$(call on_kernel,kcsan)" \
			"$(call on_kernel,preempt) boot:idle:preempt" || code=$$?; \
		OUT=$$OUT/kasan tests/run.sh $(call on_kernel,kasan) && exit $$code

# Each suite of the drivers on a kernel that counts; where lines of the three modules
# never run is in build/coverage/coverage-gaps.txt.
COVERAGE_LANE_1 := $(addprefix boot:,$(DEBUG_SUITES))
COVERAGE_LANE_2 := $(addprefix boot:,unread idle lend rss nomem) \
	$(addprefix task:,traffic save protect)

.PHONY: coverage
coverage: deps-debug ## which lines of the modules the booted suites run
	@$(MAKE) --no-print-directory modules iotest hostile faulty tools $(BOOT_PROGRAMS)
	@MODULES=$(MODDIR) OUT=$(B)/coverage tests/lanes.sh \
		"$(addsuffix :gcov,$(COVERAGE_LANE_1))" "$(addsuffix :gcov,$(COVERAGE_LANE_2))"
	@tests/coverage.sh $(B)/coverage

# How long, in seconds; and which operations in which order.
ENDURANCE ?= 3600
SEED ?= $(shell date +%s)

.PHONY: endurance
endurance: deps ## traffic for an hour while all is done to a vif (ENDURANCE=s SEED=n)
	@$(MAKE) --no-print-directory modules tools $(BOOT_PROGRAMS)
	@MODULES=$(MODDIR) OUT=$(B)/endurance tests/run.sh \
		boot:endure:env.seconds=$(ENDURANCE),env.seed=$(SEED),timeout=$$(($(ENDURANCE) * 2 + 900))

.PHONY: check-full
check-full: deps-full ## all tests, in two lanes (one to two hours)
	@$(MAKE) --no-print-directory modules iotest hostile tools $(BOOT_PROGRAMS) \
		$(BOOT_PROGRAMS_4.20)
	@MODULES=$(MODDIR) OUT=$(B)/check tests/lanes.sh "$(CHECK_BUILDS)" \
		"$(CHECK_BOOTS)"
