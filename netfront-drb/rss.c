// SPDX-License-Identifier: GPL-2.0
/*
 * rss.c - receive side scaling: the guest says, with ethtool -X and -N, how the
 * backend is to spread packets over its queues, and publishes that in xenstore.
 * Until it does, the backend spreads them as it likes.
 */
#include <linux/ethtool.h>
#include <linux/kernel.h>
#include <linux/netdevice.h>

#include "drb_front.h"

/* Ports of UDP are left out, as a datagram's later fragments have none. */
#define DRBF_RSS_DEFAULT	(DRB_RSS_ALL & ~(DRB_RSS_UDPV4 | DRB_RSS_UDPV6))

void drbf_rss_init(struct drbf_vif *vif)
{
	mutex_init(&vif->rss.lock);
	netdev_rss_key_fill(vif->rss.key, sizeof(vif->rss.key));
	vif->rss.types = DRBF_RSS_DEFAULT;
}

static u32 drbf_rss_entry(struct drbf_vif *vif, unsigned int i)
{
	unsigned int num = max(vif->drb.num_queues, 1u);

	return vif->rss.own_table ? vif->rss.table[i] % num :
				    ethtool_rxfh_indir_default(i, num);
}

/* ---- xenstore ---------------------------------------------------------- */

static int drbf_rss_hex(struct xenbus_transaction t, struct drbf_vif *vif,
			const char *key, const u8 *from, unsigned int len)
{
	char text[2 * DRB_RSS_TABLE_LEN + 1];

	*bin2hex(text, from, len) = '\0';
	return xenbus_write(t, vif->drb.xdev->nodename, key, text);
}

/* Write what there is to be said, under the lock. */
int drbf_rss_write(struct xenbus_transaction t, void *owner)
{
	struct drbf_vif *vif = owner;
	u8 table[DRB_RSS_TABLE_LEN];
	unsigned int i;
	int err;

	if (!vif->rss.set) {
		/* Of a guest that did not say goodbye. */
		xenbus_rm(t, vif->drb.xdev->nodename, "drb-rss");
		return 0;
	}
	for (i = 0; i < DRB_RSS_TABLE_LEN; i++)
		table[i] = drbf_rss_entry(vif, i);
	err = drbf_rss_hex(t, vif, "drb-rss/key", vif->rss.key,
			   DRB_RSS_KEY_LEN);
	if (!err)
		err = drbf_rss_hex(t, vif, "drb-rss/table", table,
				   DRB_RSS_TABLE_LEN);
	if (!err)
		err = xenbus_printf(t, vif->drb.xdev->nodename, "drb-rss/types",
				    "%u", vif->rss.types);
	return err;
}

/* A change, under the lock; what is not connected says it when it connects. */
static int drbf_rss_publish(struct drbf_vif *vif)
{
	vif->rss.set = true;
	if (!vif->rss.published)
		return 0;
	return drb_keys_tell(vif->drb.xdev, drbf_rss_write, vif);
}

/* ---- ethtool -x, -X ---------------------------------------------------- */

u32 drbf_get_rxfh_key_size(struct net_device *dev)
{
	return DRB_RSS_KEY_LEN;
}

u32 drbf_get_rxfh_indir_size(struct net_device *dev)
{
	return DRB_RSS_TABLE_LEN;
}

int drbf_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh)
{
	struct drbf_vif *vif = netdev_priv(dev);
	unsigned int i;

	rxfh->hfunc = ETH_RSS_HASH_TOP;
	if (rxfh->key)
		memcpy(rxfh->key, vif->rss.key, DRB_RSS_KEY_LEN);
	for (i = 0; rxfh->indir && i < DRB_RSS_TABLE_LEN; i++)
		rxfh->indir[i] = drbf_rss_entry(vif, i);
	return 0;
}

/* A table that is the default one goes on to be that, whatever -L says. */
static void drbf_rss_set_table(struct drbf_vif *vif, const u32 *indir)
{
	unsigned int num = max(vif->drb.num_queues, 1u);
	unsigned int i;

	vif->rss.own_table = false;
	for (i = 0; i < DRB_RSS_TABLE_LEN; i++) {
		vif->rss.table[i] = indir[i];
		if (indir[i] != ethtool_rxfh_indir_default(i, num))
			vif->rss.own_table = true;
	}
}

int drbf_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh,
		  struct netlink_ext_ack *extack)
{
	struct drbf_vif *vif = netdev_priv(dev);
	int err;

	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    rxfh->hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG_MOD(extack, "the hash is Toeplitz");
		return -EOPNOTSUPP;
	}
	mutex_lock(&vif->rss.lock);
	if (rxfh->key)
		memcpy(vif->rss.key, rxfh->key, DRB_RSS_KEY_LEN);
	if (rxfh->indir)
		drbf_rss_set_table(vif, rxfh->indir);
	err = drbf_rss_publish(vif);
	mutex_unlock(&vif->rss.lock);
	return err;
}

/* ---- ethtool -n, -N ---------------------------------------------------- */

#define DRBF_L3		(RXH_IP_SRC | RXH_IP_DST)
#define DRBF_L4		(DRBF_L3 | RXH_L4_B_0_1 | RXH_L4_B_2_3)

/* The type that has the ports of such a flow hashed; 0: it has none. */
static int drbf_rss_type(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return DRB_RSS_TCPV4;
	case UDP_V4_FLOW:
		return DRB_RSS_UDPV4;
	case TCP_V6_FLOW:
		return DRB_RSS_TCPV6;
	case UDP_V6_FLOW:
		return DRB_RSS_UDPV6;
	case IPV4_FLOW:
	case IPV6_FLOW:
		return 0;
	}
	return -EOPNOTSUPP;
}

int drbf_get_rxfh_fields(struct net_device *dev,
			 struct drb_rxfh_fields *fields)
{
	struct drbf_vif *vif = netdev_priv(dev);
	int type = drbf_rss_type(fields->flow_type);

	if (type < 0)
		return type;
	fields->data = vif->rss.types & type ? DRBF_L4 : DRBF_L3;
	return 0;
}

int drbf_set_rxfh_fields(struct net_device *dev,
			 const struct drb_rxfh_fields *fields,
			 struct netlink_ext_ack *extack)
{
	struct drbf_vif *vif = netdev_priv(dev);
	int type = drbf_rss_type(fields->flow_type), err;

	if (type < 0)
		return type;
	if (fields->data != DRBF_L3 && !(fields->data == DRBF_L4 && type))
		return -EINVAL;
	mutex_lock(&vif->rss.lock);
	vif->rss.types &= ~type;
	if (fields->data == DRBF_L4)
		vif->rss.types |= type;
	err = drbf_rss_publish(vif);
	mutex_unlock(&vif->rss.lock);
	return err;
}

u32 drbf_get_rx_ring_count(struct net_device *dev)
{
	const struct drbf_vif *vif = netdev_priv(dev);

	return vif->drb.num_queues;
}

int drbf_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
		   u32 *rule_locs)
{
	struct drb_rxfh_fields fields = { .flow_type = info->flow_type };
	int err;

	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = drbf_get_rx_ring_count(dev);
		return 0;
	case ETHTOOL_GRXFH:
		err = drbf_get_rxfh_fields(dev, &fields);
		info->data = fields.data;
		return err;
	}
	return -EOPNOTSUPP;
}

int drbf_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info)
{
	const struct drb_rxfh_fields fields = {
		.flow_type = info->flow_type,
		.data = info->data,
	};

	if (info->cmd != ETHTOOL_SRXFH || info->data != fields.data)
		return -EOPNOTSUPP;
	return drbf_set_rxfh_fields(dev, &fields, NULL);
}
