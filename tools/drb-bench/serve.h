/* SPDX-License-Identifier: GPL-2.0 */
/*
 * serve.h - the guest's end: what it serves, and to whom.
 */
#ifndef DRB_BENCH_SERVE_H
#define DRB_BENCH_SERVE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>

#include "vif.h"
#include "wire.h"

struct served {
	unsigned int handle;
	char dev[IFNAMSIZ];
	struct in_addr address;
};

struct session {
	struct wire wire;
	struct in_addr peer;
	int signals;		/* readable when it is time to end */
	const struct served *list;
	size_t num;
};

/* Serve until a signal comes; ready() is called once clients can connect. */
int serve_on(const struct served *list, size_t num, unsigned int port,
	     void (*ready)(void));

/* Do what the peer asks, until it goes. */
void verbs_serve(struct session *session);

/* drb-bench --serve: LIST of devices or handles, or NULL for all. */
int serve_vifs(const char *list, unsigned int port);

#endif
