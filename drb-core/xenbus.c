// SPDX-License-Identifier: GPL-2.0
/*
 * xenbus.c - which vifs are ours, and watches on keys of a directory.
 *
 * DRB and the stock drivers register for the same xenbus device type.  The one
 * that refuses a device leaves it to the other.
 */
#include <linux/slab.h>

#include "internal.h"

static const char drb_script[] = "vif-drb";

static struct workqueue_struct *drb_claim_wq;

struct drb_refusal {
	struct work_struct work;
	struct xenbus_device *xdev;
};

bool drb_claims(const char *backend_path, const char *claim)
{
	const char *base;
	char *script;
	bool ours;

	if (!strcmp(claim, "all"))
		return true;
	script = xenbus_read(XBT_NIL, backend_path, "script", NULL);
	if (IS_ERR(script))
		return false;
	base = strrchr(script, '/');
	ours = !strcmp(base ? base + 1 : script, drb_script);
	kfree(script);
	return ours;
}
EXPORT_SYMBOL_GPL(drb_claims);

/* Transactions in a row that somebody else disturbs, before an end gives up. */
#define DRB_MAX_DISTURBED	100

/* Have change(t, owner) change xenstore, all at once.  0, or why it did not. */
static int drb_transact(int (*change)(struct xenbus_transaction t, void *owner),
			void *owner)
{
	unsigned int tries = DRB_MAX_DISTURBED;
	struct xenbus_transaction t;
	int err;

	do {
		err = xenbus_transaction_start(&t);
		if (err)
			return err;
		err = change(t, owner);
		if (err) {
			xenbus_transaction_end(t, 1);
			return err;
		}
		err = xenbus_transaction_end(t, 0);
	} while (err == -EAGAIN && --tries);
	return err;
}

/* Remove path, then each directory above that is left empty, but not the top. */
static void drb_rm_upwards(struct xenbus_transaction t, char *path)
{
	unsigned int num = 0;
	char *slash, **dir;

	while (!num) {
		xenbus_rm(t, path, "");
		slash = strrchr(path, '/');
		*slash = '\0';
		if (!strchr(path, '/'))
			return;
		dir = xenbus_directory(t, path, "", &num);
		if (IS_ERR(dir))
			return;
		kfree(dir);
	}
}

/*
 * Forget the error xenbus has noted about a device: remove its node, and the
 * directories that are left empty, but for "error" itself, which a guest could
 * not make again.
 */
static int drb_rm_error(struct xenbus_transaction t, void *owner)
{
	const struct xenbus_device *xdev = owner;
	char *path = kasprintf(GFP_KERNEL, "error/%s", xdev->nodename);

	if (!path)
		return -ENOMEM;
	drb_rm_upwards(t, path);
	kfree(path);
	return 0;
}

/* All at once, for another device may have an error to note. */
void drb_clear_error(struct xenbus_device *xdev)
{
	drb_transact(drb_rm_error, xdev);
}
EXPORT_SYMBOL_GPL(drb_clear_error);

/* Is what is noted about the device no more than that we refused it? */
static bool drb_error_is_refusal(struct xenbus_device *xdev)
{
	char *path = kasprintf(GFP_KERNEL, "error/%s", xdev->nodename);
	char prefix[16];
	bool is = false;
	char *val;

	if (!path)
		return false;
	snprintf(prefix, sizeof(prefix), "%d ", ENODEV);
	val = xenbus_read(XBT_NIL, path, "error", NULL);
	if (!IS_ERR(val)) {
		is = !strncmp(val, prefix, strlen(prefix));
		kfree(val);
	}
	kfree(path);
	return is;
}

/*
 * xenbus records a refused probe as an error of the device.  It is none:
 * remove the node once probing, which holds the device lock, is over.
 */
static void drb_refusal_work(struct work_struct *work)
{
	struct drb_refusal *r = container_of(work, struct drb_refusal, work);
	struct device *dev = &r->xdev->dev;

	device_lock(dev);
	device_unlock(dev);
	if (drb_error_is_refusal(r->xdev))
		drb_clear_error(r->xdev);
	put_device(dev);
	kfree(r);
}

int drb_refuse(struct xenbus_device *xdev)
{
	struct drb_refusal *r = kmalloc(sizeof(*r), GFP_KERNEL);

	/* Without memory the node stays: a blemish, not a failure. */
	if (r) {
		INIT_WORK(&r->work, drb_refusal_work);
		r->xdev = xdev;
		get_device(&xdev->dev);
		queue_work(drb_claim_wq, &r->work);
	}
	return -ENODEV;
}
EXPORT_SYMBOL_GPL(drb_refuse);

int drb_refuse_stock(struct xenbus_device *xdev)
{
	/* The other end can bring this about again and again. */
	dev_info_ratelimited(&xdev->dev,
			     "the other end has no DRB: left to the stock driver\n");
	return drb_refuse(xdev);
}
EXPORT_SYMBOL_GPL(drb_refuse_stock);

void drb_refuse_flush(void)
{
	flush_workqueue(drb_claim_wq);
}
EXPORT_SYMBOL_GPL(drb_refuse_flush);

struct drb_rebind {
	struct work_struct work;
	struct list_head leaving;
	struct xenbus_device *xdev;
	struct device_driver *to;	/* NULL: whoever else takes it */
};

/* Devices whose drivers are being asked, while ours are not to take them. */
static LIST_HEAD(drb_leaving);
static DEFINE_SPINLOCK(drb_leaving_lock);

bool drb_is_leaving(const struct xenbus_device *xdev)
{
	const struct drb_rebind *r;
	bool is = false;

	spin_lock(&drb_leaving_lock);
	list_for_each_entry(r, &drb_leaving, leaving)
		is |= r->xdev == xdev;
	spin_unlock(&drb_leaving_lock);
	return is;
}
EXPORT_SYMBOL_GPL(drb_is_leaving);

static void drb_set_leaving(struct drb_rebind *r, bool leaving)
{
	spin_lock(&drb_leaving_lock);
	if (leaving)
		list_add(&r->leaving, &drb_leaving);
	else
		list_del_init(&r->leaving);
	spin_unlock(&drb_leaving_lock);
}

/* All drivers are asked, of which ours refuse. */
static bool drb_leave(struct drb_rebind *r)
{
	bool taken;

	drb_set_leaving(r, true);
	taken = device_attach(&r->xdev->dev) > 0;
	drb_set_leaving(r, false);
	return taken;
}

/* Take the device from its driver, and give it to another. */
static void drb_rebind_work(struct work_struct *work)
{
	struct drb_rebind *r = container_of(work, struct drb_rebind, work);
	struct device *dev = &r->xdev->dev;

	device_release_driver(dev);
	if (!(r->to ? !device_driver_attach(r->to, dev) : drb_leave(r)))
		dev_err(dev, "no other driver takes the vif\n");
	put_device(dev);
	kfree(r);
}

static int drb_rebind(struct xenbus_device *xdev, struct device_driver *to)
{
	struct drb_rebind *r = kmalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	INIT_WORK(&r->work, drb_rebind_work);
	INIT_LIST_HEAD(&r->leaving);
	r->xdev = xdev;
	r->to = to;
	get_device(&xdev->dev);
	queue_work(drb_claim_wq, &r->work);
	return 0;
}

void drb_hand_over(struct xenbus_device *xdev)
{
	int err = drb_rebind(xdev, NULL);

	if (err)
		xenbus_dev_fatal(xdev, err, "leaving it to the stock driver");
}
EXPORT_SYMBOL_GPL(drb_hand_over);

void drb_take_back(struct xenbus_device *xdev, struct device_driver *to)
{
	dev_info_ratelimited(&xdev->dev, "the other end has DRB: taken back\n");
	if (drb_rebind(xdev, to))
		dev_err(&xdev->dev, "no memory: it stays with the stock driver\n");
}
EXPORT_SYMBOL_GPL(drb_take_back);

int drb_claim_init(void)
{
	drb_claim_wq = alloc_workqueue("drb-claim", WQ_UNBOUND, 0);
	return drb_claim_wq ? 0 : -ENOMEM;
}

void drb_claim_exit(void)
{
	destroy_workqueue(drb_claim_wq);
}

/* ---- keys of which only the present value matters ------------------------ */

/* Which of the directory's keys is path, or in which is it? */
static unsigned long drb_keys_at(const struct drb_keys *keys, const char *path)
{
	size_t len = strlen(keys->watch.node);
	const struct drb_key *key;
	unsigned long bits = 0;

	/* The directory itself, or one that it is in. */
	if (strncmp(path, keys->watch.node, len) || path[len] != '/')
		return ~0ul;
	path += len + 1;
	len = strcspn(path, "/");
	for (key = keys->key; key->name; key++)
		if (strlen(key->name) == len && !strncmp(key->name, path, len))
			bits |= BIT(key - keys->key);
	return bits;
}

/*
 * Xenbus's thread: note what has changed.  What is still to be handled will see
 * it, too: never queue two.
 */
static bool drb_keys_noted(struct xenbus_watch *watch, const char *path,
			   const char *token)
{
	struct drb_keys *keys = container_of(watch, struct drb_keys, watch);
	unsigned long bits = drb_keys_at(keys, path);

	if (!bits)
		return false;
	spin_lock(&keys->lock);
	keys->changed |= bits;
	spin_unlock(&keys->lock);
	return watch->nr_pending == 0;
}

static void drb_keys_changed(struct xenbus_watch *watch, const char *path,
			     const char *token)
{
	struct drb_keys *keys = container_of(watch, struct drb_keys, watch);
	const struct drb_key *key;
	unsigned long bits;

	spin_lock(&keys->lock);
	bits = keys->changed;
	keys->changed = 0;
	spin_unlock(&keys->lock);
	for (key = keys->key; key->name; key++)
		if (bits & BIT(key - keys->key))
			key->changed(keys->owner);
}

int drb_keys_watch(struct xenbus_device *xdev, struct drb_keys *keys,
		   const char *dir, const struct drb_key *key, void *owner)
{
	if (keys->watch.node)
		return 0;
	spin_lock_init(&keys->lock);
	keys->changed = 0;
	keys->key = key;
	keys->owner = owner;
	return xenbus_watch_pathfmt(xdev, &keys->watch, drb_keys_noted,
				    drb_keys_changed, "%s", dir);
}
EXPORT_SYMBOL_GPL(drb_keys_watch);

void drb_keys_unwatch(struct drb_keys *keys)
{
	if (!keys->watch.node)
		return;
	unregister_xenbus_watch(&keys->watch);
	kfree(keys->watch.node);
	keys->watch.node = NULL;
}
EXPORT_SYMBOL_GPL(drb_keys_unwatch);

struct drb_write {
	const struct xenbus_device *xdev;
	int (*write)(struct xenbus_transaction t, void *owner);
	void *owner;
	bool tell;
};

static int drb_keys_write_there(struct xenbus_transaction t, void *owner)
{
	const struct drb_write *w = owner;
	int state, err;

	if (xenbus_scanf(t, w->xdev->nodename, "state", "%d", &state) != 1)
		return -ENOENT;
	err = w->write(t, w->owner);
	/* Who is leaving has nothing to tell, and would seem to leave twice. */
	if (err || !w->tell || (state != XenbusStateInitialised &&
				state != XenbusStateConnected))
		return err;
	return xenbus_printf(t, w->xdev->nodename, "state", "%d", state);
}

int drb_keys_write(struct xenbus_device *xdev,
		   int (*write)(struct xenbus_transaction t, void *owner),
		   void *owner)
{
	struct drb_write w = { .xdev = xdev, .write = write, .owner = owner };

	return drb_transact(drb_keys_write_there, &w);
}
EXPORT_SYMBOL_GPL(drb_keys_write);

int drb_keys_tell(struct xenbus_device *xdev,
		  int (*write)(struct xenbus_transaction t, void *owner),
		  void *owner)
{
	struct drb_write w = {
		.xdev = xdev,
		.write = write,
		.owner = owner,
		.tell = true,
	};

	return drb_transact(drb_keys_write_there, &w);
}
EXPORT_SYMBOL_GPL(drb_keys_tell);
