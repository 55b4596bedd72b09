// SPDX-License-Identifier: GPL-2.0
/*
 * held.c - the last large packet of a TCP socket counts as under way for a
 * moment longer than it is.
 *
 * A packet is copied when it is sent, so its skb could be freed at once.  But
 * TCP collects small writes only while something of the socket's is with a
 * device (tcp_autocorking); with a device that never keeps anything the rest of
 * every write is a packet of its own, which costs its sender and its receiver
 * about as much as a large one.  So the skb stays until the next such packet,
 * until something has come from the peer, perhaps the answer, or until the
 * timer is over.
 */
#include <linux/hrtimer.h>
#include <linux/skbuff.h>

#include "drb_core.h"

/* Retransmissions wait for as long at most; they come after 200 ms. */
#define DRB_HELD_NS	(2 * NSEC_PER_MSEC)

void drb_let_go(struct drb_queue *q)
{
	struct sk_buff *skb;

	if (!READ_ONCE(q->held))
		return;
	skb = xchg(&q->held, NULL);
	if (skb)
		dev_consume_skb_any(skb);
}

static enum hrtimer_restart drb_held_over(struct hrtimer *timer)
{
	drb_let_go(container_of(timer, struct drb_queue, held_timer));
	return HRTIMER_NORESTART;
}

void drb_held_init(struct drb_queue *q)
{
	drb_timer_setup(&q->held_timer, drb_held_over, HRTIMER_MODE_REL_SOFT);
}

/* Nothing is sent any more. */
void drb_held_stop(struct drb_queue *q)
{
	hrtimer_cancel(&q->held_timer);
	drb_let_go(q);
}

/* The packet has been copied: free it, now or later. */
void drb_sent_skb(struct drb_queue *q, struct sk_buff *skb)
{
	if (!skb_is_gso(skb) || !skb_is_gso_tcp(skb) || !skb->sk) {
		dev_consume_skb_any(skb);
		return;
	}
	skb = xchg(&q->held, skb);
	if (skb)
		dev_consume_skb_any(skb);
	/* One that is just ending is not queued, and may not have seen ours. */
	if (!hrtimer_is_queued(&q->held_timer))
		hrtimer_start(&q->held_timer, ns_to_ktime(DRB_HELD_NS),
			      HRTIMER_MODE_REL_SOFT);
}
