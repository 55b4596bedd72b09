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
	if (!groups)
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

/* Atomic: who cares what the device listens to is told, and looks later. */
void drb_set_rx_mode(struct net_device *dev)
{
	struct drb_dev *drb = netdev_priv(dev);

	if (drb->rx_mode_work)
		schedule_work(drb->rx_mode_work);
}
