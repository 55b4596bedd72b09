/* SPDX-License-Identifier: GPL-2.0 */
/*
 * token.h - random words by which the two ends know each other.
 */
#ifndef DRB_BENCH_TOKEN_H
#define DRB_BENCH_TOKEN_H

#include <stdbool.h>

#define TOKEN_LEN 33		/* with its end: 128 bits in hexadecimal digits */

void token_make(char to[TOKEN_LEN]);

/* Could it be one? */
bool token_is(const char *text);

/* Compared in the same time wherever they differ. */
bool token_equal(const char token[TOKEN_LEN], const char *said);

#endif
