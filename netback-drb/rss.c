// SPDX-License-Identifier: GPL-2.0
/*
 * rss.c - what the guest publishes about receive side scaling: read from
 * xenstore whenever it changes, and not believed.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "drb_back.h"

/* So many bytes as hexadecimal digits, no more, no less. */
static int drbb_rss_hex(struct drbb_vif *vif, const char *key, u8 *to,
			unsigned int len)
{
	char *val = xenbus_read(XBT_NIL, vif->drb.xdev->otherend, key, NULL);
	int err;

	if (IS_ERR(val))
		return PTR_ERR(val);
	err = strlen(val) == 2 * len ? hex2bin(to, val, len) : -EINVAL;
	kfree(val);
	return err;
}

static int drbb_rss_types(struct drbb_vif *vif, u32 *types)
{
	char *val = xenbus_read(XBT_NIL, vif->drb.xdev->otherend, "drb-rss/types",
				NULL);
	int err;

	if (IS_ERR(val))
		return PTR_ERR(val);
	err = kstrtou32(val, 10, types);
	kfree(val);
	if (!err && *types & ~DRB_RSS_ALL)
		err = -EINVAL;
	return err;
}

/* 0; -ENOENT: nothing is published; -EINVAL and others: nonsense is. */
static int drbb_rss_read(struct drbb_vif *vif, struct drb_rss *rss)
{
	unsigned int i;
	int err;

	err = drbb_rss_hex(vif, "drb-rss/key", rss->key, DRB_RSS_KEY_LEN);
	if (!err)
		err = drbb_rss_hex(vif, "drb-rss/table", rss->table,
				   DRB_RSS_TABLE_LEN);
	if (!err)
		err = drbb_rss_types(vif, &rss->types);
	for (i = 0; !err && i < DRB_RSS_TABLE_LEN; i++)
		if (rss->table[i] >= DRB_MAX_QUEUES)
			err = -EINVAL;
	return err;
}

static void drbb_rss_work(struct work_struct *work)
{
	struct drbb_vif *vif = container_of(to_delayed_work(work),
					    struct drbb_vif, rss.work);
	struct drb_rss *rss = kzalloc(sizeof(*rss), GFP_KERNEL);
	int err = rss ? drbb_rss_read(vif, rss) : -ENOMEM;

	drb_paced_begin(&vif->rss);
	if (err) {
		kfree(rss);
		rss = NULL;
	}
	if (err && err != -ENOENT && !vif->rss_blamed) {
		vif->rss_blamed = true;
		netdev_warn(vif->drb.dev, "the guest's keys drb-rss are malformed: RSS is not used (%d)\n",
			    err);
	}
	drb_rss_set(&vif->drb, rss);
}

void drbb_rss_init(struct drbb_vif *vif)
{
	drb_paced_init(&vif->rss, drbb_rss_work);
}

/* Nobody schedules it any more. */
void drbb_rss_stop(struct drbb_vif *vif)
{
	cancel_delayed_work_sync(&vif->rss.work);
}
