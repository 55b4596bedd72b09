// SPDX-License-Identifier: GPL-2.0
/*
 * store.c - reading xenstore, which other domains write to.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenstore.h>

#include "command.h"
#include "store.h"
#include "text.h"

static struct xs_handle *xsh;

bool store_reachable(void)
{
	if (!xsh)
		xsh = xs_open(0);
	return xsh;
}

struct xs_handle *store(void)
{
	int err;

	errno = 0;
	if (store_reachable())
		return xsh;
	err = errno;
	if (access("/sys/hypervisor/type", F_OK))
		die(EXIT_FAIL, "cannot reach xenstore: this is no Xen domain");
	if (err == EACCES || err == EPERM || geteuid())
		die(EXIT_PERM, "cannot reach xenstore: %s; run %s as root",
		    strerror(err), tool_name);
	die(EXIT_FAIL, "cannot reach xenstore: %s; is xenstored running?",
	    strerror(err));
}

const char *store_path(const char *fmt, ...)
{
	static char path[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= sizeof(path) ? "" : path;
}

/*
 * A daemon that is gone must not look like a xenstore that has nothing in it.
 */
static void *answered(void *value)
{
	if (!value && (errno == EPIPE || errno == ECONNRESET || errno == EBADF))
		die(EXIT_FAIL, "xenstore does not answer any more; is xenstored running?");
	return value;
}

static char *read_value(const char *path, unsigned int *len)
{
	return answered(xs_read(store(), XBT_NULL, path, len));
}

bool store_text(char *to, size_t size, const char *path)
{
	unsigned int len;
	char *raw = read_value(path, &len);

	*to = '\0';
	if (!raw)
		return false;
	text_escape(to, size, raw, len);
	free(raw);
	return true;
}

bool store_number(unsigned long *to, unsigned long max, const char *path)
{
	unsigned int len;
	char *raw = read_value(path, &len);
	bool ok;

	if (!raw)
		return false;
	/* A zero byte within it would end it early. */
	ok = strlen(raw) == len && text_number(raw, max, to);
	free(raw);
	return ok;
}

bool store_exists(const char *path)
{
	unsigned int len;
	char *raw = read_value(path, &len);

	free(raw);
	return raw;
}

static int compare(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

size_t store_numbers(unsigned int *to, size_t num, unsigned long max,
		     const char *path)
{
	unsigned int i, entries;
	unsigned long value;
	char **names;
	size_t n = 0;

	names = answered(xs_directory(store(), XBT_NULL, path, &entries));
	if (!names)
		return 0;
	for (i = 0; i < entries && n < num; i++)
		if (text_canonical(names[i], max, &value))
			to[n++] = value;
	free(names);
	qsort(to, n, sizeof(*to), compare);
	return n;
}
