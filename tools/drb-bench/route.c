// SPDX-License-Identifier: GPL-2.0
/*
 * route.c - which way packets for an address take from here.  Addresses come from
 * the other end; what is sent to them must be on the vif and nowhere else.
 */
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <string.h>

#include "netdev.h"
#include "route.h"

#define LEVELS_MAX 4		/* of VLANs that stand on each other */

/* ---- the route ---------------------------------------------------------- */

static void take(struct rtnl_route *found, struct route *route)
{
	struct rtnl_nexthop *hop = rtnl_route_nexthop_n(found, 0);
	struct nl_addr *from = rtnl_route_get_pref_src(found);

	memset(route, 0, sizeof(*route));
	if (hop && !if_indextoname(rtnl_route_nh_get_ifindex(hop), route->dev))
		*route->dev = '\0';
	route->own = rtnl_route_get_type(found) == RTN_LOCAL;
	route->direct = rtnl_route_get_type(found) == RTN_UNICAST && hop &&
			!rtnl_route_nh_get_gateway(hop) &&
			!rtnl_route_nh_get_via(hop);
	if (from && nl_addr_get_len(from) == sizeof(route->from))
		memcpy(&route->from, nl_addr_get_binary_addr(from),
		       sizeof(route->from));
}

bool route_find(struct in_addr to, struct route *route)
{
	struct nl_addr *addr = nl_addr_build(AF_INET, &to, sizeof(to));
	struct nl_sock *sock = netdev_socket();
	struct rtnl_route *found = NULL;

	if (sock && addr && !rtnl_route_lookup(sock, addr, &found)) {
		take(found, route);
		rtnl_route_put(found);
	}
	nl_socket_free(sock);
	nl_addr_put(addr);
	return found;
}

/* ---- devices on top of each other --------------------------------------- */

struct device {
	int index, master, lower;	/* 0: none */
	char kind[16];
};

/* A number, or 0 and a name. */
static struct device device(struct nl_sock *sock, int index, const char *name)
{
	struct device found = { 0 };
	struct rtnl_link *link;
	char *kind;

	if (rtnl_link_get_kernel(sock, index, name, &link) < 0)
		return found;
	kind = rtnl_link_get_type(link);
	snprintf(found.kind, sizeof(found.kind), "%s", kind ? kind : "");
	found.index = rtnl_link_get_ifindex(link);
	found.master = rtnl_link_get_master(link);
	/* Other kinds have another device as well, but do not stand on it. */
	if (!strcmp(found.kind, "vlan") || !strcmp(found.kind, "macvlan"))
		found.lower = rtnl_link_get_link(link);
	rtnl_link_put(link);
	return found;
}

/*
 * Open vSwitch has a device for its datapath, which is the ports' master, and
 * others for addresses; it does not say which of them belong together.
 */
static bool are_of_one_switch(struct nl_sock *sock, const struct device *vif,
			      const struct device *out)
{
	struct device master = { 0 };

	if (vif->master)
		master = device(sock, vif->master, NULL);
	return !strcmp(master.kind, "openvswitch") &&
	       !strcmp(out->kind, "openvswitch");
}

static bool leads_to(struct nl_sock *sock, struct device out,
		     const struct device *vif)
{
	int levels = LEVELS_MAX;

	while (out.index && levels--) {
		if (out.index == vif->index || out.index == vif->master ||
		    are_of_one_switch(sock, vif, &out))
			return true;
		if (!out.lower)
			return false;
		out = device(sock, out.lower, NULL);
	}
	return false;
}

bool route_is_by(const struct route *route, const char *vif)
{
	struct nl_sock *sock = netdev_socket();
	struct device its;
	bool leads = false;

	if (sock && *route->dev) {
		its = device(sock, 0, vif);
		leads = its.index &&
			leads_to(sock, device(sock, 0, route->dev), &its);
	}
	nl_socket_free(sock);
	return leads;
}
