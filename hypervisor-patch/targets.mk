# SPDX-License-Identifier: GPL-2.0
# Targets of the hypervisor patches; included by the top Makefile.

.PHONY: xen
xen: deps ## build the patched hypervisor of each version, in build/xen
	@hypervisor-patch/build.sh $(B)/xen

.PHONY: xen-check
xen-check: deps ## check the series of all versions, and build their last steps
	@hypervisor-patch/check.sh

.PHONY: xen-check-full
xen-check-full: deps ## check all series, and build every step of them
	@hypervisor-patch/check.sh --full

.PHONY: xen-versions
xen-versions: deps ## a table: which source of each version takes its series, and builds
	@hypervisor-patch/check.sh --table

.PHONY: xen-derive
xen-derive: ## derive the other versions' series from it (XEN_GIT=, XEN_VERSIONS=)
	@hypervisor-patch/derive.sh $(B)/xen-derive

.PHONY: xen-tree
xen-tree: deps ## a git work tree of the series that is written, in build/xen-tree
	@hypervisor-patch/tree.sh make $(B)/xen-tree

.PHONY: xen-refresh
xen-refresh: ## write that series from the commits in build/xen-tree
	@hypervisor-patch/tree.sh refresh $(B)/xen-tree

# What is packaged is compared with what Debian has now.
.PHONY: xen-deb
xen-deb: export XEN_ASK_AFTER = 0
xen-deb: deps ## Debian packages of the patched hypervisors, in build/deb
	@hypervisor-patch/deb.sh $(B)/deb
