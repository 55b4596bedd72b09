# SPDX-License-Identifier: GPL-2.0
# Dom0's kernel complains without stopping.
# shellcheck shell=sh

pass "something"
echo "BUG: a line that only the check of the logs sees" >/dev/kmsg
