/* SPDX-License-Identifier: GPL-2.0 */
/*
 * run.h - running another program, for a limited time.
 */
#ifndef DRBCTL_RUN_H
#define DRBCTL_RUN_H

#include <stddef.h>

#define RUN_TIMEOUT (-1)	/* it was killed */
#define RUN_ABSENT (-2)		/* it could not be started */

/*
 * Its exit code, or one of the above; output gets the end of what it printed,
 * on one line.
 */
int run_program(char *const argv[], double seconds, char *output, size_t size);

#endif
