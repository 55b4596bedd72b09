/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drb_back.h - the driver domain's end of a DRB vif.
 */
#ifndef DRB_BACK_H
#define DRB_BACK_H

#include <xen/grant_table.h>

#include "drb_core.h"

/*
 * Guest pages mapped here.  page[i] is page of ours whose address shows the
 * guest's page while handle[i] is valid.
 */
struct drbb_map {
	unsigned int nr;
	struct page **page;
	void **addr;
	grant_handle_t *handle;
	struct gnttab_unmap_grant_ref *unmap;	/* room for what undoes it */
};

/* What one queue maps: its info page, then ctrl, TX and RX pages. */
struct drbb_ring {
	struct drbb_map info;
	struct drbb_map data;
	unsigned int tx_pages;
	unsigned int rx_pages;
};

struct drbb_vif {
	struct drb_dev drb;		/* first: see drb_dev_init() */
	struct drbb_ring *rings;	/* one per queue */
	unsigned int num_rings;
	bool handed_over;		/* to xen-netback; xenwatch only */
	unsigned int offered_queues;
	struct list_head toolstack;	/* see toolstack.c */
	bool rss_blamed;		/* said that it is malformed */
	struct drb_paced rss;		/* each reads keys of the guest's */
	struct drb_paced groups;
	struct drb_paced gso;
	struct work_struct link_work;	/* writes what is to be told: */
	bool tell_mtu;
	bool tell_carrier;
	bool tell_gso;
};

/* rebind.c */
int drbb_left_init(struct device_driver *drv);
void drbb_left_exit(struct device_driver *drv);
void drbb_left_add(struct xenbus_device *xdev);

/* map.c */
int drbb_ring_map(struct drbb_ring *ring, domid_t guest, grant_ref_t info,
		  const char **why);
void drbb_ring_unmap(struct drbb_ring *ring);

/* rss.c */
void drbb_rss_init(struct drbb_vif *vif);
void drbb_rss_stop(struct drbb_vif *vif);

/* connect.c */
extern unsigned int drbb_max_queues;
int drbb_connect(struct drbb_vif *vif);
void drbb_guest_told(struct drbb_vif *vif);
void drbb_disconnect(struct drbb_vif *vif);

/* link.c */
void drbb_link_init(struct drbb_vif *vif);
void drbb_link_fini(struct drbb_vif *vif);
void drbb_gso_stop(struct drbb_vif *vif);

/* multicast.c */
void drbb_groups_init(struct drbb_vif *vif);
void drbb_groups_stop(struct drbb_vif *vif);

/* toolstack.c */
void drbb_toolstack_init(const struct drb_key *keys);
void drbb_toolstack_exit(void);
void drbb_toolstack_add(struct drbb_vif *vif);
void drbb_toolstack_del(struct drbb_vif *vif);

/* rate.c */
void drbb_rate_changed(void *vif);

#endif /* DRB_BACK_H */
