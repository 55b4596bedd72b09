/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drb_front.h - the guest's end of a DRB vif.
 */
#ifndef DRB_FRONT_H
#define DRB_FRONT_H

#include <xen/grant_table.h>

#include <drb/iotask.h>

#include "drb_core.h"

/* Which of a queue's pages is the first of TX, behind info and ctrl. */
#define DRBF_DATA_PAGE	2

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
	void *data;			/* TX and RX in one piece, or NULL */
	grant_ref_t *ref;
	unsigned int num_tasks;		/* 0 in mode grants, else 2 */
	u32 task[2];
	struct drbf_parked *parked;	/* where it goes if it must be parked */
};

/* The backend may write ctrl and RX pages, and only read info and TX. */
static inline bool drbf_ring_writable(const struct drbf_ring *ring,
				      unsigned int i)
{
	return i == 1 || i >= DRBF_DATA_PAGE + ring->tx_pages;
}

/* How many queues, with rings of how many pages. */
struct drbf_plan {
	unsigned int queues;
	unsigned int tx_pages;
	unsigned int rx_pages;
};

/* What a queue takes of pages and of grants: with its info and ctrl page. */
static inline unsigned int drbf_queue_pages(const struct drbf_plan *plan)
{
	return DRBF_DATA_PAGE + plan->tx_pages + plan->rx_pages;
}

/* Receive side scaling, as ethtool asked for it. */
struct drbf_rss {
	struct mutex lock;	/* and of what xenstore has; after rtnl */
	bool published;		/* our keys are in xenstore */
	bool set;		/* otherwise the backend is not told */
	bool own_table;		/* otherwise all queues in turn */
	u8 key[DRB_RSS_KEY_LEN];
	u8 table[DRB_RSS_TABLE_LEN];
	u32 types;		/* DRB_RSS_* */
};

struct drbf_vif {
	struct drb_dev drb;		/* first: see drb_dev_init() */
	struct drbf_ring *rings;	/* one per queue */
	unsigned int num_rings;
	bool registered;
	bool iotask;			/* connected in mode iotask */
	bool removed;			/* never connect again */
	bool handed_over;		/* to xen-netfront; under lock */
	bool asked;			/* for the vif's return; under lock */
	bool kept;			/* a lent page was: lend no more */
	bool announce;			/* once the link is up; under rtnl */
	struct mutex lock;		/* states; taken before rtnl */
	/* What ethtool asked for, 0: nothing; under rtnl, with a number. */
	struct drbf_plan want;
	unsigned int want_nr;
	unsigned int planned_nr;	/* the last one that was answered */
	struct work_struct reconnect;	/* to answer it */
	struct drbf_rss rss;
	unsigned int host_mtu;		/* what the host last asked for */
	unsigned int seen_mtu;		/* in the keys when last read */
	unsigned int seen_drb_mtu;
	struct work_struct groups_work;
	struct work_struct link_work;
	struct drb_keys keys;		/* the toolstack's, in our directory */
	struct drb_keys host_keys;	/* in the backend's */
	struct drb_paced told;		/* reads these */
	struct delayed_work restart;	/* after a suspend that did not happen */
	struct delayed_work asked_enough;	/* where nobody answered */
};

/* grant.c */
int drbf_ring_alloc(struct drbf_ring *ring, domid_t backend,
		    const struct drbf_plan *plan, bool apart,
		    grant_ref_t *refs);
bool drbf_ring_end(struct drbf_ring *ring);
void drbf_ring_release(struct drbf_ring *ring);

/* task.c */
bool drbf_task_required(struct xenbus_device *xdev);
int drbf_tasks_register(struct drbf_ring *ring, domid_t backend);
int drbf_tasks_revoke(struct drbf_ring *ring);
void drbf_tasks_drop(struct drbf_ring *ring);
void drbf_tasks_forget(struct drbf_vif *vif);

/* revoke.c */
struct drbf_parked *drbf_parked_alloc(void);
void drbf_ring_free(struct drbf_ring *ring);
bool drbf_parked_full(void);
void drbf_parked_forget(void);
void drbf_parked_exit(void);

/* sizes.c */
void drbf_plan_make(struct drbf_vif *vif, struct drbf_plan *plan);
bool drbf_plan_shrink(struct drbf_plan *plan);
int drbf_plan_grants(struct drbf_vif *vif, struct drbf_plan *plan,
		     grant_ref_t *refs);

/* rss.c */
void drbf_rss_init(struct drbf_vif *vif);
int drbf_rss_write(struct xenbus_transaction t, void *vif);
u32 drbf_get_rxfh_key_size(struct net_device *dev);
u32 drbf_get_rxfh_indir_size(struct net_device *dev);
int drbf_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh);
int drbf_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh,
		  struct netlink_ext_ack *extack);
int drbf_get_rxfh_fields(struct net_device *dev,
			 struct drb_rxfh_fields *fields);
int drbf_set_rxfh_fields(struct net_device *dev,
			 const struct drb_rxfh_fields *fields,
			 struct netlink_ext_ack *extack);
u32 drbf_get_rx_ring_count(struct net_device *dev);
int drbf_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
		   u32 *rule_locs);
int drbf_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info);

/* ethtool.c */
extern const struct ethtool_ops drbf_ethtool_ops;

/* link.c */
int drbf_link_init(void);
void drbf_link_exit(void);
void drbf_link_begin(struct drbf_vif *vif);
void drbf_link_end(struct drbf_vif *vif);
int drbf_link_write(struct xenbus_transaction t, void *vif);
void drbf_link_announce(struct drbf_vif *vif);
void drbf_link_watch(struct drbf_vif *vif);
void drbf_link_unwatch(struct drbf_vif *vif);

/* multicast.c */
void drbf_groups_init(struct drbf_vif *vif);
void drbf_groups_start(struct drbf_vif *vif);
void drbf_groups_stop(struct drbf_vif *vif);

/* connect.c */
int drbf_connect(struct drbf_vif *vif);
void drbf_disconnect(struct drbf_vif *vif);
void drbf_isolate(struct drb_dev *drb);

#endif /* DRB_FRONT_H */
