// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool.c - what can be set in the guest beyond what both ends have: the
 * number of queues and the sizes of their rings.
 *
 * A change means connecting anew, which takes the backend's answer.  That is
 * not waited for here: ethtool holds rtnl, and a backend that does not answer
 * must not hold up the guest's other devices.
 */
#include <linux/ethtool.h>
#include <linux/log2.h>

#include "drb_front.h"

/* A vif that is down for a violation stays down. */
static bool drbf_may_reconnect(struct drbf_vif *vif,
			       struct netlink_ext_ack *extack)
{
	if (!READ_ONCE(vif->drb.broken))
		return true;
	NL_SET_ERR_MSG_MOD(extack, "the vif is disabled: its peer broke the protocol");
	return false;
}

static void drbf_reconnect(struct drbf_vif *vif)
{
	vif->want_nr++;
	schedule_work(&vif->reconnect);
}

static int drbf_set_channels(struct net_device *dev,
			     struct ethtool_channels *ch)
{
	struct drbf_vif *vif = netdev_priv(dev);

	if (!ch->combined_count || ch->combined_count > vif->drb.max_queues)
		return -EINVAL;
	if (!drbf_may_reconnect(vif, NULL))
		return -ENETDOWN;
	vif->want.queues = ch->combined_count;
	drbf_reconnect(vif);
	return 0;
}

/* Rounded up to what a ring can have, within the backend's offer. */
static unsigned int drbf_ring_bytes(struct drbf_vif *vif, u32 bytes)
{
	u32 pages = DIV_ROUND_UP(bytes, DRB_PAGE_SIZE);

	return roundup_pow_of_two(clamp(pages, DRB_MIN_RING_PAGES,
					vif->drb.max_pages));
}

static int drbf_set_ringparam(struct net_device *dev,
			      struct ethtool_ringparam *ring,
			      struct kernel_ethtool_ringparam *kring,
			      struct netlink_ext_ack *extack)
{
	struct drbf_vif *vif = netdev_priv(dev);

	if (!drbf_may_reconnect(vif, extack))
		return -ENETDOWN;
	vif->want.tx_pages = drbf_ring_bytes(vif, ring->tx_pending);
	vif->want.rx_pages = drbf_ring_bytes(vif, ring->rx_pending);
	drbf_reconnect(vif);
	return 0;
}

DRB_RXFH(drbf_get_rxfh, drbf_set_rxfh)

const struct ethtool_ops drbf_ethtool_ops = {
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
	.set_channels = drbf_set_channels,
	.get_ringparam = drb_get_ringparam,
	.set_ringparam = drbf_set_ringparam,
	.get_rxfh_key_size = drbf_get_rxfh_key_size,
	.get_rxfh_indir_size = drbf_get_rxfh_indir_size,
	.get_rxfh = DRB_GET_RXFH(drbf_get_rxfh),
	.set_rxfh = DRB_SET_RXFH(drbf_set_rxfh),
	.get_rxnfc = drbf_get_rxnfc,
	.set_rxnfc = drbf_set_rxnfc,
	DRB_RXFH_FIELDS_OPS(drbf_get_rxfh_fields, drbf_set_rxfh_fields)
	DRB_RX_RING_COUNT_OP(drbf_get_rx_ring_count)
};
