// SPDX-License-Identifier: GPL-2.0
/*
 * flap - a key of xenstore that somebody writes as fast as he can.
 *
 *	flap SECONDS KEY VALUE...	each of the values in turn, and the last one
 *		at the end.  Prints how often it has written
 */
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xenstore.h>

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void put(struct xs_handle *xs, const char *key, const char *value)
{
	if (!xs_write(xs, XBT_NULL, key, value, strlen(value)))
		error(1, errno, "writing %s", key);
}

int main(int argc, char **argv)
{
	struct xs_handle *xs = xs_open(0);
	unsigned long written = 0;
	time_t end;

	if (argc < 4)
		error(2, 0, "usage: flap SECONDS KEY VALUE...");
	if (!xs)
		error(1, errno, "opening xenstore");
	for (end = now() + atoi(argv[1]); now() < end; written++)
		put(xs, argv[2], argv[3 + written % (argc - 3)]);
	put(xs, argv[2], argv[argc - 1]);
	printf("%lu\n", written);
	xs_close(xs);
	return 0;
}
