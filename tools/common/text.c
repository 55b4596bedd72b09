// SPDX-License-Identifier: GPL-2.0
/*
 * text.c - text that comes from elsewhere, made fit to be printed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static size_t escape_byte(char to[5], unsigned char c, const char *special)
{
	if (c == '\\')
		return sprintf(to, "\\\\");
	if (c < 0x20 || c > 0x7e || strchr(special, c))
		return sprintf(to, "\\x%02x", c);
	return sprintf(to, "%c", c);
}

static void escape(char *to, size_t size, const char *from, size_t len,
		   const char *special)
{
	static const char more[] = "...";
	size_t i, n, used = 0;
	char one[5];

	for (i = 0; i < len; i++) {
		n = escape_byte(one, from[i], special);
		/* Room for the dots, unless this is all there is. */
		if (used + n + (i + 1 < len ? sizeof(more) : 1) > size) {
			memcpy(to + used, more, sizeof(more));
			return;
		}
		memcpy(to + used, one, n);
		used += n;
	}
	to[used] = '\0';
}

void text_escape(char *to, size_t size, const char *from, size_t len)
{
	escape(to, size, from, len, "");
}

void text_word(char *to, size_t size, const char *from)
{
	escape(to, size, from, strlen(from), " ,#");
}

bool text_number(const char *s, unsigned long max, unsigned long *value)
{
	unsigned long v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned int digit = (unsigned char)*s - '0';

		if (digit > 9 || v > (max - digit) / 10 || digit > max)
			return false;
		v = v * 10 + digit;
	}
	*value = v;
	return true;
}

bool text_canonical(const char *s, unsigned long max, unsigned long *value)
{
	return (*s != '0' || !s[1]) && text_number(s, max, value);
}

bool text_format(char *to, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(to, size, fmt, ap);
	va_end(ap);
	return n >= 0 && (size_t)n < size;
}

const char *text_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
