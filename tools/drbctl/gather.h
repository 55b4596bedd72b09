/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gather.h - all vifs, and all counters of those that this domain is an end of.
 */
#ifndef DRBCTL_GATHER_H
#define DRBCTL_GATHER_H

#include <json-c/json.h>

#include "netdev.h"
#include "vif.h"

struct gathered {
	struct vif vif;
	bool counted;	/* this domain has its device, and so the rest: */
	struct netdev_counts counts;
	struct stat_entry *stats;	/* the driver's own */
	unsigned int num_stats;
};

/* Of one vif, or of all if it is NULL; *all is to be freed by the latter. */
size_t gather(struct gathered **all, const struct vif *vif);
void gather_free(struct gathered *all, size_t num);

/* Counters in words. */
void traffic_add(json_object *o, const char *direction, const struct traffic *t);
void stats_add(json_object *o, const struct stat_entry *stats,
	       unsigned int num);

/* "q3_rx_bytes" taken apart; false: no counter of a queue. */
bool queue_stat(const char *name, unsigned int *queue, const char **what);

#endif
