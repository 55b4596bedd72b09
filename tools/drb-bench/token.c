// SPDX-License-Identifier: GPL-2.0
/*
 * token.c - random words by which the two ends know each other.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "command.h"
#include "token.h"

#define BYTES ((TOKEN_LEN - 1) / 2)

void token_make(char to[TOKEN_LEN])
{
	unsigned char bytes[BYTES];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		die(EXIT_FAIL, "no random numbers: %s", strerror(errno));
	for (i = 0; i < sizeof(bytes); i++)
		snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

bool token_is(const char *text)
{
	return strlen(text) == TOKEN_LEN - 1 &&
	       strspn(text, "0123456789abcdef") == TOKEN_LEN - 1;
}

bool token_equal(const char token[TOKEN_LEN], const char *said)
{
	unsigned char differ = 0;
	size_t i;

	/* How long a token is, everybody knows. */
	if (strlen(said) != TOKEN_LEN - 1)
		return false;
	for (i = 0; i < TOKEN_LEN - 1; i++)
		differ |= token[i] ^ said[i];
	return !differ;
}
