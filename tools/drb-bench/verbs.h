/* SPDX-License-Identifier: GPL-2.0 */
/*
 * verbs.h - what a guest does for the client that it serves.
 */
#ifndef DRB_BENCH_VERBS_H
#define DRB_BENCH_VERBS_H

#include "serve.h"
#include "wire.h"

struct client {
	struct wire wire;
	struct in_addr from;
	const struct served *list;
	size_t num;
	/* By which of these vifs it can be reached, and where; else 0.0.0.0. */
	const struct in_addr *reached;
	unsigned int port;	/* programs listen above it */
	int signals;		/* readable when it is time to end */
	unsigned long quiet;	/* ms that it will say nothing for, as it says */
};

/* Do what it asks, until it goes or is not to be waited for any longer. */
void verbs_serve(struct client *client);

#endif
