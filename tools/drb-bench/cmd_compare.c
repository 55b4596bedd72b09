// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_compare.c - drb-bench compare: the second run over the first, if both were
 * taken under equal conditions.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "out.h"
#include "report.h"
#include "text.h"

static bool as_json, anyway;

static const struct opt opts[] = {
	OPTION_FLAG("anyway", 'a', "though the conditions differ", &anyway),
	OPTION_FLAG("json", 'j', "print JSON", &as_json),
	{ 0 }
};

/* ---- conditions --------------------------------------------------------- */

static const char *shown(json_object *value)
{
	return value ? json_object_get_string(value) : "none";
}

static bool is_object(json_object *o)
{
	return json_object_is_type(o, json_type_object);
}

static bool is_number(json_object *o)
{
	return json_object_is_type(o, json_type_int) ||
	       json_object_is_type(o, json_type_double);
}

/* 2 and 2.0 are one number. */
static bool equal(json_object *a, json_object *b)
{
	if (is_number(a) && is_number(b))
		return json_object_get_double(a) == json_object_get_double(b);
	return json_object_equal(a, b);
}

/* Name the first condition that differs, and how: one line. */
static bool differ(json_object *a, json_object *b, const char *name,
		   char *why, size_t size)
{
	char path[256], other[128];

	if (!is_object(a) || !is_object(b)) {
		if (equal(a, b))
			return false;
		text_format(other, sizeof(other), "%.100s", shown(b));
		text_format(why, size, "%.120s: %.100s there, %s here", name,
			    shown(a), other);
		return true;
	}
	json_object_object_foreach(a, key, value) {
		text_format(path, sizeof(path), "%.120s%s%.100s", name,
			    *name ? "." : "", key);
		if (differ(value, json_object_object_get(b, key), path, why, size))
			return true;
	}
	json_object_object_foreach(b, other_key, more) {
		text_format(path, sizeof(path), "%.120s%s%.100s", name,
			    *name ? "." : "", other_key);
		if (more && !json_object_object_get_ex(a, other_key, NULL))
			return differ(NULL, more, path, why, size);
	}
	return false;
}

/* "" if they are equal. */
static void compare_conditions(json_object *a, json_object *b, char *why,
			       size_t size)
{
	*why = '\0';
	if (!differ(json_object_object_get(a, "conditions"),
		    json_object_object_get(b, "conditions"), "", why, size))
		return;
	if (!anyway)
		die(EXIT_FAIL, "the conditions differ: %s (--anyway compares them)",
		    why);
	warn("not under equal conditions: %s", why);
}

/* ---- figures ------------------------------------------------------------ */

static const char *verdict(const struct figure *f, const struct ratio *ratio)
{
	bool less = metric_is_cost(f->metric);

	if (!isfinite(ratio->high))
		return "too few samples";
	if (ratio->low > 1)
		return less ? "worse" : "better";
	if (ratio->high < 1)
		return less ? "better" : "worse";
	return "the same";
}

static json_object *row(const struct figure *a, const struct figure *b)
{
	json_object *o = json_object_new_object(), *described;
	struct ratio ratio;
	char text[64];

	figure_ratio(b, a, &ratio);
	described = ratio_describe(&ratio);
	add_text(o, "cell", a->cell->name);
	add_text(o, "metric", a->metric);
	add_number(o, "handle", a->handle);
	add_text(o, "first_path", a->path);
	add_text(o, "second_path", b->path);
	add_double(o, "first", a->stats.median);
	add_double(o, "second", b->stats.median);
	json_object_object_add(o, "ratio", described);
	add_text(o, "verdict", verdict(a, &ratio));
	figure_text(text, sizeof(text), a->stats.median);
	add_text(o, "first_text", text);
	figure_text(text, sizeof(text), b->stats.median);
	add_text(o, "second_text", text);
	ratio_text(text, sizeof(text), described);
	add_text(o, "ratio_text", text);
	return o;
}

static bool same(const struct figure *a, const struct figure *b)
{
	return a->cell == b->cell && a->handle == b->handle &&
	       !strcmp(a->metric, b->metric);
}

static json_object *compare(json_object *first, json_object *second)
{
	json_object *rows = json_object_new_array();
	const struct figure *a, *b;
	size_t i, j, num_a = figures_of(first, &a), num_b = figures_of(second, &b);

	for (i = 0; i < num_a; i++)
		for (j = 0; j < num_b; j++)
			if (same(&a[i], &b[j]))
				json_object_array_add(rows, row(&a[i], &b[j]));
	if (!json_object_array_length(rows))
		die(EXIT_FAIL, "the two runs have no cell in common");
	return rows;
}

static const struct column columns[] = {
	{ "CELL", "cell", false },
	{ "METRIC", "metric", false },
	{ "VIF", "handle", true },
	{ "FIRST", "first_text", true },
	{ "SECOND", "second_text", true },
	{ "RATIO (95 %)", "ratio_text", false },
	{ "SECOND IS", "verdict", false },
};

static int run(int argc, char **argv)
{
	json_object *first = raw_load(argv[0]), *second = raw_load(argv[1]);
	json_object *rows;
	char why[512];

	(void)argc;
	compare_conditions(first, second, why, sizeof(why));
	rows = compare(first, second);
	if (as_json)
		out_json(rows);
	else
		out_table(columns, sizeof(columns) / sizeof(columns[0]), rows);
	return EXIT_OK;
}

const struct command compare_command = {
	.name = "compare",
	.args = "DIR DIR",
	.what = "Compare two runs that were taken under equal conditions.",
	.more = "It refuses other runs, and names the first condition that differs.\n",
	.opts = opts,
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
