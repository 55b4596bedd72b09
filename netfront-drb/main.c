// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - netfront-drb: the network device of a guest whose vif is served
 * by netback-drb.  Probe, state changes and removal.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <xen/platform_pci.h>
#include <xen/xen.h>

#include "drb_front.h"

/* How long a backend gets to react when the device goes away. */
#define DRBF_CLOSE_TIMEOUT	(5 * HZ)
/* A suspend that has not happened by then was cancelled. */
#define DRBF_RESTART_DELAY	(2 * HZ)
/* How long a backend that has left the vif gets to take it back. */
#define DRBF_ASK_TIMEOUT	(5 * HZ)

static char *claim = "script";
module_param(claim, charp, 0444);
MODULE_PARM_DESC(claim, "Vifs to serve: script (those with script=vif-drb) or all");

/*
 * Begin anew with the same backend: it lets go of everything and offers again.
 * A vif that is not connected does so anyway, sooner or later.
 */
static void drbf_begin_anew(struct drbf_vif *vif, const char *why)
{
	mutex_lock(&vif->lock);
	if (!vif->removed && vif->drb.xdev->state == XenbusStateConnected) {
		netdev_info(vif->drb.dev, "%s: connecting again\n", why);
		drb_traffic_stop(&vif->drb);
		xenbus_switch_state(vif->drb.xdev, XenbusStateInitialising);
	}
	mutex_unlock(&vif->lock);
}

/* Nobody tells that a suspend was cancelled, but this then still runs. */
static void drbf_restart(struct work_struct *work)
{
	drbf_begin_anew(container_of(to_delayed_work(work), struct drbf_vif,
				     restart), "was not suspended after all");
}

static void drbf_reconnect_work(struct work_struct *work)
{
	struct drbf_vif *vif = container_of(work, struct drbf_vif, reconnect);

	drbf_begin_anew(vif, vif->drb.lend && READ_ONCE(vif->kept) ?
			"a lent page is kept, no more are lent" :
			"other queues or rings");
}

/* Whoever keeps the page keeps it; the rings are replaced. */
static void drbf_lend_stuck(struct drb_dev *drb)
{
	struct drbf_vif *vif = container_of(drb, struct drbf_vif, drb);

	WRITE_ONCE(vif->kept, true);
	schedule_work(&vif->reconnect);
}

/* The backend is not to write into memory that is being saved. */
static int drbf_suspend(struct xenbus_device *xdev)
{
	struct drbf_vif *vif = dev_get_drvdata(&xdev->dev);

	if (!vif->iotask)
		return 0;
	mutex_lock(&vif->lock);
	drb_traffic_stop(&vif->drb);
	drbf_isolate(&vif->drb);
	mutex_unlock(&vif->lock);
	schedule_delayed_work(&vif->restart, DRBF_RESTART_DELAY);
	return 0;
}

/* After migration the grants and the backend are new: start over. */
static int drbf_resume(struct xenbus_device *xdev)
{
	struct drbf_vif *vif = dev_get_drvdata(&xdev->dev);

	cancel_delayed_work_sync(&vif->restart);
	mutex_lock(&vif->lock);
	drbf_tasks_forget(vif);
	drbf_parked_forget();
	drbf_disconnect(vif);
	mutex_unlock(&vif->lock);
	return 0;
}

static bool drbf_backend_has_drb(struct xenbus_device *xdev)
{
	return xenbus_read_unsigned(xdev->otherend, "drb-version", 0);
}

/* A guest that insists on I/O tasks has no vif rather than a stock one. */
static void drbf_leave(struct drbf_vif *vif)
{
	if (drbf_task_required(vif->drb.xdev)) {
		xenbus_dev_fatal(vif->drb.xdev, -EPROTONOSUPPORT,
				 "the backend has no DRB driver (netback-drb)");
	} else if (!vif->handed_over) {
		vif->handed_over = true;
		drb_hand_over(vif->drb.xdev);
	}
}

static void drbf_asked_enough(struct work_struct *work)
{
	struct drbf_vif *vif = container_of(to_delayed_work(work),
					    struct drbf_vif, asked_enough);

	mutex_lock(&vif->lock);
	if (!vif->removed && !drbf_backend_has_drb(vif->drb.xdev)) {
		xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-version");
		drbf_leave(vif);
	}
	mutex_unlock(&vif->lock);
}

static int drbf_read_mac(struct xenbus_device *xdev, u8 mac[ETH_ALEN])
{
	char *s = xenbus_read(XBT_NIL, xdev->nodename, "mac", NULL);
	bool ok;

	if (IS_ERR(s))
		return PTR_ERR(s);
	ok = mac_pton(s, mac);
	kfree(s);
	return ok ? 0 : -EINVAL;
}

/* Has the backend shown itself, and is it none of DRB's? */
static bool drbf_backend_is_stock(struct xenbus_device *xdev)
{
	enum xenbus_state state = drb_peer_state(xdev);

	return (state == XenbusStateInitWait || state == XenbusStateConnected) &&
	       !drbf_backend_has_drb(xdev);
}

/* Is it one that took over from DRB's, which may come back? */
static bool drbf_may_return(struct xenbus_device *xdev)
{
	return xenbus_read_unsigned(xdev->otherend, "drb-handover", 0);
}

static int drbf_probe(struct xenbus_device *xdev,
		      const struct xenbus_device_id *id)
{
	struct net_device *dev;
	struct drbf_vif *vif;
	u8 mac[ETH_ALEN];
	int err;

	if (!drbf_task_required(xdev)) {
		if (!drb_claims(xdev->otherend, claim))
			return drb_refuse(xdev);
		if (drb_is_leaving(xdev) ||
		    (drbf_backend_is_stock(xdev) && !drbf_may_return(xdev)))
			return drb_refuse_stock(xdev);
	}
	err = drbf_read_mac(xdev, mac);
	if (err) {
		xenbus_dev_fatal(xdev, err, "reading mac");
		return err;
	}
	dev = alloc_etherdev_mq(sizeof(*vif), DRB_MAX_QUEUES);
	if (!dev)
		return -ENOMEM;
	vif = netdev_priv(dev);
	drb_dev_init(dev, xdev, false);
	vif->drb.isolate = drbf_isolate;
	vif->drb.lend_stuck = drbf_lend_stuck;
	dev->ethtool_ops = &drbf_ethtool_ops;
	mutex_init(&vif->lock);
	drbf_rss_init(vif);
	vif->host_mtu = dev->mtu;
	drbf_groups_init(vif);
	drbf_link_begin(vif);
	INIT_DELAYED_WORK(&vif->restart, drbf_restart);
	INIT_DELAYED_WORK(&vif->asked_enough, drbf_asked_enough);
	INIT_WORK(&vif->reconnect, drbf_reconnect_work);
	eth_hw_addr_set(dev, mac);
	dev_set_drvdata(&xdev->dev, vif);
	/* The backend may be waiting for a new beginning. */
	xenbus_switch_state(xdev, XenbusStateInitialising);
	return 0;
}

static int drbf_write_version(struct xenbus_transaction t, void *owner)
{
	const struct drbf_vif *vif = owner;

	return xenbus_printf(t, vif->drb.xdev->nodename, "drb-version", "%u",
			     DRB_VERSION);
}

/* Say that there is a DRB driver now; the backend's may take the vif back. */
static void drbf_ask(struct drbf_vif *vif)
{
	vif->asked = true;
	drb_keys_write(vif->drb.xdev, drbf_write_version, vif);
	schedule_delayed_work(&vif->asked_enough, DRBF_ASK_TIMEOUT);
}

static void drbf_no_drb(struct drbf_vif *vif)
{
	if (!vif->asked && drbf_may_return(vif->drb.xdev))
		drbf_ask(vif);
	else if (!delayed_work_pending(&vif->asked_enough))
		drbf_leave(vif);
}

/* The backend is ready for us: register if that is not done, and connect. */
static void drbf_backend_ready(struct drbf_vif *vif)
{
	struct xenbus_device *xdev = vif->drb.xdev;
	int err;

	if (xdev->state == XenbusStateInitialised)
		return;
	/* The backend's driver, or its domain, may have been replaced. */
	drbf_disconnect(vif);
	if (xdev->state != XenbusStateInitialising)
		xenbus_switch_state(xdev, XenbusStateInitialising);
	if (!drbf_backend_has_drb(xdev)) {
		drbf_no_drb(vif);
		return;
	}
	vif->asked = false;
	cancel_delayed_work(&vif->asked_enough);
	if (!vif->registered) {
		err = register_netdev(vif->drb.dev);
		if (err) {
			xenbus_dev_fatal(xdev, err, "registering the device");
			return;
		}
		vif->registered = true;
	}
	err = drbf_connect(vif);
	if (err) {
		xenbus_switch_state(xdev, XenbusStateClosing);
		return;
	}
	xenbus_switch_state(xdev, XenbusStateInitialised);
}

/* The backend has mapped everything. */
static void drbf_backend_connected(struct drbf_vif *vif)
{
	struct xenbus_device *xdev = vif->drb.xdev;

	if (xdev->state != XenbusStateInitialised)
		return;
	drbf_link_watch(vif);
	drb_traffic_start(&vif->drb);
	drb_clear_error(xdev);
	netdev_info(vif->drb.dev, "connected to domain %u, mode %s, %u queues%s\n",
		    xdev->otherend_id, vif->iotask ? "iotask" : "grants",
		    vif->num_rings, vif->drb.lend ? ", lending pages" : "");
	xenbus_switch_state(xdev, XenbusStateConnected);
	drbf_groups_start(vif);
	drbf_link_announce(vif);
	/* What was asked for while we were busy with this. */
	if (READ_ONCE(vif->want_nr) != vif->planned_nr)
		schedule_work(&vif->reconnect);
}

/*
 * The backend has let go of everything.  If we are waiting for its offer, this
 * is the end of what was before us: were we to close as well, a backend that is
 * late would never see that we have come.
 */
static void drbf_backend_is_closed(struct drbf_vif *vif)
{
	struct xenbus_device *xdev = vif->drb.xdev;

	drbf_disconnect(vif);
	if (xdev->state == XenbusStateInitialising &&
	    xenbus_read_unsigned(xdev->otherend, "online", 0))
		return;
	if (xdev->state != XenbusStateClosed)
		xenbus_frontend_closed(xdev);
}

static void drbf_backend_changed(struct xenbus_device *xdev,
				 enum xenbus_state state)
{
	struct drbf_vif *vif = dev_get_drvdata(&xdev->dev);

	mutex_lock(&vif->lock);
	switch (state) {
	case XenbusStateInitWait:
		drbf_backend_ready(vif);
		break;
	case XenbusStateConnected:
		drbf_backend_connected(vif);
		break;
	case XenbusStateClosing:
		drb_traffic_stop(&vif->drb);
		drbf_isolate(&vif->drb);
		xenbus_frontend_closed(xdev);
		break;
	case XenbusStateClosed:
		drbf_backend_is_closed(vif);
		break;
	default:
		break;
	}
	mutex_unlock(&vif->lock);
}

/* Has the backend let go?  Unknown: its directory is gone. */
static bool drbf_backend_closed(struct xenbus_device *xdev)
{
	enum xenbus_state state = drb_peer_state(xdev);

	return state == XenbusStateClosed || state == XenbusStateUnknown ||
	       state == XenbusStateInitWait;
}

static void drbf_close(struct xenbus_device *xdev)
{
	struct drbf_vif *vif = dev_get_drvdata(&xdev->dev);
	unsigned long end = jiffies + DRBF_CLOSE_TIMEOUT;

	/*
	 * xen-netback waits in InitWait for xen-netfront, which begins as we
	 * have.  Were we to close, it would, too, and perhaps so late that
	 * xen-netfront takes it as an answer and closes for good.
	 */
	if (vif->handed_over && drb_peer_state(xdev) == XenbusStateInitWait)
		return;
	if (drbf_backend_closed(xdev)) {
		xenbus_switch_state(xdev, XenbusStateClosed);
		return;
	}
	xenbus_switch_state(xdev, XenbusStateClosing);
	xenbus_switch_state(xdev, XenbusStateClosed);
	/* Nobody watches the backend for us any more: look now and then. */
	do {
		msleep(20);
		if (drbf_backend_closed(xdev))
			return;
	} while (time_before(jiffies, end));
	dev_warn(&xdev->dev, "the backend does not close the vif; its pages are %s\n",
		 vif->iotask ? "taken back" : "kept aside");
}

static void drbf_remove(struct xenbus_device *xdev)
{
	struct drbf_vif *vif = dev_get_drvdata(&xdev->dev);

	mutex_lock(&vif->lock);
	vif->removed = true;
	mutex_unlock(&vif->lock);
	cancel_delayed_work_sync(&vif->restart);
	cancel_delayed_work_sync(&vif->asked_enough);
	drb_traffic_stop(&vif->drb);
	drbf_close(xdev);
	drbf_disconnect(vif);
	drb_clear_error(xdev);
	if (vif->registered)
		unregister_netdev(vif->drb.dev);
	/* Until now ethtool could have asked for it. */
	cancel_work_sync(&vif->reconnect);
	drbf_link_end(vif);
	drb_dev_fini(&vif->drb);
	free_netdev(vif->drb.dev);
}

static const struct xenbus_device_id drbf_ids[] = {
	{ "vif" },
	{ "" }
};
MODULE_ALIAS("xen:vif");

static struct xenbus_driver drbf_driver = {
	.name = "vif-drb",
	.ids = drbf_ids,
	.probe = drbf_probe,
	.remove = drbf_remove,
	.suspend = drbf_suspend,
	.resume = drbf_resume,
	.otherend_changed = drbf_backend_changed,
	.allow_rebind = true,
};

static int __init drbf_init(void)
{
	int err;

	/* An HVM guest that keeps its emulated NICs has no vifs of this kind. */
	if (!xen_domain() || !xen_has_pv_nic_devices())
		return -ENODEV;
	err = drbf_link_init();
	if (err)
		return err;
	err = xenbus_register_frontend(&drbf_driver);
	if (err)
		drbf_link_exit();
	return err;
}
module_init(drbf_init);

static void __exit drbf_exit(void)
{
	xenbus_unregister_driver(&drbf_driver);
	drb_refuse_flush();
	drbf_link_exit();
	drbf_parked_exit();
}
module_exit(drbf_exit);

MODULE_DESCRIPTION("DRB: guest network device over shared ring buffers");
MODULE_LICENSE("GPL");
MODULE_VERSION(DRB_BUILD);
