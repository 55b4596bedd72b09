// SPDX-License-Identifier: GPL-2.0
/*
 * sizes.c - how many queues with how large rings: what was asked for, within
 * what the backend offers and what the guest has grant entries for.
 *
 * A guest shares one table of grant entries (32768 by Xen's default) among all
 * its devices, and a driver domain one table of mappings among all its guests.
 * So the rings of a vif take some 1000 entries by default however many queues
 * there are, and none takes the last entries of its guest.
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "drb_front.h"

/* Pages for each direction of a vif, all queues together, by default. */
#define DRBF_VIF_PAGES		512u

/*
 * Grant entries that are left to others: a block device whose ring of one page
 * is full needs 1 + 32 * 11.
 */
#define DRBF_GRANT_RESERVE	384u

static unsigned int drbf_max_queues;
module_param_named(max_queues, drbf_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues, "Queues per vif (0: one per CPU, at most 8)");

static unsigned int drbf_ring_pages;
module_param_named(ring_pages, drbf_ring_pages, uint, 0644);
MODULE_PARM_DESC(ring_pages, "Pages per ring, a power of two from 64 to 256 (0: 512 / queues)");

/* What the backend offers, within what we know. */
static void drbf_read_offer(struct drbf_vif *vif)
{
	const char *backend = vif->drb.xdev->otherend;
	unsigned int queues, pages;

	queues = xenbus_read_unsigned(backend, "drb-max-queues", 1);
	pages = xenbus_read_unsigned(backend, "drb-max-ring-pages",
				     DRB_MIN_RING_PAGES);
	pages = clamp(pages, DRB_MIN_RING_PAGES, DRB_MAX_RING_PAGES);
	vif->drb.max_queues = clamp(queues, 1u, vif->drb.dev->num_tx_queues);
	vif->drb.max_pages = rounddown_pow_of_two(pages);
}

static unsigned int drbf_default_queues(void)
{
	unsigned int want = READ_ONCE(drbf_max_queues);

	return want ? want : min(num_online_cpus(), 8u);
}

static unsigned int drbf_default_pages(unsigned int queues)
{
	unsigned int want = READ_ONCE(drbf_ring_pages);

	return want ? want : DRBF_VIF_PAGES / queues;
}

static unsigned int drbf_pages_within(unsigned int want, unsigned int max)
{
	return rounddown_pow_of_two(clamp(want, DRB_MIN_RING_PAGES, max));
}

/* What is wanted and offered; answers what ethtool has asked for so far. */
void drbf_plan_make(struct drbf_vif *vif, struct drbf_plan *plan)
{
	unsigned int queues, pages, max;

	rtnl_lock();
	drbf_read_offer(vif);
	max = vif->drb.max_pages;
	queues = vif->want.queues ? vif->want.queues : drbf_default_queues();
	queues = clamp(queues, 1u, vif->drb.max_queues);
	pages = drbf_default_pages(queues);
	plan->queues = queues;
	plan->tx_pages = drbf_pages_within(vif->want.tx_pages ?: pages, max);
	plan->rx_pages = drbf_pages_within(vif->want.rx_pages ?: pages, max);
	vif->planned_nr = vif->want_nr;
	rtnl_unlock();
}

/* The next smaller plan: smaller rings, then fewer queues.  False: none is. */
bool drbf_plan_shrink(struct drbf_plan *plan)
{
	unsigned int *larger = plan->tx_pages > plan->rx_pages ?
			       &plan->tx_pages : &plan->rx_pages;

	if (*larger > DRB_MIN_RING_PAGES)
		*larger /= 2;
	else if (plan->queues > 1)
		plan->queues--;
	else
		return false;
	return true;
}

static int drbf_take_refs(const struct drbf_plan *plan, grant_ref_t *refs)
{
	unsigned int num = plan->queues * drbf_queue_pages(plan);

	return gnttab_alloc_grant_references(num + DRBF_GRANT_RESERVE, refs);
}

/*
 * Take the grant references of the plan, and those that have to be left, which
 * the caller gives back.  Shrinks the plan until there are enough.  0, or
 * -ENOSPC if there never are.
 */
int drbf_plan_grants(struct drbf_vif *vif, struct drbf_plan *plan,
		     grant_ref_t *refs)
{
	const struct drbf_plan wanted = *plan;
	bool shrunk = false;

	while (drbf_take_refs(plan, refs) < 0) {
		shrunk = true;
		if (drbf_plan_shrink(plan))
			continue;
		xenbus_dev_error(vif->drb.xdev, -ENOSPC,
				 "granting %u pages: no grant entries left but the last %u (see max_grant_frames)",
				 drbf_queue_pages(plan), DRBF_GRANT_RESERVE);
		return -ENOSPC;
	}
	if (shrunk)
		netdev_warn(vif->drb.dev,
			    "grant entries run short: %u queues with rings of %u and %u pages, not %u with %u and %u\n",
			    plan->queues, plan->tx_pages, plan->rx_pages,
			    wanted.queues, wanted.tx_pages, wanted.rx_pages);
	return 0;
}
