/* SPDX-License-Identifier: GPL-2.0 */
/*
 * run.h - running another program, for a limited time.
 */
#ifndef DRB_TOOLS_RUN_H
#define DRB_TOOLS_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RUN_TIMEOUT (-1)	/* it was killed: too late, or run_watch said so */
#define RUN_ABSENT (-2)		/* it could not be started */

/*
 * Its exit code, or one of the above; output gets the end of what it printed,
 * on one line.
 */
int run_program(char *const argv[], double seconds, char *output, size_t size);

/* The same with the end of what it printed as it stands. */
int run_capture(char *const argv[], double seconds, char *all, size_t size,
		size_t *used);

/* The same as nobody (unprivileged.h), for programs that talk to other hosts. */
int run_unprivileged(char *const argv[], double seconds, char *all, size_t size,
		     size_t *used);

/* Asked twice a second while a program runs; false: it is to be killed. */
extern bool (*run_watch)(void);

/* The process group of the one that runs, for a signal handler; or 0. */
extern volatile pid_t run_group;

#endif
