// SPDX-License-Identifier: GPL-2.0
/*
 * rx.c - from the ring the peer produces up the stack.
 */
#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <linux/virtio_net.h>
#include <net/busy_poll.h>
#include <net/sock.h>
#include <xen/events.h>

#include "drb_core.h"

/* Give consumed space back at least this often, in bytes. */
#define DRB_PUBLISH_BYTES	(64u << 10)
/* Packets without anything to merge, until GRO is spared for so many polls. */
#define DRB_GRO_TRIES	64
#define DRB_GRO_SPARED	32
/* Packets handed up at a time: a cache of 32 KiB keeps that many. */
#define DRB_MAX_UP	16

/*
 * Apply the offload fields, which drb_hdr_to_skb() validates.  Not inline, for
 * the reason of drb_receive_xdp().
 */
static noinline int drb_offload(struct drb_queue *q, struct sk_buff *skb,
				const struct drb_record *rec)
{
	u8 gso = rec->gso_type & ~DRB_GSO_ECN;
	struct virtio_net_hdr h = {
		.flags = rec->flags & DRB_F_CSUM_PARTIAL,
		.gso_type = rec->gso_type,
		.hdr_len = (__force __virtio16)cpu_to_le16(rec->hdr_len),
		.gso_size = (__force __virtio16)cpu_to_le16(rec->gso_size),
		.csum_start = (__force __virtio16)cpu_to_le16(rec->csum_start),
		.csum_offset = (__force __virtio16)cpu_to_le16(rec->csum_offset),
	};

	/* The helper knows more types than the protocol has. */
	if (gso != DRB_GSO_NONE && gso != DRB_GSO_TCPV4 &&
	    gso != DRB_GSO_TCPV6 && gso != DRB_GSO_UDP_L4)
		return -EINVAL;
	/* A guest's word that a checksum is right is not worth having. */
	if (rec->flags & DRB_F_CSUM_VALID && !q->drb->backend)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return drb_hdr_to_skb(skb, &h);
}

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
	if (unlikely(rec->flags | rec->gso_type) && drb_offload(q, skb, rec)) {
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

/* Up to budget packets.  Their number; after a violation the vif is broken. */
static int drb_drain(struct drb_queue *q, int budget)
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

/* Let events in again, while NAPI is still ours. */
static void drb_eoi(struct drb_queue *q, bool useful)
{
	if (!q->eoi_pending)
		return;
	q->eoi_pending = false;
	q->stats.interrupts_spurious += !useful;
	xen_irq_lateeoi(q->irq, useful ? 0 : XEN_EOI_FLAG_SPURIOUS);
}

/*
 * Ask for a notification of more than bytes in the ring and let events in
 * again, all while NAPI is still ours.  True: there are as many already.
 */
static bool drb_rearm(struct drb_queue *q, u32 bytes)
{
	int more = drb_ring_arm_after(&q->in, bytes);

	if (more < 0) {
		drb_break(q, "producer index out of range");
		return false;
	}
	q->armed = true;
	drb_eoi(q, q->irq_useful || more);
	return more;
}

/*
 * A socket that polls for itself (SO_BUSY_POLL), or an idle CPU, comes back and
 * wants no event; its last poll is an ordinary one.
 */
static void drb_busy_poll_done(struct drb_queue *q, int work)
{
	drb_busy_polled(q, work);
	if (!q->armed)
		return;
	q->armed = false;
	drb_ring_disarm(&q->in);
}

/*
 * No credit: what is in the ring stays there, and nothing is asked for, but
 * the other direction wants its events.
 */
static void drb_throttle(struct drb_queue *q)
{
	q->stats.rx_throttled++;
	drb_eoi(q, q->irq_useful);
}

/* The ring was emptied after work packets: look again later, or be told. */
static void drb_poll_done(struct drb_queue *q, int work)
{
	bool more = false;

	if (unlikely(q->throttled)) {
		drb_throttle(q);
	} else if (test_bit(NAPI_STATE_IN_BUSY_POLL, &q->napi.state)) {
		drb_busy_poll_done(q, work);
	} else if (drb_defer(q, work)) {
		more = drb_rearm(q, drb_frames_ahead(q));
	} else {
		more = drb_rearm(q, drb_hold(q));
		drb_lend_look(q);
	}
	if (napi_complete_done(&q->napi, work) && more)
		napi_schedule(&q->napi);
}

int drb_poll(struct napi_struct *napi, int budget)
{
	struct drb_queue *q = container_of(napi, struct drb_queue, napi);
	int work = 0;

	if (likely(!READ_ONCE(q->dead))) {
		q->stats.polls++;
		drb_xmit_wake(q);
	}
	if (likely(!READ_ONCE(q->dead)) && !drb_hold_waits(q))
		work = drb_drain(q, budget);
	if (unlikely(READ_ONCE(q->dead))) {
		napi_complete_done(napi, 0);
		return 0;
	}
	if (work)
		q->irq_useful = true;
	drb_polled(q, work);
	if (work < budget)
		drb_poll_done(q, work);
	return work;
}

irqreturn_t drb_interrupt(int irq, void *queue)
{
	struct drb_queue *q = queue;

	q->stats.interrupts++;
	q->irq_useful = false;
	q->eoi_pending = true;
	napi_schedule(&q->napi);
	return IRQ_HANDLED;
}
EXPORT_SYMBOL_GPL(drb_interrupt);
