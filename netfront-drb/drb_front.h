/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drb_front.h - the guest's end of a DRB vif.
 */
#ifndef DRB_FRONT_H
#define DRB_FRONT_H

#include <xen/grant_table.h>

#include "drb_core.h"

/*
 * The pages of one queue, in the order info, ctrl, TX, RX, and their grants.
 * Owned by the guest; freed when the backend has let go of them.
 */
struct drbf_ring {
	unsigned int nr;
	struct page **page;
	void **addr;
	grant_ref_t *ref;
};

struct drbf_vif {
	struct drb_dev drb;		/* first: see drb_dev_init() */
	struct xenbus_device *xdev;
	struct drbf_ring *rings;	/* one per queue */
	unsigned int num_rings;
	bool registered;
};

/* grant.c */
int drbf_ring_alloc(struct drbf_ring *ring, domid_t backend,
		    unsigned int tx_pages, unsigned int rx_pages);
void drbf_ring_free(struct drbf_ring *ring);

/* connect.c */
extern unsigned int drbf_max_queues;
extern unsigned int drbf_ring_pages;
int drbf_connect(struct drbf_vif *vif);
void drbf_disconnect(struct drbf_vif *vif);

#endif /* DRB_FRONT_H */
