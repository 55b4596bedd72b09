// SPDX-License-Identifier: GPL-2.0
/*
 * toolstack.c - keys that the toolstack writes into the directories of vifs.
 *
 * One watch serves them all: an unprivileged driver domain has 128, and each vif
 * takes some of xenbus's and of the toolstack's.
 */
#include <linux/list.h>
#include <linux/mutex.h>

#include "drb_back.h"

static const struct drb_key *drbb_toolstack_keys;
static bool drbb_toolstack_watches;
static LIST_HEAD(drbb_toolstack_vifs);
/* For these; held while a key is read, so that what is read last is what counts. */
static DEFINE_MUTEX(drbb_toolstack_lock);

/* Where path, of a key that has changed, leads on from dir; NULL: elsewhere. */
static const char *drbb_below(const char *dir, const char *path)
{
	size_t len = strlen(dir);

	return !strncmp(path, dir, len) && path[len] == '/' ? path + len + 1 :
							       NULL;
}

/* name NULL: any of them. */
static void drbb_toolstack_read(struct drbb_vif *vif, const char *name)
{
	const struct drb_key *key;

	for (key = drbb_toolstack_keys; key->name; key++)
		if (!name || !strcmp(key->name, name))
			key->changed(vif);
}

/* Xenbus's thread.  What is above all vifs changes when the domain is resumed. */
static void drbb_toolstack_changed(struct xenbus_watch *watch, const char *path,
				   const char *token)
{
	bool all = !drbb_below(watch->node, path);
	struct drbb_vif *vif;
	const char *name;

	mutex_lock(&drbb_toolstack_lock);
	list_for_each_entry(vif, &drbb_toolstack_vifs, toolstack) {
		name = drbb_below(vif->drb.xdev->nodename, path);
		if (all || name)
			drbb_toolstack_read(vif, name);
	}
	mutex_unlock(&drbb_toolstack_lock);
}

static struct xenbus_watch drbb_toolstack_watch = {
	.node = "backend/vif",
	.callback = drbb_toolstack_changed,
};

/* With the first vif: before that there may be no xenstore yet. */
static void drbb_toolstack_watch_all(struct xenbus_device *xdev)
{
	int err = register_xenbus_watch(&drbb_toolstack_watch);

	if (err)
		xenbus_dev_error(xdev, err, "watching the toolstack's keys");
	else
		drbb_toolstack_watches = true;
}

/* Call changed(vif) of each key now, and whenever it changes. */
void drbb_toolstack_add(struct drbb_vif *vif)
{
	mutex_lock(&drbb_toolstack_lock);
	if (!drbb_toolstack_watches)
		drbb_toolstack_watch_all(vif->drb.xdev);
	list_add(&vif->toolstack, &drbb_toolstack_vifs);
	drbb_toolstack_read(vif, NULL);
	mutex_unlock(&drbb_toolstack_lock);
}

/* None is called any more when this returns. */
void drbb_toolstack_del(struct drbb_vif *vif)
{
	mutex_lock(&drbb_toolstack_lock);
	list_del(&vif->toolstack);
	mutex_unlock(&drbb_toolstack_lock);
}

/* keys: for all vifs; the last has no name. */
void drbb_toolstack_init(const struct drb_key *keys)
{
	drbb_toolstack_keys = keys;
}

/* After all vifs have gone. */
void drbb_toolstack_exit(void)
{
	if (drbb_toolstack_watches)
		unregister_xenbus_watch(&drbb_toolstack_watch);
}
