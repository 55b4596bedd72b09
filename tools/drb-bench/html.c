// SPDX-License-Identifier: GPL-2.0
/*
 * html.c - a report on one page that needs nothing beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char * const style[] = {
	"body{font:15px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}",
	"body{color:#222;background:#fff}",
	"table{border-collapse:collapse}",
	"th,td{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}",
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}",
	"svg{max-width:100%;height:auto}",
	"pre{background:#f5f5f5;padding:1em;overflow:auto}",
};

static void escaped(FILE *f, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			fputc(*text, f);
		}
	}
}

static void cell(FILE *f, const char *tag, bool right, const char *text)
{
	fprintf(f, "<%s%s>", tag, right ? " class=\"n\"" : "");
	escaped(f, text);
	fprintf(f, "</%s>", tag);
}

static void table(FILE *f, json_object *rows)
{
	const struct column *c = report_columns;
	size_t i, j;

	fputs("<table>\n<tr>", f);
	for (j = 0; j < report_num_columns; j++)
		cell(f, "th", c[j].right, c[j].head);
	fputs("</tr>\n", f);
	for (i = 0; i < json_object_array_length(rows); i++) {
		fputs("<tr>", f);
		for (j = 0; j < report_num_columns; j++)
			cell(f, "td", c[j].right,
			     out_cell(json_object_array_get_idx(rows, i), c[j].key));
		fputs("</tr>\n", f);
	}
	fputs("</table>\n", f);
}

static void object(FILE *f, json_object *o)
{
	fputs("<pre>", f);
	escaped(f, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
						  JSON_C_TO_STRING_SPACED |
						  JSON_C_TO_STRING_NOSLASHESCAPE));
	fputs("</pre>\n", f);
}

/* Within a page an image has no head of its own. */
static void plot(FILE *f, const char *svg)
{
	const char *begin = strstr(svg, "<svg");

	if (begin)
		fprintf(f, "<div>\n%s</div>\n", begin);
}

static void head(FILE *f)
{
	size_t i;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", f);
	fputs("<title>drb-bench</title>\n<style>\n", f);
	for (i = 0; i < sizeof(style) / sizeof(style[0]); i++)
		fprintf(f, "%s\n", style[i]);
	fputs("</style>\n</head>\n<body>\n<h1>drb-bench</h1>\n<p>\n", f);
	for (i = 0; report_notes[i]; i++) {
		escaped(f, report_notes[i]);
		fputs("\n", f);
	}
	fputs("</p>\n", f);
}

char *report_html(json_object *report, char *const plots[], size_t num)
{
	json_object *rows = report_rows(report);
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(EXIT_FAIL, "out of memory");
	head(f);
	for (i = 0; i < num; i++)
		if (plots[i])
			plot(f, plots[i]);
	table(f, rows);
	fputs("<h2>Conditions</h2>\n", f);
	object(f, json_object_object_get(report, "about"));
	object(f, json_object_object_get(report, "conditions"));
	fputs("</body>\n</html>\n", f);
	fclose(f);
	json_object_put(rows);
	return text;
}
