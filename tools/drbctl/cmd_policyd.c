// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_policyd.c - drbctl policyd: the service that gives each guest its saved
 * policy as it appears, and again when a driver domain that it names does.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore.h>

#include "domain.h"
#include "policy.h"
#include "store.h"
#include "table.h"
#include "text.h"

static const char *file = POLICY_FILE;

static const struct opt opts[] = {
	{ "file", 'F', OPT_TEXT, "FILE", "use this file (" POLICY_FILE ")",
	  &file, 0 },
	{ 0 }
};

/*
 * What each domain has been given, so that it is given again only if it has
 * become something else: what an administrator sets by hand meanwhile stays.
 */
struct given {
	bool any;
	char uuid[UUID_LEN];
	struct xen_iotask_policy op;
};

static struct given *given[DOMAIN_LAST + 1];

/* While a guest arrives by migration its name has this behind it. */
static void cut_incoming(char *name)
{
	static const char incoming[] = "--incoming";
	size_t len = strlen(name), tail = sizeof(incoming) - 1;

	if (len > tail && !strcmp(name + len - tail, incoming))
		name[len - tail] = '\0';
}

static bool same(const struct xen_iotask_policy *a,
		 const struct xen_iotask_policy *b)
{
	size_t drivers = 0;

	if (a->max_tasks != b->max_tasks || a->max_refs != b->max_refs ||
	    a->nr_drivers != b->nr_drivers)
		return false;
	if (a->nr_drivers != XEN_IOTASK_ANY_DRIVER)
		drivers = a->nr_drivers * sizeof(a->drivers[0]);
	return !memcmp(a->drivers, b->drivers, drivers);
}

static struct given *given_to(unsigned int dom, const char *uuid)
{
	struct given *g = given[dom];

	if (!g) {
		g = calloc(1, sizeof(*g));
		if (!g)
			die(EXIT_FAIL, "out of memory");
		given[dom] = g;
	}
	/* Numbers are used again. */
	if (strcmp(g->uuid, uuid)) {
		memset(g, 0, sizeof(*g));
		strcpy(g->uuid, uuid);
	}
	return g;
}

static void set(unsigned int dom, const char *name, struct given *g,
		const struct xen_iotask_policy *op, const char *missing)
{
	struct xen_iotask_policy now = *op;
	unsigned int revoked;
	int err = policy_set(dom, &now, true, &revoked);

	if (err) {
		/* Gone already, as domains that cannot be built are. */
		if (err != -ESRCH || domain_exists(dom))
			warn("domain %u (%s): %s", dom, name, table_trouble(err));
		return;
	}
	g->any = true;
	g->op = *op;
	printf("domain %u (%s): policy set", dom, name);
	if (revoked)
		printf(", %u tasks revoked", revoked);
	if (missing)
		printf(", without driver domain %s, which does not exist",
		       missing);
	putchar('\n');
	fflush(stdout);
}

static void apply_to(unsigned int dom)
{
	char uuid[UUID_LEN], name[TEXT_MAX];
	struct xen_iotask_policy op;
	struct policy policy;
	const char *missing;
	struct given *g;

	domain_uuid(dom, uuid);
	domain_word(dom, name, sizeof(name));
	cut_incoming(name);
	if (!policy_load(file, uuid, name, &policy) ||
	    policy_resolve(&policy, dom, &op, &missing))
		return;
	g = given_to(dom, uuid);
	if (!g->any || !same(&g->op, &op))
		set(dom, name, g, &op, missing);
}

static void apply_to_all(void)
{
	static unsigned int ids[DOMAINS_MAX];
	size_t i, num = domain_list(ids, DOMAINS_MAX);

	for (i = 0; i < num; i++)
		apply_to(ids[i]);
}

/* systemd's readiness protocol: a datagram to the socket that it names. */
static void notify_ready(void)
{
	static const char ready[] = "READY=1";
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	socklen_t len;
	int fd;

	if (!path || !text_format(to.sun_path, sizeof(to.sun_path), "%s", path))
		return;
	len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	if (*path == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, ready, sizeof(ready) - 1, 0, (void *)&to, len) < 0)
		warn("cannot tell systemd that all is ready: %s",
		     strerror(errno));
	if (fd >= 0)
		close(fd);
}

static int signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Events that came together are one: all domains are looked at anyway. */
static void take_events(void)
{
	char **event;

	while ((event = xs_check_watch(store())))
		free(event);
	if (errno != EAGAIN)
		die(EXIT_FAIL, "xenstore has gone away: %s", strerror(errno));
}

/* True: it is time to end. */
static bool take_signal(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) != sizeof(info) ||
	       info.ssi_signo != SIGHUP;
}

static int run(int argc, char **argv)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };

	(void)argc;
	(void)argv;
	table_need();
	if (!domain_is_control())
		die(EXIT_PERM, "policies are set by dom0");
	fds[0].fd = signals();
	if (!xs_watch(store(), "@introduceDomain", "policyd"))
		die(EXIT_FAIL, "watching for domains: %s", strerror(errno));
	fds[1].fd = xs_fileno(store());
	apply_to_all();
	notify_ready();
	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die(EXIT_FAIL, "waiting: %s", strerror(errno));
		if (fds[0].revents && take_signal(fds[0].fd))
			return EXIT_OK;
		if (fds[1].revents)
			take_events();
		apply_to_all();
	}
}

const struct command policyd_command = {
	.name = "policyd",
	.args = "",
	.what = "run as dom0's service that applies saved policies",
	.more = "It applies a policy when the guest appears.  SIGHUP makes it read the file\n"
		"again.  It revokes tasks of driver domains that a policy does not admit.\n",
	.opts = opts,
	.run = run,
};
