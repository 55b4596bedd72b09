/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drb_front.h - the guest's end of a DRB vif.
 */
#ifndef DRB_FRONT_H
#define DRB_FRONT_H

#include <xen/grant_table.h>

#include <drb/iotask.h>

#include "drb_core.h"

/*
 * The pages of one queue, in the order info, ctrl, TX, RX, and their grants.
 * Owned by the guest; freed when the backend has let go of them, or when its
 * tasks are revoked.
 */
struct drbf_ring {
	unsigned int nr;
	unsigned int tx_pages;
	struct page **page;
	void **addr;
	grant_ref_t *ref;
	unsigned int num_tasks;		/* 0 in mode grants, else 2 */
	u32 task[2];
};

/* The backend may write ctrl and RX pages, and only read info and TX. */
static inline bool drbf_ring_writable(const struct drbf_ring *ring,
				      unsigned int i)
{
	return i == 1 || i >= 2 + ring->tx_pages;
}

struct drbf_vif {
	struct drb_dev drb;		/* first: see drb_dev_init() */
	struct xenbus_device *xdev;
	struct drbf_ring *rings;	/* one per queue */
	unsigned int num_rings;
	bool registered;
	bool iotask;			/* connected in mode iotask */
	unsigned int host_mtu;		/* what the host last asked for */
	unsigned int seen_mtu;		/* in the keys when last read */
	unsigned int seen_drb_mtu;
	struct work_struct groups_work;
	struct xenbus_watch mtu_watch;
	struct xenbus_watch drb_mtu_watch;
	struct xenbus_watch carrier_watch;
	struct delayed_work restart;	/* after a suspend that did not happen */
};

/* grant.c */
int drbf_ring_alloc(struct drbf_ring *ring, domid_t backend,
		    unsigned int tx_pages, unsigned int rx_pages);
void drbf_ring_free(struct drbf_ring *ring);

/* task.c */
bool drbf_task_required(struct xenbus_device *xdev);
int drbf_tasks_register(struct drbf_ring *ring, domid_t backend);
void drbf_tasks_revoke(struct drbf_ring *ring);
void drbf_tasks_drop(struct drbf_ring *ring);
void drbf_tasks_forget(struct drbf_vif *vif);

/* link.c */
void drbf_link_watch(struct drbf_vif *vif);
void drbf_link_unwatch(struct drbf_vif *vif);

/* multicast.c */
void drbf_groups_init(struct drbf_vif *vif);
void drbf_groups_start(struct drbf_vif *vif);
void drbf_groups_stop(struct drbf_vif *vif);

/* connect.c */
extern unsigned int drbf_max_queues;
extern unsigned int drbf_ring_pages;
int drbf_connect(struct drbf_vif *vif);
void drbf_disconnect(struct drbf_vif *vif);
void drbf_isolate(struct drb_dev *drb);

#endif /* DRB_FRONT_H */
