# SPDX-License-Identifier: GPL-2.0
# The script takes longer than the time limit, but gets on.
# shellcheck shell=sh

for step in 1 2 3; do
	sleep 25
	pass "step $step"
done
