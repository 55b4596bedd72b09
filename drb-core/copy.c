// SPDX-License-Identifier: GPL-2.0
/*
 * copy.c - packets out of the ring into private memory: the peer can change
 * the ring at any time, so everything the stack looks at is copied first.
 *
 * As long as a socket keeps a packet the whole page is kept that it lies in, but the
 * socket is charged for the packet.  So the page is no more than a few times as
 * large as what lies in it: heads lie in parts of single pages, and long fragments
 * in parts of large ones.  Whole single pages serve short fragments, where there is
 * no large page, and XDP, in which split pages cannot take part before Linux 6.7.
 */
#include <linux/etherdevice.h>

#include "internal.h"

/* How much of a packet goes into one fragment, if all goes well ... */
#define DRB_FRAG_SIZE	(16u << 10)
/* ... and what is short for one. */
#define DRB_FRAG_SHORT	PAGE_SIZE

/* Up to here a packet is copied into the skb's linear area as a whole ... */
#define DRB_LINEAR_MAX	1600u
/* ... and of longer ones this much, which holds all headers worth a look. */
#define DRB_PULL_LEN	256u

/* Append len ring bytes at pos as one fragment.  How many, 0: no memory. */
static u32 drb_copy_frag(struct drb_queue *q, struct skb_shared_info *to,
			 u32 pos, u32 len, bool split)
{
	struct page *page = NULL;
	u32 offset = 0;

	if (to->nr_frags == MAX_SKB_FRAGS)
		return 0;
	if (split && len > DRB_FRAG_SHORT) {
		len = min(len, DRB_FRAG_SIZE);
		page = page_pool_dev_alloc_frag(q->large, &offset, len);
	}
	if (!page) {
		offset = 0;
		len = min_t(u32, len, PAGE_SIZE);
		page = page_pool_dev_alloc_pages(q->pages);
	}
	if (unlikely(!page))
		return 0;
	drb_ring_get(&q->in, pos, page_address(page) + offset, len);
	drb_frag_fill(&to->frags[to->nr_frags++], page, offset, len);
	return len;
}

/*
 * Append len ring bytes at pos as fragments to *to; split: parts of pages may
 * be used.  0 or -ENOMEM.
 */
int drb_copy_frags(struct drb_queue *q, struct skb_shared_info *to, u32 pos,
		   u32 len, bool split)
{
	while (len) {
		u32 n = drb_copy_frag(q, to, pos, len, split);

		if (unlikely(!n))
			return -ENOMEM;
		pos += n;
		len -= n;
	}
	return 0;
}

/* An skb with room for len bytes, or NULL. */
static struct sk_buff *drb_alloc_skb(struct drb_queue *q, u32 len)
{
	u32 room = NET_SKB_PAD + NET_IP_ALIGN;
	u32 size = SKB_DATA_ALIGN(room + len) +
		   SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	struct sk_buff *skb;
	struct page *page;
	u32 offset;

	page = page_pool_dev_alloc_frag(q->heads, &offset, size);
	if (unlikely(!page))
		return drb_napi_alloc_skb(&q->napi, len);
	skb = napi_build_skb(page_address(page) + offset, size);
	if (unlikely(!skb)) {
		page_pool_put_full_page(q->heads, page, true);
		return NULL;
	}
	skb_reserve(skb, room);
	return skb;
}

/*
 * The packet of record rec as an skb of its own memory, but for what of it is
 * lent; or NULL.
 */
struct sk_buff *drb_copy_skb(struct drb_queue *q, const struct drb_record *rec)
{
	u32 head = rec->len <= DRB_LINEAR_MAX ? rec->len : DRB_PULL_LEN;
	u32 pos = q->in.cons + rec->data_off, rest = rec->len - head;
	struct sk_buff *skb = drb_alloc_skb(q, head);

	if (unlikely(!skb))
		return NULL;
	/* Whatever of it is not from a pool is told apart when it is freed. */
	skb_mark_for_recycle(skb);
	drb_ring_get(&q->in, pos, skb_put(skb, head), head);
	if (rest && !drb_lend_frags(q, skb, pos + head, rest) &&
	    drb_copy_frags(q, skb_shinfo(skb), pos + head, rest, true)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->len += rest;
	skb->data_len += rest;
	skb->truesize += max_t(u32, rest, skb_shinfo(skb)->nr_frags * PAGE_SIZE);
	q->stats.rx_copies++;
	return skb;
}
