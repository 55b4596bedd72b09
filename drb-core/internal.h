/* SPDX-License-Identifier: GPL-2.0 */
/*
 * internal.h - what the files of drb-core have of each other.
 *
 * Files call only those of the lines below their own, never back:
 *
 *	device.c
 *	idle_thread.c
 *	poll.c
 *	rx.c  idle.c
 *	xdp.c  copy.c
 *	tx.c  lend.c  debugfs.c  rate.c
 *	event.c  queue.c  pool.c  stats.c  offload.c  filter.c  steer.c  affinity.c
 *	ethtool.c
 *
 * xenbus.c serves the two drivers and calls none of these.
 */
#ifndef DRB_INTERNAL_H
#define DRB_INTERNAL_H

#include "drb_core.h"

/* poll.c */
int drb_poll(struct napi_struct *napi, int budget);
void drb_poll_decide(struct drb_queue *q);

/* rx.c: the ring the peer fills */
int drb_rx(struct drb_queue *q, int budget);
void drb_rx_discard(struct drb_queue *q);

/* idle_thread.c */
int drb_idle_init(void);
void drb_idle_exit(void);

/* idle.c: what the threads are told */
#define DRB_HAVE_IDLE		(!IS_ENABLED(CONFIG_PREEMPT_RT))
/* Where another domain wants the CPU, and between tries to wait. */
#define DRB_IDLE_PAUSE_NS	(10 * NSEC_PER_MSEC)

/* Of one CPU; written there only, by NAPI and the thread. */
struct drb_idle {
	struct task_struct *task;
	struct drb_queue *queue; /* that it serves; NULL: none */
	bool looks;		/* into its ring, which asks for no event */
	u64 until_ns;		/* when it gives up */
	u64 limit_ns;		/* it waits no longer than this for a packet */
	bool found;		/* packets, since it went on */
	bool stream;		/* large ones, see event.c */
	bool held;		/* their ring is armed ahead: not to be left so */
	u64 yield_ns;		/* when it asks Xen next */
	u64 pause_ns;		/* not again before this */
};

DECLARE_PER_CPU(struct drb_idle, drb_idle);

void drb_idle_learn(struct drb_queue *q);
void drb_idle_start(struct drb_queue *q);
void drb_idle_go_on(struct drb_queue *q);
bool drb_idle_watches(struct drb_queue *q);
bool drb_idle_looks(const struct drb_queue *q);
void drb_idle_leave(struct drb_queue *q);

/* xdp.c */
int drb_xdp_init(struct drb_queue *q);
void drb_xdp_fini(struct drb_queue *q);
bool drb_xdp_fits(const struct bpf_prog *prog, const struct drb_record *rec);
int drb_xdp_copy(struct drb_queue *q, const struct drb_record *rec,
		 struct xdp_buff *xdp);
void drb_xdp_discard(struct drb_queue *q, struct xdp_buff *xdp);
bool drb_xdp_run(struct drb_queue *q, struct bpf_prog *prog,
		 struct drb_record *rec, struct xdp_buff *xdp,
		 struct sk_buff **skb);
void drb_xdp_flush(struct drb_queue *q);
int drb_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		 u32 flags);
int drb_xdp_set(struct net_device *dev, struct netdev_bpf *bpf);
bool drb_xdp_wants_short(const struct drb_dev *drb);

/* copy.c: received packets, out of the ring */
struct sk_buff *drb_copy_skb(struct drb_queue *q, const struct drb_record *rec);
int drb_copy_frags(struct drb_queue *q, struct skb_shared_info *to, u32 pos,
		   u32 len, bool split);

/* tx.c: the ring the peer empties */
netdev_tx_t drb_start_xmit(struct sk_buff *skb, struct net_device *dev);
int drb_record_begin(struct drb_queue *q, const struct drb_record *rec,
		     u32 *pos);
void drb_record_end(struct drb_queue *q, const struct drb_record *rec);
void drb_tx_init(struct drb_queue *q);
void drb_tx_stop(struct drb_queue *q);
void drb_tx_flush(struct drb_queue *q);
void drb_tx_wake(struct drb_queue *q);
void drb_bql_reset(struct drb_queue *q);

/* lend.c */
int drb_lend_init(struct drb_queue *q);
void drb_lend_fini(struct drb_queue *q);
bool drb_lend_frags(struct drb_queue *q, struct sk_buff *skb, u32 pos, u32 len);
u32 drb_lend_cons(struct drb_queue *q);
void drb_lend_look(struct drb_queue *q);

/* debugfs.c */
void drb_debugfs_init(void);
void drb_debugfs_exit(void);
void drb_debugfs_add(struct drb_dev *drb);
void drb_debugfs_del(struct drb_dev *drb);

/* rate.c */
void drb_rate_init(struct drb_dev *drb);
void drb_rate_stop(struct drb_dev *drb);
bool drb_rate_take(struct drb_queue *q, u32 len);

/* event.c */
void drb_event_init(struct drb_queue *q);
void drb_event_stop(struct drb_queue *q);
void drb_event_count(struct drb_queue *q, int packets);
void drb_event_learn(struct drb_queue *q);
u32 drb_event_defer_ns(const struct drb_queue *q);
void drb_event_timer(struct drb_queue *q, u32 ns);
u32 drb_event_defer(struct drb_queue *q, u32 defer_ns);
u32 drb_event_ahead(struct drb_queue *q);
u32 drb_event_next(struct drb_queue *q);
bool drb_event_stream(const struct drb_queue *q);
bool drb_event_is_early(const struct drb_queue *q);
void drb_event_look(struct drb_queue *q);

/* pool.c: the memory of received packets */
int drb_pools_init(struct drb_queue *q, unsigned int num);
void drb_pools_fini(struct drb_queue *q);
void drb_pools_look(struct drb_queue *q, bool work);
void drb_pools_stop(struct drb_queue *q);
unsigned int drb_pools_pages(const struct drb_queue *q);

/* stats.c */
void drb_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *to);
void drb_stats_keep(struct drb_dev *drb);
extern const struct netdev_stat_ops drb_stat_ops;

/* queue.c */
void drb_schedule(struct drb_queue *q);
void drb_break(struct drb_queue *q, const char *why);
void drb_show_link(struct drb_dev *drb);
void drb_broken_work(struct work_struct *work);

/* offload.c */
int drb_offload_from_skb(struct drb_record *rec, const struct sk_buff *skb,
			 bool data_valid);
int drb_offload_to_skb(struct drb_queue *q, struct sk_buff *skb,
		       const struct drb_record *rec);

/* filter.c */
bool drb_filtered(const struct drb_dev *drb, const u8 *dest);

/* steer.c, affinity.c: queues and CPUs */
u16 drb_select_queue(struct net_device *dev, struct sk_buff *skb,
		     struct net_device *sb_dev);
void drb_affinity_set(struct drb_dev *drb);
void drb_affinity_clear(struct drb_queue *q);

/* ethtool.c; the two are what a device begins with */
#define DRB_DEFER_NS	20000u
#define DRB_DEFER_HIGH_NS	250000u
extern const struct ethtool_ops drb_ethtool_ops;

/* xenbus.c */
int drb_claim_init(void);
void drb_claim_exit(void);

#endif /* DRB_INTERNAL_H */
