// SPDX-License-Identifier: GPL-2.0
/*
 * lend.c - large received packets go up the stack in the pages of the ring
 * itself, which spares a copy, and their space is given back when the stack has
 * done with them.
 *
 * For peers that are trusted: they can change a packet after it was looked at.
 * Its headers are copied all the same.  A page is back when nobody but the ring
 * holds a reference to it; no destructor tells, so NAPI looks.  Space goes back
 * in order, so a packet that a socket keeps holds up all behind it: half of the
 * ring is lent at most, and where one is kept too long the ring is given up to
 * who keeps it, and another one connected that lends nothing.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "internal.h"

/* Packets lent at a time, and from which length on it pays, in bytes. */
#define DRB_LENT_MAX	64u
#define DRB_LEND_MIN	4096u
/* How often to look for pages that are back while the ring is empty. */
#define DRB_LEND_LOOK_NS	(500 * NSEC_PER_USEC)
/* Kept so long, with half of the ring behind it, it is not expected back. */
#define DRB_LEND_STUCK_NS	(2 * NSEC_PER_SEC)

/* Of one queue; NAPI only. */
struct drb_lend {
	u32 head;		/* the oldest one, and the next one's place; */
	u32 tail;		/* both run freely */
	u64 head_ns;		/* since when head is the oldest */
	struct {
		u32 start;	/* where its record starts ... */
		u32 pages;	/* ... where what is lent does ... */
		u32 end;	/* ... and ends */
	} lent[DRB_LENT_MAX];
};

/* 0 or -ENOMEM; without lending there is nothing to do. */
int drb_lend_init(struct drb_queue *q)
{
	if (!q->drb->lend)
		return 0;
	q->lend = kzalloc(sizeof(*q->lend), DRB_GFP);
	return q->lend ? 0 : -ENOMEM;
}

/* Pages that are still lent live on until the stack puts them. */
void drb_lend_fini(struct drb_queue *q)
{
	kfree(q->lend);
	q->lend = NULL;
}

/* The page of the ring that holds position pos. */
static struct page *drb_lend_page(const struct drb_queue *q, u32 pos)
{
	return virt_to_page(drb_ring_at(&q->in, pos));
}

/* Is the rest of a packet, len bytes from pos on, to be lent? */
static bool drb_lend_fits(const struct drb_queue *q, u32 pos, u32 len)
{
	const struct drb_lend *lend = q->lend;
	u32 offset = pos & (DRB_PAGE_SIZE - 1);

	return len >= DRB_LEND_MIN &&
	       DIV_ROUND_UP(offset + len, DRB_PAGE_SIZE) <= MAX_SKB_FRAGS &&
	       lend->tail - lend->head < DRB_LENT_MAX &&
	       pos + len - q->in.published <= q->in.size / 2;
}

static void drb_lend_note(struct drb_queue *q, u32 pos, u32 len)
{
	struct drb_lend *lend = q->lend;
	u32 i = lend->tail % DRB_LENT_MAX;

	if (lend->head == lend->tail)
		lend->head_ns = ktime_get_ns();
	lend->lent[i].start = q->in.cons;
	lend->lent[i].pages = pos;
	lend->lent[i].end = pos + len;
	lend->tail++;
}

/* Hang len bytes of the ring at pos on skb.  False: they are to be copied. */
bool drb_lend_frags(struct drb_queue *q, struct sk_buff *skb, u32 pos, u32 len)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	if (!q->lend || !drb_lend_fits(q, pos, len))
		return false;
	drb_lend_note(q, pos, len);
	while (len) {
		u32 offset = pos & (DRB_PAGE_SIZE - 1);
		u32 run = min(DRB_PAGE_SIZE - offset, len);
		struct page *page = drb_lend_page(q, pos);

		get_page(page);
		drb_frag_fill(&info->frags[info->nr_frags++], page,
			      offset, run);
		/* The caller adds what is of the packet. */
		skb->truesize += DRB_PAGE_SIZE - run;
		pos += run;
		len -= run;
	}
	q->stats.rx_lent++;
	return true;
}

/* Nobody but the ring holds a page of the oldest one that is lent. */
static bool drb_lend_is_back(const struct drb_queue *q)
{
	const struct drb_lend *lend = q->lend;
	u32 i = lend->head % DRB_LENT_MAX, pos = lend->lent[i].pages;

	while ((s32)(lend->lent[i].end - pos) > 0) {
		if (page_ref_count(drb_lend_page(q, pos)) > 1)
			return false;
		pos += DRB_PAGE_SIZE - (pos & (DRB_PAGE_SIZE - 1));
	}
	/*
	 * The stack's reads of the pages come before the peer's writes: pairs
	 * with the full barrier in the last put_page().
	 */
	smp_rmb();
	return true;
}

/* Up to where space can be given back. */
u32 drb_lend_cons(struct drb_queue *q)
{
	struct drb_lend *lend = q->lend;

	if (likely(!lend))
		return q->in.cons;
	while (lend->head != lend->tail && drb_lend_is_back(q)) {
		lend->head++;
		lend->head_ns = ktime_get_ns();
	}
	if (lend->head == lend->tail)
		return q->in.cons;
	return lend->lent[lend->head % DRB_LENT_MAX].start;
}

/*
 * The ring is empty, and an event was asked for: look for pages that are back
 * meanwhile.  One that is kept too long ends the lending.
 */
void drb_lend_look(struct drb_queue *q)
{
	struct drb_lend *lend = q->lend;

	if (likely(!lend) || lend->head == lend->tail)
		return;
	if (ktime_get_ns() - lend->head_ns > DRB_LEND_STUCK_NS &&
	    q->in.cons - q->in.published > q->in.size / 2)
		q->drb->lend_stuck(q->drb);
	drb_event_timer(q, DRB_LEND_LOOK_NS);
}
