// SPDX-License-Identifier: GPL-2.0
/*
 * chunks.c - the layout the record ring is compared with: a ring of 16-byte
 * descriptors over fixed chunks and a ring that gives chunks back, in any
 * order, as AF_XDP has it.  A packet larger than a chunk is a chain.
 *
 * Each ring has as many slots as there are chunks, and a chunk is either the
 * producer's or out with the consumer, so neither ring can overflow between
 * honest peers: the returned chunks are the only flow control needed.  A
 * peer that is not honest is met by the checks in refresh_*() and take_*().
 */
#include <stdlib.h>

#include "copy.h"
#include "drb/drb_if.h"
#include "drb/drb_ring.h"
#include "layout.h"

#define CHUNK		2048u
#define CHUNKS		(LAYOUT_PAGES * LAYOUT_PAGE / CHUNK)
#define PER_PAGE	(LAYOUT_PAGE / CHUNK)
#define MORE		0x80	/* the packet goes on in the next descriptor */

/* Metadata as in struct drb_record, of which only the first one's counts. */
struct desc {
	uint32_t chunk;
	uint16_t len;
	uint8_t flags;
	uint8_t gso_type;
	uint16_t gso_size;
	uint16_t hdr_len;
	uint16_t csum_start;
	uint16_t csum_offset;
};

_Static_assert(sizeof(struct desc) == 16, "AF_XDP's descriptor size");

/* In ctrl, prod counts descriptors and cons the chunks given back. */
struct shared {
	struct drb_ring_ctrl ctrl;
	struct desc desc[CHUNKS];
	uint32_t back[CHUNKS];
};

#define SHARED_PAGES	((sizeof(struct shared) + LAYOUT_PAGE - 1) / LAYOUT_PAGE)

struct producer {
	uint32_t prod;
	uint32_t published;
	uint32_t returned;		/* taken from back[] so far */
	uint32_t returned_seen;
	uint32_t nfree;
	uint16_t free[CHUNKS];		/* a stack: reuse what is warm */
	bool out[CHUNKS];
};

struct consumer {
	uint32_t cons;
	uint32_t prod_seen;
	uint32_t returned;
	uint32_t published;
};

struct channel {
	_Alignas(LAYOUT_LINE) struct producer p;
	_Alignas(LAYOUT_LINE) struct consumer c;
	_Alignas(LAYOUT_LINE) struct shared *s;
	void *base;
	void *page[LAYOUT_PAGES];
};

static void *chunk_at(const struct channel *ch, uint32_t chunk)
{
	return (char *)ch->page[chunk / PER_PAGE] + chunk % PER_PAGE * CHUNK;
}

static void *chunks_create(void)
{
	struct channel *ch = aligned_alloc(LAYOUT_LINE, sizeof(*ch));
	uint32_t i;

	if (!ch)
		abort();
	memset(ch, 0, sizeof(*ch));
	ch->s = pages_alloc(SHARED_PAGES);
	ch->base = pages_alloc(LAYOUT_PAGES);
	for (i = 0; i < LAYOUT_PAGES; i++)
		ch->page[i] = (char *)ch->base + (size_t)i * LAYOUT_PAGE;
	pages_shuffle(ch->page, LAYOUT_PAGES);
	for (i = 0; i < CHUNKS; i++)
		ch->p.free[i] = i;
	ch->p.nfree = CHUNKS;
	return ch;
}

static void chunks_destroy(void *channel)
{
	struct channel *ch = channel;

	pages_free(ch->base, LAYOUT_PAGES);
	pages_free(ch->s, SHARED_PAGES);
	free(ch);
}

/* ---- producer ------------------------------------------------------------ */

/* No more can come back than is out. */
static int refresh_returned(struct channel *ch)
{
	uint32_t returned = drb_load_acquire(&ch->s->ctrl.cons);
	struct producer *p = &ch->p;

	if (unlikely(returned - p->returned > CHUNKS - p->nfree ||
		     returned - p->returned < p->returned_seen - p->returned))
		return -EPROTO;
	p->returned_seen = returned;
	return 0;
}

/* Make all chunks that came back free again; each must have been out. */
static int take_returned(struct channel *ch)
{
	struct producer *p = &ch->p;

	while (p->returned != p->returned_seen) {
		uint32_t chunk = READ_ONCE(ch->s->back[p->returned % CHUNKS]);

		if (unlikely(chunk >= CHUNKS || !p->out[chunk]))
			return -EPROTO;
		p->out[chunk] = false;
		p->free[p->nfree++] = chunk;
		p->returned++;
	}
	return 0;
}

static int reserve(struct channel *ch, uint32_t n)
{
	int err;

	if (likely(ch->p.nfree >= n))
		return 0;
	err = refresh_returned(ch);
	if (!err)
		err = take_returned(ch);
	if (err)
		return err;
	return ch->p.nfree >= n ? 0 : -ENOSPC;
}

static uint32_t chunks_for(uint32_t len)
{
	return (len + CHUNK - 1) / CHUNK;
}

static int chunks_send(void *channel, const void *packet, uint32_t len)
{
	struct channel *ch = channel;
	struct producer *p = &ch->p;
	const char *from = packet;
	int err = reserve(ch, chunks_for(len));

	if (err)
		return err;
	while (len) {
		uint32_t run = min(len, CHUNK), chunk = p->free[--p->nfree];
		struct desc d = { .chunk = chunk, .len = run };

		p->out[chunk] = true;
		memcpy(chunk_at(ch, chunk), from, run);
		from += run;
		len -= run;
		d.flags = len ? MORE : 0;
		ch->s->desc[p->prod++ % CHUNKS] = d;
	}
	return 0;
}

static bool chunks_publish(void *channel)
{
	struct channel *ch = channel;
	uint32_t old = ch->p.published;

	if (old == ch->p.prod)
		return false;
	drb_store_release(&ch->s->ctrl.prod, ch->p.prod);
	ch->p.published = ch->p.prod;
	drb_mb();
	return drb_crossed(READ_ONCE(ch->s->ctrl.data_event), ch->p.prod, old);
}

/* As drb_ring_wait_space(): half of all, or what is needed if that is more. */
static int chunks_wait_space(void *channel, uint32_t len)
{
	struct channel *ch = channel;
	struct producer *p = &ch->p;
	uint32_t need = chunks_for(len);
	uint32_t want = need > CHUNKS / 2 ? need : CHUNKS / 2;
	int err;

	if (p->nfree >= want)
		return 1;
	WRITE_ONCE(ch->s->ctrl.space_event, p->returned + (want - p->nfree) - 1);
	drb_mb();
	err = refresh_returned(ch);
	if (err)
		return err;
	return p->returned_seen - p->returned >= want - p->nfree;
}

/* ---- consumer ------------------------------------------------------------ */

static int refresh_prod(struct channel *ch)
{
	uint32_t prod = drb_load_acquire(&ch->s->ctrl.prod);
	struct consumer *c = &ch->c;

	if (unlikely(prod - c->cons > CHUNKS ||
		     prod - c->cons < c->prod_seen - c->cons))
		return -EPROTO;
	c->prod_seen = prod;
	return 0;
}

/* Copy the descriptor at position pos out of shared memory, once. */
static struct desc take_desc(const struct channel *ch, uint32_t pos)
{
	const uint64_t *from = (const void *)&ch->s->desc[pos % CHUNKS];
	uint64_t word[2] = { READ_ONCE(from[0]), READ_ONCE(from[1]) };
	struct desc d;

	memcpy(&d, word, sizeof(d));
	return d;
}

/* Copy a chain out; it ends within what was published and within bounds. */
static int take_chain(struct channel *ch, char *to)
{
	struct consumer *c = &ch->c;
	uint32_t total = 0;
	struct desc d;

	do {
		if (unlikely(c->cons == c->prod_seen))
			return -EPROTO;
		d = take_desc(ch, c->cons);
		if (unlikely(d.chunk >= CHUNKS || !d.len || d.len > CHUNK ||
			     total + d.len > DRB_MAX_PACKET))
			return -EPROTO;
		memcpy(to + total, chunk_at(ch, d.chunk), d.len);
		total += d.len;
		ch->s->back[c->returned++ % CHUNKS] = d.chunk;
		c->cons++;
	} while (d.flags & MORE);
	return total < DRB_MIN_PACKET ? -EPROTO : (int)total;
}

static int chunks_receive(void *channel, void *packet)
{
	struct channel *ch = channel;

	if (ch->c.cons == ch->c.prod_seen) {
		int err = refresh_prod(ch);

		if (unlikely(err))
			return err;
		if (ch->c.cons == ch->c.prod_seen)
			return 0;
	}
	return take_chain(ch, packet);
}

static bool chunks_give_back(void *channel)
{
	struct channel *ch = channel;
	uint32_t old = ch->c.published;

	if (old == ch->c.returned)
		return false;
	drb_store_release(&ch->s->ctrl.cons, ch->c.returned);
	ch->c.published = ch->c.returned;
	drb_mb();
	return drb_crossed(READ_ONCE(ch->s->ctrl.space_event), ch->c.returned, old);
}

static int chunks_arm(void *channel)
{
	struct channel *ch = channel;
	int err;

	WRITE_ONCE(ch->s->ctrl.data_event, ch->c.cons);
	drb_mb();
	err = refresh_prod(ch);
	if (err)
		return err;
	return ch->c.prod_seen != ch->c.cons;
}

const struct layout layout_chunks = {
	.name = "chunks",
	.create = chunks_create,
	.destroy = chunks_destroy,
	.send = chunks_send,
	.publish = chunks_publish,
	.wait_space = chunks_wait_space,
	.receive = chunks_receive,
	.give_back = chunks_give_back,
	.arm = chunks_arm,
};
