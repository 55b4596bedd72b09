// SPDX-License-Identifier: GPL-2.0
/*
 * tx.c - from an skb into the ring the peer consumes: one copy, made here
 * in the sender's context, and a doorbell only when the peer asked for one.
 */
#include <linux/skbuff.h>
#include <xen/events.h>

#include "internal.h"

/* So much may be in the ring at least, and one more packet. */
#define DRB_BQL_MIN	(64u << 10)

/* The hash of the packet's flow, if somebody has computed one already. */
static u8 drb_hash_type(const struct sk_buff *skb)
{
	if (!skb->hash)
		return DRB_HASH_NONE;
	return skb->l4_hash ? DRB_HASH_L4 : DRB_HASH_L3;
}

/* Fill in the record header.  0 or -EINVAL. */
static int drb_record_fill(struct drb_record *rec, const struct sk_buff *skb,
			   bool data_valid)
{
	*rec = (struct drb_record){
		.len = skb->len,
		.data_off = DRB_MIN_DATA_OFF,
		.hash = skb->hash,
		.hash_type = drb_hash_type(skb),
	};
	if (skb->ip_summed == CHECKSUM_NONE && !skb_is_gso(skb))
		return 0;
	return drb_offload_from_skb(rec, skb, data_valid);
}

/*
 * Copy the packet to position pos: linear part, page fragments, and whatever
 * hangs on it as a list.  Returns the position behind it.
 */
static u32 drb_ring_put_skb(const struct drb_ring *r, u32 pos,
			    const struct sk_buff *skb)
{
	u32 head = skb_headlen(skb);
	const struct sk_buff *part;
	int i;

	drb_ring_put(r, pos, skb->data, head);
	pos += head;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		u32 len = skb_frag_size(frag);

		drb_ring_put(r, pos, skb_frag_address(frag), len);
		pos += len;
	}
	skb_walk_frags(skb, part)
		pos = drb_ring_put_skb(r, pos, part);
	return pos;
}

/* Show the peer all committed records; tell it if it wants to be told. */
static void drb_ring_bell(struct drb_queue *q)
{
	if (q->out.published == q->out.prod)
		return;
	if (drb_revoked(q)) {
		drb_break(q, "access to the ring was revoked");
		return;
	}
	if (drb_ring_publish(&q->out)) {
		q->stats.tx_doorbells++;
		notify_remote_via_irq(q->irq);
	} else {
		q->stats.tx_doorbells_suppressed++;
	}
}

/* Room to keep free so that whatever the stack sends next fits. */
static u32 drb_room(const struct drb_queue *q)
{
	u32 size = max(READ_ONCE(q->drb->dev->gso_max_size),
		       GSO_LEGACY_MAX_SIZE);

	return drb_span(DRB_MIN_DATA_OFF, size + DRB_MAX_HEADERS);
}

/*
 * Stop the netdev queue and ask the peer for a notification when span bytes
 * are free; start it again if they are meanwhile.  True: stopped.
 */
static bool drb_stall(struct drb_queue *q, u32 span)
{
	u32 ms = READ_ONCE(q->drb->unread_ms);
	int room;

	netif_tx_stop_queue(drb_txq(q));
	q->stats.tx_stalls++;
	drb_ring_bell(q);
	room = drb_ring_wait_space(&q->out, span);
	if (room < 0)
		drb_break(q, "consumer index out of range");
	else if (room)
		netif_tx_start_queue(drb_txq(q));
	else
		q->stalled = true;
	if (!room && ms)
		mod_timer(&q->unread_timer, jiffies + msecs_to_jiffies(ms));
	return room <= 0;
}

/*
 * What waits for a peer that reads nothing (a guest that is paused, or whose
 * device is down) belongs to others, whose sockets would wait as well.  So the
 * queue goes on, and until there is room its packets are dropped.
 */
static void drb_unread_too_long(struct timer_list *timer)
{
	struct drb_queue *q = container_of(timer, struct drb_queue,
					   unread_timer);
	struct netdev_queue *txq = drb_txq(q);

	__netif_tx_lock(txq, smp_processor_id());
	if (q->stalled && !READ_ONCE(q->dead)) {
		q->stalled = false;
		q->unread = true;
		netif_tx_wake_queue(txq);
	}
	__netif_tx_unlock(txq);
}

/* Is the packet to be dropped since the peer has read nothing for so long? */
static bool drb_is_unread(struct drb_queue *q)
{
	int err;

	if (likely(!q->unread))
		return false;
	err = drb_ring_reserve(&q->out, drb_room(q));
	if (err == -EPROTO)
		drb_break(q, "consumer index out of range");
	else if (!err)
		q->unread = false;
	return err;
}

void drb_tx_init(struct drb_queue *q)
{
	timer_setup(&q->unread_timer, drb_unread_too_long, 0);
}

/* Nothing is sent any more, until the queue is started again. */
void drb_tx_stop(struct drb_queue *q)
{
	struct netdev_queue *txq = drb_txq(q);

	__netif_tx_lock_bh(txq);
	netif_tx_stop_queue(txq);
	q->stalled = false;
	q->unread = false;
	__netif_tx_unlock_bh(txq);
	timer_delete_sync(&q->unread_timer);
}

/*
 * Byte queue limits, in the guest: packets then wait in its queueing discipline,
 * which knows flows, rather than in the ring, where a packet stands behind all
 * others; with rate= that can be for long.  The driver domain has other people's
 * packets, and what does not fit is dropped.
 */
static bool drb_has_bql(const struct drb_queue *q)
{
	return IS_ENABLED(CONFIG_BQL) && !q->drb->backend;
}

/* Tell BQL what the peer has taken out of the ring.  0 or -EPROTO. */
static int drb_bql_taken(struct drb_queue *q)
{
	int err = drb_ring_refresh_cons(&q->out);
	u32 taken = q->out.cons - q->completed;

	if (unlikely(err))
		return err;
	q->completed = q->out.cons;
	netdev_tx_completed_queue(drb_txq(q), taken > 0, taken);
	return 0;
}

static bool drb_bql_stopped(struct drb_queue *q)
{
#ifdef CONFIG_BQL
	return test_bit(__QUEUE_STATE_STACK_XOFF, &drb_txq(q)->state);
#else
	return false;
#endif
}

/*
 * After something was sent, or taken.  Where that is as much as is to be in the
 * ring, ask for a notification when half of it is left.  If it is that few
 * already, BQL may go on or want to wait for half of those: until it goes on,
 * or a notification was asked for.  0 or -EPROTO.
 */
static int drb_bql_update(struct drb_queue *q)
{
	int few, err = drb_bql_taken(q);

	while (!err && drb_bql_stopped(q) && q->out.prod != q->out.cons) {
		drb_ring_bell(q);
		few = drb_ring_wait_used(&q->out,
					 (q->out.prod - q->out.cons) / 2);
		if (few <= 0)
			return few;
		/* Half of it is gone, at least, so there are few turns. */
		err = drb_bql_taken(q);
	}
	return err;
}

/* A new connection begins with an empty ring. */
void drb_bql_reset(struct drb_queue *q)
{
	struct netdev_queue *txq = drb_txq(q);

	if (!drb_has_bql(q))
		return;
	netdev_tx_reset_queue(txq);
	q->completed = q->out.cons;
#ifdef CONFIG_BQL
	txq->dql.min_limit = max(txq->dql.min_limit, DRB_BQL_MIN);
#endif
}

/*
 * Under the netdev queue's lock, after the last packet of a burst: show the
 * burst to the peer.  The stack may send no more of it for a while.
 */
void drb_tx_flush(struct drb_queue *q)
{
	if (drb_has_bql(q) && unlikely(drb_bql_update(q)))
		drb_break(q, "consumer index out of range");
	else
		drb_ring_bell(q);
}

/* Under the netdev queue's lock: go on if there is room.  0 or -EPROTO. */
static int drb_xmit_go_on(struct drb_queue *q)
{
	struct netdev_queue *txq = drb_txq(q);
	u32 completed = q->completed;
	int room, err;

	if (netif_tx_queue_stopped(txq)) {
		room = drb_ring_wait_space(&q->out, drb_room(q));
		if (room <= 0)
			return room;
		q->stalled = false;
		netif_tx_wake_queue(txq);
		q->stats.wakes++;
		q->irq_useful = true;
	}
	err = drb_has_bql(q) ? drb_bql_update(q) : 0;
	if (q->completed != completed)
		q->irq_useful = true;
	return err;
}

/* NAPI: if the ring was full and no longer is, let the stack go on. */
void drb_tx_wake(struct drb_queue *q)
{
	struct netdev_queue *txq = drb_txq(q);
	int err;

	if (likely(!netif_xmit_stopped(txq)))
		return;
	__netif_tx_lock(txq, smp_processor_id());
	err = drb_xmit_go_on(q);
	__netif_tx_unlock(txq);
	if (err)
		drb_break(q, "consumer index out of range");
}

/*
 * Reserve room for a record and write its header; the packet goes to *pos.
 * 0, -ENOSPC, or an error to drop it for.
 */
int drb_record_begin(struct drb_queue *q, const struct drb_record *rec,
		     u32 *pos)
{
	int err;

	if (unlikely(rec->len < DRB_MIN_PACKET || rec->len > DRB_MAX_PACKET))
		return -EMSGSIZE;
	err = drb_ring_reserve(&q->out, drb_span(rec->data_off, rec->len));
	if (unlikely(err))
		return err;
	memcpy(drb_ring_at(&q->out, q->out.prod), rec, sizeof(*rec));
	*pos = q->out.prod + rec->data_off;
	return 0;
}

/* The packet is in its place: count it; not yet visible to the peer. */
void drb_record_end(struct drb_queue *q, const struct drb_record *rec)
{
	u32 span = drb_span(rec->data_off, rec->len);

	drb_ring_commit(&q->out, span);
	if (drb_has_bql(q))
		netdev_tx_sent_queue(drb_txq(q), span);
	q->stats.tx_packets++;
	q->stats.tx_bytes += rec->len;
	q->stats.tx_copies++;
}

/* Put one packet into the ring.  0, -ENOSPC, or an error to drop it for. */
static int drb_xmit_one(struct drb_queue *q, struct sk_buff *skb)
{
	struct drb_record rec;
	u32 pos;
	int err;

	err = drb_record_fill(&rec, skb, q->drb->backend);
	if (err)
		return err;
	err = drb_record_begin(q, &rec, &pos);
	if (err)
		return err;
	drb_ring_put_skb(&q->out, pos, skb);
	drb_record_end(q, &rec);
	return 0;
}

/* True if less than span bytes are free, even after asking the peer. */
static bool drb_xmit_full(struct drb_queue *q, u32 span)
{
	return drb_ring_free(&q->out) < span &&
	       drb_ring_reserve(&q->out, span);
}

/* There was no room for the packet: is it to come again? */
static bool drb_xmit_later(struct drb_queue *q, u32 len)
{
	return drb_stall(q, max(drb_room(q), drb_span(DRB_MIN_DATA_OFF, len)));
}

netdev_tx_t drb_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct drb_dev *drb = netdev_priv(dev);
	struct drb_queue *q = &drb->queues[skb_get_queue_mapping(skb)];
	bool more = netdev_xmit_more();
	int err = -EPROTO;
	u32 room;

	if (unlikely(drb_filtered(drb, skb->data))) {
		q->stats.tx_filtered++;
		dev_consume_skb_any(skb);
		goto bell;
	}
	if (unlikely(drb_is_unread(q))) {
		q->stats.tx_unread++;
		q->stats.tx_dropped++;
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	if (likely(!READ_ONCE(q->dead)))
		err = drb_xmit_one(q, skb);
	if (err == -ENOSPC && drb_xmit_later(q, skb->len))
		return NETDEV_TX_BUSY;
	if (err == -ENOSPC)
		err = drb_xmit_one(q, skb);

	if (unlikely(err)) {
		if (err == -EPROTO)
			drb_break(q, "consumer index out of range");
		q->stats.tx_dropped++;
		dev_kfree_skb_any(skb);
	} else {
		skb_tx_timestamp(skb);
		dev_consume_skb_any(skb);
	}
bell:
	if (unlikely(READ_ONCE(q->dead)))
		return NETDEV_TX_OK;
	room = drb_room(q);
	if (unlikely(drb_xmit_full(q, room) && drb_stall(q, room)))
		return NETDEV_TX_OK;
	if (!more || drb_bql_stopped(q))
		drb_tx_flush(q);
	drb_event_look(q);
	return NETDEV_TX_OK;
}
