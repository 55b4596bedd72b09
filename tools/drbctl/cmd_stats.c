// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_stats.c - drbctl stats: counters of the vifs this domain is an end of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <drb/drb_if.h>

#include "cmd.h"
#include "gather.h"
#include "out.h"
#include "outfile.h"
#include "prometheus.h"
#include "rate.h"

static bool as_json, as_prometheus;
static double interval;
static struct opt_number count;
static const char *output;

static const struct opt opts[] = {
	{ "interval", 'i', OPT_SECONDS, "SECONDS",
	  "repeat after this long, with the rates in between", &interval, 86400 },
	{ "count", 'c', OPT_NUMBER, "N", "repeat this often (1; with --interval: no end)",
	  &count, 1000000000 },
	OPTION_FLAG("prometheus", 'p', "in Prometheus' text format",
		    &as_prometheus),
	{ "output", 'o', OPT_TEXT, "FILE",
	  "with --prometheus: into this file, whole at any time", &output, 0 },
	OPTION_FLAG("json", 'j', "print JSON", &as_json),
	{ 0 }
};

/* The vif that is asked for, or NULL; and what the last look has found. */
static const struct vif *only;
static struct gathered *last;
static size_t num_last;

static const struct gathered *before(const struct gathered *g)
{
	size_t i;

	for (i = 0; i < num_last; i++)
		if (last[i].vif.guest == g->vif.guest &&
		    last[i].vif.backend == g->vif.backend &&
		    last[i].vif.handle == g->vif.handle)
			return last[i].counted ? &last[i] : NULL;
	return NULL;
}

static json_object *describe(const struct gathered *g)
{
	const struct gathered *then = before(g);
	json_object *o = vif_describe(&g->vif);
	struct rate rate = { 0 };

	if (then)
		rate_between(&then->counts, &g->counts, &rate);
	rate_add(o, &rate);
	traffic_add(o, "to_guest", &g->counts.to_guest);
	traffic_add(o, "from_guest", &g->counts.from_guest);
	stats_add(o, g->stats, g->num_stats);
	return o;
}

/* ---- for people --------------------------------------------------------- */

static const struct column columns[] = {
	{ "VIF", "vif", false },
	{ "DEVICE", "device", false },
	{ "DIRECTION", "direction", false },
	{ "PACKETS", "packets", true },
	{ "BYTES", "bytes", true },
	{ "ERRORS", "errors", true },
	{ "DROPPED", "dropped", true },
	{ "PACKETS/s", "pps", true },
	{ "BITS/s", "bps", true },
};

#define NUM_COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* A row out of one direction's counters, and its rate if that is known. */
static json_object *row(json_object *o, const char *direction)
{
	json_object *to = NULL, *value;
	char key[32], text[32] = "";

	json_object_deep_copy(json_object_object_get(o, direction), &to, NULL);
	add_text(to, "vif", out_cell(o, "vif"));
	add_text(to, "device", out_cell(o, "device"));
	add_text(to, "direction", *direction == 't' ? "to guest" : "from guest");
	snprintf(key, sizeof(key), "%s_pps", direction);
	json_object_object_add(to, "pps",
			       json_object_get(json_object_object_get(o, key)));
	snprintf(key, sizeof(key), "%s_bps", direction);
	value = json_object_object_get(o, key);
	if (value)
		rate_text(text, sizeof(text), json_object_get_double(value));
	add_text(to, "bps", text);
	return to;
}

static void print_traffic(json_object *list)
{
	json_object *rows = json_object_new_array();
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		json_object *o = json_object_array_get_idx(list, i);

		json_object_array_add(rows, row(o, "to_guest"));
		json_object_array_add(rows, row(o, "from_guest"));
	}
	out_table(columns, NUM_COLUMNS, rows);
	json_object_put(rows);
}

/* A queue's counters go into that counter's row. */
static void add_to_row(json_object *table, const struct stat_entry *stat,
		       unsigned int *queues)
{
	unsigned int queue;
	json_object *line;
	const char *what;
	char key[16];

	if (!queue_stat(stat->name, &queue, &what)) {
		queue = 0;
		what = stat->name;
	}
	if (!json_object_object_get_ex(table, what, &line)) {
		line = json_object_new_object();
		add_text(line, "counter", what);
		json_object_object_add(table, what, line);
	}
	snprintf(key, sizeof(key), "q%u", queue);
	add_number(line, key, stat->value);
	if (queue >= *queues)
		*queues = queue + 1;
}

static void print_queues(const struct gathered *g)
{
	static const char * const names[DRB_MAX_QUEUES] = {
		"q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7",
		"q8", "q9", "q10", "q11", "q12", "q13", "q14", "q15",
	};
	struct column heads[1 + DRB_MAX_QUEUES] = {
		{ "COUNTER", "counter", false },
	};
	json_object *table = json_object_new_object();
	json_object *rows = json_object_new_array();
	unsigned int i, queues = 0;

	for (i = 0; i < g->num_stats; i++)
		add_to_row(table, &g->stats[i], &queues);
	json_object_object_foreach(table, name, line) {
		(void)name;
		json_object_array_add(rows, json_object_get(line));
	}
	for (i = 0; i < queues; i++)
		heads[1 + i] = (struct column){ names[i], names[i], true };
	putchar('\n');
	out_table(heads, 1 + queues, rows);
	json_object_put(rows);
	json_object_put(table);
}

static void print(const struct gathered *all, size_t num)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < num; i++)
		if (all[i].counted)
			json_object_array_add(list, describe(&all[i]));
	if (as_json)
		out_json(list);
	else
		print_traffic(list);
	json_object_put(list);
	if (!as_json && only)
		print_queues(&all[0]);
}

/* ---- look by look ------------------------------------------------------- */

static void print_metrics(const struct gathered *all, size_t num)
{
	if (output)
		outfile_begin(output);
	prometheus(all, num);
	if (output)
		outfile_end();
}

static void look(bool quiet)
{
	struct gathered *all;
	size_t num = gather(&all, only);

	if (only && !all[0].counted && !as_prometheus)
		die(EXIT_NONE, "vif%u.%u: has no device in this domain; ask at one of its ends",
		    only->guest, only->handle);
	if (as_prometheus)
		print_metrics(all, num);
	else if (!quiet)
		print(all, num);
	out_done();
	gather_free(last, num_last);
	last = all;
	num_last = num;
}

static void need_sense(void)
{
	if (as_json && as_prometheus)
		die(EXIT_USAGE, "--json and --prometheus: one of them");
	if (as_prometheus && (interval || count.given))
		die(EXIT_USAGE, "--prometheus: neither --interval nor --count");
	if (output && !as_prometheus)
		die(EXIT_USAGE, "--output: only with --prometheus");
}

static int run(int argc, char **argv)
{
	unsigned long i, times = interval ? 0 : 1;
	struct vif vif;

	need_sense();
	if (count.given)
		times = count.value;
	if (count.given && !interval)
		interval = 1;
	if (argc) {
		vif_need(&vif, argv[0]);
		only = &vif;
	}
	/* A rate needs a look before the first that is shown. */
	if (interval)
		look(true);
	for (i = 0; !times || i < times; i++) {
		if (interval)
			rate_sleep(interval);
		look(false);
	}
	gather_free(last, num_last);
	return EXIT_OK;
}

const struct command stats_command = {
	.name = "stats",
	.args = "[VIF]",
	.what = "show counters of the vifs this domain is an end of",
	.more = "For one vif it also shows what the driver counts, by queue (ethtool -S).\n",
	.opts = opts,
	.max_args = 1,
	.run = run,
};
