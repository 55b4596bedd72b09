// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool.c - what ethtool shows of a DRB device.
 */
#include <linux/ethtool.h>

#include "internal.h"

/* A consumer that looks more rarely than this would let the ring fill up. */
#define DRB_MAX_DEFER_USECS	1000u

/* In the order of struct drb_queue_stats. */
static const char * const drb_stat_names[] = {
	"tx_packets",
	"tx_bytes",
	"tx_dropped",
	"tx_copies",
	"tx_stalls",
	"tx_doorbells",
	"tx_doorbells_suppressed",
	"tx_xdp",
	"tx_filtered",
	"tx_unread",
	"rx_dropped",
	"rx_throttled",
	"rx_xdp_drop",
	"wakes",
	"interrupts_spurious",
	"idle_polls",
	"rx_packets",
	"rx_bytes",
	"rx_copies",
	"rx_doorbells",
	"rx_doorbells_suppressed",
	"rx_xdp_tx",
	"rx_xdp_redirect",
	"interrupts",
	"polls",
	"polls_deferred",
	"polls_held",
	"rx_lent",
};

#define DRB_NUM_STATS	ARRAY_SIZE(drb_stat_names)

static_assert(DRB_NUM_STATS * sizeof(u64) == sizeof(struct drb_queue_stats));

void drb_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct drb_dev *drb = netdev_priv(dev);

	strscpy(info->driver, drb->xdev->dev.driver->owner->name,
		sizeof(info->driver));
	strscpy(info->bus_info, dev_name(&drb->xdev->dev),
		sizeof(info->bus_info));
}
EXPORT_SYMBOL_GPL(drb_get_drvinfo);

int drb_get_sset_count(struct net_device *dev, int set)
{
	struct drb_dev *drb = netdev_priv(dev);

	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return drb->num_queues * DRB_NUM_STATS;
}
EXPORT_SYMBOL_GPL(drb_get_sset_count);

void drb_get_strings(struct net_device *dev, u32 set, u8 *data)
{
	struct drb_dev *drb = netdev_priv(dev);
	unsigned int i, j;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < drb->num_queues; i++)
		for (j = 0; j < DRB_NUM_STATS; j++)
			ethtool_sprintf(&data, "q%u_%s", i, drb_stat_names[j]);
}
EXPORT_SYMBOL_GPL(drb_get_strings);

void drb_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats,
			   u64 *data)
{
	struct drb_dev *drb = netdev_priv(dev);
	unsigned int i;

	/* The count may have changed since it was asked for: fill just it. */
	memset(data, 0, stats->n_stats * sizeof(*data));
	for (i = 0; i < drb->num_queues &&
	     (i + 1) * DRB_NUM_STATS <= stats->n_stats; i++)
		memcpy(data + i * DRB_NUM_STATS, &drb->queues[i].stats,
		       sizeof(struct drb_queue_stats));
}
EXPORT_SYMBOL_GPL(drb_get_ethtool_stats);

void drb_get_channels(struct net_device *dev, struct ethtool_channels *ch)
{
	struct drb_dev *drb = netdev_priv(dev);

	ch->max_combined = drb->max_queues;
	ch->combined_count = drb->num_queues;
}
EXPORT_SYMBOL_GPL(drb_get_channels);

/* Ring sizes are in bytes: records are as long as their packets. */
void drb_get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
		       struct kernel_ethtool_ringparam *kring,
		       struct netlink_ext_ack *extack)
{
	struct drb_dev *drb = netdev_priv(dev);

	ring->rx_max_pending = drb->max_pages << DRB_PAGE_SHIFT;
	ring->tx_max_pending = drb->max_pages << DRB_PAGE_SHIFT;
	if (drb->num_queues) {
		ring->rx_pending = drb->queues[0].in.size;
		ring->tx_pending = drb->queues[0].out.size;
	}
}
EXPORT_SYMBOL_GPL(drb_get_ringparam);

/* Rings are the guest's memory, and so are their number and size its choice. */
static int drb_set_channels(struct net_device *dev,
			    struct ethtool_channels *ch)
{
	netdev_info(dev, "the guest chooses the number of queues (ethtool -L)\n");
	return -EOPNOTSUPP;
}

static int drb_set_ringparam(struct net_device *dev,
			     struct ethtool_ringparam *ring,
			     struct kernel_ethtool_ringparam *kring,
			     struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG_MOD(extack, "the guest chooses the rings' sizes");
	return -EOPNOTSUPP;
}

int drb_get_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
		     struct kernel_ethtool_coalesce *kc,
		     struct netlink_ext_ack *extack)
{
	struct drb_dev *drb = netdev_priv(dev);

	c->rx_coalesce_usecs = drb->defer_ns / NSEC_PER_USEC;
	c->rx_coalesce_usecs_high = drb->defer_high_ns / NSEC_PER_USEC;
	c->rx_max_coalesced_frames = drb->defer_frames;
	c->use_adaptive_rx_coalesce = drb->adaptive;
	return 0;
}
EXPORT_SYMBOL_GPL(drb_get_coalesce);

int drb_set_coalesce(struct net_device *dev, struct ethtool_coalesce *c,
		     struct kernel_ethtool_coalesce *kc,
		     struct netlink_ext_ack *extack)
{
	struct drb_dev *drb = netdev_priv(dev);

	if (max(c->rx_coalesce_usecs, c->rx_coalesce_usecs_high) >
	    DRB_MAX_DEFER_USECS) {
		NL_SET_ERR_MSG_MOD(extack, "rx-usecs(-high): at most 1000");
		return -ERANGE;
	}
	WRITE_ONCE(drb->defer_ns, c->rx_coalesce_usecs * NSEC_PER_USEC);
	WRITE_ONCE(drb->defer_high_ns,
		   c->rx_coalesce_usecs_high * NSEC_PER_USEC);
	WRITE_ONCE(drb->defer_frames, c->rx_max_coalesced_frames);
	WRITE_ONCE(drb->adaptive, !!c->use_adaptive_rx_coalesce);
	return 0;
}
EXPORT_SYMBOL_GPL(drb_set_coalesce);

/* The driver domain's; the guest has some of its own. */
const struct ethtool_ops drb_ethtool_ops = {
	.supported_coalesce_params = DRB_COALESCE_PARAMS,
	.get_coalesce = drb_get_coalesce,
	.set_coalesce = drb_set_coalesce,
	.get_drvinfo = drb_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_sset_count = drb_get_sset_count,
	.get_strings = drb_get_strings,
	.get_ethtool_stats = drb_get_ethtool_stats,
	.get_channels = drb_get_channels,
	.set_channels = drb_set_channels,
	.get_ringparam = drb_get_ringparam,
	.set_ringparam = drb_set_ringparam,
};
