/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text.h - text that comes from elsewhere: other domains write into xenstore.
 */
#ifndef DRB_TOOLS_TEXT_H
#define DRB_TOOLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define TEXT_MAX 256	/* bytes of a text kept, with its end */

/*
 * A copy that fits and can be printed anywhere: what is not printable ASCII
 * becomes \xNN, a backslash \\, and what is too long ends in "...".
 */
void text_escape(char *to, size_t size, const char *from, size_t len);

/* The same made one word, for a file: blanks, commas and # are \xNN as well. */
void text_word(char *to, size_t size, const char *from);

/* Decimal digits and nothing else, at most max. */
bool text_number(const char *s, unsigned long max, unsigned long *value);

/* The same, written as it would be printed: no leading zeros. */
bool text_canonical(const char *s, unsigned long max, unsigned long *value);

/* True if it did fit. */
bool text_format(char *to, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What is behind the last slash. */
const char *text_base(const char *path);

#endif
