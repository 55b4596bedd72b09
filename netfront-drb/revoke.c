// SPDX-License-Identifier: GPL-2.0
/*
 * revoke.c - take rings back from the backend.
 *
 * Rings that cannot be taken back are parked: those that the backend still maps
 * where there are no I/O tasks, and those whose tasks Xen could not revoke.  It
 * has ended the backend's domain then, or that is the hardware domain; until it
 * is gone its devices may still reach the pages, and neither the pages nor their
 * grants may be used for anything else.  A backend that holds on to one set of
 * rings after another gets only so many.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "drb_front.h"

/* The rings of one vif; with that many parked no others are set up. */
#define DRBF_MAX_PARKED		DRB_MAX_QUEUES
/* When to try again: for the first time, and from then on. */
#define DRBF_PARKED_FIRST	HZ
#define DRBF_PARKED_RETRY	(10 * HZ)

struct drbf_parked {
	struct list_head list;
	struct drbf_ring ring;
	bool holds_module;
};

static LIST_HEAD(drbf_parked);
static unsigned int drbf_num_parked;
static DEFINE_MUTEX(drbf_parked_lock);	/* list and number */

static void drbf_parked_retry(struct work_struct *work);
static DECLARE_DELAYED_WORK(drbf_parked_work, drbf_parked_retry);

/*
 * Take the pages back from the backend.  The grants must be ended before the
 * tasks are dropped, or it could map them again; and may be freed only after
 * that, or their next owner's mapping would be refused.
 */
static int drbf_ring_revoke(struct drbf_ring *ring)
{
	unsigned int i;
	int err;

	if (!ring->num_tasks)
		return 0;
	err = drbf_tasks_revoke(ring);
	if (err)
		return err;
	for (i = 0; i < ring->nr; i++)
		gnttab_end_foreign_access_ref(ring->ref[i]);
	drbf_tasks_drop(ring);
	return 0;
}

/* To be had with each ring: there is no going without it when it is needed. */
struct drbf_parked *drbf_parked_alloc(void)
{
	return kzalloc(sizeof(struct drbf_parked), DRB_GFP);
}

/* Take the ring, which is an empty one afterwards. */
static void drbf_ring_park(struct drbf_ring *ring)
{
	struct drbf_parked *p = ring->parked;

	ring->parked = NULL;
	p->ring = *ring;
	*ring = (struct drbf_ring){ };

	/* Who unloads the module would leave the tasks to nobody. */
	p->holds_module = p->ring.num_tasks;
	if (p->holds_module)
		__module_get(THIS_MODULE);
	mutex_lock(&drbf_parked_lock);
	list_add(&p->list, &drbf_parked);
	drbf_num_parked++;
	mutex_unlock(&drbf_parked_lock);
	schedule_delayed_work(&drbf_parked_work, DRBF_PARKED_FIRST);
}

/* Take the ring back and free it; where that cannot be done, park it. */
void drbf_ring_free(struct drbf_ring *ring)
{
	if (!ring->nr)
		drbf_ring_release(ring);
	else if (drbf_ring_revoke(ring) || !drbf_ring_end(ring))
		drbf_ring_park(ring);
	else
		drbf_ring_release(ring);
}

/* Under the lock: not parked any more. */
static void drbf_unpark(struct drbf_parked *p)
{
	drbf_ring_release(&p->ring);
	list_del(&p->list);
	drbf_num_parked--;
	if (p->holds_module)
		module_put(THIS_MODULE);
	kfree(p);
}

static void drbf_parked_sweep(void)
{
	struct drbf_parked *p, *next;

	mutex_lock(&drbf_parked_lock);
	list_for_each_entry_safe(p, next, &drbf_parked, list)
		if (!drbf_ring_revoke(&p->ring) && drbf_ring_end(&p->ring))
			drbf_unpark(p);
	if (drbf_num_parked)
		schedule_delayed_work(&drbf_parked_work, DRBF_PARKED_RETRY);
	mutex_unlock(&drbf_parked_lock);
}

static void drbf_parked_retry(struct work_struct *work)
{
	drbf_parked_sweep();
}

/* Too many rings are kept aside, even after another look. */
bool drbf_parked_full(void)
{
	if (READ_ONCE(drbf_num_parked) >= DRBF_MAX_PARKED)
		drbf_parked_sweep();
	return READ_ONCE(drbf_num_parked) >= DRBF_MAX_PARKED;
}

/* This is another domain now: its tasks and grants are gone. */
void drbf_parked_forget(void)
{
	struct drbf_parked *p;

	mutex_lock(&drbf_parked_lock);
	list_for_each_entry(p, &drbf_parked, list)
		p->ring.num_tasks = 0;
	mutex_unlock(&drbf_parked_lock);
	mod_delayed_work(system_wq, &drbf_parked_work, 0);
}

/* Behind the last vif.  What is mapped still is left to the grant driver. */
void drbf_parked_exit(void)
{
	struct drbf_parked *p, *next;

	cancel_delayed_work_sync(&drbf_parked_work);
	list_for_each_entry_safe(p, next, &drbf_parked, list)
		drbf_unpark(p);
}
