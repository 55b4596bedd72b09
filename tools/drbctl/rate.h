/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rate.h - what vifs carry per second, from two readings of their counters.
 */
#ifndef DRBCTL_RATE_H
#define DRBCTL_RATE_H

#include <json-c/json.h>

#include "netdev.h"
#include "vif.h"

struct rate {
	bool known;
	double to_guest_bps, from_guest_bps;	/* bits */
	double to_guest_pps, from_guest_pps;	/* packets */
};

/* False: this domain is no end of the vif, or has no device of it. */
bool rate_sample(const struct vif *vif, struct netdev_counts *counts);
void rate_between(const struct netdev_counts *then,
		  const struct netdev_counts *now, struct rate *rate);

/* The sum of both directions, to sort by. */
double rate_total(const struct rate *rate);

void rate_add(json_object *o, const struct rate *rate);

/* Bits per second as people write them: "1.2M". */
void rate_text(char *to, size_t size, double bps);

void rate_sleep(double seconds);

#endif
