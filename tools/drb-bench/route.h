/* SPDX-License-Identifier: GPL-2.0 */
/*
 * route.h - which way packets for an address take from here, as the kernel says.
 */
#ifndef DRB_BENCH_ROUTE_H
#define DRB_BENCH_ROUTE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>

struct route {
	char dev[IFNAMSIZ];	/* that they leave by */
	bool own;		/* they do not leave: it is an address of this host */
	bool direct;		/* to one host, and by no gateway */
	struct in_addr from;
};

/* False: there is none. */
bool route_find(struct in_addr to, struct route *route);

/* Is that the vif's device, or does its bridge send by it? */
bool route_is_by(const struct route *route, const char *vif);

#endif
