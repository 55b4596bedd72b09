// SPDX-License-Identifier: GPL-2.0
/*
 * link.c - tell the guest about the device: is it up, and what is its MTU.
 * Both are keys in the backend's directory, which the guest watches.
 */
#include <linux/rtnetlink.h>

#include "drb_back.h"

/* In *t, so that a directory which is just being removed is not made anew. */
static int drbb_link_write(struct drbb_vif *vif, struct xenbus_transaction t,
			   unsigned int mtu, unsigned int up)
{
	struct xenbus_device *xdev = vif->drb.xdev;
	int state, err = 0;

	if (xenbus_scanf(t, xdev->nodename, "state", "%d", &state) != 1)
		return -ENOENT;
	if (vif->tell_carrier)
		err = xenbus_printf(t, xdev->nodename, "carrier", "%u", up);
	if (!err && vif->tell_mtu)
		err = xenbus_printf(t, xdev->nodename, "drb-mtu", "%u", mtu);
	return err;
}

/* Whatever has happened meanwhile, the keys show what is true now. */
static void drbb_link_work(struct work_struct *work)
{
	struct drbb_vif *vif = container_of(work, struct drbb_vif, link_work);
	struct xenbus_transaction t;
	int err;

	do {
		if (xenbus_transaction_start(&t))
			return;
		err = drbb_link_write(vif, t, READ_ONCE(vif->drb.dev->mtu),
				      netif_running(vif->drb.dev));
		if (err) {
			xenbus_transaction_end(t, 1);
			return;
		}
		err = xenbus_transaction_end(t, 0);
	} while (err == -EAGAIN);
}

/*
 * Under rtnl.  Nothing is told that nobody has set: until the hotplug script
 * has been there the device is down, and its MTU that of any device.
 */
static void drbb_link_changed(struct drb_dev *drb, bool mtu)
{
	struct drbb_vif *vif = container_of(drb, struct drbb_vif, drb);

	if (mtu)
		WRITE_ONCE(vif->tell_mtu, true);
	else
		WRITE_ONCE(vif->tell_carrier, true);
	schedule_work(&vif->link_work);
}

void drbb_link_init(struct drbb_vif *vif)
{
	INIT_WORK(&vif->link_work, drbb_link_work);
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
}
