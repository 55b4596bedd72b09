# SPDX-License-Identifier: GPL-2.0
# A guest's kernel complains without stopping.
# shellcheck shell=sh

pass "something"
on guest "echo 'WARNING: a line that only the check of the logs sees' >/dev/kmsg"
