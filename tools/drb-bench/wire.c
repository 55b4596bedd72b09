// SPDX-License-Identifier: GPL-2.0
/*
 * wire.c - lines on the control connection.
 */
#define _GNU_SOURCE	/* POLLRDHUP */
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "wire.h"

#define SEND_MS 5000

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/* False: too late, or other has something. */
static bool await(int fd, short events, uint64_t until, int other)
{
	struct pollfd p[] = {
		{ .fd = fd, .events = events },
		{ .fd = other, .events = POLLIN },
	};

	for (;;) {
		uint64_t now = now_ms();

		if (now >= until)
			return false;
		if (poll(p, 2, until - now) <= 0)
			continue;
		return !p[1].revents;
	}
}

static bool send_all(int fd, const char *data, size_t len)
{
	uint64_t until = now_ms() + SEND_MS;
	ssize_t n;

	while (len) {
		if (!await(fd, POLLOUT, until, -1))
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
		if (!await(wire->fd, POLLIN, until, other))
			return WIRE_LATE;
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
