// SPDX-License-Identifier: GPL-2.0
/*
 * rebind.c - vifs that were left to xen-netback since their guest had no DRB.  A
 * guest that comes to have it (its next kernel, or what its initramfs did not
 * load) says so by its key drb-version, and we take the vif back.
 */
#include <linux/device.h>
#include <linux/slab.h>

#include "drb_back.h"

struct drbb_left {
	struct list_head list;
	struct xenbus_device *xdev;	/* with a reference */
	struct device_driver *to;	/* ours */
	struct drb_keys keys;		/* the guest's drb-version */
	bool asked;			/* probe clears, the work sets */
	struct delayed_work take;	/* takes the vif back */
	unsigned long next;		/* not before, in jiffies; W work, R watch */
	unsigned int times;		/* without a long pause; work only */
};

/* Pauses between two times double up to 64 s; after so long all is forgotten. */
#define DRBB_MAX_PAUSE		6
#define DRBB_FORGET		(300 * HZ)

static LIST_HEAD(drbb_left_list);
static DEFINE_MUTEX(drbb_left_lock);	/* the list, and: */
static bool drbb_left_closed;		/* the module goes */

/* The guest has DRB, and has not been asked since the vif was left. */
static bool drbb_left_wants(const struct drbb_left *left)
{
	return !READ_ONCE(left->asked) &&
	       xenbus_read_unsigned(left->xdev->otherend, "drb-version", 0);
}

/*
 * Once for each time that the vif is left, so that two ends that do not agree do
 * not go on for ever.
 */
static void drbb_left_take(struct work_struct *work)
{
	struct drbb_left *left = container_of(to_delayed_work(work),
					      struct drbb_left, take);

	if (!drbb_left_wants(left))
		return;
	WRITE_ONCE(left->asked, true);
	if (time_after(jiffies, left->next + DRBB_FORGET))
		left->times = 0;
	WRITE_ONCE(left->next, jiffies +
		   (HZ << min_t(unsigned int, left->times, DRBB_MAX_PAUSE)));
	left->times++;
	/* The script is to run once more, for our device. */
	xenbus_rm(XBT_NIL, left->xdev->nodename, "hotplug-status");
	drb_take_back(left->xdev, left->to);
}

/* A guest can bring this about as often as it likes: not at once each time. */
static void drbb_left_changed(void *owner)
{
	struct drbb_left *left = owner;
	unsigned long now = jiffies, next = READ_ONCE(left->next);

	if (drbb_left_wants(left))
		schedule_delayed_work(&left->take, time_before(now, next) ?
				      next - now : 0);
}

static const struct drb_key drbb_left_keys[] = {
	{ "drb-version", drbb_left_changed },
	{ }
};

static struct drbb_left *drbb_left_find(const struct xenbus_device *xdev)
{
	struct drbb_left *left;

	list_for_each_entry(left, &drbb_left_list, list)
		if (left->xdev == xdev)
			return left;
	return NULL;
}

/* Without memory the vif stays where it is. */
static void drbb_left_new(struct xenbus_device *xdev)
{
	struct drbb_left *left = kzalloc(sizeof(*left), GFP_KERNEL);

	if (!left)
		return;
	/* Before the watch, which is called at once. */
	get_device(&xdev->dev);
	left->xdev = xdev;
	left->to = xdev->dev.driver;
	left->next = jiffies;
	INIT_DELAYED_WORK(&left->take, drbb_left_take);
	if (drb_keys_watch(xdev, &left->keys, xdev->otherend, drbb_left_keys,
			   left)) {
		put_device(&xdev->dev);
		kfree(left);
		return;
	}
	list_add(&left->list, &drbb_left_list);
}

static int drbb_write_handover(struct xenbus_transaction t, void *owner)
{
	const struct xenbus_device *xdev = owner;

	return xenbus_printf(t, xdev->nodename, "drb-handover", "%u", 1);
}

/*
 * The vif, which our driver has or probes, is left to xen-netback.  The watch stays
 * as long as the device does, for probe must not wait for what xenwatch is doing.
 */
void drbb_left_add(struct xenbus_device *xdev)
{
	struct drbb_left *left;
	bool closed;

	mutex_lock(&drbb_left_lock);
	closed = drbb_left_closed;
	left = drbb_left_find(xdev);
	if (left)
		WRITE_ONCE(left->asked, false);
	else if (!closed)
		drbb_left_new(xdev);
	mutex_unlock(&drbb_left_lock);
	if (!closed)
		drb_keys_write(xdev, drbb_write_handover, xdev);
}

static void drbb_left_free(struct drbb_left *left)
{
	drb_keys_unwatch(&left->keys);
	cancel_delayed_work_sync(&left->take);
	put_device(&left->xdev->dev);
	kfree(left);
}

static void drbb_left_gone(const struct xenbus_device *xdev)
{
	struct drbb_left *left;

	mutex_lock(&drbb_left_lock);
	left = drbb_left_find(xdev);
	if (left)
		list_del(&left->list);
	mutex_unlock(&drbb_left_lock);
	if (left)
		drbb_left_free(left);
}

static int drbb_left_notify(struct notifier_block *nb, unsigned long event,
			    void *dev)
{
	if (event == BUS_NOTIFY_DEL_DEVICE)
		drbb_left_gone(to_xenbus_device(dev));
	return NOTIFY_OK;
}

static struct notifier_block drbb_left_nb = {
	.notifier_call = drbb_left_notify,
};

int drbb_left_init(struct device_driver *drv)
{
	return bus_register_notifier(drv->bus, &drbb_left_nb);
}

/* Nobody takes them back any more, and no guest is to wait for it. */
void drbb_left_exit(struct device_driver *drv)
{
	struct drbb_left *left, *next;

	mutex_lock(&drbb_left_lock);
	drbb_left_closed = true;
	list_for_each_entry(left, &drbb_left_list, list)
		xenbus_rm(XBT_NIL, left->xdev->nodename, "drb-handover");
	mutex_unlock(&drbb_left_lock);
	bus_unregister_notifier(drv->bus, &drbb_left_nb);
	list_for_each_entry_safe(left, next, &drbb_left_list, list)
		drbb_left_free(left);
}
