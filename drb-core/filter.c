// SPDX-License-Identifier: GPL-2.0
/*
 * filter.c - which multicast the peer wants: groups it has not named do not
 * go into its ring.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "internal.h"

/* True for multicast, other than broadcast, that the peer did not ask for. */
bool drb_filtered(const struct drb_dev *drb, const u8 *dest)
{
	const struct drb_groups *groups;
	unsigned int i;
	u64 addr;

	if (!is_multicast_ether_addr(dest) || is_broadcast_ether_addr(dest))
		return false;
	groups = rcu_dereference_bh(drb->groups);
	/* What the peer has joined since it told us, it may be waiting for. */
	if (!groups || groups->filter != READ_ONCE(*drb->filter))
		return false;
	addr = ether_addr_to_u64(dest);
	for (i = 0; i < groups->num; i++)
		if (groups->addr[i] == addr)
			return false;
	return true;
}

/* groups is the device's from here on; NULL: the peer wants all multicast. */
void drb_filter_set(struct drb_dev *drb, struct drb_groups *groups)
{
	struct drb_groups *old;

	rtnl_lock();
	old = rtnl_dereference(drb->groups);
	rcu_assign_pointer(drb->groups, groups);
	rtnl_unlock();
	if (old)
		kfree_rcu(old, rcu);
}
EXPORT_SYMBOL_GPL(drb_filter_set);

/*
 * Under the device's address lock.  The peer filters nothing from here on until
 * it has the new list, which the work tells it: what is asked for in the next
 * packet is answered at once.  The peer sees this before that packet: the
 * barrier in drb_ring_publish() pairs with that of its drb_ring_peek().
 */
void drb_set_rx_mode(struct net_device *dev)
{
	struct drb_dev *drb = netdev_priv(dev);

	if (!drb->rx_mode_work)
		return;
	/* 0 is for those who never change it. */
	WRITE_ONCE(*drb->filter, *drb->filter + 1 ?: 1);
	schedule_work(drb->rx_mode_work);
}
EXPORT_SYMBOL_GPL(drb_set_rx_mode);
