# SPDX-License-Identifier: GPL-2.0
# Packages of the modules and tools; included by the top Makefile.

.PHONY: deb
deb: ## Debian packages drb-dkms and drb-tools, in build/deb
	@packaging/deb.sh $(B)/deb

# The secret key of gpg's that signs it.
KEY ?=
APT_REPO ?= $(B)/apt

.PHONY: apt-repo
apt-repo: deb ## a signed APT repository with these packages (KEY=gpg-key APT_REPO=build/apt)
	@[ -n "$(KEY)" ] || { echo "which key signs it? make apt-repo KEY=... (gpg --list-secret-keys)" >&2; exit 2; }
	@packaging/apt-repo.sh $(APT_REPO) "$(KEY)" $(B)/deb/drb-*.deb
