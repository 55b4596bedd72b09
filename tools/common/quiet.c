// SPDX-License-Identifier: GPL-2.0
/*
 * quiet.c - a logger for Xen's libraries that logs nothing.
 */
#include <stdarg.h>
#include <stddef.h>

#include "quiet.h"

static void message(xentoollog_logger *logger, xentoollog_level level,
		    int errnoval, const char *context, const char *format,
		    va_list al)
{
	(void)logger;
	(void)level;
	(void)errnoval;
	(void)context;
	(void)format;
	(void)al;
}

static void progress(xentoollog_logger *logger, const char *context,
		     const char *doing_what, int percent, unsigned long done,
		     unsigned long total)
{
	(void)logger;
	(void)context;
	(void)doing_what;
	(void)percent;
	(void)done;
	(void)total;
}

static void destroy(xentoollog_logger *logger)
{
	(void)logger;
}

xentoollog_logger quiet_logger = {
	.vmessage = message,
	.progress = progress,
	.destroy = destroy,
};
