// SPDX-License-Identifier: GPL-2.0
/*
 * serve_vifs.c - which vifs of this guest are served; where, and by which token,
 * it says in the vif's own directory in xenstore:
 *	device/vif/H/drb-bench = "ADDRESS PORT"
 *	device/vif/H/drb-bench-token = 32 hexadecimal digits
 *
 * The toolstack gives that directory to the guest (n) and lets the driver domain
 * of the vif read it (r); whoever is privileged, dom0 usually, reads all.  Keys
 * made in it inherit that.  A token is worth nothing where others can read it, so
 * its key has these permissions set before it has a value, whatever those of the
 * directory are.  Each vif has a token of its own: its driver domain may have
 * nothing to do with those of the others.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenstore.h>

#include "bench.h"
#include "domain.h"
#include "serve.h"
#include "store.h"
#include "vif.h"

static struct served list[HANDLES_MAX];
static size_t num;
static unsigned int port;

static bool address_of(const char *dev, struct in_addr *to)
{
	struct ifaddrs *all, *a;
	bool found = false;

	if (getifaddrs(&all))
		return false;
	for (a = all; a && !found; a = a->ifa_next) {
		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET ||
		    strcmp(a->ifa_name, dev))
			continue;
		*to = ((struct sockaddr_in *)a->ifa_addr)->sin_addr;
		found = true;
	}
	freeifaddrs(all);
	return found;
}

static void add(const struct vif *vif, bool wanted)
{
	struct served *served = &list[num];

	if (!address_of(vif->dev, &served->address)) {
		if (wanted)
			die(EXIT_FAIL, "%s has no IPv4 address", vif->dev);
		return;
	}
	served->handle = vif->handle;
	served->reader = vif->backend;
	token_make(served->token);
	strcpy(served->dev, vif->dev);
	num++;
}

static void add_all(void)
{
	unsigned int self = domain_self();
	struct vif *vifs;
	size_t i, all = vif_list(&vifs);

	for (i = 0; i < all && num < HANDLES_MAX; i++)
		if (vifs[i].guest == self && vifs[i].dev_end == END_FRONT &&
		    vifs[i].has_dev && vifs[i].handle < HANDLES_MAX)
			add(&vifs[i], false);
	free(vifs);
	if (!num)
		die(EXIT_NONE, "no vif of this domain has an IPv4 address");
}

static void add_named(const char *names)
{
	char *copy = strdup(names), *name;
	struct vif vif;

	for (name = copy ? strtok(copy, ",") : NULL; name && num < HANDLES_MAX;
	     name = strtok(NULL, ",")) {
		vif_need(&vif, name);
		if (vif.guest != domain_self() || !vif.has_dev ||
		    vif.handle >= HANDLES_MAX)
			die(EXIT_NONE, "%s is no vif of this domain", name);
		add(&vif, true);
	}
	free(copy);
	if (!num)
		die(EXIT_USAGE, "--vif: it names none");
}

/* ---- saying so ---------------------------------------------------------- */

static pid_t publisher;

/* The address first: who finds one looks for the token next. */
static void withdraw(void)
{
	size_t i;

	/* A client's process that fails ends nothing but its session. */
	if (getpid() != publisher || !store_reachable())
		return;
	for (i = 0; i < num; i++) {
		xs_rm(store(), XBT_NULL,
		      store_path("device/vif/%u/drb-bench", list[i].handle));
		xs_rm(store(), XBT_NULL,
		      store_path("device/vif/%u/" BENCH_TOKEN_KEY,
				 list[i].handle));
	}
}

static void put(const char *path, const char *value)
{
	if (!xs_write(store(), XBT_NULL, path, value, strlen(value)))
		die(EXIT_FAIL, "%s: cannot write to xenstore: %s", path,
		    strerror(errno));
}

static void publish_token(const struct served *served)
{
	const char *path = store_path("device/vif/%u/" BENCH_TOKEN_KEY,
				      served->handle);
	struct xs_permissions readers[] = {
		{ .id = domain_self(), .perms = XS_PERM_NONE },
		{ .id = served->reader, .perms = XS_PERM_READ },
	};

	put(path, "");
	if (!xs_set_permissions(store(), XBT_NULL, path, readers, 2))
		die(EXIT_FAIL, "%s: cannot keep others from reading it: %s", path,
		    strerror(errno));
	put(path, served->token);
}

static void publish_address(const struct served *served)
{
	char text[INET_ADDRSTRLEN + 8], address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &served->address, address, sizeof(address));
	snprintf(text, sizeof(text), "%s %u", address, port);
	put(store_path("device/vif/%u/drb-bench", served->handle), text);
	fprintf(stderr, "serving %s at %s, port %u\n", served->dev, address, port);
}

static void publish(void)
{
	size_t i;

	publisher = getpid();
	atexit(withdraw);
	for (i = 0; i < num; i++) {
		publish_token(&list[i]);
		publish_address(&list[i]);
	}
}

int serve_vifs(const char *names, unsigned int at)
{
	port = at;
	if (geteuid())
		die(EXIT_PERM, "only root can serve: it sends packets by pktgen");
	if (names)
		add_named(names);
	else
		add_all();
	return serve_on(list, num, port, publish);
}
