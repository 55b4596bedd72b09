// SPDX-License-Identifier: GPL-2.0
/*
 * pool.c - the memory of received packets: it comes from pools of the queue, and
 * returns to them when the stack has done with a packet.  New pages would be
 * cleared by a hardened kernel (init_on_alloc), which costs as much as the copy
 * itself.
 *
 * What waits in the pools belongs to the vif, whoever made it come: a device's
 * queues have so much of it together, and give it back once they receive little.
 */
#include "internal.h"

/* A large page, and how many of them wait in a device's pools at most: 1 MiB. */
#define DRB_LARGE_ORDER	3
#define DRB_LARGE_POOL	32
#define DRB_LARGE_LEAST	4	/* of a queue */
/* Single pages that wait in each of two kinds of pools, likewise ... */
#define DRB_PAGES_POOL	128
#define DRB_PAGES_LEAST	16
/* ... beside those that a pool keeps for its NAPI context. */
#define DRB_POOL_CACHE	128

/* A queue that received less than this in the time needs no memory at hand. */
#define DRB_POOL_LITTLE	1000
#define DRB_POOL_TIME	(5 * HZ)

static struct page_pool *drb_pool_create(struct drb_queue *q,
					 unsigned int flags,
					 unsigned int order, unsigned int size)
{
	struct page_pool_params params = {
		.flags = flags,
		.order = order,
		.pool_size = size,
		.nid = NUMA_NO_NODE,
	};
	struct page_pool *pool;

	drb_pool_show(&params, q->drb->dev);
	pool = page_pool_create(&params);
	return IS_ERR(pool) ? NULL : pool;
}

/*
 * Take what waits in the pool out of it, in place of NAPI.  A page that somebody
 * else refers to does not go back when it is put.
 */
static void drb_pool_empty(struct page_pool *pool)
{
	unsigned int most = DRB_POOL_CACHE + pool->p.pool_size;
	struct page *page;

	while (most-- && (pool->alloc.count || !ptr_ring_empty(&pool->ring))) {
		page = page_pool_dev_alloc_pages(pool);
		if (!page)
			break;
		drb_pool_unsplit(page);
		get_page(page);
		page_pool_put_full_page(pool, page, false);
		put_page(page);
	}
}

static void drb_pools_empty(struct drb_queue *q)
{
	drb_pool_empty(q->large);
	drb_pool_empty(q->heads);
	drb_pool_empty(q->pages);
}

/* The time is over: NAPI empties the pools if they were hardly needed. */
static void drb_pools_timer(struct timer_list *timer)
{
	struct drb_queue *q = container_of(timer, struct drb_queue, pools_timer);
	u64 packets = READ_ONCE(q->stats.rx_packets);

	if (packets - q->pools_seen < DRB_POOL_LITTLE) {
		WRITE_ONCE(q->pools_over, true);
		napi_schedule(&q->napi);
	} else {
		q->pools_seen = packets;
		mod_timer(timer, jiffies + DRB_POOL_TIME);
	}
}

/* NAPI, once a poll: did it find packets? */
void drb_pools_look(struct drb_queue *q, bool work)
{
	if (unlikely(READ_ONCE(q->pools_over))) {
		WRITE_ONCE(q->pools_over, false);
		drb_pools_empty(q);
	}
	if (work && unlikely(!timer_pending(&q->pools_timer))) {
		q->pools_seen = q->stats.rx_packets;
		mod_timer(&q->pools_timer, jiffies + DRB_POOL_TIME);
	}
}

/* In place of NAPI, which does not run. */
void drb_pools_stop(struct drb_queue *q)
{
	timer_delete_sync(&q->pools_timer);
	q->pools_over = false;
	local_bh_disable();
	drb_pools_empty(q);
	local_bh_enable();
}

/* The pages that the pools hold or have given away. */
unsigned int drb_pools_pages(const struct drb_queue *q)
{
	const struct page_pool *pools[] = { q->large, q->heads, q->pages };
	unsigned int i, pages = 0;

	for (i = 0; i < ARRAY_SIZE(pools); i++)
		pages += (READ_ONCE(pools[i]->pages_state_hold_cnt) -
			  atomic_read(&pools[i]->pages_state_release_cnt))
			 << pools[i]->p.order;
	return pages;
}

/* Of one of num queues.  0 or -ENOMEM; to be undone in any case. */
int drb_pools_init(struct drb_queue *q, unsigned int num)
{
	unsigned int large = max(DRB_LARGE_POOL / num, DRB_LARGE_LEAST + 0u);
	unsigned int pages = max(DRB_PAGES_POOL / num, DRB_PAGES_LEAST + 0u);

	timer_setup(&q->pools_timer, drb_pools_timer, 0);
	q->large = drb_pool_create(q, DRB_POOL_SPLIT, DRB_LARGE_ORDER, large);
	q->heads = drb_pool_create(q, DRB_POOL_SPLIT, 0, pages);
	q->pages = drb_pool_create(q, 0, 0, pages);
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
