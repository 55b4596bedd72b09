// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - netback-drb: the driver domain's network device of a guest's vif.
 * Probe, state changes and removal.
 *
 *	guest			driver domain
 *	Initialising		InitWait	features offered
 *	Initialised		(map, bind)	rings published
 *				Connected	once the hotplug script is done
 *	Connected
 *	Closing			Closing		no more traffic, all unmapped
 *	Closed			Closed		removed when the toolstack says so
 */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/xen.h>

#include "drb_back.h"

static char *claim = "script";
module_param(claim, charp, 0444);
MODULE_PARM_DESC(claim, "Vifs to serve: script (those with script=vif-drb) or all");

static unsigned int unread_ms = 1000;
module_param(unread_ms, uint, 0644);
MODULE_PARM_DESC(unread_ms, "Drop packets for a guest that has read nothing from a full ring for so many ms; 0: wait for ever; from the next attachment on");

static unsigned int drbb_offer_queues(void)
{
	unsigned int max = READ_ONCE(drbb_max_queues);

	return clamp(max ? max : min(num_online_cpus(), 8u), 1u,
		     DRB_MAX_QUEUES);
}

/*
 * Offered before InitWait: DRB, and what a stock frontend looks for before it
 * shows itself at all.
 */
static int drbb_write_features(struct xenbus_transaction t, void *owner)
{
	const struct drbb_vif *vif = owner;
	struct xenbus_device *xdev = vif->drb.xdev;
	const struct {
		const char *key;
		unsigned int value;
	} offers[] = {
		{ "drb-version", DRB_VERSION },
		{ "drb-max-queues", vif->offered_queues },
		{ "drb-max-ring-pages", DRB_MAX_RING_PAGES },
		{ "feature-rx-copy", 1 },
		{ "feature-rx-flip", 0 },
		{ "feature-sg", 1 },
		{ "feature-gso-tcpv4", 1 },
		{ "feature-gso-tcpv6", 1 },
		{ "feature-ipv6-csum-offload", 1 },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(offers); i++)
		err = xenbus_printf(t, xdev->nodename, offers[i].key,
				    "%u", offers[i].value);
	return err ?: drb_build_write(t, xdev, THIS_MODULE);
}

/* What xen-netback does not overwrite. */
static void drbb_withdraw_features(struct xenbus_device *xdev)
{
	xenbus_rm(XBT_NIL, xdev->nodename, "drb-version");
	xenbus_rm(XBT_NIL, xdev->nodename, "drb-max-queues");
	xenbus_rm(XBT_NIL, xdev->nodename, "drb-max-ring-pages");
	xenbus_rm(XBT_NIL, xdev->nodename, "drb-build");
}

static struct net_device *drbb_create(struct xenbus_device *xdev,
				      unsigned int handle)
{
	/* As for every backend vif: a bridge must not learn a real one. */
	static const u8 mac[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	/* No more than the guest may have: the stack has a qdisc for each. */
	unsigned int queues = drbb_offer_queues();
	char name[IFNAMSIZ];
	struct net_device *dev;
	struct drbb_vif *vif;

	snprintf(name, sizeof(name), "vif%u.%u", xdev->otherend_id, handle);
	dev = alloc_netdev_mqs(sizeof(*vif), name, NET_NAME_UNKNOWN, ether_setup,
			       queues, queues);
	if (!dev)
		return NULL;
	vif = netdev_priv(dev);
	vif->offered_queues = queues;
	drb_dev_init(dev, xdev, true);
	vif->drb.max_queues = vif->offered_queues;
	vif->drb.unread_ms = READ_ONCE(unread_ms);
	drbb_link_init(vif);
	drbb_groups_init(vif);
	drbb_rss_init(vif);
	eth_hw_addr_set(dev, mac);
	return dev;
}

/*
 * A stock frontend says what rings it has, and is Connected before we are; one
 * of DRB's has a version, and is Initialised first.
 */
static bool drbb_frontend_is_stock(struct xenbus_device *xdev)
{
	return drb_peer_state(xdev) == XenbusStateConnected &&
	       !xenbus_read_unsigned(xdev->otherend, "drb-version", 0) &&
	       (xenbus_read_unsigned(xdev->otherend, "tx-ring-ref", 0) ||
		xenbus_read_unsigned(xdev->otherend, "queue-0/tx-ring-ref", 0));
}

/* ---- the hotplug script ------------------------------------------------ */

/* Without the node nobody runs a script, and nobody is to be waited for. */
static bool drbb_script_done(struct xenbus_device *xdev)
{
	char *val = xenbus_read(XBT_NIL, xdev->nodename, "hotplug-status",
				NULL);
	bool done;

	if (IS_ERR(val))
		return PTR_ERR(val) == -ENOENT;
	done = !strcmp(val, "connected");
	kfree(val);
	return done;
}

/* The last step: rings mapped and script done, in either order. */
static void drbb_go(struct drbb_vif *vif)
{
	if (vif->drb.xdev->state != XenbusStateInitWait || !vif->num_rings ||
	    !drbb_script_done(vif->drb.xdev))
		return;
	drb_traffic_start(&vif->drb);
	drb_clear_error(vif->drb.xdev);
	xenbus_switch_state(vif->drb.xdev, XenbusStateConnected);
}

static void drbb_hotplug_changed(void *vif)
{
	drbb_go(vif);
}

static const struct drb_key drbb_keys[] = {
	{ "rate", drbb_rate_changed },
	{ "hotplug-status", drbb_hotplug_changed },
	{ }
};

/* ---- probe --------------------------------------------------------------- */

/* Held while somebody who is not xenbus looks at a device's vif. */
static DEFINE_SPINLOCK(drbb_vif_lock);

/* Nobody finds the vif by its device any more: it may go. */
static void drbb_forget(struct xenbus_device *xdev)
{
	spin_lock(&drbb_vif_lock);
	dev_set_drvdata(&xdev->dev, NULL);
	spin_unlock(&drbb_vif_lock);
}

/*
 * The device is there.  The toolstack runs the vif's script in InitWait, once: where
 * that was for an earlier device, udev is to run it again (vif-drb-handover).
 */
static void drbb_online(struct xenbus_device *xdev, bool again)
{
	struct kobject *kobj = &xdev->dev.kobj;

	if (again)
		kobject_uevent_env(kobj, KOBJ_ONLINE, (char *[]){ "again=1", NULL });
	else
		kobject_uevent(kobj, KOBJ_ONLINE);
}

static int drbb_probe(struct xenbus_device *xdev,
		      const struct xenbus_device_id *id)
{
	struct net_device *dev;
	struct drbb_vif *vif;
	unsigned int handle;
	bool again;
	int err;

	if (!drb_claims(xdev->nodename, claim))
		return drb_refuse(xdev);
	if (drb_is_leaving(xdev))
		return drb_refuse_stock(xdev);
	if (drbb_frontend_is_stock(xdev)) {
		drbb_left_add(xdev);
		return drb_refuse_stock(xdev);
	}
	err = xenbus_scanf(XBT_NIL, xdev->nodename, "handle", "%u", &handle);
	if (err != 1) {
		xenbus_dev_fatal(xdev, -EINVAL, "reading handle");
		return -EINVAL;
	}
	dev = drbb_create(xdev, handle);
	if (!dev)
		return -ENOMEM;
	err = register_netdev(dev);
	if (err) {
		xenbus_dev_fatal(xdev, err, "registering the device");
		free_netdev(dev);
		return err;
	}
	dev_set_drvdata(&xdev->dev, netdev_priv(dev));
	again = xenbus_exists(XBT_NIL, xdev->nodename, "hotplug-status");
	/* Taken back from xen-netback: the guest is to see a change. */
	if (xdev->state == XenbusStateInitWait)
		xenbus_switch_state(xdev, XenbusStateClosed);
	err = drb_keys_write(xdev, drbb_write_features, netdev_priv(dev));
	if (!err)
		err = xenbus_switch_state(xdev, XenbusStateInitWait);
	if (err) {
		xenbus_dev_fatal(xdev, err, "offering DRB");
		drbb_forget(xdev);
		drbb_link_fini(netdev_priv(dev));
		unregister_netdev(dev);
		free_netdev(dev);
		return err;
	}
	vif = netdev_priv(dev);
	drbb_toolstack_add(vif);
	drbb_online(xdev, again);
	return 0;
}

/* ---- states of the frontend -------------------------------------------- */

static void drbb_frontend_ready(struct drbb_vif *vif)
{
	struct xenbus_device *xdev = vif->drb.xdev;

	if (vif->num_rings) {
		drbb_guest_told(vif);
		return;
	}
	if (xdev->state != XenbusStateInitWait)
		return;
	if (drbb_connect(vif)) {
		xenbus_switch_state(xdev, XenbusStateClosing);
		return;
	}
	drbb_go(vif);
}

/*
 * Connected without having been Initialised: not a DRB frontend.  xen-netback
 * takes it from here, as soon as the script has run for its device, too, which
 * the toolstack does not see to: see vif-drb-handover.
 */
static void drbb_stock_frontend(struct drbb_vif *vif)
{
	struct xenbus_device *xdev = vif->drb.xdev;

	if (xdev->state != XenbusStateInitWait || vif->handed_over ||
	    !drbb_frontend_is_stock(xdev))
		return;
	vif->handed_over = true;
	drbb_withdraw_features(xdev);
	xenbus_rm(XBT_NIL, xdev->nodename, "hotplug-status");
	drb_hand_over(xdev);
}

static void drbb_frontend_changed(struct xenbus_device *xdev,
				  enum xenbus_state state)
{
	struct drbb_vif *vif = dev_get_drvdata(&xdev->dev);

	switch (state) {
	case XenbusStateInitialising:
		/* A new frontend, even if the old one never said goodbye. */
		if (xdev->state == XenbusStateInitWait)
			break;
		drbb_disconnect(vif);
		xenbus_switch_state(xdev, XenbusStateInitWait);
		break;
	case XenbusStateInitialised:
		drbb_frontend_ready(vif);
		break;
	case XenbusStateConnected:
		if (vif->num_rings)
			drbb_guest_told(vif);
		else
			drbb_stock_frontend(vif);
		break;
	case XenbusStateClosing:
		drbb_disconnect(vif);
		xenbus_switch_state(xdev, XenbusStateClosing);
		break;
	case XenbusStateClosed:
		drbb_disconnect(vif);
		if (xenbus_dev_is_online(xdev)) {
			/* Offered already: the frontend may begin anew. */
			if (xdev->state != XenbusStateInitWait)
				xenbus_switch_state(xdev, XenbusStateClosed);
			break;
		}
		xenbus_switch_state(xdev, XenbusStateClosed);
		fallthrough;
	case XenbusStateUnknown:
		device_unregister(&xdev->dev);
		break;
	default:
		break;
	}
}

static void drbb_remove(struct xenbus_device *xdev)
{
	struct drbb_vif *vif = dev_get_drvdata(&xdev->dev);

	drbb_toolstack_del(vif);
	drbb_link_fini(vif);
	drbb_disconnect(vif);
	/* Unbound or unloaded: the frontend is to wait for who comes next. */
	if (vif->handed_over)
		drbb_left_add(xdev);
	else
		xenbus_switch_state(xdev, XenbusStateClosing);
	if (!xenbus_dev_is_online(xdev))
		drb_clear_error(xdev);
	kobject_uevent(&xdev->dev.kobj, KOBJ_OFFLINE);
	drbb_forget(xdev);
	unregister_netdev(vif->drb.dev);
	drb_dev_fini(&vif->drb);
	free_netdev(vif->drb.dev);
}

/*
 * For hosts where udev runs the script: what it wants to know.  Anybody may
 * read it, at any time.
 */
static int drbb_uevent(DRB_UEVENT_DEV *xdev, struct kobj_uevent_env *env)
{
	struct drbb_vif *vif;
	char *script = xenbus_read(XBT_NIL, xdev->nodename, "script", NULL);
	int err = 0;

	if (!IS_ERR(script)) {
		err = add_uevent_var(env, "script=%s", script);
		kfree(script);
	}
	spin_lock(&drbb_vif_lock);
	vif = dev_get_drvdata(&xdev->dev);
	if (!err && vif)
		err = add_uevent_var(env, "vif=%s", vif->drb.dev->name);
	spin_unlock(&drbb_vif_lock);
	return err;
}

static const struct xenbus_device_id drbb_ids[] = {
	{ "vif" },
	{ "" }
};
MODULE_ALIAS("xen-backend:vif");

static struct xenbus_driver drbb_driver = {
	.name = "vif-drb",
	.ids = drbb_ids,
	.probe = drbb_probe,
	.remove = drbb_remove,
	.uevent = drbb_uevent,
	.otherend_changed = drbb_frontend_changed,
	.allow_rebind = true,
};

static int __init drbb_init(void)
{
	int err;

	if (!xen_domain())
		return -ENODEV;
	drbb_toolstack_init(drbb_keys);
	err = xenbus_register_backend(&drbb_driver);
	if (err)
		return err;
	err = drbb_left_init(&drbb_driver.driver);
	if (err) {
		xenbus_unregister_driver(&drbb_driver);
		drbb_toolstack_exit();
	}
	return err;
}
module_init(drbb_init);

/* None comes back any more, then those that are there go. */
static void __exit drbb_exit(void)
{
	drbb_left_exit(&drbb_driver.driver);
	drb_refuse_flush();
	xenbus_unregister_driver(&drbb_driver);
	drb_refuse_flush();
	drbb_toolstack_exit();
}
module_exit(drbb_exit);

MODULE_DESCRIPTION("DRB: driver domain network device over shared ring buffers");
MODULE_LICENSE("GPL");
MODULE_VERSION(DRB_BUILD);
