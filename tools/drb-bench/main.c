// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - drb-bench: measure the vifs of a guest, stock and DRB alike.
 */
#include <string.h>

#include "bench.h"
#include "out.h"

const char *const tool_name = "drb-bench";

static int dispatch(int argc, char **argv)
{
	static const struct command * const commands[] = {
		&report_command, &compare_command,
	};
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i]->name))
			return command_run(commands[i], argc - 1, argv + 1);
	return command_run(&measure_command, argc, argv);
}

int main(int argc, char **argv)
{
	int rc = dispatch(argc, argv);

	out_done();
	return rc;
}
