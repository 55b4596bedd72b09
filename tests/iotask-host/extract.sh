#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Takes the I/O task table out of the series of patches, which create its files,
# and leaves out the #include lines: port.h stands in for all of them.
# usage: extract.sh SERIES OUT	writes table.c, table.h and public.h to OUT
set -eu

series=$(cd "$1" && pwd)
out=$2
tree=$out/tree
rm -rf "$tree"
mkdir -p "$tree"
git init -q "$tree"
for p in "$series"/[0-9]*.patch; do
	git -C "$tree" apply --include=xen/common/iotask.c \
		--include=xen/include/xen/iotask.h \
		--include=xen/include/public/iotask.h "$p"
done

# take FILE NAME: only what has changed, so that make need not compile again.
take() {
	sed '/^#include/d' "$tree/$1" >"$out/$2.new"
	cmp -s "$out/$2.new" "$out/$2" || mv "$out/$2.new" "$out/$2"
	rm -f "$out/$2.new"
}

take xen/common/iotask.c table.c
take xen/include/xen/iotask.h table.h
take xen/include/public/iotask.h public.h
