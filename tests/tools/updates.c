// SPDX-License-Identifier: GPL-2.0
/*
 * updates - drbctl's check for updates of a Xen that need not run: what it reports
 * is its result and what it found, on a line.
 *
 *	updates VERSION
 */
#include <stdarg.h>
#include <stdio.h>

#include "check.h"

const char *const tool_name = "updates";

void report(const char *what, enum result result, const char *mend,
	    const char *fmt, ...)
{
	va_list ap;

	printf("%s %s: ", what, result == CHECK_OK ? "ok" : "warn");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("%s%s\n", mend ? " > " : "", mend ? mend : "");
}

int main(int argc, char **argv)
{
	if (argc == 2)
		check_updates(argv[1]);
	return argc != 2;
}
