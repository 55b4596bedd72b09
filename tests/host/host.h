/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host.h - what the host tests of the ring share: their output format, a
 * seeded random number generator and a ring with both its ends in one
 * process.
 */
#ifndef DRB_TEST_HOST_H
#define DRB_TEST_HOST_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "drb/drb_ring.h"

/* ---- results: one line per test, which the runner counts ----------------- */

static int failures;

/* One line for the test called name; a null reason means that it passed. */
static inline void result(const char *name, const char *why)
{
	if (why) {
		failures++;
		printf("FAIL %s: %s\n", name, why);
	} else {
		printf("PASS %s\n", name);
	}
	fflush(stdout);
}

static inline int exit_status(void)
{
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A reason kept until the next call: enough for one result line. */
__attribute__((format(printf, 1, 2)))
static inline const char *because(const char *fmt, ...)
{
	static char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return text;
}

/* ---- random numbers: splitmix64 ------------------------------------------ */

static inline uint64_t rnd(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* A number from lo to hi, both included. */
static inline uint32_t rnd_in(uint64_t *seed, uint32_t lo, uint32_t hi)
{
	return lo + (uint32_t)(rnd(seed) % ((uint64_t)hi - lo + 1));
}

/* ---- one ring, both ends ------------------------------------------------- */

/*
 * How its pages lie in memory.  APART: each an allocation of its own, so that a
 * sanitizer sees the first byte that goes over a page's end, and pages do not
 * ascend.  JOINED: side by side, as the drivers mostly have them; a copy goes
 * over their ends, and a sanitizer sees those of the whole.
 */
enum layout { APART, JOINED };

struct pair {
	struct drb_ring p;		/* the producer's end */
	struct drb_ring c;		/* the consumer's end */
	struct drb_ring_ctrl *ctrl;
	void *page[DRB_MAX_RING_PAGES];
	uint32_t pages;
	enum layout layout;
};

static inline void *memory_alloc(uint32_t bytes)
{
	void *memory = aligned_alloc(DRB_ALIGN, bytes);

	if (!memory)
		abort();
	return memset(memory, 0, bytes);
}

static inline void pair_alloc(struct pair *q, uint32_t pages,
			      enum layout layout)
{
	uint32_t i;

	q->pages = pages;
	q->layout = layout;
	q->ctrl = memory_alloc(sizeof(*q->ctrl));
	q->page[0] = memory_alloc(layout == JOINED ? pages * DRB_PAGE_SIZE :
						     DRB_PAGE_SIZE);
	for (i = 1; i < pages; i++)
		q->page[i] = layout == JOINED ?
			     (char *)q->page[i - 1] + DRB_PAGE_SIZE :
			     memory_alloc(DRB_PAGE_SIZE);
}

static inline void pair_free(struct pair *q)
{
	uint32_t i;

	for (i = 0; i < (q->layout == JOINED ? 1 : q->pages); i++)
		free(q->page[i]);
	free(q->ctrl);
}

static inline void end_start(struct drb_ring *r, struct pair *q, uint32_t start)
{
	drb_ring_init(r, q->ctrl, q->page, q->pages);
	r->prod = start;
	r->cons = start;
	r->published = start;
}

/*
 * An empty ring whose indices have already moved to start: the way to a
 * wrap of the indices is otherwise 4 GiB long.
 */
static inline void pair_start(struct pair *q, uint32_t start)
{
	memset(q->ctrl, 0, sizeof(*q->ctrl));
	q->ctrl->prod = start;
	q->ctrl->cons = start;
	end_start(&q->p, q, start);
	end_start(&q->c, q, start);
}

/* ---- packets ------------------------------------------------------------- */

/* Write one record without making it visible.  0, -ENOSPC or -EPROTO. */
static inline int send_record(struct drb_ring *r, uint32_t data_off,
			      const void *data, uint32_t len)
{
	struct drb_record rec = { .len = len, .data_off = data_off };
	uint32_t span = drb_span(data_off, len);
	int err = drb_ring_reserve(r, span);

	if (err)
		return err;
	drb_ring_put(r, r->prod, &rec, sizeof(rec));
	drb_ring_put(r, r->prod + data_off, data, len);
	drb_ring_commit(r, span);
	return 0;
}

/*
 * Take one record, without giving its space back to the producer.  1 and the
 * packet in buf (of DRB_MAX_PACKET bytes), 0 or -EPROTO.
 */
static inline int take_record(struct drb_ring *r, struct drb_record *rec,
			      void *buf)
{
	int ret = drb_ring_peek(r, rec);

	if (ret <= 0)
		return ret;
	drb_ring_get(r, r->cons + rec->data_off, buf, rec->len);
	drb_ring_release(r, rec);
	return 1;
}

#endif /* DRB_TEST_HOST_H */
