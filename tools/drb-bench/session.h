/* SPDX-License-Identifier: GPL-2.0 */
/*
 * session.h - the one client that is served.  A process of its own does what it
 * asks, so that others have an answer meanwhile, and nothing that goes wrong with
 * one client is left for the next.
 */
#ifndef DRB_BENCH_SESSION_H
#define DRB_BENCH_SESSION_H

#include "door.h"

/* Once, before anything else: where its programs listen, and the signals. */
void session_prepare(unsigned int port, int signals);

/*
 * Who has shown the token begins a session, belongs to the one that runs, or is
 * told that another is served; or stays at the door while that one is ending.
 */
void session_receive(struct door *door, struct visitor *v);

/* Readable once the session has ended; -1: there is none. */
int session_fd(void);
void session_ended(void);

/* End it, if there is one. */
void session_stop(void);

#endif
