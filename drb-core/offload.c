// SPDX-License-Identifier: GPL-2.0
/*
 * offload.c - a packet's offloads as in struct virtio_net_hdr, little-endian.
 * The kernel's helpers do the most; older ones lack UDP segmentation.
 */
#include <linux/udp.h>
#include <linux/virtio_net.h>

#include "drb_core.h"

static_assert(DRB_GSO_TCPV4 == VIRTIO_NET_HDR_GSO_TCPV4);
static_assert(DRB_GSO_TCPV6 == VIRTIO_NET_HDR_GSO_TCPV6);
static_assert(DRB_GSO_ECN == VIRTIO_NET_HDR_GSO_ECN);

static __virtio16 drb_le16(u16 value)
{
	return (__force __virtio16)cpu_to_le16(value);
}

static u16 drb_from_le16(__virtio16 value)
{
	return le16_to_cpu((__force __le16)value);
}

/* 0, or -EINVAL: an offload the peer does not know. */
int drb_hdr_from_skb(const struct sk_buff *skb, struct virtio_net_hdr *h,
		     bool data_valid)
{
	if (!skb_is_gso(skb) ||
	    !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4))
		return virtio_net_hdr_from_skb(skb, h, true, data_valid, 0);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return -EINVAL;
	*h = (struct virtio_net_hdr){
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = DRB_GSO_UDP_L4,
		.hdr_len = drb_le16(skb_headlen(skb)),
		.gso_size = drb_le16(skb_shinfo(skb)->gso_size),
		.csum_start = drb_le16(skb_checksum_start_offset(skb)),
		.csum_offset = drb_le16(skb->csum_offset),
	};
	return 0;
}

/* The same checks as for what the helpers know; skb's checksum is set up. */
static int drb_udp_gso(struct sk_buff *skb, u16 gso_size)
{
	int start = skb_transport_offset(skb);
	u32 headers = start + sizeof(struct udphdr);

	if (start < (int)(ETH_HLEN + sizeof(struct iphdr)) ||
	    !pskb_may_pull(skb, headers) ||
	    skb->csum_offset != offsetof(struct udphdr, check))
		return -EINVAL;
	if (!gso_size || gso_size == GSO_BY_FRAGS ||
	    skb->len - headers > gso_size * UDP_MAX_SEGMENTS)
		return -EINVAL;
	if (skb->len - headers <= gso_size)
		return 0;
	skb_shinfo(skb)->gso_size = gso_size;
	/* Who segments it is to check the headers, and count. */
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4 | SKB_GSO_DODGY;
	skb_shinfo(skb)->gso_segs = 0;
	return 0;
}

/* 0, or -EINVAL: what the peer says does not fit the packet. */
int drb_hdr_to_skb(struct sk_buff *skb, const struct virtio_net_hdr *h)
{
	struct virtio_net_hdr plain = *h;

	if (h->gso_type != DRB_GSO_UDP_L4)
		return virtio_net_hdr_to_skb(skb, h, true);
	plain.gso_type = VIRTIO_NET_HDR_GSO_NONE;
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) ||
	    virtio_net_hdr_to_skb(skb, &plain, true))
		return -EINVAL;
	return drb_udp_gso(skb, drb_from_le16(h->gso_size));
}
