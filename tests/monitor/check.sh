#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# usage: check.sh DIR
# What DRB tells Prometheus, shown to Prometheus' own programs; what they said is in
# DIR. One line per check: PASS name, FAIL name: why.
# shellcheck disable=SC2317 # its functions are called by check
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/tests/tools
drbctl=$root/build/tools/drbctl
page=$root/docs/man/drb-metrics.7
dir=${1:?usage: check.sh DIR}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
work=$(mktemp -d)
hosts=
status=0
# shellcheck source=../tools/hosts.sh
. "$tools/hosts.sh"
trap 'for p in $hosts; do kill "$p"; done; wait; rm -rf "$work"' EXIT

# check NAME COMMAND...: its last line says why it failed.
check() {
	name=monitor.$1
	shift
	if "$@" >"$dir/said" 2>&1; then
		echo "PASS $name"
		return
	fi
	echo "FAIL $name: $(tail -n 1 "$dir/said" | cut -c 1-300)"
	sed 's/^/# /' "$dir/said" | tail -n 20
	status=1
	return 1
}

programs() {
	for p in prometheus promtool prometheus-node-exporter systemd-analyze jq; do
		command -v "$p" || {
			echo "no $p: make deps installs it"
			return 1
		}
	done
	make -s -C "$root" tools
}

check programs programs || exit 1
# shellcheck source=metrics.sh
. "$here/metrics.sh"
# shellcheck source=units.sh
. "$here/units.sh"
# shellcheck source=rules.sh
. "$here/rules.sh"
# shellcheck source=dashboard.sh
. "$here/dashboard.sh"
# shellcheck source=live.sh
. "$here/live.sh"
exit "$status"
