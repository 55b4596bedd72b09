// SPDX-License-Identifier: GPL-2.0
/*
 * netdev.c - counters and shape of a network device: netlink for those that
 * every device has, ethtool for the driver's own.
 */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "netdev.h"
#include "text.h"

struct nl_sock *netdev_socket(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (sock && nl_connect(sock, NETLINK_ROUTE)) {
		nl_socket_free(sock);
		sock = NULL;
	}
	return sock;
}

static struct nl_sock *route_socket(void)
{
	static struct nl_sock *sock;

	if (!sock)
		sock = netdev_socket();
	return sock;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

bool netdev_counts(const char *name, bool back, struct netdev_counts *counts)
{
	struct traffic *rx = back ? &counts->from_guest : &counts->to_guest;
	struct traffic *tx = back ? &counts->to_guest : &counts->from_guest;
	struct nl_sock *sock = route_socket();
	struct rtnl_link *link;

	if (!sock || rtnl_link_get_kernel(sock, 0, name, &link) < 0)
		return false;
	counts->when_ns = now_ns();
	rx->packets = rtnl_link_get_stat(link, RTNL_LINK_RX_PACKETS);
	rx->bytes = rtnl_link_get_stat(link, RTNL_LINK_RX_BYTES);
	rx->errors = rtnl_link_get_stat(link, RTNL_LINK_RX_ERRORS);
	rx->dropped = rtnl_link_get_stat(link, RTNL_LINK_RX_DROPPED);
	tx->packets = rtnl_link_get_stat(link, RTNL_LINK_TX_PACKETS);
	tx->bytes = rtnl_link_get_stat(link, RTNL_LINK_TX_BYTES);
	tx->errors = rtnl_link_get_stat(link, RTNL_LINK_TX_ERRORS);
	tx->dropped = rtnl_link_get_stat(link, RTNL_LINK_TX_DROPPED);
	rtnl_link_put(link);
	return true;
}

static int ethtool(const char *name, void *command)
{
	static int fd = -1;
	struct ifreq request = { .ifr_data = command };

	if (fd < 0)
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !text_format(request.ifr_name, IFNAMSIZ, "%s", name))
		return -1;
	return ioctl(fd, SIOCETHTOOL, &request);
}

bool netdev_ethtool(const char *name, void *command)
{
	return !ethtool(name, command);
}

bool netdev_value(const char *name, unsigned int ask, unsigned int *value)
{
	struct ethtool_value arg = { .cmd = ask };

	if (ethtool(name, &arg))
		return false;
	*value = arg.data;
	return true;
}

bool netdev_shape(const char *name, struct netdev_shape *shape)
{
	struct ethtool_channels ch = { .cmd = ETHTOOL_GCHANNELS };
	struct ethtool_ringparam ring = { .cmd = ETHTOOL_GRINGPARAM };

	memset(shape, 0, sizeof(*shape));
	if (ethtool(name, &ch))
		return false;
	shape->queues = ch.combined_count;
	shape->max_queues = ch.max_combined;
	if (ethtool(name, &ring))
		return false;
	shape->rx_ring = ring.rx_pending;
	shape->tx_ring = ring.tx_pending;
	shape->max_ring = ring.rx_max_pending;
	return true;
}

static unsigned int stat_count(const char *name)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} arg = { .info = { .cmd = ETHTOOL_GSSET_INFO,
			    .sset_mask = 1ull << ETH_SS_STATS } };

	return ethtool(name, &arg) || !arg.info.sset_mask ? 0 : arg.count;
}

/*
 * The kernel writes as many as there are by then: queues may have been added
 * since they were counted, so there is room for more than that.
 */
static bool read_stats(const char *name, struct ethtool_gstrings *strings,
		       struct ethtool_stats *stats)
{
	strings->cmd = ETHTOOL_GSTRINGS;
	strings->string_set = ETH_SS_STATS;
	stats->cmd = ETHTOOL_GSTATS;
	return !ethtool(name, strings) && !ethtool(name, stats) &&
	       strings->len == stats->n_stats && stats->n_stats <= STATS_MAX;
}

unsigned int netdev_stats(const char *name, struct stat_entry *to)
{
	struct ethtool_gstrings *strings;
	unsigned int i, n = stat_count(name);
	struct ethtool_stats *stats;

	if (!n || n > STATS_MAX / 2)
		return 0;
	strings = calloc(1, sizeof(*strings) + STATS_MAX * ETH_GSTRING_LEN);
	stats = calloc(1, sizeof(*stats) + STATS_MAX * sizeof(__u64));
	n = 0;
	if (strings && stats && read_stats(name, strings, stats))
		n = stats->n_stats;
	for (i = 0; i < n; i++) {
		text_escape(to[i].name, sizeof(to[i].name),
			    (char *)strings->data + i * ETH_GSTRING_LEN,
			    strnlen((char *)strings->data + i * ETH_GSTRING_LEN,
				    ETH_GSTRING_LEN));
		to[i].value = stats->data[i];
	}
	free(strings);
	free(stats);
	return n;
}
