// SPDX-License-Identifier: GPL-2.0
/*
 * stats.c - a device's counters: those of its queues, and of queues that it had
 * before, so that no reconnect takes anything away.
 */
#include "internal.h"

static void drb_stats_add(struct drb_queue_stats *sum,
			  const struct drb_queue_stats *add)
{
	const u64 *from = (const u64 *)add;
	u64 *to = (u64 *)sum;
	unsigned int i;

	for (i = 0; i < sizeof(*sum) / sizeof(u64); i++)
		to[i] += READ_ONCE(from[i]);
}

/* Readers of /proc/net/dev hold RCU only; see drb_queues_free(). */
static void drb_stats_total(struct drb_dev *drb, struct drb_queue_stats *sum)
{
	unsigned int i, num, seq;

	rcu_read_lock();
	do {
		seq = read_seqcount_begin(&drb->gone_seq);
		*sum = drb->gone;
		/* Pairs with the release in drb_queues_alloc(). */
		num = smp_load_acquire(&drb->num_queues);
		for (i = 0; i < num; i++)
			drb_stats_add(sum, &drb->queues[i].stats);
	} while (read_seqcount_retry(&drb->gone_seq, seq));
	rcu_read_unlock();
}

void drb_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *to)
{
	struct drb_queue_stats sum;

	drb_stats_total(netdev_priv(dev), &sum);
	to->tx_packets = sum.tx_packets;
	to->tx_bytes = sum.tx_bytes;
	to->tx_dropped = sum.tx_dropped;
	to->rx_packets = sum.rx_packets;
	to->rx_bytes = sum.rx_bytes;
	to->rx_dropped = sum.rx_dropped;
}

/*
 * The queues have stopped for good: from here on their counters are part of the
 * device's, for readers at the same moment.
 */
void drb_stats_keep(struct drb_dev *drb)
{
	unsigned int i, num = drb->num_queues;

	preempt_disable();
	write_seqcount_begin(&drb->gone_seq);
	WRITE_ONCE(drb->num_queues, 0);
	for (i = 0; i < num; i++)
		drb_stats_add(&drb->gone, &drb->queues[i].stats);
	write_seqcount_end(&drb->gone_seq);
	preempt_enable();
}

/* ---- what the kernel shows of each queue, under rtnl --------------------- */

static void drb_stats_rx(const struct drb_queue_stats *from,
			 struct netdev_queue_stats_rx *to)
{
	to->packets = READ_ONCE(from->rx_packets);
	to->bytes = READ_ONCE(from->rx_bytes);
}

static void drb_stats_tx(const struct drb_queue_stats *from,
			 struct netdev_queue_stats_tx *to)
{
	to->packets = READ_ONCE(from->tx_packets);
	to->bytes = READ_ONCE(from->tx_bytes);
	to->stop = READ_ONCE(from->tx_stalls);
	to->wake = READ_ONCE(from->wakes);
}

/* A device that is not connected shows no queues, but has a number of them. */
static void drb_queue_stats_rx(struct net_device *dev, int i,
			       struct netdev_queue_stats_rx *to)
{
	struct drb_dev *drb = netdev_priv(dev);

	if (i < drb->num_queues)
		drb_stats_rx(&drb->queues[i].stats, to);
}

static void drb_queue_stats_tx(struct net_device *dev, int i,
			       struct netdev_queue_stats_tx *to)
{
	struct drb_dev *drb = netdev_priv(dev);

	if (i < drb->num_queues)
		drb_stats_tx(&drb->queues[i].stats, to);
}

static void drb_base_stats(struct net_device *dev,
			   struct netdev_queue_stats_rx *rx,
			   struct netdev_queue_stats_tx *tx)
{
	const struct drb_dev *drb = netdev_priv(dev);

	drb_stats_rx(&drb->gone, rx);
	drb_stats_tx(&drb->gone, tx);
}

const struct netdev_stat_ops drb_stat_ops = {
	.get_queue_stats_rx = drb_queue_stats_rx,
	.get_queue_stats_tx = drb_queue_stats_tx,
	.get_base_stats = drb_base_stats,
};
