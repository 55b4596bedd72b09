// SPDX-License-Identifier: GPL-2.0
/*
 * device.c - the network device over DRB queues: features, the memory of the
 * queues, start and stop.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <xen/events.h>

#include "internal.h"

#define DRB_FEATURES	(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | \
			 NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_TSO_ECN | \
			 NETIF_F_RXHASH | NETIF_F_GSO_UDP_L4 | NETIF_F_FRAGLIST)
/* Packets that are still to be cut: what this end receives, and what it sends. */
#define DRB_RX_GSO	NETIF_F_GRO_HW
#define DRB_TX_GSO	(NETIF_F_ALL_TSO | NETIF_F_GSO_UDP_L4)

static void drb_queues_start(struct drb_dev *drb)
{
	unsigned int i;

	for (i = 0; i < drb->num_queues; i++) {
		napi_enable(&drb->queues[i].napi);
		drb_napi_show(drb->dev, i, &drb->queues[i].napi,
			      drb->queues[i].irq);
		/* What came while nobody polled: drain it and re-arm. */
		drb_schedule(&drb->queues[i]);
	}
	/*
	 * Those that have no ring behind them stay stopped; the others may
	 * have packets waiting that nothing else would set off.
	 */
	for (i = 0; i < drb->num_queues; i++)
		netif_tx_wake_queue(netdev_get_tx_queue(drb->dev, i));
}

static void drb_queues_stop(struct drb_dev *drb)
{
	unsigned int i;

	/* NAPI first: it wakes stalled tx queues. */
	for (i = 0; i < drb->num_queues; i++) {
		drb_napi_hide(drb->dev, i);
		napi_disable(&drb->queues[i].napi);
		drb_event_stop(&drb->queues[i]);
		drb_idle_leave(&drb->queues[i]);
		drb_pools_stop(&drb->queues[i]);
	}
	drb_rate_stop(drb);
	for (i = 0; i < drb->num_queues; i++)
		drb_tx_stop(&drb->queues[i]);
	netif_tx_disable(drb->dev);
}

static int drb_open(struct net_device *dev)
{
	struct drb_dev *drb = netdev_priv(dev);
	unsigned int i;

	/* A device that was down for hours must not deliver what is as old. */
	for (i = 0; drb->connected && i < drb->num_queues; i++)
		drb_rx_discard(&drb->queues[i]);
	if (drb->connected)
		drb_queues_start(drb);
	if (drb->changed)
		drb->changed(drb, DRB_CHANGED_UP);
	return 0;
}

static int drb_stop(struct net_device *dev)
{
	struct drb_dev *drb = netdev_priv(dev);

	if (drb->connected)
		drb_queues_stop(drb);
	if (drb->changed)
		drb->changed(drb, DRB_CHANGED_UP);
	return 0;
}

static int drb_change_mtu(struct net_device *dev, int mtu)
{
	struct drb_dev *drb = netdev_priv(dev);

	WRITE_ONCE(dev->mtu, mtu);
	if (drb->changed)
		drb->changed(drb, DRB_CHANGED_MTU);
	return 0;
}

static netdev_features_t drb_fix_features(struct net_device *dev,
					  netdev_features_t features)
{
	struct drb_dev *drb = netdev_priv(dev);

	return drb->peer_no_gso ? features & ~DRB_TX_GSO : features;
}

/*
 * Neither an XDP program for packets of one piece nor an administrator who turns
 * rx-gro-hw off wants packets that are still to be cut.  Under rtnl.
 */
static void drb_choose_gso(struct drb_dev *drb, netdev_features_t features)
{
	bool no_gso = !(features & DRB_RX_GSO) || drb_xdp_wants_short(drb);

	if (no_gso == drb->no_gso)
		return;
	WRITE_ONCE(drb->no_gso, no_gso);
	if (drb->changed)
		drb->changed(drb, DRB_CHANGED_GSO);
}

static int drb_set_features(struct net_device *dev, netdev_features_t features)
{
	drb_choose_gso(netdev_priv(dev), features);
	return 0;
}

static int drb_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	int err = drb_xdp_set(dev, bpf);

	if (!err)
		drb_choose_gso(netdev_priv(dev), dev->features);
	return err;
}

static const struct net_device_ops drb_netdev_ops = {
	.ndo_open = drb_open,
	.ndo_stop = drb_stop,
	.ndo_start_xmit = drb_start_xmit,
	.ndo_select_queue = drb_select_queue,
	.ndo_get_stats64 = drb_get_stats64,
	.ndo_change_mtu = drb_change_mtu,
	.ndo_set_rx_mode = drb_set_rx_mode,
	.ndo_fix_features = drb_fix_features,
	.ndo_set_features = drb_set_features,
	.ndo_bpf = drb_bpf,
	.ndo_xdp_xmit = drb_xdp_xmit,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

int drb_queues_alloc(struct drb_dev *drb, unsigned int num)
{
	unsigned int i;
	int err = 0;

	drb->queues = kvcalloc(num, sizeof(*drb->queues), DRB_GFP);
	if (!drb->queues)
		return -ENOMEM;
	for (i = 0; i < num; i++) {
		struct drb_queue *q = &drb->queues[i];

		q->drb = drb;
		q->id = i;
		INIT_LIST_HEAD(&q->up);
		drb_napi_add(drb->dev, &q->napi, drb_poll, i);
		drb_event_init(q);
		drb_tx_init(q);
		err = err ?: drb_pools_init(q, num);
		err = err ?: drb_xdp_init(q);
		err = err ?: drb_lend_init(q);
	}
	rtnl_lock();
	/* Pairs with the acquire in drb_stats_total(). */
	smp_store_release(&drb->num_queues, num);
	rtnl_unlock();
	if (err)
		drb_queues_free(drb);
	return err;
}
EXPORT_SYMBOL_GPL(drb_queues_alloc);

void drb_queues_free(struct drb_dev *drb)
{
	struct drb_queue *queues = drb->queues;
	unsigned int i, num = drb->num_queues;

	if (!queues)
		return;
	/* ethtool holds rtnl; readers of the counters, and NAPI, hold RCU. */
	rtnl_lock();
	drb_stats_keep(drb);
	rtnl_unlock();
	for (i = 0; i < num; i++)
		netif_napi_del(&queues[i].napi);
	synchronize_net();
	for (i = 0; i < num; i++) {
		drb_xdp_fini(&queues[i]);
		drb_pools_fini(&queues[i]);
		drb_lend_fini(&queues[i]);
	}
	drb->queues = NULL;
	kvfree(queues);
}
EXPORT_SYMBOL_GPL(drb_queues_free);

void drb_set_peer_up(struct drb_dev *drb, bool up)
{
	rtnl_lock();
	drb->peer_down = !up;
	drb_show_link(drb);
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(drb_set_peer_up);

void drb_set_peer_gso(struct drb_dev *drb, bool takes)
{
	rtnl_lock();
	if (drb->peer_no_gso == takes) {
		drb->peer_no_gso = !takes;
		netdev_update_features(drb->dev);
	}
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(drb_set_peer_gso);

void drb_traffic_start(struct drb_dev *drb)
{
	unsigned int i;

	rtnl_lock();
	netif_set_real_num_tx_queues(drb->dev, drb->num_queues);
	netif_set_real_num_rx_queues(drb->dev, drb->num_queues);
	drb_affinity_set(drb);
	for (i = 0; i < drb->num_queues; i++)
		drb_bql_reset(&drb->queues[i]);
	drb->connected = true;
	if (netif_running(drb->dev))
		drb_queues_start(drb);
	drb_show_link(drb);
	drb_debugfs_add(drb);
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(drb_traffic_start);

void drb_traffic_stop(struct drb_dev *drb)
{
	rtnl_lock();
	drb_debugfs_del(drb);
	netif_carrier_off(drb->dev);
	if (drb->connected && netif_running(drb->dev))
		drb_queues_stop(drb);
	drb->connected = false;
	rtnl_unlock();
	/*
	 * Frames of XDP ask for the carrier and for no queue's state; a CPU's
	 * thread may still look into a ring.
	 */
	synchronize_net();
	/* What broke belongs to the connection that ends here. */
	cancel_work_sync(&drb->broken_work);
	drb->broken = NULL;
}
EXPORT_SYMBOL_GPL(drb_traffic_stop);

void drb_unbind(struct drb_dev *drb)
{
	unsigned int i;

	drb_traffic_stop(drb);
	for (i = 0; i < drb->num_queues; i++) {
		struct drb_queue *q = &drb->queues[i];

		if (!q->irq)
			continue;
		drb_affinity_clear(q);
		unbind_from_irqhandler(q->irq, q);
		q->irq = 0;
	}
}
EXPORT_SYMBOL_GPL(drb_unbind);

void drb_dev_init(struct net_device *dev, struct xenbus_device *xdev,
		  bool backend)
{
	struct drb_dev *drb = netdev_priv(dev);

	drb->dev = dev;
	drb->xdev = xdev;
	drb->backend = backend;
	drb->max_queues = dev->num_tx_queues;
	drb->max_pages = DRB_MAX_RING_PAGES;
	drb->adaptive = true;
	drb->defer_ns = DRB_DEFER_NS;
	drb->defer_high_ns = DRB_DEFER_HIGH_NS;
	INIT_WORK(&drb->broken_work, drb_broken_work);
	seqcount_init(&drb->gone_seq);
	drb_rate_init(drb);

	dev->netdev_ops = &drb_netdev_ops;
	dev->ethtool_ops = &drb_ethtool_ops;
	dev->features = DRB_FEATURES | DRB_RX_GSO;
	dev->hw_features = dev->features;
	dev->vlan_features = DRB_FEATURES;
	drb_offer_xdp(dev);
	drb_offer_queue_stats(dev, &drb_stat_ops);
	netif_set_tso_max_size(dev, DRB_MAX_PACKET - DRB_MAX_HEADERS);
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU - VLAN_ETH_HLEN;
	SET_NETDEV_DEV(dev, &xdev->dev);
	netif_carrier_off(dev);
	/* Netpoll asks only this, and there are no queues yet. */
	netif_tx_stop_all_queues(dev);
}
EXPORT_SYMBOL_GPL(drb_dev_init);

void drb_dev_fini(struct drb_dev *drb)
{
	cancel_work_sync(&drb->broken_work);
	drb_rss_set(drb, NULL);
	drb_queues_free(drb);
}
EXPORT_SYMBOL_GPL(drb_dev_fini);

static int __init drb_core_init(void)
{
	int err;

	drb_debugfs_init();
	err = drb_idle_init();
	if (err)
		goto debugfs;
	err = drb_claim_init();
	if (err)
		goto idle;
	return 0;
idle:
	drb_idle_exit();
debugfs:
	drb_debugfs_exit();
	return err;
}

static void __exit drb_core_exit(void)
{
	drb_claim_exit();
	drb_idle_exit();
	drb_debugfs_exit();
}

module_init(drb_core_init);
module_exit(drb_core_exit);

MODULE_DESCRIPTION("DRB: network devices over shared ring buffers");
MODULE_LICENSE("GPL");
MODULE_VERSION(DRB_BUILD);
