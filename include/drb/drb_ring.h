/* SPDX-License-Identifier: MIT */
/*
 * drb_ring.h - one ring of variable-sized records in memory shared with a
 * peer that is not trusted.
 *
 * Each end keeps its own index in private memory and publishes copies of it;
 * what the peer publishes is read once, validated and only then used.  A
 * violation is reported as -EPROTO, after which the ring must not be used
 * any more.  Not thread safe: one caller at a time per end of a ring.
 *
 * Producer: drb_ring_reserve(), drb_ring_put() ..., drb_ring_commit(),
 * drb_ring_publish(); when full drb_ring_wait_space().
 * Consumer: drb_ring_peek(), drb_ring_get() ..., drb_ring_release(),
 * drb_ring_publish_cons(); when empty drb_ring_arm(), and drb_ring_disarm().
 *
 * A consumer that wants to keep a record beyond later ones reads on with a
 * copy of its struct drb_ring and delays publishing: cons is the oldest record
 * still in use, so release out of order is the consumer's private affair and
 * needs nothing in the ABI.
 */
#ifndef DRB_RING_H
#define DRB_RING_H

#include "drb_if.h"
#include "drb_port.h"

struct drb_ring {
	struct drb_ring_ctrl *ctrl;	/* shared */
	void *const *page;		/* addresses of the data pages */
	uint32_t size;			/* bytes, a power of two */
	uint32_t run;			/* so many bytes lie in one piece */
	uint32_t prod;			/* producer: own; consumer: last seen */
	uint32_t cons;			/* consumer: own; producer: last seen */
	uint32_t published;		/* own index as the peer last saw it */
};

/* Bytes a packet of len bytes occupies with a header of data_off bytes. */
static inline uint32_t drb_span(uint32_t data_off, uint32_t len)
{
	return (data_off + len + DRB_ALIGN - 1) & ~(DRB_ALIGN - 1);
}

/* Did the move from old to new cross event? */
static inline bool drb_crossed(uint32_t event, uint32_t new, uint32_t old)
{
	return (uint32_t)(new - event - 1) < (uint32_t)(new - old);
}

/* Bytes of memory in one piece: of the whole ring, or of each of its pages. */
static inline uint32_t drb_ring_piece(void *const *page, uint32_t pages)
{
	uint32_t i;

	for (i = 1; i < pages; i++)
		if ((char *)page[i] != (char *)page[i - 1] + DRB_PAGE_SIZE)
			return DRB_PAGE_SIZE;
	return pages << DRB_PAGE_SHIFT;
}

/*
 * Prepare one end; pages is the number of data pages (a power of two) whose
 * addresses are in page[], which must outlive the ring.  Both indices start
 * at zero: the guest zeroes the shared pages before it grants them.
 */
static inline void drb_ring_init(struct drb_ring *r, struct drb_ring_ctrl *ctrl,
				 void *const *page, uint32_t pages)
{
	r->ctrl = ctrl;
	r->page = page;
	r->size = pages << DRB_PAGE_SHIFT;
	r->run = drb_ring_piece(page, pages);
	r->prod = 0;
	r->cons = 0;
	r->published = 0;
}

/* Address of the byte at free-running position pos. */
static inline void *drb_ring_at(const struct drb_ring *r, uint32_t pos)
{
	pos &= r->size - 1;
	return (char *)r->page[pos >> DRB_PAGE_SHIFT] +
	       (pos & (DRB_PAGE_SIZE - 1));
}

/* Bytes from pos on that lie in one piece, at most len. */
static inline uint32_t drb_ring_run(const struct drb_ring *r, uint32_t pos,
				    uint32_t len)
{
	uint32_t run = r->run - (pos & (r->run - 1));

	return min(run, len);
}

/* Copy len bytes into the ring at pos (within reserved space). */
static inline void drb_ring_put(const struct drb_ring *r, uint32_t pos,
				const void *src, uint32_t len)
{
	const char *s = src;

	while (len) {
		uint32_t run = drb_ring_run(r, pos, len);

		memcpy(drb_ring_at(r, pos), s, run);
		pos += run;
		s += run;
		len -= run;
	}
}

/* Copy len bytes at pos out of the ring (within a validated record). */
static inline void drb_ring_get(const struct drb_ring *r, uint32_t pos,
				void *dst, uint32_t len)
{
	char *d = dst;

	while (len) {
		uint32_t run = drb_ring_run(r, pos, len);

		memcpy(d, drb_ring_at(r, pos), run);
		pos += run;
		d += run;
		len -= run;
	}
}

/* ---- producer ---------------------------------------------------------- */

/* Free bytes as far as the producer knows without asking the peer. */
static inline uint32_t drb_ring_free(const struct drb_ring *r)
{
	return r->size - (r->prod - r->cons);
}

/*
 * Learn what the consumer has released.  cons may only move forward, and not
 * past what was published to the consumer.  0, or -EPROTO.
 */
static inline int drb_ring_refresh_cons(struct drb_ring *r)
{
	/* Pairs with the release in drb_ring_publish_cons(): the consumer's
	 * reads of the records are done before we overwrite them.
	 */
	uint32_t cons = drb_load_acquire(&r->ctrl->cons);

	if (unlikely((uint32_t)(cons - r->cons) >
		     (uint32_t)(r->published - r->cons) ||
		     cons % DRB_ALIGN))
		return -EPROTO;
	r->cons = cons;
	return 0;
}

/* Make sure span bytes are free.  0, -ENOSPC (see wait_space) or -EPROTO. */
static inline int drb_ring_reserve(struct drb_ring *r, uint32_t span)
{
	int err;

	if (likely(drb_ring_free(r) >= span))
		return 0;
	err = drb_ring_refresh_cons(r);
	if (err)
		return err;
	return drb_ring_free(r) >= span ? 0 : -ENOSPC;
}

/* Complete the record of span bytes at r->prod; not yet visible. */
static inline void drb_ring_commit(struct drb_ring *r, uint32_t span)
{
	r->prod += span;
}

/* Show all committed records.  True: the consumer wants a notification. */
static inline bool drb_ring_publish(struct drb_ring *r)
{
	uint32_t old = r->published;

	if (old == r->prod)
		return false;
	/* Pairs with the acquire in drb_ring_refresh_prod(). */
	drb_store_release(&r->ctrl->prod, r->prod);
	r->published = r->prod;
	/* Pairs with the barrier in drb_ring_arm(): either we see its event
	 * index or it sees our record.
	 */
	drb_mb();
	return drb_crossed(READ_ONCE(r->ctrl->data_event), r->prod, old);
}

/*
 * Ask to be notified once no more than used bytes are in the ring.  All records
 * must have been published.  1: it is so already, no need to wait; 0: wait; or
 * -EPROTO.
 */
static inline int drb_ring_wait_used(struct drb_ring *r, uint32_t used)
{
	int err;

	WRITE_ONCE(r->ctrl->space_event, r->prod - used - 1);
	/* Pairs with the barrier in drb_ring_publish_cons(). */
	drb_mb();
	err = drb_ring_refresh_cons(r);
	if (err)
		return err;
	return r->prod - r->cons <= used;
}

/* The same for half the ring, or span bytes if that is more, to be free. */
static inline int drb_ring_wait_space(struct drb_ring *r, uint32_t span)
{
	return drb_ring_wait_used(r, min(r->size / 2, r->size - span));
}

/* ---- consumer ---------------------------------------------------------- */

/*
 * Learn what the producer has published.  prod may only move forward, and
 * not further than one ring ahead of what was published as released.
 */
static inline int drb_ring_refresh_prod(struct drb_ring *r)
{
	/* Pairs with the release in drb_ring_publish(). */
	uint32_t prod = drb_load_acquire(&r->ctrl->prod);

	if (unlikely((uint32_t)(prod - r->published) > r->size ||
		     (uint32_t)(prod - r->published) <
		     (uint32_t)(r->prod - r->published) ||
		     prod % DRB_ALIGN))
		return -EPROTO;
	r->prod = prod;
	return 0;
}

/* Any context: has the producer published more?  A hint, not to be relied on. */
static inline bool drb_ring_has_news(const struct drb_ring *r)
{
	return READ_ONCE(r->ctrl->prod) != READ_ONCE(r->cons);
}

/* Copy a record header out of shared memory, each word read exactly once. */
static inline void drb_record_copy(struct drb_record *to, const void *from)
{
	const uint64_t *s = from;
	uint64_t word;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < sizeof(*to) / sizeof(word); i++) {
		word = READ_ONCE(s[i]);
		memcpy((char *)to + i * sizeof(word), &word, sizeof(word));
	}
}

/*
 * The next record's header, validated, into *rec.  1: there is one, its
 * packet starts at r->cons + rec->data_off; 0: the ring is empty; -EPROTO.
 */
static inline int drb_ring_peek(struct drb_ring *r, struct drb_record *rec)
{
	if (r->cons == r->prod) {
		int err = drb_ring_refresh_prod(r);

		if (unlikely(err))
			return err;
		if (r->cons == r->prod)
			return 0;
	}
	drb_record_copy(rec, drb_ring_at(r, r->cons));
	if (unlikely(rec->len < DRB_MIN_PACKET || rec->len > DRB_MAX_PACKET ||
		     rec->data_off < DRB_MIN_DATA_OFF ||
		     rec->data_off > DRB_MAX_DATA_OFF ||
		     drb_span(rec->data_off, rec->len) > r->prod - r->cons))
		return -EPROTO;
	return 1;
}

/* Done with the record at r->cons; not yet visible to the producer. */
static inline void drb_ring_release(struct drb_ring *r,
				    const struct drb_record *rec)
{
	r->cons += drb_span(rec->data_off, rec->len);
}

/*
 * Give space back up to cons, where the oldest record still in use starts.
 * True: the producer wants a notification.
 */
static inline bool drb_ring_publish_upto(struct drb_ring *r, uint32_t cons)
{
	uint32_t old = r->published;

	if (old == cons)
		return false;
	/* Pairs with the acquire in drb_ring_refresh_cons(). */
	drb_store_release(&r->ctrl->cons, cons);
	r->published = cons;
	/* Pairs with the barrier in drb_ring_wait_space(). */
	drb_mb();
	return drb_crossed(READ_ONCE(r->ctrl->space_event), cons, old);
}

/* Give all released space back. */
static inline bool drb_ring_publish_cons(struct drb_ring *r)
{
	return drb_ring_publish_upto(r, r->cons);
}

/*
 * Ask for a notification once more than bytes are in the ring.  All released
 * space must have been published, or both ends could wait for each other.  1:
 * there are already, so keep consuming; 0: wait for the notification; or
 * -EPROTO.
 */
static inline int drb_ring_arm_after(struct drb_ring *r, uint32_t bytes)
{
	int err;

	WRITE_ONCE(r->ctrl->data_event, r->cons + bytes);
	/* Pairs with the barrier in drb_ring_publish(). */
	drb_mb();
	err = drb_ring_refresh_prod(r);
	if (err)
		return err;
	return r->prod - r->cons > bytes;
}

/* The same for the next record. */
static inline int drb_ring_arm(struct drb_ring *r)
{
	return drb_ring_arm_after(r, 0);
}

/*
 * Ask for no notification after all, for a consumer that looks by itself until
 * it arms again.  One that was asked for may still come.
 */
static inline void drb_ring_disarm(struct drb_ring *r)
{
	WRITE_ONCE(r->ctrl->data_event, r->cons - DRB_ALIGN);
}

#endif /* DRB_RING_H */
