/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report.h - figures out of samples, and the forms in which they are shown.
 */
#ifndef DRB_BENCH_REPORT_H
#define DRB_BENCH_REPORT_H

#include <json-c/json.h>

#include "bench.h"
#include "out.h"
#include "stats.h"

/* From so many per cent of others' load on, a sample is called disturbed. */
#define FOREIGN_LIMIT 10

/* One metric of one cell on one vif. */
struct figure {
	const struct cell *cell;
	const char *metric, *vif, *path;
	unsigned int handle;
	json_object *samples;
	struct stats stats;
	unsigned int disturbed;
	double sent, received;
};

/* All that the samples have, in the order of the cells. */
size_t figures_of(json_object *raw, const struct figure **all);

/* As short as it can be said, or null. */
void add_double(json_object *o, const char *key, double value);
void figure_ratio(const struct figure *of, const struct figure *to,
		  struct ratio *ratio);
json_object *ratio_describe(const struct ratio *ratio);

/* The table for people: what is to be in its rows, as text. */
extern const struct column report_columns[];
extern const size_t report_num_columns;
json_object *report_rows(json_object *report);

/* "1,234,567", or four digits; "1.23 (1.20 to 1.26)" of a described ratio. */
void figure_text(char *to, size_t size, double value);
void ratio_text(char *to, size_t size, json_object *ratio);

/* What the table means; lines, NULL at the end. */
extern const char * const report_notes[];

/* Each returns text to be freed; plot_make NULL without gnuplot. */
char *report_markdown(json_object *report);
char *report_html(json_object *report, char *const plots[], size_t num);
char *plot_make(json_object *report, enum kind kind);
bool plot_possible(void);

#endif
