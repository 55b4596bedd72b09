/* SPDX-License-Identifier: GPL-2.0 */
/*
 * programs.h - iperf3 and sockperf at the guest's addresses, while a client is
 * served.
 */
#ifndef DRB_BENCH_PROGRAMS_H
#define DRB_BENCH_PROGRAMS_H

#include <netinet/in.h>

/* At the two ports above this one. */
void programs_start(struct in_addr at, unsigned int port);
void programs_end(void);

#endif
