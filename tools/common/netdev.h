/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netdev.h - what the kernel counts at a network device, and its shape.
 */
#ifndef DRB_TOOLS_NETDEV_H
#define DRB_TOOLS_NETDEV_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

/* Seen from the guest, whichever end it was read at. */
struct traffic {
	uint64_t packets, bytes, errors, dropped;
};

struct netdev_counts {
	struct traffic to_guest, from_guest;
	uint64_t when_ns;
};

bool netdev_counts(const char *name, bool back, struct netdev_counts *counts);

/* A netlink connection of the caller's own, to be freed; NULL: there is none. */
struct nl_sock *netdev_socket(void);

/* Sizes as ethtool -l and -g have them; false: the driver does not say. */
struct netdev_shape {
	unsigned int queues, max_queues;
	unsigned int rx_ring, tx_ring, max_ring;	/* bytes, or slots */
};

bool netdev_shape(const char *name, struct netdev_shape *shape);

/* One of linux/ethtool.h's commands, and one whose answer is a number. */
bool netdev_ethtool(const char *name, void *command);
bool netdev_value(const char *name, unsigned int ask, unsigned int *value);

/* The driver's own counters, as ethtool -S has them. */
#define STAT_NAME 32
#define STATS_MAX 1024u

struct stat_entry {
	char name[STAT_NAME + 1];
	uint64_t value;
};

/* How many there are, at most STATS_MAX. */
unsigned int netdev_stats(const char *name, struct stat_entry *to);

#endif
