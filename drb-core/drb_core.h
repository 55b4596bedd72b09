/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drb_core.h - the data path that netfront-drb and netback-drb share: a
 * network device over pairs of rings.  Which ring is TX and which RX, who
 * owns the pages and how the ends meet is the business of the two drivers.
 *
 * A packet out, under the lock of its netdev queue (tx.c):
 *	drb_start_xmit()	drops it if filtered or unread, else
 *	drb_record_begin()	reserves space for a record and the packet,
 *	drb_ring_put_skb()	copies the packet in,
 *	drb_record_end()	counts it, and
 *	drb_tx_flush()		publishes a burst, and sends an event if the peer
 *				has asked for one.
 * A packet in, in NAPI (poll.c, rx.c, copy.c):
 *	drb_interrupt()		schedules
 *	drb_poll(), drb_rx()	which peek at a private copy of each record;
 *	drb_copy_skb()		copies the packet out,
 *	drb_deliver()		checks and applies its offloads,
 *	drb_hand_up()		gives it to the stack;
 *	drb_give_space()	publishes what was taken; and at the end of the poll
 *	drb_poll_next()		decides who looks next.
 */
#ifndef DRB_CORE_H
#define DRB_CORE_H

#include <linux/cpumask.h>
#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/seqlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <net/xdp.h>
#include <xen/xenbus.h>

#include <drb/drb_ring.h>

#include "compat.h"

/* Of a packet, at most this is in front of what the stack calls its size. */
#define DRB_MAX_HEADERS	64u

/*
 * For what a connection is made of: no process is ended for it, since smaller rings,
 * or none, are better than that; and whoever gets none says so in one line.
 */
#define DRB_GFP		(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/*
 * Counters of one queue, "tx" and "rx" as this end's stack sees them.  The tx
 * half is written under the netdev queue's lock, the rest by NAPI (interrupts
 * by the handler); 64-bit loads and stores are atomic here, so readers need
 * no lock.  The order matches drb_stat_names[].
 */
struct drb_queue_stats {
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_dropped;
	u64 tx_copies;			/* times payload was copied */
	u64 tx_stalls;			/* the ring was full */
	u64 tx_doorbells;
	u64 tx_doorbells_suppressed;
	u64 tx_xdp;			/* of tx_packets: frames of XDP */
	u64 tx_filtered;		/* multicast the peer does not want */
	u64 tx_unread;			/* of tx_dropped: the peer reads nothing */
	/* NAPI, rarely: these fill the second cache line of the senders'. */
	u64 rx_dropped;
	u64 rx_throttled;		/* the vif's credit was used up */
	u64 rx_xdp_drop;		/* of rx_packets: what a program dropped */
	u64 wakes;			/* a full tx ring had space again */
	u64 interrupts_spurious;
	u64 idle_polls;			/* times an idle CPU began to poll */
	/* NAPI, for each packet or poll. */
	u64 rx_packets;
	u64 rx_bytes;
	u64 rx_copies;
	u64 rx_doorbells;		/* "there is space again" */
	u64 rx_doorbells_suppressed;
	u64 rx_xdp_tx;
	u64 rx_xdp_redirect;
	u64 interrupts;
	u64 polls;
	u64 polls_deferred;		/* looked again instead of arming */
	u64 polls_held;			/* armed ahead, in a stream */
	u64 rx_lent;			/* of rx_packets: in pages of the ring */
};

/* What is known of the packets that come in, and who looks next: see event.c. */
struct drb_moderation {
	struct hrtimer timer;	/* polls again */
	u64 last_ns;		/* end of the last poll that found packets */
	u64 since_ns;		/* the pause before it */
	bool answered;		/* something was sent in that */
	u32 packets;		/* since last_ns */
	u32 gap_ns;		/* average time between packets, learnt */
	u32 cons;		/* in.cons at last_ns */
	u32 span;		/* bytes of a packet in the ring, lately */
	u32 one_way;		/* polls with packets and nothing sent */
	u64 sent;		/* tx_packets when the last of them came */
	u64 sent_bytes;		/* likewise */
	/* Of a stream of large packets: */
	int large;		/* polls in a row with such packets */
	bool ahead;		/* armed ahead; NAPI writes, senders read */
	u64 tick_polls;		/* stats.polls at the last tick */
	struct timer_list tick;
};

/* Requests and answers in turn: see idle.c. */
struct drb_exchange {
	u32 answers;		/* in a row, to what was sent */
	bool late;		/* the last took longer than we poll */
	u8 tries;		/* to poll all the same, in vain */
	u64 try_ns;		/* not again before this */
};

/* What the vif may receive: see rate.c. */
struct drb_rate {
	u64 bytes;		/* of credit per interval; 0: no limit */
	u64 interval_ns;
	spinlock_t lock;	/* for the next two, too */
	u64 start_ns;		/* of this interval */
	s64 credit;		/* left of it; negative: owed */
	unsigned long waiting;	/* a bit for each queue that does */
	unsigned int first;	/* timer only */
	struct hrtimer timer;
};

/* The multicast groups the peer wants. */
#define DRB_MAX_GROUPS	64u
struct drb_groups {
	struct rcu_head rcu;
	u32 filter;		/* holds as long as drb_info.filter is this */
	unsigned int num;
	u64 addr[DRB_MAX_GROUPS];
};

struct drb_dev;

struct drb_queue {
	struct drb_dev *drb;
	u16 id;
	bool dead;		/* a violation was seen: touch nothing */
	bool eoi_pending;	/* irq handler sets, NAPI clears */
	bool armed;		/* an event was asked for; NAPI only */
	bool irq_useful;	/* NAPI found work since the interrupt */
	bool throttled;		/* this poll found no credit; NAPI only */
	int irq;		/* 0: none bound */
	struct napi_struct napi;
	struct drb_moderation mod;	/* NAPI only, and these: */
	struct drb_exchange exchange;
	struct list_head up;	/* packets to hand up together */
	u8 num_up;
	bool gro;		/* in this poll */
	u16 gro_vain;		/* packets since it merged any */
	u16 gro_spared;		/* polls without it */
	struct drb_ring out;	/* we produce; under the netdev queue's lock */
	u32 completed;		/* of what is in it, as BQL knows; likewise */
	bool stalled;		/* it is full, and the stack waits; likewise */
	bool unread;		/* for so long that it is dropped; likewise */
	struct timer_list unread_timer;
	struct drb_ring in;	/* we consume; NAPI only */
	const u32 *magic;	/* backend: reads DRB_MAGIC until revoked */
	struct drb_lend *lend;		/* NULL: nothing is lent; NAPI only */
	struct page_pool *heads;	/* where received packets begin; NAPI */
	struct page_pool *large;	/* what else of them there is; NAPI */
	struct page_pool *pages;	/* likewise, if short, and for XDP */
	struct timer_list pools_timer;	/* see pool.c: looks at their use */
	u64 pools_seen;			/* rx_packets then */
	bool pools_over;		/* timer sets: give it back; NAPI */
	struct page *xdp_page;	/* where XDP sees a packet; NAPI only */
	bool xdp_redirected;	/* in this poll; NAPI only, likewise: */
	bool xdp_sent;
	struct xdp_rxq_info xdp_rxq;
	struct drb_queue_stats stats ____cacheline_aligned;
	struct cpumask cpus;	/* that serve it; empty: left to others */
	char irq_name[32];	/* the vif's on its bus, which stays */
};

/* How a driver domain spreads packets over a guest's queues, as it asked for. */
struct drb_rss {
	struct rcu_head rcu;
	u8 key[DRB_RSS_KEY_LEN];
	u8 table[DRB_RSS_TABLE_LEN];	/* queues, modulo their number */
	u32 types;			/* DRB_RSS_* */
};

/* What can change of a device that the other end may be told. */
enum drb_change {
	DRB_CHANGED_UP,		/* up or down */
	DRB_CHANGED_MTU,
	DRB_CHANGED_GSO,	/* drb_dev.no_gso */
};

/* First member of both drivers' netdev_priv(). */
struct drb_dev {
	struct net_device *dev;
	struct xenbus_device *xdev;
	struct drb_queue *queues;	/* changes under rtnl, link down */
	unsigned int num_queues;
	unsigned int max_queues;	/* what both ends allow for */
	unsigned int max_pages;		/* per ring, likewise */
	bool backend;
	bool connected;			/* under rtnl */
	bool peer_down;			/* its device is; under rtnl */
	bool peer_no_gso;		/* it takes no segments in one; likewise */
	bool no_gso;			/* this end does not; likewise */
	bool lend;			/* pages of the rings, to the stack */
	u32 unread_ms;			/* of a full ring; 0: wait for ever */
	bool adaptive;			/* defer only at high packet rates */
	u32 defer_ns;			/* 0: never defer */
	u32 defer_high_ns;		/* likewise, where nothing is answered */
	u32 defer_frames;		/* about how many may wait; 0: half a ring */
	struct bpf_prog __rcu *prog;	/* changes under rtnl */
	struct drb_rss __rcu *rss;	/* NULL: none */
	struct drb_rate rate;
	struct drb_groups __rcu *groups;	/* NULL: send all multicast */
	/* drb_info.filter of queue 0; W guest, R backend; NULL: no rings. */
	u32 *filter;
	struct work_struct *rx_mode_work;	/* or NULL: nobody cares */
	struct dentry *debugfs;		/* under rtnl */
	const char *broken;		/* the first violation, or NULL */
	struct work_struct broken_work;	/* what takes process context */
	/* The peer's access to the rings ends here; NULL: cannot be done. */
	void (*isolate)(struct drb_dev *drb);
	/* A page that was lent does not come back.  From NAPI, repeatedly. */
	void (*lend_stuck)(struct drb_dev *drb);
	/* What the other end may be told has changed.  Under rtnl. */
	void (*changed)(struct drb_dev *drb, enum drb_change what);
	seqcount_t gone_seq;		/* num_queues = 0 and gone: at once */
	struct drb_queue_stats gone;	/* totals of earlier queues */
};

/*
 * After a revocation the rings read as whatever the hypervisor put in their
 * place; only the read-only info page, all zero then, can be believed.
 */
static inline bool drb_revoked(const struct drb_queue *q)
{
	return q->magic && unlikely(READ_ONCE(*q->magic) != DRB_MAGIC);
}

/* The stack's queue of what this end sends. */
static inline struct netdev_queue *drb_txq(struct drb_queue *q)
{
	return netdev_get_tx_queue(q->drb->dev, q->id);
}

/*
 * Prepare an etherdev whose private area starts with a struct drb_dev.  The
 * caller sets the address, registers and, at the end, calls drb_dev_fini()
 * after unregister_netdev().
 */
void drb_dev_init(struct net_device *dev, struct xenbus_device *xdev,
		  bool backend);
void drb_dev_fini(struct drb_dev *drb);

/* Allocate num queues with NAPI contexts, link down.  0 or an error. */
int drb_queues_alloc(struct drb_dev *drb, unsigned int num);
/* Free them; the caller has unbound interrupts and owns the ring pages. */
void drb_queues_free(struct drb_dev *drb);

/* Start and stop traffic; the rings of all queues are in place meanwhile. */
void drb_traffic_start(struct drb_dev *drb);
void drb_traffic_stop(struct drb_dev *drb);

/* Spread packets like this from now on; NULL: as the stack does. */
void drb_rss_set(struct drb_dev *drb, struct drb_rss *rss);
/* The peer's device is up or down.  Takes rtnl. */
void drb_set_peer_up(struct drb_dev *drb, bool up);

/* The peer takes packets that are still to be cut, or does not.  Takes rtnl. */
void drb_set_peer_gso(struct drb_dev *drb, bool takes);

/* Have all queues polled, if they are started.  Takes rtnl. */
void drb_kick(struct drb_dev *drb);

/* Limit what is received to so many bytes in so many microseconds; 0: not. */
void drb_rate_set(struct drb_dev *drb, u64 bytes, u32 usecs);

/* This end wants other multicast: tell.  Under the device's address lock. */
void drb_set_rx_mode(struct net_device *dev);
/* The peer wants only these multicast groups; NULL: all.  Takes rtnl. */
void drb_filter_set(struct drb_dev *drb, struct drb_groups *groups);

/* A key, and what is to be done about its value; the last one has no name. */
struct drb_key {
	const char *name;
	void (*changed)(void *owner);
};

/* The keys of one directory: a domain has few watches, so they share one. */
struct drb_keys {
	struct xenbus_watch watch;	/* zero at first */
	const struct drb_key *key;
	void *owner;
	spinlock_t lock;		/* for the next */
	unsigned long changed;		/* a bit for each that is to be read */
};

/*
 * Call changed(owner) of each key now, and whenever that key in dir changes or
 * something in it does, until drb_keys_unwatch(); both may be repeated.
 */
int drb_keys_watch(struct xenbus_device *xdev, struct drb_keys *keys,
		   const char *dir, const struct drb_key *key, void *owner);
void drb_keys_unwatch(struct drb_keys *keys);
/*
 * Have write(t, owner) write keys of this end's directory, all at once, and not
 * into one that the toolstack has removed meanwhile: it would be made anew, for
 * nobody to remove.  0, or an error: nothing is written.  write is called again
 * if somebody else disturbed it.
 */
int drb_keys_write(struct xenbus_device *xdev,
		   int (*write)(struct xenbus_transaction t, void *owner),
		   void *owner);

/*
 * The same, and the state, which stays as it is, so that the other end sees it
 * written: it has few watches, and none on these keys.
 */
int drb_keys_tell(struct xenbus_device *xdev,
		  int (*write)(struct xenbus_transaction t, void *owner),
		  void *owner);

/* Which build of the driver this is, for people and tools. */
static inline int drb_build_write(struct xenbus_transaction t, struct xenbus_device *xdev,
				  const struct module *module)
{
	return xenbus_write(t, xdev->nodename, "drb-build", module->version);
}

/* Work that the peer can ask for at any time, and is done so often at most. */
#define DRB_PAUSE	(HZ / 20)

struct drb_paced {
	struct delayed_work work;
	unsigned long next;		/* in jiffies: not before */
};

static inline void drb_paced_init(struct drb_paced *p, work_func_t work)
{
	p->next = jiffies;
	INIT_DELAYED_WORK(&p->work, work);
}

/* By the work itself, when it begins. */
static inline void drb_paced_begin(struct drb_paced *p)
{
	WRITE_ONCE(p->next, jiffies + DRB_PAUSE);
}

static inline void drb_paced_schedule(struct drb_paced *p)
{
	unsigned long now = jiffies, next = READ_ONCE(p->next);

	schedule_delayed_work(&p->work,
			      time_before(now, next) ? next - now : 0);
}

/* Stop traffic and unbind the queues' interrupts: the rings are free to go. */
void drb_unbind(struct drb_dev *drb);

/* What both ends show and set alike by ethtool. */
#define DRB_COALESCE_PARAMS	(ETHTOOL_COALESCE_RX_USECS | \
				 ETHTOOL_COALESCE_RX_USECS_HIGH | \
				 ETHTOOL_COALESCE_RX_MAX_FRAMES | \
				 ETHTOOL_COALESCE_USE_ADAPTIVE_RX)
void drb_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info);
int drb_get_sset_count(struct net_device *dev, int set);
void drb_get_strings(struct net_device *dev, u32 set, u8 *data);
void drb_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats,
			   u64 *data);
void drb_get_channels(struct net_device *dev, struct ethtool_channels *ch);
void drb_get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
		       struct kernel_ethtool_ringparam *kring,
		       struct netlink_ext_ack *extack);
int drb_get_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
		     struct kernel_ethtool_coalesce *kc,
		     struct netlink_ext_ack *extack);
int drb_set_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
		     struct kernel_ethtool_coalesce *kc,
		     struct netlink_ext_ack *extack);

/* Handler of a queue's event channel (bound lateeoi), dev_id the queue. */
irqreturn_t drb_interrupt(int irq, void *queue);

/*
 * Is this vif ours?  True if its script's base name is vif-drb, or claim is
 * "all"; backend_path is the backend's directory in xenstore.  Otherwise the
 * caller's probe returns drb_refuse(), and the stock driver gets its turn.
 */
bool drb_claims(const char *backend_path, const char *claim);
int drb_refuse(struct xenbus_device *xdev);
/* The same for a vif that is ours, but whose other end is not; the log says so. */
int drb_refuse_stock(struct xenbus_device *xdev);
void drb_clear_error(struct xenbus_device *xdev);
/*
 * The other end is a stock driver: leave the device to ours, from a work item.
 * While that asks all drivers, drb_is_leaving(), and the caller's probe must
 * refuse the device.  The caller does so once.
 */
void drb_hand_over(struct xenbus_device *xdev);
bool drb_is_leaving(const struct xenbus_device *xdev);
/*
 * The other end has come to have DRB: likewise, and to probes the device.  Before to is
 * unregistered, nobody calls this any more, and drb_refuse_flush() is called.
 */
void drb_take_back(struct xenbus_device *xdev, struct device_driver *to);
/* Wait for what these left to do; before a driver's module goes. */
void drb_refuse_flush(void);

#endif /* DRB_CORE_H */
