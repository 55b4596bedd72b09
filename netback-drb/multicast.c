// SPDX-License-Identifier: GPL-2.0
/*
 * multicast.c - read which multicast groups the guest wants: "drb-multicast"
 * in its directory, absent unless it wants a filter.  The list holds for one
 * value of drb_info.filter, which stands before it with a colon; a guest whose
 * list has none does not change that.
 */
#include <linux/etherdevice.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "drb_back.h"

static int drbb_parse_group(const char *s, u64 *addr)
{
	u8 mac[ETH_ALEN];

	if (strlen(s) != 2 * ETH_ALEN || hex2bin(mac, s, ETH_ALEN) ||
	    !is_multicast_ether_addr(mac))
		return -EINVAL;
	*addr = ether_addr_to_u64(mac);
	return 0;
}

/* Addresses, each followed by a space.  False: not a list we know. */
static bool drbb_parse_groups(char *list, struct drb_groups *groups)
{
	char *word;

	if (strchr(list, ':') &&
	    kstrtou32(strsep(&list, ":"), 10, &groups->filter))
		return false;
	while ((word = strsep(&list, " "))) {
		if (!*word)
			continue;
		if (groups->num == DRB_MAX_GROUPS ||
		    drbb_parse_group(word, &groups->addr[groups->num]))
			return false;
		groups->num++;
	}
	return true;
}

/* What the guest wants, or NULL: everything. */
static struct drb_groups *drbb_read_groups(struct drbb_vif *vif)
{
	char *list = xenbus_read(XBT_NIL, vif->drb.xdev->otherend, "drb-multicast",
				 NULL);
	struct drb_groups *groups;

	if (IS_ERR(list))
		return NULL;
	groups = kzalloc(sizeof(*groups), GFP_KERNEL);
	if (groups && !drbb_parse_groups(list, groups)) {
		kfree(groups);
		groups = NULL;
	}
	kfree(list);
	return groups;
}

static void drbb_groups_work(struct work_struct *work)
{
	struct drbb_vif *vif = container_of(to_delayed_work(work),
					    struct drbb_vif, groups.work);

	drb_paced_begin(&vif->groups);
	drb_filter_set(&vif->drb, drbb_read_groups(vif));
}

void drbb_groups_init(struct drbb_vif *vif)
{
	drb_paced_init(&vif->groups, drbb_groups_work);
}

/* Nobody schedules it any more: the guest gets all multicast. */
void drbb_groups_stop(struct drbb_vif *vif)
{
	cancel_delayed_work_sync(&vif->groups.work);
	drb_filter_set(&vif->drb, NULL);
}
