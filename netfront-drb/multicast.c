// SPDX-License-Identifier: GPL-2.0
/*
 * multicast.c - tell the backend which multicast groups the guest is in, so
 * that it need not copy others into the ring: "drb-multicast" in the guest's
 * directory, the value of drb_info.filter that the list holds for and a colon,
 * then the addresses as 12 hexadecimal digits with spaces in between.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "drb_front.h"

static const char drbf_groups_key[] = "drb-multicast";

/* Characters of an address with its space. */
#define DRBF_GROUP_CHARS	(2 * ETH_ALEN + 1)
#define DRBF_GROUPS_CHARS	(12 + DRB_MAX_GROUPS * DRBF_GROUP_CHARS)

/* Write the list to s.  False: all multicast is wanted, or more than fits. */
static bool drbf_list_groups(struct drbf_vif *vif, char *s)
{
	struct net_device *dev = vif->drb.dev;
	struct netdev_hw_addr *ha;
	bool fits;

	netif_addr_lock_bh(dev);
	s += sprintf(s, "%u:", *vif->drb.filter);
	fits = !(dev->flags & (IFF_PROMISC | IFF_ALLMULTI)) &&
	       netdev_mc_count(dev) <= DRB_MAX_GROUPS;
	if (fits)
		netdev_for_each_mc_addr(ha, dev)
			s += sprintf(s, "%*phN ", ETH_ALEN, ha->addr);
	netif_addr_unlock_bh(dev);
	return fits;
}

/* Without a list the backend has no reason to hold anything back. */
static int drbf_groups_write(struct xenbus_transaction t, void *owner)
{
	struct drbf_vif *vif = owner;
	char *list = kmalloc(DRBF_GROUPS_CHARS, GFP_KERNEL);
	const char *dir = vif->drb.xdev->nodename;
	int err = 0;

	if (list && drbf_list_groups(vif, list))
		err = xenbus_write(t, dir, drbf_groups_key, list);
	else
		xenbus_rm(t, dir, drbf_groups_key);
	kfree(list);
	return err;
}

static void drbf_groups_work(struct work_struct *work)
{
	struct drbf_vif *vif = container_of(work, struct drbf_vif, groups_work);

	if (vif->drb.xdev->state == XenbusStateConnected)
		drb_keys_tell(vif->drb.xdev, drbf_groups_write, vif);
}

void drbf_groups_init(struct drbf_vif *vif)
{
	INIT_WORK(&vif->groups_work, drbf_groups_work);
}

/* From now on the backend is told. */
void drbf_groups_start(struct drbf_vif *vif)
{
	struct net_device *dev = vif->drb.dev;
	struct drb_info *info = vif->rings[0].addr[0];

	netif_addr_lock_bh(dev);
	vif->drb.filter = &info->filter;
	vif->drb.rx_mode_work = &vif->groups_work;
	drb_set_rx_mode(dev);
	netif_addr_unlock_bh(dev);
}

/* The lock of a device is made when that is registered, which may not have been yet. */
static void drbf_groups_untell(struct drbf_vif *vif)
{
	struct net_device *dev = vif->drb.dev;

	netif_addr_lock_bh(dev);
	vif->drb.rx_mode_work = NULL;
	netif_addr_unlock_bh(dev);
	cancel_work_sync(&vif->groups_work);
	vif->drb.filter = NULL;
}

void drbf_groups_stop(struct drbf_vif *vif)
{
	if (vif->drb.filter)
		drbf_groups_untell(vif);
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, drbf_groups_key);
}
