/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only place that knows kernel versions.
 */
#ifndef DRB_COMPAT_H
#define DRB_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "DRB needs Linux 6.1 or newer"
#endif

#ifndef CONFIG_64BIT
#error "DRB's counters and rings need a 64-bit kernel"
#endif

#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/gro.h>
#include <xen/xenbus.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <net/netdev_queues.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* Newer kernels' pools need not be told that pages are split. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define DRB_POOL_SPLIT	0
#else
#define DRB_POOL_SPLIT	PP_FLAG_PAGE_FRAG
#endif

/* Newer kernels show whose pools there are. */
static inline void drb_pool_show(struct page_pool_params *params,
				 struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	params->netdev = dev;
#endif
}

/* A page from such a pool is one part; older kernels leave unset of how many. */
static inline void drb_pool_unsplit(struct page *page)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
	page_pool_fragment_page(page, 1);
#endif
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete_sync(timer)	del_timer_sync(timer)
#endif

static inline void drb_frag_fill(skb_frag_t *frag, struct page *page,
				 unsigned int offset, unsigned int size)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	skb_frag_fill_page_desc(frag, page, offset, size);
#else
	__skb_frag_set_page(frag, page);
	skb_frag_off_set(frag, offset);
	skb_frag_size_set(frag, size);
#endif
}

/* Packets may be lost for want of memory; the log need not be filled as well. */
static inline struct sk_buff *drb_napi_alloc_skb(struct napi_struct *napi,
						 unsigned int len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	return napi_alloc_skb(napi, len);
#else
	return __napi_alloc_skb(napi, len, GFP_ATOMIC | __GFP_NOWARN);
#endif
}

static inline int drb_do_xdp_generic(struct bpf_prog *prog,
				     struct sk_buff **skb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
	return do_xdp_generic(prog, skb);
#else
	return do_xdp_generic(prog, *skb);
#endif
}

/* Newer kernels ask what a device can do with XDP before they use it. */
static inline void drb_offer_xdp(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	dev->xdp_features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT |
			    NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_RX_SG |
			    NETDEV_XDP_ACT_NDO_XMIT_SG;
#endif
}

/*
 * An skb made of an xdp_buff takes over its fragments, of size bytes.  Kernels
 * have this under several names; in newer ones the destructor's argument shares
 * its place with what an xdp_buff keeps of its fragments.
 */
static inline void drb_skb_take_frags(struct sk_buff *skb, u8 nr,
				      unsigned int size, unsigned int truesize)
{
	skb_shinfo(skb)->nr_frags = nr;
	skb_shinfo(skb)->destructor_arg = NULL;
	skb->len += size;
	skb->data_len += size;
	skb->truesize += truesize;
}

/* xenbus_read_driver_state() of the peer, whose arguments are not always these. */
static inline enum xenbus_state drb_peer_state(const struct xenbus_device *xdev)
{
	enum xenbus_state state;

	if (xenbus_gather(XBT_NIL, xdev->otherend, "state", "%d", &state, NULL))
		return XenbusStateUnknown;
	return state;
}

/* Of a callback that adds to the environment of a device's uevents. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#define DRB_UEVENT_DEV	const struct xenbus_device
#else
#define DRB_UEVENT_DEV	struct xenbus_device
#endif

/* What an administrator sets of NAPI lasts in newer kernels, for each index. */
static inline void drb_napi_add(struct net_device *dev,
				struct napi_struct *napi,
				int (*poll)(struct napi_struct *, int),
				int index)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	netif_napi_add_config(dev, napi, poll, index);
#else
	netif_napi_add(dev, napi, poll);
#endif
}

/* Newer kernels show which context serves a queue, and by which interrupt. */
static inline void drb_napi_show(struct net_device *dev, unsigned int queue,
				 struct napi_struct *napi, int irq)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	netif_napi_set_irq(napi, irq);
	netif_queue_set_napi(dev, queue, NETDEV_QUEUE_TYPE_RX, napi);
	netif_queue_set_napi(dev, queue, NETDEV_QUEUE_TYPE_TX, napi);
#endif
}

static inline void drb_napi_hide(struct net_device *dev, unsigned int queue)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	netif_queue_set_napi(dev, queue, NETDEV_QUEUE_TYPE_RX, NULL);
	netif_queue_set_napi(dev, queue, NETDEV_QUEUE_TYPE_TX, NULL);
#endif
}

/* Newer kernels ask a device for counters of its queues. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
static inline void drb_offer_queue_stats(struct net_device *dev,
					 const struct netdev_stat_ops *ops)
{
	dev->stat_ops = ops;
}
#else
struct netdev_queue_stats_rx {
	u64 bytes;
	u64 packets;
};

struct netdev_queue_stats_tx {
	u64 bytes;
	u64 packets;
	u64 stop;
	u64 wake;
};

struct netdev_stat_ops {
	void (*get_queue_stats_rx)(struct net_device *dev, int idx,
				   struct netdev_queue_stats_rx *stats);
	void (*get_queue_stats_tx)(struct net_device *dev, int idx,
				   struct netdev_queue_stats_tx *stats);
	void (*get_base_stats)(struct net_device *dev,
			       struct netdev_queue_stats_rx *rx,
			       struct netdev_queue_stats_tx *tx);
};

static inline void drb_offer_queue_stats(struct net_device *dev,
					 const struct netdev_stat_ops *ops)
{
}
#endif

static inline void
drb_timer_setup(struct hrtimer *timer,
		enum hrtimer_restart (*function)(struct hrtimer *),
		enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, mode);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, mode);
	timer->function = function;
#endif
}

/* Does GRO hold packets back, in the hope of more to merge them with? */
static inline bool drb_gro_holds(const struct napi_struct *napi)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return napi->gro.bitmask;
#else
	return napi->gro_bitmask;
#endif
}

/*
 * What is shown and set of RSS was once passed in pieces.  DRB_RXFH(get, set)
 * defines what DRB_GET_RXFH(get) and DRB_SET_RXFH(set) put into ethtool_ops.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define DRB_RXFH(get, set)
#define DRB_GET_RXFH(get)	(get)
#define DRB_SET_RXFH(set)	(set)
#else
struct ethtool_rxfh_param {
	u32 *indir;
	u8 *key;
	u8 hfunc;
};

#define DRB_RXFH(get, set)						\
static int get##_pieces(struct net_device *dev, u32 *indir, u8 *key,	\
			u8 *hfunc)					\
{									\
	struct ethtool_rxfh_param rxfh = { .indir = indir, .key = key };	\
	int err = get(dev, &rxfh);					\
									\
	if (hfunc)							\
		*hfunc = rxfh.hfunc;					\
	return err;							\
}									\
									\
static int set##_pieces(struct net_device *dev, const u32 *indir,	\
			const u8 *key, const u8 hfunc)			\
{									\
	struct ethtool_rxfh_param rxfh = {				\
		.indir = (u32 *)indir, .key = (u8 *)key, .hfunc = hfunc	\
	};								\
									\
	return set(dev, &rxfh, NULL);					\
}

#define DRB_GET_RXFH(get)	(get##_pieces)
#define DRB_SET_RXFH(set)	(set##_pieces)
#endif

/*
 * Which fields RSS hashes is asked for by operations of its own in newer kernels
 * (6.17, and some that are called older, so Kbuild looks for it), in older ones
 * through get_rxnfc() and set_rxnfc() only.
 */
#ifdef DRB_HAVE_RXFH_FIELDS
#define drb_rxfh_fields	ethtool_rxfh_fields
#define DRB_RXFH_FIELDS_OPS(get, set)					\
	.get_rxfh_fields = (get), .set_rxfh_fields = (set),
#else
struct drb_rxfh_fields {
	u32 data;
	u32 flow_type;
};

#define DRB_RXFH_FIELDS_OPS(get, set)
#endif

/*
 * The number of RX queues, of which "ethtool -x" and "-X" make a table, has an
 * operation of its own, too: from some version on get_rxnfc() is not asked for it.
 */
#ifdef DRB_HAVE_RX_RING_COUNT
#define DRB_RX_RING_COUNT_OP(get)	.get_rx_ring_count = (get),
#else
#define DRB_RX_RING_COUNT_OP(get)
#endif

#endif /* DRB_COMPAT_H */
