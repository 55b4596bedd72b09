// SPDX-License-Identifier: GPL-2.0
/*
 * wire.c - lines on the control connection.
 */
#define _GNU_SOURCE	/* POLLRDHUP */
#include <json-c/json.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "bench.h"
#include "wire.h"

#define SEND_MS 5000

/* WIRE_LINE: the descriptor is ready; WIRE_LATE; or WIRE_STOPPED. */
static enum wire_result await(int fd, short events, uint64_t until, int other)
{
	struct pollfd p[] = {
		{ .fd = fd, .events = events },
		{ .fd = other, .events = POLLIN },
	};

	for (;;) {
		uint64_t now = now_ms();

		if (poll(p, 2, now < until ? until - now : 0) > 0)
			return p[1].revents ? WIRE_STOPPED : WIRE_LINE;
		if (now >= until)
			return WIRE_LATE;
	}
}

static bool send_all(int fd, const char *data, size_t len)
{
	uint64_t until = now_ms() + SEND_MS;
	ssize_t n;

	while (len) {
		if (await(fd, POLLOUT, until, -1) != WIRE_LINE)
			return false;
		n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

bool wire_send(const struct wire *wire, const char *line)
{
	return send_all(wire->fd, line, strlen(line)) &&
	       send_all(wire->fd, "\n", 1);
}

void wire_refuse(const struct wire *wire, const char *fmt, ...)
{
	json_object *o = json_object_new_object();
	char why[WIRE_REQUEST];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	json_object_object_add(o, "error", json_object_new_string(why));
	wire_send(wire, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
}

static bool printable(const char *text, size_t len)
{
	while (len && *text >= 0x20 && *text <= 0x7e) {
		text++;
		len--;
	}
	return !len;
}

/* A whole line out of the buffer; WIRE_LATE: there is none yet. */
static enum wire_result take(struct wire *wire, char *line, size_t max)
{
	char *end = memchr(wire->buffer, '\n', wire->used);
	size_t len = end ? (size_t)(end - wire->buffer) : wire->used;

	if (len >= max || !printable(wire->buffer, len))
		return WIRE_BAD;
	if (!end)
		return WIRE_LATE;
	memcpy(line, wire->buffer, len);
	line[len] = '\0';
	wire->used -= len + 1;
	memmove(wire->buffer, end + 1, wire->used);
	return WIRE_LINE;
}

enum wire_result wire_read(struct wire *wire, char *line, size_t max,
			   unsigned long ms, int other)
{
	uint64_t until = now_ms() + ms;
	enum wire_result result;
	ssize_t n;

	for (;;) {
		result = take(wire, line, max);
		if (result != WIRE_LATE)
			return result;
		result = await(wire->fd, POLLIN, until, other);
		if (result != WIRE_LINE)
			return result;
		/* take() has left room: a full buffer is too long a line. */
		n = recv(wire->fd, wire->buffer + wire->used,
			 sizeof(wire->buffer) - wire->used, MSG_DONTWAIT);
		if (n <= 0)
			return WIRE_CLOSED;
		wire->used += n;
	}
}

bool wire_sleep(const struct wire *wire, unsigned long ms, int other)
{
	uint64_t now, until = now_ms() + ms;
	struct pollfd p[] = {
		{ .fd = wire->fd, .events = POLLRDHUP },
		{ .fd = other, .events = POLLIN },
	};

	while ((now = now_ms()) < until)
		if (poll(p, 2, until - now) > 0)
			return false;
	return true;
}
