// SPDX-License-Identifier: GPL-2.0
/*
 * session.c - the one client that is served.
 */
#define _GNU_SOURCE	/* POLLRDHUP */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "out.h"
#include "programs.h"
#include "route.h"
#include "session.h"
#include "verbs.h"

#define STOP_MS 10000		/* for the session's process to end by itself */

static struct {
	unsigned int port;
	int signals;
	pid_t pid;
	int end;		/* readable once the process has ended, or -1 */
	int client;		/* its connection, to see it go */
	struct in_addr from;
	char id[TOKEN_LEN];
	struct in_addr *reached;	/* by vif; shared with the process */
} session = { .end = -1 };

void session_prepare(unsigned int port, int signals)
{
	session.port = port;
	session.signals = signals;
	session.reached = mmap(NULL, HANDLES_MAX * sizeof(struct in_addr),
			       PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (session.reached == MAP_FAILED)
		die(EXIT_FAIL, "out of memory");
}

int session_fd(void)
{
	return session.end;
}

/* ---- its process -------------------------------------------------------- */

static bool welcome(const struct wire *wire)
{
	json_object *o = json_object_new_object();
	bool sent;

	add_text(o, "session", session.id);
	sent = wire_send(wire, json_object_to_json_string_ext(o,
							      JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	return sent;
}

/* Neither xenstore nor netlink is asked here by way of what the parent opened. */
static _Noreturn void serve(const struct door *door, const struct visitor *v,
			    pid_t parent)
{
	static struct client client;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAIL);
	client.wire = v->wire;
	client.from = v->from;
	client.list = door->list;
	client.num = door->num;
	client.reached = session.reached;
	client.port = session.port;
	client.signals = session.signals;
	if (welcome(&client.wire))
		verbs_serve(&client);
	programs_end();
	shutdown(client.wire.fd, SHUT_RDWR);
	_exit(EXIT_OK);
}

/* ---- who comes ---------------------------------------------------------- */

static void begin(struct door *door, struct visitor *v)
{
	pid_t parent = getpid();

	token_make(session.id);
	memset(session.reached, 0, HANDLES_MAX * sizeof(struct in_addr));
	session.reached[v->at] = v->from;
	session.from = v->from;
	session.pid = fork();
	if (!session.pid)
		serve(door, v, parent);
	session.end = session.pid > 0 ? pidfd_open(session.pid, 0) : -1;
	if (session.end < 0)
		die(EXIT_FAIL, "a process: %s", strerror(errno));
	session.client = v->wire.fd;
	v->wire.fd = -1;
}

static void join(struct door *door, struct visitor *v)
{
	if (session.end < 0 || !token_equal(session.id, v->session)) {
		door_refuse(door, v, "there is no such session",
			    "start drb-bench again");
		return;
	}
	session.reached[v->at] = v->from;
	welcome(&v->wire);
	door_dismiss(v);
}

static bool client_goes(void)
{
	struct pollfd p = { .fd = session.client, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

static void refuse_second(struct door *door, struct visitor *v)
{
	char address[INET_ADDRSTRLEN], why[64];

	inet_ntop(AF_INET, &session.from, address, sizeof(address));
	snprintf(why, sizeof(why), "busy with a client at %s", address);
	door_refuse(door, v, why, "try again when that one is done");
}

/* What is sent to it must be on the vif. */
static bool is_at_vif(const struct door *door, const struct visitor *v)
{
	struct route route;

	return route_find(v->from, &route) && route.direct &&
	       !strcmp(route.dev, door->list[v->at].dev);
}

void session_receive(struct door *door, struct visitor *v)
{
	if (!is_at_vif(door, v))
		door_refuse(door, v, "its address is not in the vif's network",
			    "give both ends addresses of one network");
	else if (*v->session)
		join(door, v);
	else if (session.end < 0)
		begin(door, v);
	else if (!client_goes() || now_ms() >= v->until)
		refuse_second(door, v);
}

/* ---- its end ------------------------------------------------------------ */

void session_ended(void)
{
	int status = 0;

	waitpid(session.pid, &status, 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
		warn("the session was ended by signal %d", WTERMSIG(status));
	close(session.end);
	close(session.client);
	session.end = -1;
}

void session_stop(void)
{
	struct pollfd p = { .fd = session.end, .events = POLLIN };

	if (session.end < 0)
		return;
	kill(session.pid, SIGTERM);
	if (poll(&p, 1, STOP_MS) <= 0)
		kill(session.pid, SIGKILL);
	session_ended();
}
