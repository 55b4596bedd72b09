# SPDX-License-Identifier: GPL-2.0
# A check fails, then the script goes on and passes another.
# shellcheck shell=sh

check "a command that fails" sh -c "echo the reason; exit 3"
check "a command that works" true
