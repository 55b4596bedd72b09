/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record.h - the product's record ring as a layout.  Included by each of its
 * forms, which first define RECORD_LAYOUT, RECORD_NAME, RECORD_LINEAR (one
 * mapping in place of the page array) and RECORD_SHUFFLED (pages in no
 * order).
 */
#include <stdlib.h>

#include "drb/drb_if.h"
#include "layout.h"

#define RING_BYTES	(LAYOUT_PAGES * LAYOUT_PAGE)

#if RECORD_LINEAR
/*
 * One page as large as the ring: drb_ring.h, unchanged, then finds each
 * position in page 0 and splits a copy at the ring's end only.
 */
#undef DRB_PAGE_SIZE
#undef DRB_PAGE_SHIFT
#define DRB_PAGE_SHIFT	__builtin_ctz(RING_BYTES)
#define DRB_PAGE_SIZE	RING_BYTES
#endif

#include "copy.h"
#include "drb/drb_ring.h"

#define RING_PAGES	(RING_BYTES / DRB_PAGE_SIZE)

_Static_assert(RING_PAGES * DRB_PAGE_SIZE == RING_BYTES,
	       "both forms of the ring have one size");

struct channel {
	_Alignas(LAYOUT_LINE) struct drb_ring producer;
	_Alignas(LAYOUT_LINE) struct drb_ring consumer;
	_Alignas(LAYOUT_LINE) struct drb_ring_ctrl *ctrl;
	void *base;
	void *page[RING_PAGES];
};

static void record_pages(struct channel *c)
{
	uint32_t i;

	for (i = 0; i < RING_PAGES; i++)
		c->page[i] = (char *)c->base + (size_t)i * DRB_PAGE_SIZE;
	if (RECORD_SHUFFLED)
		pages_shuffle(c->page, RING_PAGES);
}

static void *record_create(void)
{
	struct channel *c = aligned_alloc(LAYOUT_LINE, sizeof(*c));

	if (!c)
		abort();
	c->ctrl = pages_alloc(1);
	c->base = pages_alloc(LAYOUT_PAGES);
	record_pages(c);
	drb_ring_init(&c->producer, c->ctrl, c->page, RING_PAGES);
	drb_ring_init(&c->consumer, c->ctrl, c->page, RING_PAGES);
	return c;
}

static void record_destroy(void *channel)
{
	struct channel *c = channel;

	pages_free(c->base, LAYOUT_PAGES);
	pages_free(c->ctrl, 1);
	free(c);
}

static int record_send(void *channel, const void *packet, uint32_t len)
{
	struct drb_ring *r = &((struct channel *)channel)->producer;
	uint32_t span = drb_span(DRB_MIN_DATA_OFF, len);
	struct drb_record rec = { .len = len, .data_off = DRB_MIN_DATA_OFF };
	int err = drb_ring_reserve(r, span);

	if (err)
		return err;
	drb_ring_put(r, r->prod, &rec, sizeof(rec));
	drb_ring_put(r, r->prod + DRB_MIN_DATA_OFF, packet, len);
	drb_ring_commit(r, span);
	return 0;
}

static bool record_publish(void *channel)
{
	return drb_ring_publish(&((struct channel *)channel)->producer);
}

static int record_wait_space(void *channel, uint32_t len)
{
	return drb_ring_wait_space(&((struct channel *)channel)->producer,
				   drb_span(DRB_MIN_DATA_OFF, len));
}

static int record_receive(void *channel, void *packet)
{
	struct drb_ring *r = &((struct channel *)channel)->consumer;
	struct drb_record rec;
	int ret = drb_ring_peek(r, &rec);

	if (ret <= 0)
		return ret;
	drb_ring_get(r, r->cons + rec.data_off, packet, rec.len);
	drb_ring_release(r, &rec);
	return rec.len;
}

static bool record_give_back(void *channel)
{
	return drb_ring_publish_cons(&((struct channel *)channel)->consumer);
}

static int record_arm(void *channel)
{
	return drb_ring_arm(&((struct channel *)channel)->consumer);
}

const struct layout RECORD_LAYOUT = {
	.name = RECORD_NAME,
	.create = record_create,
	.destroy = record_destroy,
	.send = record_send,
	.publish = record_publish,
	.wait_space = record_wait_space,
	.receive = record_receive,
	.give_back = record_give_back,
	.arm = record_arm,
};
