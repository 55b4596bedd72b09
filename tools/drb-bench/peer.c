// SPDX-License-Identifier: GPL-2.0
/*
 * peer.c - the guest that is measured: asked one thing at a time, and noticed
 * when it goes.  What it says is bounded and checked as if it were hostile.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "peer.h"
#include "run.h"
#include "store.h"
#include "wire.h"

#define GRACE_MS 15000		/* for an answer, beside what it takes */

static struct wire wire = { .fd = -1 };
static char session[TOKEN_LEN];
static const struct way *via;	/* the first */
static const char *name;
static char busy_with[64] = "the beginning";

void peer_busy_with(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(busy_with, sizeof(busy_with), fmt, ap);
	va_end(ap);
}

/* The backend's directory goes with the vif, and so with the guest. */
static bool there(void)
{
	return store_exists(store_path(BACK_PATH "/frontend", via->vif.backend,
				       via->vif.guest, via->vif.handle));
}

void peer_check(void)
{
	if (!there())
		die(EXIT_FAIL, "%s has gone, or its %s has, during %s", name,
		    via->name, busy_with);
}

static bool watch(void)
{
	peer_check();
	return true;
}

static int connect_by(const struct way *way)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(way->port),
		.sin_addr = way->ip,
	};
	struct timeval limit = { .tv_sec = 5 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die(EXIT_FAIL, "socket: %s", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	if (errno == ECONNREFUSED)
		die(EXIT_NONE, "%s does not serve any more; run drb-bench --serve in it",
		    name);
	die(EXIT_FAIL, "cannot reach %s at %s, %s: %s", name, way->address,
	    way->name, errno == EINPROGRESS ? "it does not answer" :
	    strerror(errno));
}

void peer_ask(const char *fmt, ...)
{
	char line[WIRE_REQUEST];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* Why it is gone may be there to be read. */
	wire_send(&wire, line);
}

static json_object *parse(const char *line, const char *when)
{
	json_object *answer = json_tokener_parse(line), *error;

	/* Its texts are printable, and have no such escapes. */
	if (strstr(line, "\\u") || !json_object_is_type(answer, json_type_object))
		die(EXIT_FAIL, "%s: it answers what makes no sense", name);
	if (json_object_object_get_ex(answer, "error", &error))
		die(EXIT_FAIL, "%s: %s%s", name, json_object_get_string(error),
		    when);
	return answer;
}

static _Noreturn void end(const char *what)
{
	peer_check();
	die(EXIT_FAIL, "%s %s during %s", name, what, busy_with);
}

/* In steps, between which the guest is looked after. */
static const char *await_line(struct wire *from, unsigned long ms)
{
	static char line[WIRE_REPLY];
	unsigned long waited = 0;

	for (; waited < ms + GRACE_MS; waited += 500) {
		switch (wire_read(from, line, sizeof(line), 500, -1)) {
		case WIRE_LINE:
			return line;
		case WIRE_LATE:
			peer_check();
			continue;
		case WIRE_CLOSED:
			end("does not serve any more: drb-bench --serve has ended there");
		default:
			end("answers what makes no sense");
		}
	}
	end("does not answer");
}

json_object *peer_answer(unsigned long ms)
{
	char when[sizeof(busy_with) + 16];

	snprintf(when, sizeof(when), ", during %s", busy_with);
	return parse(await_line(&wire, ms), when);
}

void peer_quiet(unsigned long ms)
{
	peer_ask("quiet %lu", ms);
	json_object_put(peer_answer(0));
}

/* ---- the beginning and the end ------------------------------------------ */

/* The first line: why the guest should listen.  The answer: which session it is. */
static void greet(struct wire *to, const struct way *way)
{
	char line[WIRE_REQUEST], said[TOKEN_LEN + 4];
	json_object *answer;

	text_format(line, sizeof(line), "hello %s%s%s", way->token,
		    *session ? " " : "", session);
	to->fd = connect_by(way);
	if (!wire_send(to, line))
		end("does not listen");
	answer = parse(await_line(to, 0), "");
	peer_text(answer, "session", said, sizeof(said));
	json_object_put(answer);
	if (!token_is(said))
		die(EXIT_FAIL, "%s: it answers what makes no sense", name);
	strcpy(session, said);
}

void peer_connect(const struct way *ways, size_t num, const char *guest)
{
	static struct wire other;
	size_t i;

	via = ways;
	name = guest;
	greet(&wire, &ways[0]);
	for (i = 1; i < num; i++) {
		other.used = 0;
		greet(&other, &ways[i]);
		close(other.fd);
	}
	run_watch = watch;
}

void peer_leave(void)
{
	run_watch = NULL;
	close(wire.fd);
	wire.fd = -1;
}

/* ---- what is in an answer ----------------------------------------------- */

double peer_number(json_object *answer, const char *key)
{
	json_object *value = json_object_object_get(answer, key);
	double number = json_object_get_double(value);

	if ((!json_object_is_type(value, json_type_int) &&
	     !json_object_is_type(value, json_type_double)) ||
	    !isfinite(number) || number < 0)
		die(EXIT_FAIL, "%s: it answers without a number '%s'", name, key);
	return number;
}

void peer_text(json_object *answer, const char *key, char *to, size_t size)
{
	json_object *value = json_object_object_get(answer, key);

	*to = '\0';
	if (json_object_is_type(value, json_type_string))
		text_escape(to, size, json_object_get_string(value),
			    json_object_get_string_len(value));
}
