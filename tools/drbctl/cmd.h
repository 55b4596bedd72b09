/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd.h - drbctl's sub-commands.
 */
#ifndef DRBCTL_CMD_H
#define DRBCTL_CMD_H

#include "command.h"

extern const struct command list_command, show_command, tasks_command,
	revoke_command, policy_command, policyd_command, stats_command,
	top_command, attach_command, detach_command, check_command;

#endif
