// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - drbctl: see and control DRB vifs and Xen's I/O task table.
 */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "out.h"

const char *const tool_name = "drbctl";

static const struct command * const commands[] = {
	&list_command, &show_command, &stats_command, &top_command,
	&tasks_command, &revoke_command, &policy_command, &policyd_command,
	&attach_command, &detach_command, &check_command,
};

#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < NUM_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	die(EXIT_USAGE, "%s: no such command; see drbctl help", name);
}

static void print_overview(void)
{
	char left[64];
	size_t i;

	printf("usage: drbctl COMMAND [ARGUMENT]... [OPTION]...\n\n"
	       "See and control the vifs that use DRB, and Xen's I/O task table.\n\n");
	for (i = 0; i < NUM_COMMANDS; i++) {
		snprintf(left, sizeof(left), "%s %s", commands[i]->name,
			 commands[i]->args);
		printf("  %-34s %s\n", left, commands[i]->what);
	}
	printf("  %-34s %s\n", "help [COMMAND]", "explain all commands, or one");
	printf("\n"
	       "  %-26s %s\n  %-26s %s\n\n", "-h, --help", "print this text",
	       "-V, --version", "print the version of drbctl");
	printf("VIF is vifD.H, DOMAIN:HANDLE or a network device of this domain.\n"
	       "DOMAIN is a name or a number.  The exit code is 0 if the command is\n"
	       "done, 1 if it failed, 2 for wrong usage, 3 if there is no such thing,\n"
	       "and 4 if it is not permitted.\n");
}

static int help(int argc, char **argv)
{
	if (argc > 2)
		die(EXIT_USAGE, "help takes one command");
	if (argc == 2)
		options_help(find(argv[1]));
	else
		print_overview();
	return EXIT_OK;
}

static int dispatch(int argc, char **argv)
{
	const char *what = argv[0];

	if (!strcmp(what, "help") || !strcmp(what, "--help") ||
	    !strcmp(what, "-h"))
		return help(argc, argv);
	if (!strcmp(what, "--version") || !strcmp(what, "-V")) {
		printf("drbctl %s\n", tool_build);
		return EXIT_OK;
	}
	if (*what == '-')
		die(EXIT_USAGE, "%s: no such option; see drbctl help", what);
	return command_run(find(what), argc, argv);
}

int main(int argc, char **argv)
{
	int rc;

	if (argc < 2)
		die(EXIT_USAGE, "which command? see drbctl help");
	rc = dispatch(argc - 1, argv + 1);
	out_done();
	return rc;
}
