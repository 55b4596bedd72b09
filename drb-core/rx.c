// SPDX-License-Identifier: GPL-2.0
/*
 * rx.c - from the ring the peer produces up the stack.
 */
#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <net/busy_poll.h>
#include <xen/events.h>

#include "internal.h"

/* Give consumed space back at least this often, in bytes. */
#define DRB_PUBLISH_BYTES	(64u << 10)
/* Packets without anything to merge, until GRO is spared for so many polls. */
#define DRB_GRO_TRIES	64
#define DRB_GRO_SPARED	32
/* Packets handed up at a time: a cache of 32 KiB keeps that many. */
#define DRB_MAX_UP	16

/*
 * The peer's hash steers packets here (RPS, fq, bonding) and nothing else: one
 * that lies slows its own flows down.
 */
static void drb_set_hash(struct drb_queue *q, struct sk_buff *skb,
			 const struct drb_record *rec)
{
	if (!(q->drb->dev->features & NETIF_F_RXHASH))
		return;
	if (rec->hash_type == DRB_HASH_L4)
		skb_set_hash(skb, rec->hash, PKT_HASH_TYPE_L4);
	else if (rec->hash_type == DRB_HASH_L3)
		skb_set_hash(skb, rec->hash, PKT_HASH_TYPE_L3);
}

/*
 * GRO pays where there is something to merge: not in a driver domain, where
 * what guests send is large already or forwarded as it is, and not where so
 * many packets in a row were looked at in vain; then it is tried again in some
 * polls only.  Within a poll it is all or none, so that nothing is overtaken.
 */
static bool drb_try_gro(struct drb_queue *q)
{
	if (q->drb->backend)
		return false;
	if (drb_gro_holds(&q->napi) || q->gro_vain < DRB_GRO_TRIES)
		return true;
	if (++q->gro_spared < DRB_GRO_SPARED)
		return false;
	q->gro_spared = 0;
	q->gro_vain = DRB_GRO_TRIES / 2;
	return true;
}

/* Is it the only packet of this poll, say a request? */
static bool drb_is_lone(const struct drb_queue *q, const struct drb_record *rec,
			bool first)
{
	u32 span = drb_span(rec->data_off, rec->len);

	return first && q->in.cons + span == q->in.prod &&
	       !drb_gro_holds(&q->napi);
}

static void drb_flush_up(struct drb_queue *q)
{
	if (!q->num_up)
		return;
	netif_receive_skb_list(&q->up);
	INIT_LIST_HEAD(&q->up);
	q->num_up = 0;
}

/* A bridge takes packets one by one, so a list would only cost. */
static void drb_hand_up(struct drb_queue *q, struct sk_buff *skb, bool lone)
{
	if (lone || q->drb->backend) {
		skb_mark_napi_id(skb, &q->napi);
		netif_receive_skb(skb);
	} else if (q->gro) {
		if (napi_gro_receive(&q->napi, skb) == GRO_NORMAL)
			q->gro_vain++;
		else
			q->gro_vain = 0;
	} else {
		skb_mark_napi_id(skb, &q->napi);
		list_add_tail(&skb->list, &q->up);
		if (++q->num_up == DRB_MAX_UP)
			drb_flush_up(q);
	}
}

static void drb_count(struct drb_queue *q, const struct drb_record *rec)
{
	q->stats.rx_packets++;
	q->stats.rx_bytes += rec->len;
}

/*
 * Hand the packet up the stack; skb NULL: there was no memory for it.  generic:
 * an XDP program it has not seen yet, or NULL.  first: this poll has handed up
 * nothing yet, so nothing can be overtaken.
 */
static void drb_deliver(struct drb_queue *q, struct sk_buff *skb,
			const struct drb_record *rec, struct bpf_prog *generic,
			bool first)
{
	if (unlikely(!skb)) {
		q->stats.rx_dropped++;
		return;
	}
	if (unlikely(rec->flags | rec->gso_type) && drb_offload_to_skb(q, skb, rec)) {
		q->stats.rx_dropped++;
		kfree_skb(skb);
		return;
	}
	drb_count(q, rec);
	drb_set_hash(q, skb, rec);
	skb_record_rx_queue(skb, q->id);
	skb->protocol = eth_type_trans(skb, q->drb->dev);
	if (generic && drb_do_xdp_generic(generic, &skb) != XDP_PASS) {
		q->stats.rx_xdp_drop++;
		return;
	}
	drb_hand_up(q, skb, drb_is_lone(q, rec, first));
}

static void drb_give_space(struct drb_queue *q)
{
	u32 cons = drb_lend_cons(q);

	if (q->in.published == cons)
		return;
	if (drb_ring_publish_upto(&q->in, cons)) {
		q->stats.rx_doorbells++;
		notify_remote_via_irq(q->irq);
	} else {
		q->stats.rx_doorbells_suppressed++;
	}
}

/*
 * drb_receive() for a packet that goes past an XDP program first.  Apart, so
 * that what kernels clear on the stack for it (CONFIG_INIT_STACK_ALL_ZERO) is
 * not cleared for every packet.
 */
static noinline bool drb_receive_xdp(struct drb_queue *q, struct bpf_prog *prog,
				     const struct drb_record *rec, bool first)
{
	struct drb_record packet = *rec;
	struct sk_buff *skb = NULL;
	struct xdp_buff xdp;
	int err = drb_xdp_copy(q, rec, &xdp);

	if (unlikely(drb_revoked(q))) {
		if (!err)
			drb_xdp_discard(q, &xdp);
		return false;
	}
	if (err || drb_xdp_run(q, prog, &packet, &xdp, &skb))
		drb_deliver(q, skb, &packet, NULL, first);
	else
		drb_count(q, rec);
	return true;
}

/*
 * Receive the packet of *rec.  False: access was revoked, and what was copied
 * is not to be believed.
 */
static bool drb_receive(struct drb_queue *q, struct bpf_prog *prog,
			const struct drb_record *rec, bool first)
{
	struct sk_buff *skb;

	if (prog && drb_xdp_fits(prog, rec))
		return drb_receive_xdp(q, prog, rec, first);
	skb = drb_copy_skb(q, rec);
	if (unlikely(drb_revoked(q))) {
		kfree_skb(skb);
		return false;
	}
	drb_deliver(q, skb, rec, prog, first);
	return true;
}

/*
 * NAPI: receive up to budget packets.  Their number; after a violation the vif
 * is broken.
 */
int drb_rx(struct drb_queue *q, int budget)
{
	struct bpf_prog *prog = rcu_dereference_bh(q->drb->prog);
	bool limited = READ_ONCE(q->drb->rate.bytes);
	struct drb_record rec;
	int work = 0, ret = 0;

	q->throttled = false;
	q->gro = drb_try_gro(q);
	while (work < budget) {
		ret = drb_ring_peek(&q->in, &rec);
		if (ret <= 0)
			break;
		if (unlikely(limited) && !drb_rate_take(q, rec.len)) {
			q->throttled = true;
			break;
		}
		if (unlikely(!drb_receive(q, prog, &rec, !work)))
			break;
		drb_ring_release(&q->in, &rec);
		if (q->in.cons - q->in.published >= DRB_PUBLISH_BYTES)
			drb_give_space(q);
		work++;
	}
	drb_flush_up(q);
	if (prog)
		drb_xdp_flush(q);
	if (unlikely(ret < 0 || drb_revoked(q)))
		drb_break(q, "invalid record or producer index");
	else
		drb_give_space(q);
	return work;
}

/*
 * Before NAPI begins: forget what is in the ring, which a device that is down
 * has not received.
 */
void drb_rx_discard(struct drb_queue *q)
{
	u32 left = q->in.size / DRB_ALIGN;
	struct drb_record rec;
	int ret = 0;

	if (READ_ONCE(q->dead))
		return;
	/* So many records it can have; those that still come are not old. */
	while (left-- && (ret = drb_ring_peek(&q->in, &rec)) > 0)
		drb_ring_release(&q->in, &rec);
	if (unlikely(ret < 0 || drb_revoked(q)))
		drb_break(q, "invalid record or producer index");
	else
		drb_give_space(q);
}
