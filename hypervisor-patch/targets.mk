# SPDX-License-Identifier: GPL-2.0
# Targets of the hypervisor patches; included by the top Makefile.

.PHONY: xen
xen: deps ## build both versions of the patched hypervisor into build/xen
	@hypervisor-patch/build.sh $(B)/xen

.PHONY: xen-check
xen-check: deps ## check both series of patches, and build their last steps
	@hypervisor-patch/check.sh

.PHONY: xen-check-full
xen-check-full: deps ## check both series, and build every step of them
	@hypervisor-patch/check.sh --full

.PHONY: xen-tree
xen-tree: deps ## git work trees of both series, in build/xen-tree
	@hypervisor-patch/tree.sh make $(B)/xen-tree

.PHONY: xen-refresh
xen-refresh: ## write both series from the commits in build/xen-tree
	@hypervisor-patch/tree.sh refresh $(B)/xen-tree

.PHONY: xen-deb
xen-deb: deps ## Debian packages of both patched hypervisors, in build/deb
	@hypervisor-patch/deb.sh $(B)/deb
