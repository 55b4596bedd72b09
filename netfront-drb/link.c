// SPDX-License-Identifier: GPL-2.0
/*
 * link.c - what the host says about the link: its MTU, and whether it is up.
 */
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>

#include "drb_front.h"

/*
 * The host's MTU becomes the device's, unless the guest's administrator has
 * chosen a smaller one.
 */
static void drbf_set_mtu(struct drbf_vif *vif, unsigned int mtu)
{
	struct net_device *dev = vif->drb.dev;

	if (mtu < dev->min_mtu || mtu > dev->max_mtu) {
		netdev_warn(dev, "the host's MTU of %u is out of range\n", mtu);
		return;
	}
	rtnl_lock();
	if (dev->mtu == vif->host_mtu || dev->mtu > mtu) {
		if (dev->mtu != mtu && !dev_set_mtu(dev, mtu))
			netdev_info(dev, "MTU set to the host's, %u\n", mtu);
	}
	vif->host_mtu = mtu;
	rtnl_unlock();
}

/* True if the key is there with another value than *seen. */
static bool drbf_read_mtu(const char *dir, const char *key, unsigned int *seen)
{
	unsigned int mtu = xenbus_read_unsigned(dir, key, 0);

	if (!mtu || mtu == *seen)
		return false;
	*seen = mtu;
	return true;
}

static bool drbf_toolstack_mtu(struct drbf_vif *vif)
{
	return drbf_read_mtu(vif->drb.xdev->nodename, "mtu", &vif->seen_mtu);
}

static bool drbf_backend_mtu(struct drbf_vif *vif)
{
	return drbf_read_mtu(vif->drb.xdev->otherend, "drb-mtu",
			     &vif->seen_drb_mtu);
}

static void drbf_mtu_changed(struct xenbus_watch *watch, const char *path,
			     const char *token)
{
	struct drbf_vif *vif = container_of(watch, struct drbf_vif, mtu_watch);

	if (drbf_toolstack_mtu(vif))
		drbf_set_mtu(vif, vif->seen_mtu);
}

static void drbf_drb_mtu_changed(struct xenbus_watch *watch, const char *path,
				 const char *token)
{
	struct drbf_vif *vif = container_of(watch, struct drbf_vif,
					    drb_mtu_watch);

	if (drbf_backend_mtu(vif))
		drbf_set_mtu(vif, vif->seen_drb_mtu);
}

static void drbf_read_carrier(struct drbf_vif *vif)
{
	drb_set_peer_up(&vif->drb, xenbus_read_unsigned(vif->drb.xdev->otherend,
							"carrier", 1));
}

static void drbf_carrier_changed(struct xenbus_watch *watch, const char *path,
				 const char *token)
{
	drbf_read_carrier(container_of(watch, struct drbf_vif, carrier_watch));
}

/*
 * Before the link goes up: what the backend's device has, else what the
 * toolstack wishes; and from then on whichever of the two changes.
 */
void drbf_link_watch(struct drbf_vif *vif)
{
	struct xenbus_device *xdev = vif->drb.xdev;
	bool wish;

	vif->seen_mtu = 0;
	vif->seen_drb_mtu = 0;
	wish = drbf_toolstack_mtu(vif);
	if (drbf_backend_mtu(vif))
		drbf_set_mtu(vif, vif->seen_drb_mtu);
	else if (wish)
		drbf_set_mtu(vif, vif->seen_mtu);
	drbf_read_carrier(vif);
	drb_watch(xdev, &vif->mtu_watch, drbf_mtu_changed, xdev->nodename,
		  "mtu");
	drb_watch(xdev, &vif->drb_mtu_watch, drbf_drb_mtu_changed,
		  xdev->otherend, "drb-mtu");
	drb_watch(xdev, &vif->carrier_watch, drbf_carrier_changed,
		  xdev->otherend, "carrier");
}

void drbf_link_unwatch(struct drbf_vif *vif)
{
	drb_unwatch(&vif->mtu_watch);
	drb_unwatch(&vif->drb_mtu_watch);
	drb_unwatch(&vif->carrier_watch);
}
