/* SPDX-License-Identifier: GPL-2.0 */
/*
 * peer.h - the guest that is measured, as its client sees it.
 */
#ifndef DRB_BENCH_PEER_H
#define DRB_BENCH_PEER_H

#include <arpa/inet.h>
#include <json-c/json.h>

#include "bench.h"
#include "token.h"
#include "vif.h"

/* A vif, and both its ends as far as measuring needs them. */
struct way {
	struct vif vif;
	char name[16];		/* vifD.H */
	char path[8];
	char mac[MAC_LEN];	/* the guest's, as the kernel here knows it */
	char address[INET_ADDRSTRLEN];
	struct in_addr ip;
	unsigned int port;
	char token[TOKEN_LEN];
	char own_dev[IFNAMSIZ];	/* the device here that has the address */
	struct in_addr own_ip;
	json_object *conditions;	/* of the guest's device */
};

/* Where the guest says that it serves; false: it does not say so. */
bool way_read(struct way *way);

/* What it wants to be shown there; ends the tool if it says nothing of that. */
void way_read_token(struct way *way);

/* This domain's address on the way, and its device; ends the tool if none. */
void way_find_own(struct way *way);

/*
 * The Ethernet address of the guest, and whether it has found that of this domain
 * where it is; ends the tool if it cannot be told.
 */
void way_find_macs(struct way *way, const char *said);

/*
 * Connect by the first of these ways, and show by the others that this domain is
 * there as well.  The ways must stay where they are.
 */
void peer_connect(const struct way *ways, size_t num, const char *guest);

/* The guest need not serve any longer. */
void peer_leave(void);

/* What the tool is busy with, for errors to come. */
void peer_busy_with(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/* Ends the tool if the guest has gone. */
void peer_check(void);

/*
 * A request and its answer, at once or with something in between.  ms: how long
 * the guest will be busy with it.
 */
void peer_ask(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
json_object *peer_answer(unsigned long ms);

/* Nothing is going to be asked for so long. */
void peer_quiet(unsigned long ms);

/* A number of an answer; ends the tool if there is none. */
double peer_number(json_object *answer, const char *key);

/* A text of it, of printable characters; likewise. */
void peer_text(json_object *answer, const char *key, char *to, size_t size);

#endif
