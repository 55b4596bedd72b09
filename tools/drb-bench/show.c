// SPDX-License-Identifier: GPL-2.0
/*
 * show.c - a report as a table: for a terminal, and as Markdown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "text.h"

const struct column report_columns[] = {
	{ "CELL", "cell", false },
	{ "METRIC", "metric", false },
	{ "VIF", "vif", false },
	{ "PATH", "path", false },
	{ "MEDIAN", "median", true },
	{ "HALF RANGE", "spread", true },
	{ "SAMPLES", "num", true },
	{ "TO STOCK (95 %)", "ratio", false },
};

const size_t report_num_columns =
	sizeof(report_columns) / sizeof(report_columns[0]);

void figure_text(char *to, size_t size, double value)
{
	char digits[32];
	size_t i, len, used = 0;

	if (value < 1000) {
		text_format(to, size, "%.4g", value);
		return;
	}
	len = snprintf(digits, sizeof(digits), "%.0f", value);
	for (i = 0; i < len && used + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			to[used++] = ',';
		to[used++] = digits[i];
	}
	to[used] = '\0';
}

static double part(json_object *o, const char *key)
{
	return json_object_get_double(json_object_object_get(o, key));
}

/* Too few samples have no interval. */
void ratio_text(char *to, size_t size, json_object *ratio)
{
	*to = '\0';
	if (!ratio)
		return;
	if (!json_object_object_get(ratio, "high"))
		text_format(to, size, "%.2f", part(ratio, "value"));
	else
		text_format(to, size, "%.2f (%.2f to %.2f)",
			    part(ratio, "value"), part(ratio, "low"),
			    part(ratio, "high"));
}

static json_object *row(json_object *figure)
{
	static const char * const same[] = { "cell", "metric", "vif", "path" };
	json_object *o = json_object_new_object();
	char text[64], marked[80];
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		json_object_object_add(o, same[i],
				       json_object_get(json_object_object_get(figure,
									      same[i])));
	figure_text(text, sizeof(text), part(figure, "median"));
	snprintf(marked, sizeof(marked), "%s%s", text,
		 part(figure, "disturbed") ? "*" : "");
	add_text(o, "median", marked);
	snprintf(text, sizeof(text), "%.0f %%", part(figure, "spread_percent"));
	add_text(o, "spread", text);
	add_number(o, "num", part(figure, "num"));
	ratio_text(text, sizeof(text),
		   json_object_object_get(figure, "ratio_to_stock"));
	add_text(o, "ratio", text);
	return o;
}

json_object *report_rows(json_object *report)
{
	json_object *list = json_object_object_get(report, "cells");
	json_object *rows = json_object_new_array();
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		json_object_array_add(rows,
				      row(json_object_array_get_idx(list, i)));
	return rows;
}

void report_print(json_object *report)
{
	json_object *rows = report_rows(report);

	out_table(report_columns, report_num_columns, rows);
	json_object_put(rows);
}

/* ---- Markdown ----------------------------------------------------------- */

const char * const report_notes[] = {
	"Medians, with half the range of the samples in per cent of them. The ratio is",
	"that of the medians to the stock vif's, with its 95 % interval, for which there",
	"must be four samples of each. Less is better for us_p50 and us_p99. Bursts (b8,",
	"b32) crash the stock drivers, and are compared with stock's rate without. A",
	"star: other programs or domains used more than 10 % of the CPUs.",
	NULL
};

static void table(FILE *f, json_object *rows)
{
	size_t i, j;

	for (j = 0; j < report_num_columns; j++)
		fprintf(f, "| %s ", report_columns[j].head);
	fputs("|\n", f);
	for (j = 0; j < report_num_columns; j++)
		fputs(report_columns[j].right ? "| ---: " : "| --- ", f);
	fputs("|\n", f);
	for (i = 0; i < json_object_array_length(rows); i++) {
		json_object *row = json_object_array_get_idx(rows, i);

		for (j = 0; j < report_num_columns; j++)
			fprintf(f, "| %s ",
				out_cell(row, report_columns[j].key));
		fputs("|\n", f);
	}
}

/* In a block of code nothing in it means anything. */
static void block(FILE *f, json_object *o)
{
	const char *p = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
						       JSON_C_TO_STRING_SPACED);

	fputs("\n    ", f);
	for (; *p; p++) {
		fputc(*p, f);
		if (*p == '\n')
			fputs("    ", f);
	}
	fputc('\n', f);
}

char *report_markdown(json_object *report)
{
	json_object *rows = report_rows(report);
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(EXIT_FAIL, "out of memory");
	fputs("# drb-bench\n\n", f);
	for (i = 0; report_notes[i]; i++)
		fprintf(f, "%s\n", report_notes[i]);
	fputs("\n", f);
	table(f, rows);
	fprintf(f, "\n## Conditions\n");
	block(f, json_object_object_get(report, "about"));
	block(f, json_object_object_get(report, "conditions"));
	fclose(f);
	json_object_put(rows);
	return text;
}
