/* SPDX-License-Identifier: GPL-2.0 */
/*
 * out.h - one description, as JSON, of what there is to print: for programs as
 * it stands, for people as a table or as lines.
 */
#ifndef DRB_TOOLS_OUT_H
#define DRB_TOOLS_OUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct column {
	const char *head;
	const char *key;
	bool right;		/* numbers */
};

#define OUT_COLUMNS 24	/* of a table, at most */

/* Missing, null and empty values are shown as "-". */
void out_table(const struct column *columns, size_t num, json_object *rows);
void out_lines(json_object *object);
void out_json(json_object *object);

/* A row's value as out_table() shows it. */
const char *out_cell(json_object *row, const char *key);

/* Everything must have been written. */
void out_done(void);

/* Members of an object; text is null when it is empty. */
void add_text(json_object *o, const char *key, const char *text);
void add_number(json_object *o, const char *key, uint64_t value);
void add_bool(json_object *o, const char *key, bool value);
void add_null(json_object *o, const char *key);

#endif
