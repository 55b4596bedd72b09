// SPDX-License-Identifier: GPL-2.0
/*
 * error.c - every error is one line that says what is wrong.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* Whatever a message quotes, it stays one line that a terminal survives. */
static void complain(const char *fmt, va_list ap)
{
	char line[1024];
	char *p;

	vsnprintf(line, sizeof(line), fmt, ap);
	for (p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
			*p = '?';
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", tool_name, line);
}

void die(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	exit(code);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
}

int exit_code_of(int err)
{
	switch (err) {
	case EPERM:
	case EACCES:
		return EXIT_PERM;
	case ENOENT:
	case ESRCH:
	case ENOSYS:
	case EOPNOTSUPP:
		return EXIT_NONE;
	}
	return EXIT_FAIL;
}
