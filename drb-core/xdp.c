// SPDX-License-Identifier: GPL-2.0
/*
 * xdp.c - native XDP: a program looks at a private copy of each received
 * packet before there is an skb, and frames of others are sent.
 *
 * The copy is made into one page of the queue, which is used again unless the
 * packet is passed on or redirected; so a packet that is dropped or sent back
 * costs no allocation.  What does not fit into it goes to programs that know
 * of fragments as such, and to others as an skb (generic XDP).
 */
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <net/checksum.h>
#include <net/xdp.h>

#include "internal.h"

/* Room in a page for a packet: between headroom and skb_shared_info. */
#define DRB_XDP_LINEAR	((u32)(PAGE_SIZE - XDP_PACKET_HEADROOM - \
			 SKB_DATA_ALIGN(sizeof(struct skb_shared_info))))

bool drb_xdp_fits(const struct bpf_prog *prog, const struct drb_record *rec)
{
	return rec->len <= DRB_XDP_LINEAR ||
	       (prog->aux->xdp_has_frags &&
		rec->len <= DRB_XDP_LINEAR + MAX_SKB_FRAGS * PAGE_SIZE);
}

/* The rest of a packet, len bytes at pos, into page fragments. */
static int drb_xdp_copy_frags(struct drb_queue *q, struct xdp_buff *xdp,
			      u32 pos, u32 len)
{
	struct skb_shared_info *frags = xdp_get_shared_info_from_buff(xdp);

	frags->nr_frags = 0;
	frags->xdp_frags_size = len;
	xdp_buff_set_frags_flag(xdp);
	return drb_copy_frags(q, frags, pos, len, false);
}

/* Forget a frame: its fragments go back to the pool, its page stays. */
void drb_xdp_discard(struct drb_queue *q, struct xdp_buff *xdp)
{
	struct skb_shared_info *frags;
	unsigned int i;

	if (!xdp_buff_has_frags(xdp))
		return;
	frags = xdp_get_shared_info_from_buff(xdp);
	for (i = 0; i < frags->nr_frags; i++)
		page_pool_put_full_page(q->pages,
					skb_frag_page(&frags->frags[i]), true);
}

/* A private copy of the record's packet, in *xdp.  0 or -ENOMEM. */
int drb_xdp_copy(struct drb_queue *q, const struct drb_record *rec,
		 struct xdp_buff *xdp)
{
	u32 pos = q->in.cons + rec->data_off;
	u32 head = min(rec->len, DRB_XDP_LINEAR);

	if (!q->xdp_page)
		q->xdp_page = page_pool_dev_alloc_pages(q->pages);
	if (unlikely(!q->xdp_page))
		return -ENOMEM;
	xdp_init_buff(xdp, PAGE_SIZE, &q->xdp_rxq);
	xdp_prepare_buff(xdp, page_address(q->xdp_page), XDP_PACKET_HEADROOM,
			 head, true);
	drb_ring_get(&q->in, pos, xdp->data, head);
	q->stats.rx_copies++;
	if (head < rec->len &&
	    drb_xdp_copy_frags(q, xdp, pos + head, rec->len - head)) {
		drb_xdp_discard(q, xdp);
		return -ENOMEM;
	}
	return 0;
}

/*
 * A checksum that is still to be filled in: now, as the frame may go where
 * nobody would.  A packet to be segmented keeps it, and so does one in
 * fragments.
 */
static void drb_xdp_finish_csum(struct drb_record *rec, struct xdp_buff *xdp)
{
	u32 start = rec->csum_start, place = start + rec->csum_offset;
	__wsum sum;

	if (!(rec->flags & DRB_F_CSUM_PARTIAL) || xdp_buff_has_frags(xdp) ||
	    rec->gso_type != DRB_GSO_NONE)
		return;
	rec->flags = 0;
	if (place + sizeof(__sum16) > rec->len)
		return;
	sum = csum_partial(xdp->data + start, rec->len - start, 0);
	*(__sum16 *)(xdp->data + place) = csum_fold(sum) ?: CSUM_MANGLED_0;
}

/* The packet goes on, as an skb that takes the page; NULL: no memory. */
static struct sk_buff *drb_xdp_pass(struct drb_queue *q, struct xdp_buff *xdp)
{
	struct skb_shared_info *frags = xdp_get_shared_info_from_buff(xdp);
	unsigned int nr = 0, size = 0;
	struct sk_buff *skb;

	if (xdp_buff_has_frags(xdp)) {
		nr = frags->nr_frags;
		size = frags->xdp_frags_size;
	}
	skb = napi_build_skb(xdp->data_hard_start, PAGE_SIZE);
	if (unlikely(!skb)) {
		drb_xdp_discard(q, xdp);
		return NULL;
	}
	q->xdp_page = NULL;
	skb_mark_for_recycle(skb);
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	if (xdp->data > xdp->data_meta)
		skb_metadata_set(skb, xdp->data - xdp->data_meta);
	if (nr)
		drb_skb_take_frags(skb, nr, size, nr * PAGE_SIZE);
	return skb;
}

/* Copy a frame's fragments to position pos. */
static void drb_xdp_put_ring(const struct drb_ring *r, u32 pos,
			     const struct skb_shared_info *frags)
{
	unsigned int i;

	for (i = 0; i < frags->nr_frags; i++) {
		const skb_frag_t *frag = &frags->frags[i];

		drb_ring_put(r, pos, skb_frag_address(frag),
			     skb_frag_size(frag));
		pos += skb_frag_size(frag);
	}
}

/*
 * A frame into the ring, under the netdev queue's lock: head bytes at data,
 * then frags if not NULL.  *rec has the offloads.  0 or an error.
 */
static int drb_xdp_send(struct drb_queue *q, struct drb_record *rec,
			const void *data, u32 head,
			const struct skb_shared_info *frags)
{
	int err = -EPROTO;
	u32 pos;

	rec->len = head + (frags ? frags->xdp_frags_size : 0);
	rec->data_off = DRB_MIN_DATA_OFF;
	if (likely(!READ_ONCE(q->dead)))
		err = drb_record_begin(q, rec, &pos);
	if (unlikely(err)) {
		if (err == -EPROTO)
			drb_break(q, "consumer index out of range");
		q->stats.tx_dropped++;
		return err;
	}
	drb_ring_put(&q->out, pos, data, head);
	if (frags)
		drb_xdp_put_ring(&q->out, pos + head, frags);
	drb_record_end(q, rec);
	q->stats.tx_xdp++;
	return 0;
}

/* What the peer wrote about a packet that is no longer the same. */
static void drb_xdp_forget(struct drb_record *rec)
{
	rec->hash = 0;
	rec->hash_type = DRB_HASH_NONE;
	memset(rec->reserved0, 0, sizeof(rec->reserved0));
	memset(rec->reserved, 0, sizeof(rec->reserved));
}

/* Back to where the packet came from. */
static void drb_xdp_tx(struct drb_queue *q, struct drb_record *rec,
		       struct xdp_buff *xdp)
{
	struct netdev_queue *txq = drb_txq(q);

	drb_xdp_forget(rec);
	__netif_tx_lock(txq, smp_processor_id());
	drb_xdp_send(q, rec, xdp->data, xdp->data_end - xdp->data,
		     xdp_buff_has_frags(xdp) ?
		     xdp_get_shared_info_from_buff(xdp) : NULL);
	__netif_tx_unlock(txq);
	q->stats.rx_xdp_tx++;
	q->xdp_sent = true;
	drb_xdp_discard(q, xdp);
}

/* To another device; there is nothing that carries our offloads. */
static int drb_xdp_redirect(struct drb_queue *q, struct bpf_prog *prog,
			    const struct drb_record *rec, struct xdp_buff *xdp)
{
	int err;

	if (rec->flags & DRB_F_CSUM_PARTIAL || rec->gso_type != DRB_GSO_NONE)
		return -EOPNOTSUPP;
	err = xdp_do_redirect(q->drb->dev, xdp, prog);
	if (err)
		return err;
	q->xdp_page = NULL;
	q->xdp_redirected = true;
	q->stats.rx_xdp_redirect++;
	return 0;
}

/* Where the packet now begins, seen from where it did. */
static void drb_xdp_moved(struct drb_record *rec, int by)
{
	int start = rec->csum_start - by;

	if (rec->flags & DRB_F_CSUM_PARTIAL && start >= 0)
		rec->csum_start = start;
	else if (by)
		rec->flags = 0;
	rec->hdr_len = max(0, rec->hdr_len - by);
}

/*
 * Run the program on the copy and do what it says.  True: the packet goes on,
 * as *skb (NULL: no memory) with the offloads in *rec.
 */
bool drb_xdp_run(struct drb_queue *q, struct bpf_prog *prog,
		 struct drb_record *rec, struct xdp_buff *xdp,
		 struct sk_buff **skb)
{
	void *before = xdp->data;
	u32 act;

	drb_xdp_finish_csum(rec, xdp);
	act = bpf_prog_run_xdp(prog, xdp);
	drb_xdp_moved(rec, xdp->data - before);
	switch (act) {
	case XDP_PASS:
		*skb = drb_xdp_pass(q, xdp);
		return true;
	case XDP_TX:
		drb_xdp_tx(q, rec, xdp);
		return false;
	case XDP_REDIRECT:
		if (!drb_xdp_redirect(q, prog, rec, xdp))
			return false;
		act = XDP_ABORTED;
		break;
	case XDP_ABORTED:
	case XDP_DROP:
		break;
	default:
		bpf_warn_invalid_xdp_action(q->drb->dev, prog, act);
		act = XDP_ABORTED;
		break;
	}
	if (act == XDP_ABORTED)
		trace_xdp_exception(q->drb->dev, prog, act);
	q->stats.rx_xdp_drop++;
	drb_xdp_discard(q, xdp);
	return false;
}

/* The end of a poll: what was sent and redirected sets off. */
void drb_xdp_flush(struct drb_queue *q)
{
	struct netdev_queue *txq = drb_txq(q);

	if (q->xdp_redirected)
		xdp_do_flush();
	q->xdp_redirected = false;
	if (q->xdp_sent) {
		__netif_tx_lock(txq, smp_processor_id());
		if (likely(!READ_ONCE(q->dead)))
			drb_tx_flush(q);
		__netif_tx_unlock(txq);
	}
	q->xdp_sent = false;
}

/* Frames redirected here.  How many were taken; the caller has the others. */
int drb_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		 u32 flags)
{
	struct drb_dev *drb = netdev_priv(dev);
	unsigned int num = READ_ONCE(dev->real_num_tx_queues);
	unsigned int cpu = smp_processor_id();
	struct drb_record rec = { };
	struct netdev_queue *txq;
	struct drb_queue *q;
	int i;

	if (!netif_running(dev) || !netif_carrier_ok(dev))
		return -ENETDOWN;
	if (flags & ~XDP_XMIT_FLAGS_MASK)
		return -EINVAL;
	q = &drb->queues[cpu % num];
	txq = drb_txq(q);
	__netif_tx_lock(txq, cpu);
	for (i = 0; i < n; i++) {
		struct xdp_frame *f = frames[i];

		if (drb_xdp_send(q, &rec, f->data, f->len,
				 xdp_frame_has_frags(f) ?
				 xdp_get_shared_info_from_frame(f) : NULL))
			break;
		xdp_return_frame_rx_napi(f);
	}
	if (flags & XDP_XMIT_FLUSH && !READ_ONCE(q->dead))
		drb_tx_flush(q);
	__netif_tx_unlock(txq);
	return i;
}

int drb_xdp_set(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct drb_dev *drb = netdev_priv(dev);
	struct bpf_prog *old;

	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	old = rtnl_dereference(drb->prog);
	rcu_assign_pointer(drb->prog, bpf->prog);
	if (old)
		bpf_prog_put(old);
	return 0;
}

/* Is there a program that sees no packet of more than one piece?  Under rtnl. */
bool drb_xdp_wants_short(const struct drb_dev *drb)
{
	const struct bpf_prog *prog = rtnl_dereference(drb->prog);

	return prog && !prog->aux->xdp_has_frags;
}

int drb_xdp_init(struct drb_queue *q)
{
	int err;

	err = xdp_rxq_info_reg(&q->xdp_rxq, q->drb->dev, q->id,
			       q->napi.napi_id);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&q->xdp_rxq, MEM_TYPE_PAGE_POOL,
					 q->pages);
	if (err)
		xdp_rxq_info_unreg(&q->xdp_rxq);
	return err;
}

void drb_xdp_fini(struct drb_queue *q)
{
	if (xdp_rxq_info_is_reg(&q->xdp_rxq))
		xdp_rxq_info_unreg(&q->xdp_rxq);
	if (q->xdp_page)
		page_pool_put_full_page(q->pages, q->xdp_page, false);
	q->xdp_page = NULL;
}
