// SPDX-License-Identifier: GPL-2.0
/*
 * grant.c - the memory of a queue: pages of their own that hold nothing but
 * packets, zeroed, granted once, and given back only when the backend no
 * longer maps them.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <xen/page.h>

#include "drb_front.h"

static int drbf_by_address(const void *a, const void *b)
{
	unsigned long pa = page_to_pfn(*(struct page * const *)a);
	unsigned long pb = page_to_pfn(*(struct page * const *)b);

	return pa < pb ? -1 : pa > pb;
}

/*
 * The rings' pages in one piece, so that a copy need not stop at their ends;
 * without the address space for it, one by one.
 */
static void drbf_map_pages(struct drbf_ring *ring)
{
	unsigned int i, first = DRBF_DATA_PAGE;

	ring->data = vmap(ring->page + first, ring->nr - first, VM_MAP,
			  PAGE_KERNEL);
	for (i = first; ring->data && i < ring->nr; i++)
		ring->addr[i] = ring->data + (i - first) * PAGE_SIZE;
}

static int drbf_alloc_pages(struct drbf_ring *ring, bool apart)
{
	unsigned int i;

	for (i = 0; i < ring->nr; i++) {
		ring->page[i] = alloc_page(DRB_GFP | __GFP_ZERO);
		if (!ring->page[i])
			return -ENOMEM;
	}
	/* Copies run faster upwards through memory. */
	sort(ring->page, ring->nr, sizeof(*ring->page), drbf_by_address, NULL);
	for (i = 0; i < ring->nr; i++)
		ring->addr[i] = page_address(ring->page[i]);
	if (!apart)
		drbf_map_pages(ring);
	return 0;
}

static void drbf_grant_pages(struct drbf_ring *ring, domid_t backend,
			     grant_ref_t *refs)
{
	unsigned int i;

	for (i = 0; i < ring->nr; i++) {
		ring->ref[i] = gnttab_claim_grant_reference(refs);
		gnttab_grant_foreign_access_ref(ring->ref[i], backend,
						xen_page_to_gfn(ring->page[i]),
						!drbf_ring_writable(ring, i));
	}
}

static void drbf_fill_info(struct drbf_ring *ring, unsigned int rx_pages)
{
	struct drb_info *info = ring->addr[0];
	unsigned int i;

	info->version = DRB_VERSION;
	info->tx_pages = ring->tx_pages;
	info->rx_pages = rx_pages;
	for (i = 1; i < ring->nr; i++)
		info->gref[i - 1] = ring->ref[i];
	info->magic = DRB_MAGIC;
}

/*
 * Allocate one queue's pages and grant them with references out of refs, where
 * there are enough.  apart: addresses are to be those of the pages themselves.  0
 * or -ENOMEM, and then nothing is left behind.
 */
int drbf_ring_alloc(struct drbf_ring *ring, domid_t backend,
		    const struct drbf_plan *plan, bool apart,
		    grant_ref_t *refs)
{
	int err = -ENOMEM;

	ring->nr = drbf_queue_pages(plan);
	ring->tx_pages = plan->tx_pages;
	ring->page = kvcalloc(ring->nr, sizeof(*ring->page), DRB_GFP);
	ring->addr = kvcalloc(ring->nr, sizeof(*ring->addr), DRB_GFP);
	ring->ref = kvcalloc(ring->nr, sizeof(*ring->ref), DRB_GFP);
	if (ring->page && ring->addr && ring->ref)
		err = drbf_alloc_pages(ring, apart);
	if (err) {
		drbf_ring_release(ring);
		return err;
	}
	drbf_grant_pages(ring, backend, refs);
	drbf_fill_info(ring, plan->rx_pages);
	return 0;
}

/*
 * End the grants of pages that the backend does not map any more, and free those
 * pages.  True: these were all.
 */
bool drbf_ring_end(struct drbf_ring *ring)
{
	unsigned int i;
	bool all = true;

	vunmap(ring->data);
	ring->data = NULL;
	for (i = 0; i < ring->nr; i++) {
		if (!ring->ref[i])
			continue;
		if (gnttab_try_end_foreign_access(ring->ref[i])) {
			__free_page(ring->page[i]);
			ring->ref[i] = 0;
			ring->page[i] = NULL;
		} else {
			all = false;
		}
	}
	return all;
}

/*
 * Free what there is, whether all of it was made or none; the tasks are gone.
 * What the backend still maps is kept aside by the grant driver, until it has
 * unmapped that.
 */
void drbf_ring_release(struct drbf_ring *ring)
{
	unsigned int i;

	vunmap(ring->data);
	for (i = 0; ring->page && ring->ref && i < ring->nr; i++) {
		if (ring->ref[i])
			gnttab_end_foreign_access(ring->ref[i], ring->page[i]);
		else if (ring->page[i])
			__free_page(ring->page[i]);
	}
	kvfree(ring->page);
	kvfree(ring->addr);
	kvfree(ring->ref);
	kfree(ring->parked);
	*ring = (struct drbf_ring){ };
}
