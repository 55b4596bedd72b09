// SPDX-License-Identifier: GPL-2.0
/*
 * link.c - tell the guest about the device: is it up, what is its MTU, and does it
 * take packets that are still to be cut into segments.  These are keys in the
 * backend's directory, which the guest watches; of the last the guest has one, too.
 */
#include <linux/rtnetlink.h>

#include "drb_back.h"

/* Whatever has happened meanwhile, the keys show what is true now. */
static int drbb_link_write(struct xenbus_transaction t, void *owner)
{
	struct drbb_vif *vif = owner;
	struct net_device *dev = vif->drb.dev;
	const char *dir = vif->drb.xdev->nodename;
	int err = 0;

	if (vif->tell_carrier)
		err = xenbus_printf(t, dir, "carrier", "%u",
				    netif_running(dev));
	if (!err && vif->tell_mtu)
		err = xenbus_printf(t, dir, "drb-mtu", "%u",
				    READ_ONCE(dev->mtu));
	if (!err && vif->tell_gso)
		err = xenbus_printf(t, dir, "drb-rx-gso", "%u",
				    !READ_ONCE(vif->drb.no_gso));
	return err;
}

static void drbb_link_work(struct work_struct *work)
{
	struct drbb_vif *vif = container_of(work, struct drbb_vif, link_work);

	drb_keys_write(vif->drb.xdev, drbb_link_write, vif);
}

/*
 * Under rtnl.  Nothing is told that nobody has set: until the hotplug script
 * has been there the device is down, and its MTU that of any device.
 */
static void drbb_link_changed(struct drb_dev *drb, enum drb_change what)
{
	struct drbb_vif *vif = container_of(drb, struct drbb_vif, drb);

	switch (what) {
	case DRB_CHANGED_UP:
		WRITE_ONCE(vif->tell_carrier, true);
		break;
	case DRB_CHANGED_MTU:
		WRITE_ONCE(vif->tell_mtu, true);
		break;
	case DRB_CHANGED_GSO:
		WRITE_ONCE(vif->tell_gso, true);
		break;
	}
	schedule_work(&vif->link_work);
}

/* ---- what the guest tells ------------------------------------------------- */

static void drbb_gso_work(struct work_struct *work)
{
	struct drbb_vif *vif = container_of(to_delayed_work(work),
					    struct drbb_vif, gso.work);

	drb_paced_begin(&vif->gso);
	drb_set_peer_gso(&vif->drb,
			 xenbus_read_unsigned(vif->drb.xdev->otherend,
					      "drb-rx-gso", 1));
}

/* Nobody schedules it any more. */
void drbb_gso_stop(struct drbb_vif *vif)
{
	cancel_delayed_work_sync(&vif->gso.work);
}

void drbb_link_init(struct drbb_vif *vif)
{
	INIT_WORK(&vif->link_work, drbb_link_work);
	drb_paced_init(&vif->gso, drbb_gso_work);
	vif->drb.changed = drbb_link_changed;
}

/* Before the device goes down for good, which the guest need not be told. */
void drbb_link_fini(struct drbb_vif *vif)
{
	rtnl_lock();
	vif->drb.changed = NULL;
	rtnl_unlock();
	cancel_work_sync(&vif->link_work);
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "carrier");
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-mtu");
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-rx-gso");
}
