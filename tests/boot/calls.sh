#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: calls.sh MODULE.ko...
# Prints where the modules call what may allocate memory: a line each with the module,
# the offset in its .text to which that call returns, its function, and what is called.
set -eu

may_allocate='(alloc|printf$|kstrdup|build_skb|vmap$|^bind_|^debugfs_create|^register_net)'
may_allocate="$may_allocate|^(xenbus|gnttab)_|xdp_rxq_info_reg|netif_set_(xps|real)"

for ko; do
	objdump -dr --no-show-raw-insn -j .text "$ko" | awk -v may="$may_allocate" \
		-v module="$(basename "$ko" .ko | tr - _)" '
		/^[0-9a-f]+ <.*>:$/ { fn = $2; gsub(/[<>:]/, "", fn); next }
		$2 == "call" { called = 1; next }
		called && /R_X86_64_(PLT32|PC32)/ {
			callee = $3
			sub(/[-+]0x[0-9a-f]+$/, "", callee)
			next
		}
		called && $1 ~ /^[0-9a-f]+:$/ {
			called = 0
			if (callee ~ may && callee !~ /free|snprintf|seq_|unreg|_unmap|_rm$/)
				print module, "0x" substr($1, 1, length($1) - 1), fn, callee
			callee = ""
		}'
done
