// SPDX-License-Identifier: GPL-2.0
/*
 * watch.c - watches on single keys, of which only the present value matters.
 */
#include <linux/slab.h>

#include "drb_core.h"

/* What is still to be handled will see this change, too: never queue two. */
static bool drb_watch_once(struct xenbus_watch *watch, const char *path,
			   const char *token)
{
	return watch->nr_pending == 0;
}

int drb_watch(struct xenbus_device *xdev, struct xenbus_watch *watch,
	      drb_watch_fn changed, const char *dir, const char *key)
{
	if (watch->node)
		return 0;
	return xenbus_watch_pathfmt(xdev, watch, drb_watch_once, changed,
				    "%s/%s", dir, key);
}
EXPORT_SYMBOL_GPL(drb_watch);

void drb_unwatch(struct xenbus_watch *watch)
{
	if (!watch->node)
		return;
	unregister_xenbus_watch(watch);
	kfree(watch->node);
	watch->node = NULL;
}
EXPORT_SYMBOL_GPL(drb_unwatch);
