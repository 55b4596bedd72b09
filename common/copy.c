// SPDX-License-Identifier: GPL-2.0
/*
 * copy.c - packets out of the ring into private memory: the peer can change
 * the ring at any time, so everything the stack looks at is copied first.
 *
 * The memory comes from pools of the queue and returns to them when the stack
 * has done with a packet.  New pages would be cleared by a hardened kernel
 * (init_on_alloc), which costs as much as the copy itself.  There are two, as
 * pages that are split cannot take part in XDP before Linux 6.7.
 */
#include <linux/etherdevice.h>

#include "drb_core.h"

/* Pages that wait in a pool at most (a pool has a cache of 128 besides). */
#define DRB_POOL_SIZE	128

/* Up to here a packet is copied into the skb's linear area as a whole ... */
#define DRB_LINEAR_MAX	1600u
/* ... and of longer ones this much, which holds all headers worth a look. */
#define DRB_PULL_LEN	256u

static struct page_pool *drb_pool_create(unsigned int flags)
{
	struct page_pool_params params = {
		.flags = flags,
		.pool_size = DRB_POOL_SIZE,
		.nid = NUMA_NO_NODE,
	};
	struct page_pool *pool = page_pool_create(&params);

	return IS_ERR(pool) ? NULL : pool;
}

/* 0 or -ENOMEM; to be undone in any case. */
int drb_pools_init(struct drb_queue *q)
{
	q->heads = drb_pool_create(DRB_POOL_SPLIT);
	q->pages = drb_pool_create(0);
	return q->heads && q->pages ? 0 : -ENOMEM;
}

/* Pages that the stack still holds come back to the pools, which go then. */
void drb_pools_fini(struct drb_queue *q)
{
	if (q->heads)
		page_pool_destroy(q->heads);
	if (q->pages)
		page_pool_destroy(q->pages);
	q->heads = NULL;
	q->pages = NULL;
}

/* Append len ring bytes at pos as pages to *to.  0 or -ENOMEM. */
int drb_copy_frags(struct drb_queue *q, struct skb_shared_info *to, u32 pos,
		   u32 len)
{
	while (len) {
		u32 n = min_t(u32, len, PAGE_SIZE);
		struct page *page;

		if (to->nr_frags == MAX_SKB_FRAGS)
			return -ENOMEM;
		page = page_pool_dev_alloc_pages(q->pages);
		if (!page)
			return -ENOMEM;
		drb_ring_get(&q->in, pos, page_address(page), n);
		drb_frag_fill(&to->frags[to->nr_frags++], page, 0, n);
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
		return NULL;
	skb = napi_build_skb(page_address(page) + offset, size);
	if (unlikely(!skb)) {
		page_pool_put_full_page(q->heads, page, true);
		return NULL;
	}
	skb_mark_for_recycle(skb);
	skb_reserve(skb, room);
	return skb;
}

/* The packet of record rec as an skb of its own memory, or NULL. */
struct sk_buff *drb_copy_skb(struct drb_queue *q, const struct drb_record *rec)
{
	u32 head = rec->len <= DRB_LINEAR_MAX ? rec->len : DRB_PULL_LEN;
	u32 pos = q->in.cons + rec->data_off, rest = rec->len - head;
	struct sk_buff *skb = drb_alloc_skb(q, head);

	if (unlikely(!skb))
		return NULL;
	drb_ring_get(&q->in, pos, skb_put(skb, head), head);
	if (rest && drb_copy_frags(q, skb_shinfo(skb), pos + head, rest)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->len += rest;
	skb->data_len += rest;
	skb->truesize += skb_shinfo(skb)->nr_frags * PAGE_SIZE;
	q->stats.rx_copies++;
	return skb;
}
