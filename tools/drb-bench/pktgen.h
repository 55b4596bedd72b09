/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pktgen.h - the kernel's packet generator.  One flow at a time, by its first
 * thread.
 */
#ifndef DRB_BENCH_PKTGEN_H
#define DRB_BENCH_PKTGEN_H

#include <netinet/in.h>
#include <stdbool.h>

#include "bench.h"

struct flow {
	const char *dev;
	unsigned int size, burst;
	struct in_addr to, from;
	char to_mac[MAC_LEN];
};

/* Loads the module; false: this kernel has none. */
bool pktgen_there(void);

/* It sends from now on, until it is stopped; false: the kernel refuses. */
bool pktgen_start(const struct flow *flow);

/* How many packets it has sent. */
unsigned long pktgen_stop(void);

/* Stop it if it runs; may be called by a signal handler. */
void pktgen_abandon(void);

#endif
