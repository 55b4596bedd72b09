// SPDX-License-Identifier: GPL-2.0
/*
 * copy.c - packets out of the ring into private memory: the peer can change
 * the ring at any time, so everything the stack looks at is copied first.
 *
 * The memory comes from pools of the queue and returns to them when the stack
 * has done with a packet.  New pages would be cleared by a hardened kernel
 * (init_on_alloc), which costs as much as the copy itself.
 *
 * As long as a socket keeps a packet the whole page is kept that it lies in, but the
 * socket is charged for the packet.  So the page is no more than a few times as
 * large as what lies in it: heads lie in parts of single pages, and long fragments
 * in parts of large ones.  Whole single pages serve short fragments, where there is
 * no large page, and XDP, in which split pages cannot take part before Linux 6.7.
 */
#include <linux/etherdevice.h>

#include "internal.h"

/* A large page, and how many wait in their pool at most: 1 MiB. */
#define DRB_LARGE_ORDER	3
#define DRB_LARGE_POOL	32
/* Single pages that wait in theirs, beside its cache of 128. */
#define DRB_PAGES_POOL	128
/* How much of a packet goes into one fragment, if all goes well ... */
#define DRB_FRAG_SIZE	(16u << 10)
/* ... and what is short for one. */
#define DRB_FRAG_SHORT	PAGE_SIZE

/* Up to here a packet is copied into the skb's linear area as a whole ... */
#define DRB_LINEAR_MAX	1600u
/* ... and of longer ones this much, which holds all headers worth a look. */
#define DRB_PULL_LEN	256u

static struct page_pool *drb_pool_create(unsigned int flags,
					 unsigned int order, unsigned int size)
{
	struct page_pool_params params = {
		.flags = flags,
		.order = order,
		.pool_size = size,
		.nid = NUMA_NO_NODE,
	};
	struct page_pool *pool = page_pool_create(&params);

	return IS_ERR(pool) ? NULL : pool;
}

/* 0 or -ENOMEM; to be undone in any case. */
int drb_pools_init(struct drb_queue *q)
{
	q->large = drb_pool_create(DRB_POOL_SPLIT, DRB_LARGE_ORDER,
				   DRB_LARGE_POOL);
	q->heads = drb_pool_create(DRB_POOL_SPLIT, 0, DRB_PAGES_POOL);
	q->pages = drb_pool_create(0, 0, DRB_PAGES_POOL);
	return q->large && q->heads && q->pages ? 0 : -ENOMEM;
}

/* Pages that the stack still holds come back to the pools, which go then. */
void drb_pools_fini(struct drb_queue *q)
{
	if (q->large)
		page_pool_destroy(q->large);
	if (q->heads)
		page_pool_destroy(q->heads);
	if (q->pages)
		page_pool_destroy(q->pages);
	q->large = NULL;
	q->heads = NULL;
	q->pages = NULL;
}

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
