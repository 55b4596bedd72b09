/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unprivileged.h - starting programs that talk to other hosts, without any of
 * root's rights.
 */
#ifndef DRB_TOOLS_UNPRIVILEGED_H
#define DRB_TOOLS_UNPRIVILEGED_H

#include <sys/types.h>

/* Exit codes of the new process before it is the program. */
#define UNPRIVILEGED_REFUSED 126	/* it cannot become nobody, and says so */
#define UNPRIVILEGED_ABSENT 127		/* there is no such program */

/*
 * Start it in a process group of its own, as nobody for good.  Its input is empty;
 * its output and errors go to out, or nowhere if that is -1.  It ends with this
 * process, however that ends.  -1: it could not be started.
 */
pid_t unprivileged_start(char *const argv[], int out);

#endif
