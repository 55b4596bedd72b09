/* SPDX-License-Identifier: GPL-2.0 */
/*
 * neighbour.h - who has an address in a network, as the kernel has found out.
 */
#ifndef DRB_BENCH_NEIGHBOUR_H
#define DRB_BENCH_NEIGHBOUR_H

#include <netinet/in.h>
#include <stdbool.h>

#include "bench.h"

/* Its Ethernet address on the device of that name; false: it does not answer. */
bool neighbour_mac(const char *dev, struct in_addr of, char to[MAC_LEN]);

#endif
