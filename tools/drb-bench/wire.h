/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire.h - lines on the control connection.  Neither end trusts the other's.
 */
#ifndef DRB_BENCH_WIRE_H
#define DRB_BENCH_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#define WIRE_REQUEST 256	/* bytes of a line, with its end */
#define WIRE_REPLY 65536

/* WIRE_STOPPED: something else wants to be looked after. */
enum wire_result { WIRE_LINE, WIRE_CLOSED, WIRE_LATE, WIRE_BAD, WIRE_STOPPED };

struct wire {
	int fd;
	size_t used;
	char buffer[WIRE_REPLY];
};

/* False: it cannot be sent, within some seconds. */
bool wire_send(const struct wire *wire, const char *line);

/* The answer to what is not done: {"error": "..."}. */
void wire_refuse(const struct wire *wire, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The next line, of printable characters and less than max bytes; it may be there
 * already if ms is 0.  other: a descriptor that ends the waiting when it becomes
 * readable, or -1.
 */
enum wire_result wire_read(struct wire *wire, char *line, size_t max,
			   unsigned long ms, int other);

/* Wait so long; false: the other end is gone, or other became readable. */
bool wire_sleep(const struct wire *wire, unsigned long ms, int other);

#endif
