// SPDX-License-Identifier: GPL-2.0
/*
 * outfile.c - what is printed goes into a file that is whole at any time: written
 * by another name, and then renamed. The new name is nobody's, and is not followed
 * anywhere: the directory may be that of another user.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "outfile.h"
#include "text.h"

static const char *name;
static char new_name[PATH_MAX];

/* However the tool ends, nothing half done stays. */
static void discard(void)
{
	if (*new_name)
		unlink(new_name);
}

static _Noreturn void give_up(int err)
{
	die(err == EPERM || err == EACCES ? EXIT_PERM : EXIT_FAIL,
	    "%.256s: cannot be written: %s; it has not been changed", name,
	    strerror(err));
}

void outfile_begin(const char *file)
{
	int fd;

	name = file;
	/* Its end is another one, too: the exporter reads all that ends in .prom. */
	if (!text_format(new_name, sizeof(new_name), "%s.XXXXXX", file)) {
		*new_name = '\0';
		give_up(ENAMETOOLONG);
	}
	fd = mkstemp(new_name);
	if (fd < 0) {
		*new_name = '\0';
		give_up(errno);
	}
	atexit(discard);
	if (fchmod(fd, 0644) || dup2(fd, STDOUT_FILENO) < 0)
		give_up(errno);
	close(fd);
}

void outfile_end(void)
{
	errno = EIO;
	if (fflush(stdout) || ferror(stdout) || rename(new_name, name))
		give_up(errno);
	*new_name = '\0';
}
