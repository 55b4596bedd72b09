// SPDX-License-Identifier: GPL-2.0
/*
 * out.c - tables for people, JSON for programs, out of the same objects.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "out.h"
#include "text.h"

void add_text(json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key,
			       *text ? json_object_new_string(text) : NULL);
}

void add_number(json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void add_bool(json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void add_null(json_object *o, const char *key)
{
	json_object_object_add(o, key, NULL);
}

static const char *scalar(json_object *value)
{
	const char *text;

	if (!value)
		return "-";
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "yes" : "no";
	if (json_object_is_type(value, json_type_string))
		text = json_object_get_string(value);
	else
		text = json_object_to_json_string_ext(value,
						      JSON_C_TO_STRING_PLAIN);
	return *text ? text : "-";
}

/* A domain: "name (id)", or its number where the name is not known. */
static const char *label(json_object *domain)
{
	json_object *name = json_object_object_get(domain, "name");
	json_object *id = json_object_object_get(domain, "id");
	static char line[TEXT_MAX + 16];

	if (!name)
		return scalar(id);
	snprintf(line, sizeof(line), "%s (%d)", json_object_get_string(name),
		 json_object_get_int(id));
	return line;
}

static bool is_domain(json_object *value)
{
	return json_object_is_type(value, json_type_object) &&
	       json_object_object_get_ex(value, "id", NULL) &&
	       json_object_object_get_ex(value, "name", NULL);
}

static const char *element(json_object *value)
{
	return is_domain(value) ? label(value) : scalar(value);
}

/* Lists of texts and numbers are shown with commas. */
static const char *joined(json_object *list)
{
	static char line[1024];
	size_t i, used = 0, num = json_object_array_length(list);

	for (i = 0; i < num && used < sizeof(line); i++)
		used += snprintf(line + used, sizeof(line) - used, "%s%s",
				 i ? ", " : "",
				 element(json_object_array_get_idx(list, i)));
	return num ? line : "-";
}

const char *out_cell(json_object *row, const char *key)
{
	json_object *value = json_object_object_get(row, key);

	if (json_object_is_type(value, json_type_array))
		return joined(value);
	return element(value);
}

static void measure(const struct column *columns, size_t num,
		    json_object *rows, size_t *width)
{
	size_t i, j, len;

	for (j = 0; j < num; j++)
		width[j] = strlen(columns[j].head);
	for (i = 0; i < json_object_array_length(rows); i++)
		for (j = 0; j < num; j++) {
			len = strlen(out_cell(json_object_array_get_idx(rows, i),
					      columns[j].key));
			if (len > width[j])
				width[j] = len;
		}
}

/* The last column is not padded: lines end where their text does. */
static void put(const struct column *column, const char *text, size_t width,
		bool last)
{
	if (column->right)
		printf("%*s", (int)width, text);
	else
		printf("%-*s", last ? 0 : (int)width, text);
	fputs(last ? "\n" : "  ", stdout);
}

void out_table(const struct column *columns, size_t num, json_object *rows)
{
	size_t i, j, width[OUT_COLUMNS];

	measure(columns, num, rows, width);
	for (j = 0; j < num; j++)
		put(&columns[j], columns[j].head, width[j], j + 1 == num);
	for (i = 0; i < json_object_array_length(rows); i++)
		for (j = 0; j < num; j++)
			put(&columns[j],
			    out_cell(json_object_array_get_idx(rows, i),
				     columns[j].key), width[j], j + 1 == num);
}

static void put_lines(json_object *object, int depth)
{
	json_object_object_foreach(object, key, value) {
		if (json_object_is_type(value, json_type_object) &&
		    !is_domain(value)) {
			printf("%*s%s:\n", 2 * depth, "", key);
			put_lines(value, depth + 1);
			continue;
		}
		printf("%*s%-*s %s\n", 2 * depth, "", 24 - 2 * depth, key,
		       out_cell(object, key));
	}
}

void out_lines(json_object *object)
{
	put_lines(object, 0);
}

void out_json(json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

void out_done(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return;
	die(EXIT_FAIL, "writing to standard output: %s",
	    errno ? strerror(errno) : "an earlier write failed");
}
