// SPDX-License-Identifier: GPL-2.0
/*
 * neighbour.c - who has an address in a network, as the kernel has found out.
 * Packets by the million go to no Ethernet address that the other end only says
 * is its own.
 */
#include <linux/neighbour.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/neighbour.h>
#include <sys/socket.h>
#include <unistd.h>

#include "neighbour.h"
#include "netdev.h"

#define KNOWN (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT)
#define TRIES 10
#define TRY_MS 100

static bool take(struct rtnl_neigh *entry, char to[MAC_LEN])
{
	struct nl_addr *mac = rtnl_neigh_get_lladdr(entry);

	if (!mac || !(rtnl_neigh_get_state(entry) & KNOWN))
		return false;
	nl_addr2str(mac, to, MAC_LEN);
	return mac_is_valid(to);
}

static bool look_up(struct nl_sock *sock, int device, struct in_addr of,
		    char to[MAC_LEN])
{
	struct nl_addr *addr = nl_addr_build(AF_INET, &of, sizeof(of));
	struct rtnl_neigh *entry = NULL;
	struct nl_cache *cache = NULL;
	bool found = false;

	if (addr && !rtnl_neigh_alloc_cache(sock, &cache))
		entry = rtnl_neigh_get(cache, device, addr);
	if (entry) {
		found = take(entry, to);
		rtnl_neigh_put(entry);
	}
	nl_cache_free(cache);
	nl_addr_put(addr);
	return found;
}

/* The kernel asks for the address of whom it is to send something. */
static void have_kernel_ask(struct in_addr of)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(SINK_PORT),
		.sin_addr = of,
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	sendto(fd, "", 1, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
	close(fd);
}

bool neighbour_mac(const char *dev, struct in_addr of, char to[MAC_LEN])
{
	struct nl_sock *sock = netdev_socket();
	int device = if_nametoindex(dev), tries = TRIES;
	bool found = false;

	for (; sock && device && tries--; sleep_ms(TRY_MS)) {
		found = look_up(sock, device, of, to);
		if (found)
			break;
		have_kernel_ask(of);
	}
	nl_socket_free(sock);
	return found;
}
