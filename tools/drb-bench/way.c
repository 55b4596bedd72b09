// SPDX-License-Identifier: GPL-2.0
/*
 * way.c - how to reach the guest by way of one of its vifs.
 */
#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "neighbour.h"
#include "peer.h"
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
		   store_path(FRONT_PATH "/drb-bench-token", way->vif.guest,
			      way->vif.handle));
	if (!token_is(text))
		die(EXIT_NONE, "%s: the guest says no token; run this version of drb-bench in it",
		    way->name);
	strcpy(way->token, text);
}

/* What the kernel would send from: asked without sending anything. */
static bool route(struct way *way)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(SINK_PORT),
		.sin_addr = way->ip,
	};
	struct sockaddr_in own;
	socklen_t len = sizeof(own);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && !connect(fd, (struct sockaddr *)&to, sizeof(to)) &&
		!getsockname(fd, (struct sockaddr *)&own, &len);

	if (fd >= 0)
		close(fd);
	if (ok)
		way->own_ip = own.sin_addr;
	return ok;
}

static bool device_with(struct in_addr ip, char to[IFNAMSIZ])
{
	struct ifaddrs *all, *a;
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (a = all; a && !found; a = a->ifa_next)
		found = a->ifa_addr && a->ifa_addr->sa_family == AF_INET &&
			((struct sockaddr_in *)a->ifa_addr)->sin_addr.s_addr ==
			ip.s_addr && text_format(to, IFNAMSIZ, "%s", a->ifa_name);
	freeifaddrs(all);
	return found;
}

void way_find_own(struct way *way)
{
	if (!route(way) || !device_with(way->own_ip, way->own_dev))
		die(EXIT_FAIL, "%s: no way to %s; give the bridge of %s an address of that network",
		    way->name, way->address, way->vif.dev);
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
