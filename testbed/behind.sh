#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: behind.sh VERSION...
# Says what newer sources of these versions of Xen there are than those in use, and
# why they are not: a line each, and nothing where there are none.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
for XEN_VERSION; do
	# What it names depends on the version.
	# shellcheck source=config.sh
	. "$here/config.sh"
	xen_behind
done
