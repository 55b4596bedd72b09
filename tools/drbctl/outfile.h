/* SPDX-License-Identifier: GPL-2.0 */
/*
 * outfile.h - what is printed goes into a file that is whole at any time.
 */
#ifndef DRBCTL_OUTFILE_H
#define DRBCTL_OUTFILE_H

/* From now on standard output is what the file is to be; until then it stays. */
void outfile_begin(const char *file);
void outfile_end(void);

#endif
