# SPDX-License-Identifier: GPL-2.0
# Packages of the modules and tools; included by the top Makefile.

.PHONY: deb
deb: deps ## Debian packages drb-dkms and drb-tools, in build/deb
	@packaging/deb.sh $(B)/deb
