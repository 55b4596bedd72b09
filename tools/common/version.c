// SPDX-License-Identifier: GPL-2.0
/*
 * version.c - which build of the tools this is (packaging/version.sh).
 */
#include "command.h"

const char tool_build[] = DRB_BUILD;
