/* SPDX-License-Identifier: GPL-2.0 */
/*
 * door.h - who has connected and has not shown yet that it may.  The first line
 * of a connection is
 *
 *	hello TOKEN
 *	hello TOKEN SESSION
 *
 * with the token of the vif that it came by.  The answer to the first form has the
 * word SESSION in it, and the connection goes on with requests (verbs.c).  The
 * second form says that the client of that session can be reached by this vif as
 * well, at the address that it comes from; the answer ends the connection.
 */
#ifndef DRB_BENCH_DOOR_H
#define DRB_BENCH_DOOR_H

#include <poll.h>
#include <stdint.h>

#include "bench.h"
#include "serve.h"
#include "wire.h"

#define VISITORS_MAX 8

struct visitor {
	struct wire wire;	/* its descriptor is negative: there is none */
	size_t at;		/* which of the served vifs it has come by */
	struct in_addr from;
	uint64_t until;		/* that is as long as it may wait */
	bool welcome;		/* it has shown the token */
	char session[TOKEN_LEN];	/* that it belongs to, or empty */
};

struct door {
	const struct served *list;
	size_t num;
	int listeners[HANDLES_MAX];
	uint64_t rests[HANDLES_MAX];	/* so long nobody is let in there */
	struct visitor visitors[VISITORS_MAX];
};

#define DOOR_POLL (HANDLES_MAX + VISITORS_MAX)

void door_open(struct door *door, const struct served *list, size_t num,
	       unsigned int port);
void door_close(struct door *door);

/* What to wait for, DOOR_POLL at most; and how long in ms, or -1. */
size_t door_poll(const struct door *door, struct pollfd *p, int *ms);

/* Who has come, and what have they said? */
void door_look(struct door *door);

/* One after the other, those who are welcome; NULL: there are no more. */
struct visitor *door_next(struct door *door, struct visitor *last);

/* The end of a connection, after a line that says why not and what to do. */
void door_refuse(struct door *door, struct visitor *v, const char *why,
		 const char *mend);
void door_dismiss(struct visitor *v);

#endif
