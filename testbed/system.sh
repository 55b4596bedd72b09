#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Dom0's part where dom0 is an installed system: runs the scenario's script in it,
# in the directory where its files are, and tells the host what came out.
# shellcheck disable=SC1090,SC1091,SC2154

export HOME=/root
. ./domain.env
. ./lib.sh
. ./report.sh

# As busybox has it.
usleep() {
	sleep "$(($1 / 1000000)).$(printf '%06d' $(($1 % 1000000)))"
}

open_channels
progress "the system is up: $(cat /run/testbed-state)"
serve_logs &
report_deaths &
(. "./$script")
rc=$?
check_logs
tell DONE "$rc"
sleep infinity	# the host has the last word
