/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store.h - reading xenstore.  Guests write part of it: every value that comes
 * from here is bounded, and numbers are numbers.
 */
#ifndef DRB_TOOLS_STORE_H
#define DRB_TOOLS_STORE_H

#include <stdbool.h>
#include <stddef.h>

/* The connection, made when first needed; without one the tool ends. */
struct xs_handle *store(void);
bool store_reachable(void);

/* A path, good until the next call; too long a one is the empty path. */
const char *store_path(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/* False: absent or not readable, or no number up to max. */
bool store_text(char *to, size_t size, const char *path);
bool store_number(unsigned long *to, unsigned long max, const char *path);
bool store_exists(const char *path);

/* The numbers, at most max, that a directory's entries are called; sorted. */
size_t store_numbers(unsigned int *to, size_t num, unsigned long max,
		     const char *path);

#endif
