// SPDX-License-Identifier: GPL-2.0
/*
 * steer.c - which queue a packet leaves through.
 *
 * A guest leaves it to the stack.  In a driver domain the guest may have asked
 * for receive side scaling (RSS), that is, for a hash of its own choice to pick
 * the queue; without that, a packet that was received on a queue of a NIC or of
 * another vif goes on in the queue of that number, on the same CPU.
 *
 * The stack asks only when there is more than one queue.
 */
#include <linux/in.h>
#include <linux/slab.h>
#include <net/flow_dissector.h>

#include <drb/drb_toeplitz.h>

#include "internal.h"

/* What is hashed of a flow: len bytes, 0 for nothing. */
struct drb_rss_input {
	u8 data[DRB_TOEPLITZ_MAX];
	unsigned int len;
	bool l4;
};

static void drb_rss_add(struct drb_rss_input *in, const void *from,
			unsigned int len)
{
	memcpy(in->data + in->len, from, len);
	in->len += len;
}

/* The guest's types apply; what it has as constants are those of IPv4. */
static u32 drb_rss_types(const struct flow_keys *flow, u32 types)
{
	switch (flow->control.addr_type) {
	case FLOW_DISSECTOR_KEY_IPV4_ADDRS:
		return types;
	case FLOW_DISSECTOR_KEY_IPV6_ADDRS:
		return types / (DRB_RSS_IPV6 / DRB_RSS_IPV4);
	}
	return 0;
}

/* Are ports to be hashed?  Fragments have none, or only the first has. */
static bool drb_rss_wants_ports(const struct flow_keys *flow, u32 types)
{
	if (flow->control.flags & FLOW_DIS_IS_FRAGMENT)
		return false;
	switch (flow->basic.ip_proto) {
	case IPPROTO_TCP:
		return types & DRB_RSS_TCPV4;
	case IPPROTO_UDP:
		return types & DRB_RSS_UDPV4;
	}
	return false;
}

static void drb_rss_fill(struct drb_rss_input *in, const struct flow_keys *flow,
			 u32 types)
{
	types = drb_rss_types(flow, types);
	in->len = 0;
	in->l4 = drb_rss_wants_ports(flow, types);
	if (!in->l4 && !(types & DRB_RSS_IPV4))
		return;
	if (flow->control.addr_type == FLOW_DISSECTOR_KEY_IPV4_ADDRS) {
		drb_rss_add(in, &flow->addrs.v4addrs.src, 4);
		drb_rss_add(in, &flow->addrs.v4addrs.dst, 4);
	} else {
		drb_rss_add(in, &flow->addrs.v6addrs.src, 16);
		drb_rss_add(in, &flow->addrs.v6addrs.dst, 16);
	}
	if (!in->l4)
		return;
	drb_rss_add(in, &flow->ports.src, 2);
	drb_rss_add(in, &flow->ports.dst, 2);
}

/* What is not hashed counts as hash 0, as with a NIC. */
static u16 drb_rss_queue(const struct drb_rss *rss, struct sk_buff *skb,
			 unsigned int num)
{
	struct drb_rss_input in;
	struct flow_keys flow;
	u32 hash = 0;

	in.len = 0;
	if (skb_flow_dissect_flow_keys(skb, &flow,
				       FLOW_DISSECTOR_F_STOP_AT_ENCAP))
		drb_rss_fill(&in, &flow, rss->types);
	if (in.len) {
		hash = drb_toeplitz(rss->key, in.data, in.len);
		skb_set_hash(skb, hash, in.l4 ? PKT_HASH_TYPE_L4 :
						PKT_HASH_TYPE_L3);
	}
	return rss->table[hash % DRB_RSS_TABLE_LEN] % num;
}

u16 drb_select_queue(struct net_device *dev, struct sk_buff *skb,
		     struct net_device *sb_dev)
{
	unsigned int num = READ_ONCE(dev->real_num_tx_queues);
	struct drb_dev *drb = netdev_priv(dev);
	const struct drb_rss *rss;
	u16 queue = 0;

	/* Packet sockets may ask without it. */
	rcu_read_lock();
	rss = rcu_dereference(drb->rss);
	if (rss)
		queue = drb_rss_queue(rss, skb, num);
	rcu_read_unlock();
	if (rss)
		return queue;
	if (drb->backend && skb_rx_queue_recorded(skb))
		return skb_get_rx_queue(skb) % num;
	return netdev_pick_tx(dev, skb, sb_dev);
}

/* Takes what it is given; one caller at a time. */
void drb_rss_set(struct drb_dev *drb, struct drb_rss *rss)
{
	struct drb_rss *old = rcu_replace_pointer(drb->rss, rss, true);

	if (old)
		kfree_rcu(old, rcu);
}
EXPORT_SYMBOL_GPL(drb_rss_set);
