/* SPDX-License-Identifier: GPL-2.0 */
/*
 * serve.h - the guest's end: what it serves, and to whom.
 */
#ifndef DRB_BENCH_SERVE_H
#define DRB_BENCH_SERVE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>

#include "token.h"

struct served {
	unsigned int handle;
	char dev[IFNAMSIZ];
	struct in_addr address;
	unsigned int reader;	/* the domain that may know the token */
	char token[TOKEN_LEN];
};

/* How long clients are waited for, in ms.  Tests have less patience. */
struct patience {
	unsigned long hello;	/* for the first line */
	unsigned long rest;	/* after one without the token */
	unsigned long idle;	/* for the next request */
};

extern struct patience patience;

/* Serve until a signal comes; ready() is called once clients can connect. */
int serve_on(const struct served *list, size_t num, unsigned int port,
	     void (*ready)(void));

/* A socket of that type at the vif's address and device, and nowhere else. */
int serve_socket(const struct served *at, int type, unsigned int port);

/* drb-bench --serve: LIST of devices or handles, or NULL for all. */
int serve_vifs(const char *list, unsigned int port);

#endif
