// SPDX-License-Identifier: GPL-2.0
/*
 * report.c - samples made into cells: median, spread, and the ratio to the stock
 * path.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "out.h"
#include "report.h"
#include "stats.h"

static struct figure *figures;
static size_t num_figures;

static json_object *vif_at(json_object *raw, size_t i)
{
	return json_object_array_get_idx(json_object_object_get(raw, "vifs"), i);
}

static const char *text(json_object *o, const char *key)
{
	return json_object_get_string(json_object_object_get(o, key));
}

static double number(json_object *o, const char *key)
{
	return json_object_get_double(json_object_object_get(o, key));
}

/* ---- one figure --------------------------------------------------------- */

static bool is_of(json_object *sample, const struct figure *f)
{
	return number(sample, "handle") == f->handle &&
	       !strcmp(text(sample, "cell"), f->cell->name);
}

static void take_sample(struct figure *f, json_object *sample)
{
	json_object *values = json_object_object_get(sample, "values");

	json_object_array_add(f->samples,
			      json_object_get(json_object_object_get(values,
								     f->metric)));
	f->disturbed += number(sample, "foreign") >= FOREIGN_LIMIT;
	if (f->cell->kind != PACKETS)
		return;
	f->sent += number(sample, "sent");
	f->received += number(sample, "received");
}

static void finish(struct figure *f)
{
	size_t i, num = json_object_array_length(f->samples);
	double *values = calloc(num, sizeof(*values));

	if (!values)
		die(EXIT_FAIL, "out of memory");
	for (i = 0; i < num; i++) {
		json_object *sample = json_object_array_get_idx(f->samples, i);

		values[i] = json_object_get_double(sample);
	}
	stats_of(values, num, &f->stats);
}

static void add_figure(json_object *raw, const struct cell *cell,
		       const char *metric, json_object *vif)
{
	json_object *list = json_object_object_get(raw, "samples");
	struct figure f = {
		.cell = cell, .metric = metric, .handle = number(vif, "handle"),
		.vif = text(vif, "vif"), .path = text(vif, "path"),
		.samples = json_object_new_array(),
	};
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		if (is_of(json_object_array_get_idx(list, i), &f))
			take_sample(&f, json_object_array_get_idx(list, i));
	if (!json_object_array_length(f.samples)) {
		json_object_put(f.samples);
		return;
	}
	finish(&f);
	figures = realloc(figures, (num_figures + 1) * sizeof(*figures));
	if (!figures)
		die(EXIT_FAIL, "out of memory");
	figures[num_figures++] = f;
}

static void add_figures(json_object *raw, const struct cell *cell)
{
	const char *const *metric;
	size_t i, vifs;

	vifs = json_object_array_length(json_object_object_get(raw, "vifs"));
	for (metric = metrics_of(cell->kind); *metric; metric++)
		for (i = 0; i < vifs; i++)
			add_figure(raw, cell, *metric, vif_at(raw, i));
}

size_t figures_of(json_object *raw, const struct figure **all)
{
	size_t i;

	num_figures = 0;
	figures = NULL;
	for (i = 0; i < num_cells; i++)
		add_figures(raw, &cells[i]);
	*all = figures;
	return num_figures;
}

/* ---- beside stock ------------------------------------------------------- */

/*
 * Bursts crash the stock drivers: there the rate of that size without them
 * stands in.
 */
static bool is_base(const struct figure *base, const struct figure *f)
{
	unsigned int many = f->cell->kind == PACKETS ? 1 : f->cell->many;

	return !strcmp(base->path, "stock") && base->cell->kind == f->cell->kind &&
	       base->cell->from_guest == f->cell->from_guest &&
	       base->cell->size == f->cell->size && base->cell->many == many &&
	       !strcmp(base->metric, f->metric);
}

static const struct figure *base_of(const struct figure *f)
{
	size_t i;

	if (!strcmp(f->path, "stock"))
		return NULL;
	for (i = 0; i < num_figures; i++)
		if (is_base(&figures[i], f))
			return &figures[i];
	return NULL;
}

void add_double(json_object *o, const char *key, double value)
{
	char digits[32];

	if (!isfinite(value)) {
		add_null(o, key);
		return;
	}
	snprintf(digits, sizeof(digits), "%.6g", value);
	json_object_object_add(o, key, json_object_new_double_s(value, digits));
}

void figure_ratio(const struct figure *of, const struct figure *to,
		  struct ratio *ratio)
{
	if (!stats_ratio(&of->stats, &to->stats, ratio))
		die(EXIT_FAIL, "out of memory");
}

json_object *ratio_describe(const struct ratio *ratio)
{
	json_object *o = json_object_new_object();

	add_double(o, "value", ratio->value);
	add_double(o, "low", ratio->low);
	add_double(o, "high", ratio->high);
	return o;
}

static json_object *describe(const struct figure *f)
{
	const struct figure *base = base_of(f);
	json_object *o = json_object_new_object();
	struct ratio ratio;

	add_text(o, "cell", f->cell->name);
	add_text(o, "metric", f->metric);
	add_text(o, "vif", f->vif);
	add_number(o, "handle", f->handle);
	add_text(o, "path", f->path);
	add_double(o, "median", f->stats.median);
	add_double(o, "min", f->stats.min);
	add_double(o, "max", f->stats.max);
	add_double(o, "spread_percent", stats_spread(&f->stats));
	add_number(o, "num", f->stats.num);
	json_object_object_add(o, "samples", json_object_get(f->samples));
	add_number(o, "disturbed", f->disturbed);
	if (f->cell->kind == PACKETS) {
		add_number(o, "sent", f->sent);
		add_number(o, "received", f->received);
	}
	if (base) {
		figure_ratio(f, base, &ratio);
		json_object_object_add(o, "ratio_to_stock",
				       ratio_describe(&ratio));
	}
	return o;
}

json_object *report_make(json_object *raw)
{
	json_object *report = json_object_new_object();
	json_object *list = json_object_new_array();
	const struct figure *all;
	size_t i, num = figures_of(raw, &all);

	add_number(report, "schema", 1);
	json_object_object_add(report, "about",
			       json_object_get(json_object_object_get(raw,
								      "about")));
	json_object_object_add(report, "conditions",
			       json_object_get(json_object_object_get(raw,
								      "conditions")));
	add_number(report, "foreign_limit_percent", FOREIGN_LIMIT);
	for (i = 0; i < num; i++)
		json_object_array_add(list, describe(&all[i]));
	json_object_object_add(report, "cells", list);
	return report;
}
