// SPDX-License-Identifier: GPL-2.0
/*
 * way.c - how to reach the guest by way of one of its vifs.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "neighbour.h"
#include "peer.h"
#include "route.h"
#include "store.h"

/* "ADDRESS PORT", which the guest has written. */
bool way_read(struct way *way)
{
	char text[TEXT_MAX], *blank;
	unsigned long port;

	snprintf(way->name, sizeof(way->name), "vif%u.%u", way->vif.guest,
		 way->vif.handle);
	if (!store_text(text, sizeof(text),
			store_path(FRONT_PATH "/drb-bench", way->vif.guest,
				   way->vif.handle)))
		return false;
	blank = strchr(text, ' ');
	if (!blank)
		return false;
	*blank = '\0';
	if (inet_pton(AF_INET, text, &way->ip) != 1 ||
	    !text_number(blank + 1, 65535, &port) || !port)
		return false;
	inet_ntop(AF_INET, &way->ip, way->address, sizeof(way->address));
	way->port = port;
	return true;
}

void way_read_token(struct way *way)
{
	char text[TEXT_MAX];

	store_text(text, sizeof(text),
		   store_path(FRONT_PATH "/" BENCH_TOKEN_KEY, way->vif.guest,
			      way->vif.handle));
	if (!token_is(text))
		die(EXIT_NONE, "%s: the guest says no token; run this version of drb-bench in it",
		    way->name);
	strcpy(way->token, text);
}

/*
 * The address is the guest's choice.  None but one in the vif's own network is
 * contacted.
 */
void way_find_own(struct way *way)
{
	struct route route;

	if (!route_find(way->ip, &route))
		die(EXIT_FAIL, "%s: no way to %s; give the bridge of %s an address of that network",
		    way->name, way->address, way->vif.dev);
	if (route.own)
		die(EXIT_FAIL, "%s: %s is an address of this host; give the guest's end another",
		    way->name, way->address);
	if (!route_is_by(&route, way->vif.dev))
		die(EXIT_FAIL,
		    "%s: %s is by way of %s; give the bridge of %s an address of that network",
		    way->name, way->address, route.dev, way->vif.dev);
	if (!route.direct)
		die(EXIT_FAIL,
		    "%s: %s is no host in the network of %s; give both ends addresses of one",
		    way->name, way->address, route.dev);
	way->own_ip = route.from;
	strcpy(way->own_dev, route.dev);
}

void way_find_macs(struct way *way, const char *said)
{
	char own[MAC_LEN] = "";

	if (!neighbour_mac(way->own_dev, way->ip, way->mac))
		die(EXIT_FAIL, "%s: %s has no neighbour with the address %s; look at ip neigh",
		    way->name, way->own_dev, way->address);
	device_mac(way->own_dev, own);
	if (strcasecmp(said, own))
		die(EXIT_FAIL, "%s: the guest finds %s where %s (%s) is; who else has its address?",
		    way->name, *said ? said : "nobody", way->own_dev, own);
}
