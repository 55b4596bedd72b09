// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_report.c - drb-bench report: the report made anew from raw samples.
 */
#include <limits.h>
#include <stdio.h>

#include "bench.h"
#include "out.h"

static bool as_json;

static const struct opt opts[] = {
	OPTION_FLAG("json", 'j', "print the reports as JSON", &as_json),
	{ 0 }
};

static int run(int argc, char **argv)
{
	json_object *raw, *report;
	int i;

	for (i = 0; i < argc; i++) {
		raw = raw_load(argv[i]);
		report = report_make(raw);
		report_write(argv[i], false, raw, report);
		if (argc > 1 && !as_json)
			printf("%s%s:\n", i ? "\n" : "", argv[i]);
		if (as_json)
			out_json(report);
		else
			report_print(report);
		json_object_put(report);
		json_object_put(raw);
	}
	return EXIT_OK;
}

const struct command report_command = {
	.name = "report",
	.args = "DIR...",
	.what = "Make the reports of runs again, from their raw samples.",
	.opts = opts,
	.min_args = 1,
	.max_args = INT_MAX,
	.run = run,
};
