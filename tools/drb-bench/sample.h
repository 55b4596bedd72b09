/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sample.h - one cell measured once on one vif.
 */
#ifndef DRB_BENCH_SAMPLE_H
#define DRB_BENCH_SAMPLE_H

#include "peer.h"

/* Which programs the cells want, at both ends; ends the tool without them. */
void sample_need(enum kind kind, struct json_object *here,
		 struct json_object *there);

/* Ends the tool if it cannot be taken. */
json_object *sample_take(const struct cell *cell, const struct way *way,
			 double seconds);

#endif
