// SPDX-License-Identifier: GPL-2.0
/*
 * door.c - who has connected and has not shown yet that it may.  Nobody here is
 * waited for: all that anybody can do is to take a place, which who comes later
 * takes away.
 */
#define _GNU_SOURCE	/* accept4() */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "door.h"

#define BACKLOG 16

void door_open(struct door *door, const struct served *list, size_t num,
	       unsigned int port)
{
	size_t i;

	door->list = list;
	door->num = num;
	for (i = 0; i < VISITORS_MAX; i++)
		door->visitors[i].wire.fd = -1;
	for (i = 0; i < num; i++) {
		door->listeners[i] = serve_socket(&list[i],
						  SOCK_STREAM | SOCK_NONBLOCK,
						  port);
		if (listen(door->listeners[i], BACKLOG))
			die(EXIT_FAIL, "%s: %s", list[i].dev, strerror(errno));
	}
}

/* A process that was made meanwhile may have the descriptor as well. */
void door_dismiss(struct visitor *v)
{
	if (v->wire.fd < 0)
		return;
	shutdown(v->wire.fd, SHUT_RDWR);
	close(v->wire.fd);
	v->wire.fd = -1;
}

void door_close(struct door *door)
{
	size_t i;

	for (i = 0; i < VISITORS_MAX; i++)
		door_dismiss(&door->visitors[i]);
	for (i = 0; i < door->num; i++)
		close(door->listeners[i]);
}

void door_refuse(struct door *door, struct visitor *v, const char *why,
		 const char *mend)
{
	char address[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &v->from, address, sizeof(address));
	warn("%s: refused %s: %s", door->list[v->at].dev, address, why);
	wire_refuse(&v->wire, "%s; %s", why, mend);
	door_dismiss(v);
}

/*
 * After a line without the token nobody is let in for a while, so that guesses
 * and what is said of them come one at a time.  A client that is served does not
 * notice, nor does one at another vif.
 */
static void refuse_and_rest(struct door *door, struct visitor *v,
			    const char *why, const char *mend)
{
	uint64_t now = now_ms(), *rest = &door->rests[v->at];

	*rest = (*rest > now ? *rest : now) + patience.rest;
	door_refuse(door, v, why, mend);
}

/* ---- what to wait for --------------------------------------------------- */

static void wait_until(uint64_t until, uint64_t now, int *ms)
{
	int left = until > now ? until - now : 0;

	if (*ms < 0 || left < *ms)
		*ms = left;
}

size_t door_poll(const struct door *door, struct pollfd *p, int *ms)
{
	const struct visitor *v;
	uint64_t now = now_ms();
	size_t i, n = 0;

	*ms = -1;
	for (i = 0; i < door->num; i++) {
		if (door->rests[i] > now)
			wait_until(door->rests[i], now, ms);
		else
			p[n++] = (struct pollfd){ door->listeners[i], POLLIN, 0 };
	}
	for (v = door->visitors; v < door->visitors + VISITORS_MAX; v++) {
		if (v->wire.fd < 0)
			continue;
		wait_until(v->until, now, ms);
		if (!v->welcome)
			p[n++] = (struct pollfd){ v->wire.fd, POLLIN, 0 };
	}
	return n;
}

/* ---- who comes ---------------------------------------------------------- */

/* A place that is free, or that of the first to come. */
static struct visitor *place(struct door *door)
{
	struct visitor *v, *oldest = door->visitors;

	for (v = door->visitors; v < door->visitors + VISITORS_MAX; v++) {
		if (v->wire.fd < 0)
			return v;
		if (v->until < oldest->until)
			oldest = v;
	}
	wire_refuse(&oldest->wire, "too many connect; try again");
	door_dismiss(oldest);
	return oldest;
}

static void let_in(struct door *door, size_t at)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd = accept4(door->listeners[at], (struct sockaddr *)&from, &len,
			 SOCK_CLOEXEC);
	struct visitor *v;

	if (fd < 0)
		return;
	v = place(door);
	v->wire.fd = fd;
	v->wire.used = 0;
	v->at = at;
	v->from = from.sin_addr;
	v->until = now_ms() + patience.hello;
	v->welcome = false;
}

/* ---- what they say ------------------------------------------------------ */

static void first_line(struct door *door, struct visitor *v, char *line)
{
	char *hello = strtok(line, " "), *token = strtok(NULL, " ");
	char *session = strtok(NULL, " ");

	if (!hello || strcmp(hello, "hello") || !token || strtok(NULL, " ") ||
	    (session && !token_is(session))) {
		refuse_and_rest(door, v, "no token was shown",
				"use one version of drb-bench at both ends");
	} else if (!token_equal(door->list[v->at].token, token)) {
		refuse_and_rest(door, v, "a wrong token was shown",
				"start drb-bench again, which reads the token anew");
	} else {
		strcpy(v->session, session ? session : "");
		v->welcome = true;
	}
}

static void hear(struct door *door, struct visitor *v)
{
	char line[WIRE_REQUEST];

	switch (wire_read(&v->wire, line, sizeof(line), 0, -1)) {
	case WIRE_LINE:
		first_line(door, v, line);
		break;
	case WIRE_CLOSED:
		door_dismiss(v);
		break;
	case WIRE_BAD:
		refuse_and_rest(door, v, "the first line is too long, or is no text",
				"use drb-bench");
		break;
	default:
		if (now_ms() >= v->until)
			door_refuse(door, v, "nothing was said in time",
				    "use drb-bench");
	}
}

void door_look(struct door *door)
{
	uint64_t now = now_ms();
	size_t i;

	for (i = 0; i < door->num; i++)
		if (door->rests[i] <= now)
			let_in(door, i);
	for (i = 0; i < VISITORS_MAX; i++)
		if (door->visitors[i].wire.fd >= 0 && !door->visitors[i].welcome)
			hear(door, &door->visitors[i]);
}

struct visitor *door_next(struct door *door, struct visitor *last)
{
	struct visitor *v = last ? last + 1 : door->visitors;

	for (; v < door->visitors + VISITORS_MAX; v++)
		if (v->wire.fd >= 0 && v->welcome)
			return v;
	return NULL;
}
