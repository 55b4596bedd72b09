// SPDX-License-Identifier: GPL-2.0
/*
 * link.c - what the host says about the link: its MTU, and whether it is up; and
 * what the guest says once it is.
 */
#include <linux/if_ether.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>

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

static void drbf_mtu_changed(void *owner)
{
	struct drbf_vif *vif = owner;

	if (drbf_toolstack_mtu(vif))
		drbf_set_mtu(vif, vif->seen_mtu);
}

static void drbf_drb_mtu_changed(struct drbf_vif *vif)
{
	if (drbf_backend_mtu(vif))
		drbf_set_mtu(vif, vif->seen_drb_mtu);
}

static void drbf_read_carrier(struct drbf_vif *vif)
{
	drb_set_peer_up(&vif->drb, xenbus_read_unsigned(vif->drb.xdev->otherend,
							"carrier", 1));
}

static void drbf_carrier_changed(struct drbf_vif *vif)
{
	bool was_up = netif_carrier_ok(vif->drb.dev);

	drbf_read_carrier(vif);
	if (!was_up && netif_carrier_ok(vif->drb.dev))
		drbf_link_announce(vif);
}

static void drbf_gso_changed(struct drbf_vif *vif)
{
	drb_set_peer_gso(&vif->drb,
			 xenbus_read_unsigned(vif->drb.xdev->otherend,
					      "drb-rx-gso", 1));
}

static void drbf_told_work(struct work_struct *work)
{
	struct drbf_vif *vif = container_of(to_delayed_work(work),
					    struct drbf_vif, told.work);

	drb_paced_begin(&vif->told);
	drbf_drb_mtu_changed(vif);
	drbf_carrier_changed(vif);
	drbf_gso_changed(vif);
}

static void drbf_host_told(void *owner)
{
	struct drbf_vif *vif = owner;

	drb_paced_schedule(&vif->told);
}

static const struct drb_key drbf_keys[] = {
	{ "mtu", drbf_mtu_changed },
	{ }
};

static const struct drb_key drbf_host_keys[] = {
	{ "drb-mtu", drbf_host_told },
	{ "carrier", drbf_host_told },
	{ "drb-rx-gso", drbf_host_told },
	{ }
};

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
	drb_keys_watch(xdev, &vif->keys, xdev->nodename, drbf_keys, vif);
	drb_keys_watch(xdev, &vif->host_keys, xdev->otherend, drbf_host_keys,
		       vif);
}

void drbf_link_unwatch(struct drbf_vif *vif)
{
	drb_keys_unwatch(&vif->keys);
	drb_keys_unwatch(&vif->host_keys);
	cancel_delayed_work_sync(&vif->told.work);
}

/* ---- what this end tells -------------------------------------------------- */

int drbf_link_write(struct xenbus_transaction t, void *owner)
{
	struct drbf_vif *vif = owner;

	return xenbus_printf(t, vif->drb.xdev->nodename, "drb-rx-gso", "%u",
			     !READ_ONCE(vif->drb.no_gso));
}

/* Who has not published anything yet says it with the rest. */
static void drbf_link_work(struct work_struct *work)
{
	struct drbf_vif *vif = container_of(work, struct drbf_vif, link_work);
	struct xenbus_device *xdev = vif->drb.xdev;

	mutex_lock(&vif->lock);
	if (xdev->state == XenbusStateInitialised ||
	    xdev->state == XenbusStateConnected)
		drb_keys_tell(xdev, drbf_link_write, vif);
	mutex_unlock(&vif->lock);
}

static void drbf_link_changed(struct drb_dev *drb, enum drb_change what)
{
	struct drbf_vif *vif = container_of(drb, struct drbf_vif, drb);

	if (what == DRB_CHANGED_GSO)
		schedule_work(&vif->link_work);
}

/* Before the device is there, and after it has gone. */
void drbf_link_begin(struct drbf_vif *vif)
{
	INIT_WORK(&vif->link_work, drbf_link_work);
	drb_paced_init(&vif->told, drbf_told_work);
	vif->drb.changed = drbf_link_changed;
}

void drbf_link_end(struct drbf_vif *vif)
{
	cancel_work_sync(&vif->link_work);
}

/* ---- announcements ------------------------------------------------------ */

/*
 * The guest may be behind another switch than before: whoever sends to it is to
 * learn so from it.  Once the device can send, which may be later than its link
 * is up.  Under rtnl.
 */
static void drbf_announce(struct drbf_vif *vif)
{
	struct net_device *dev = vif->drb.dev;

	if (!vif->announce || !netif_running(dev) || !netif_carrier_ok(dev) ||
	    qdisc_tx_is_noop(dev))
		return;
	vif->announce = false;
	__netdev_notify_peers(dev);
	call_netdevice_notifiers(NETDEV_RESEND_IGMP, dev);
}

/* The link has come up: now, or as soon as the stack has seen it. */
void drbf_link_announce(struct drbf_vif *vif)
{
	rtnl_lock();
	vif->announce = true;
	drbf_announce(vif);
	rtnl_unlock();
}

static int drbf_netdev_event(struct notifier_block *nb, unsigned long event,
			     void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	if (event == NETDEV_CHANGE && dev->ethtool_ops == &drbf_ethtool_ops)
		drbf_announce(netdev_priv(dev));
	return NOTIFY_DONE;
}

static struct notifier_block drbf_netdev_notifier = {
	.notifier_call = drbf_netdev_event,
};

int drbf_link_init(void)
{
	return register_netdevice_notifier(&drbf_netdev_notifier);
}

void drbf_link_exit(void)
{
	unregister_netdevice_notifier(&drbf_netdev_notifier);
}
