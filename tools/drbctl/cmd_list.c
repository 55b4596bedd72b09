// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_list.c - drbctl list: every vif that this domain can see.
 */
#include "cmd.h"
#include "out.h"
#include "watch.h"

static bool as_json, at_once;
static double interval = 0.2;

static const struct opt opts[] = {
	{ "interval", 'i', OPT_SECONDS, "SECONDS",
	  "measure rates for this long (0.2)", &interval, 3600 },
	OPTION_FLAG("no-rates", 'n', "measure no rates, answer at once", &at_once),
	OPTION_FLAG("json", 'j', "print JSON", &as_json),
	{ 0 }
};

static bool any_counted(const struct watch *watch)
{
	size_t i;

	for (i = 0; i < watch->num; i++)
		if (watch->counted[i])
			return true;
	return false;
}

static int run(int argc, char **argv)
{
	struct watch watch = { 0 };
	json_object *rows;

	(void)argc;
	(void)argv;
	watch_look(&watch);
	if (!at_once && any_counted(&watch)) {
		rate_sleep(interval);
		watch_look(&watch);
	}
	rows = watch_describe(&watch);
	if (as_json) {
		out_json(rows);
	} else {
		watch_add_words(rows);
		out_table(watch_columns, watch_num_columns, rows);
	}
	json_object_put(rows);
	watch_free(&watch);
	return EXIT_OK;
}

const struct command list_command = {
	.name = "list",
	.args = "",
	.what = "show all vifs: ends, mode, state, rate, errors",
	.more = "Rates are bits per second.  They are known where this domain is an end of\n"
		"the vif.\n",
	.opts = opts,
	.run = run,
};
