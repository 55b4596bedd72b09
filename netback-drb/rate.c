// SPDX-License-Identifier: GPL-2.0
/*
 * rate.c - what the toolstack allows a guest to send: the key "rate", which is
 * "bytes per interval,microseconds", and may change at any time.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "drb_back.h"

/* More than any hardware carries, and far from an overflow. */
#define DRBB_MAX_RATE_BYTES	BIT_ULL(40)

static int drbb_rate_parse(char *s, u64 *bytes, u32 *usecs)
{
	char *first = strsep(&s, ",");

	if (!s || kstrtou64(first, 10, bytes) || kstrtou32(s, 10, usecs))
		return -EINVAL;
	if (!*bytes || *bytes > DRBB_MAX_RATE_BYTES || !*usecs)
		return -ERANGE;
	return 0;
}

/* The key has come, gone or changed. */
void drbb_rate_changed(void *owner)
{
	struct drbb_vif *vif = owner;
	char *val = xenbus_read(XBT_NIL, vif->drb.xdev->nodename, "rate", NULL);
	u64 bytes = 0;
	u32 usecs = 0;

	if (!IS_ERR(val)) {
		if (drbb_rate_parse(val, &bytes, &usecs)) {
			netdev_warn(vif->drb.dev,
				    "malformed rate, so there is no limit\n");
			bytes = 0;
		}
		kfree(val);
	}
	drb_rate_set(&vif->drb, bytes, usecs);
}
