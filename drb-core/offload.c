// SPDX-License-Identifier: GPL-2.0
/*
 * offload.c - a packet's offloads in its record, and in its skb.
 *
 * A record has them as struct virtio_net_hdr does, so the kernel's helpers do
 * the most; older ones lack UDP segmentation.
 */
#include <linux/udp.h>
#include <linux/virtio_net.h>

#include "internal.h"

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
static int drb_hdr_from_skb(const struct sk_buff *skb,
			    struct virtio_net_hdr *h, bool data_valid)
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

/* 0, or -EINVAL: an offload the peer does not know. */
int drb_offload_from_skb(struct drb_record *rec, const struct sk_buff *skb,
			 bool data_valid)
{
	struct virtio_net_hdr h;
	int err;

	err = drb_hdr_from_skb(skb, &h, data_valid);
	if (err)
		return err;
	rec->flags = h.flags;
	rec->gso_type = h.gso_type;
	rec->gso_size = drb_from_le16(h.gso_size);
	rec->hdr_len = drb_from_le16(h.hdr_len);
	rec->csum_start = drb_from_le16(h.csum_start);
	rec->csum_offset = drb_from_le16(h.csum_offset);
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
static int drb_hdr_to_skb(struct sk_buff *skb, const struct virtio_net_hdr *h)
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

/* 0, or an error: what the peer says does not fit the packet, or no memory. */
int drb_offload_to_skb(struct drb_queue *q, struct sk_buff *skb,
		       const struct drb_record *rec)
{
	u8 gso = rec->gso_type & ~DRB_GSO_ECN;
	struct virtio_net_hdr h = {
		.flags = rec->flags & DRB_F_CSUM_PARTIAL,
		.gso_type = rec->gso_type,
		.hdr_len = drb_le16(rec->hdr_len),
		.gso_size = drb_le16(rec->gso_size),
		.csum_start = drb_le16(rec->csum_start),
		.csum_offset = drb_le16(rec->csum_offset),
	};
	bool valid = q->drb->dev->features & NETIF_F_RXCSUM;

	/* The helper knows more types than the protocol has. */
	if (gso != DRB_GSO_NONE && gso != DRB_GSO_TCPV4 &&
	    gso != DRB_GSO_TCPV6 && gso != DRB_GSO_UDP_L4)
		return -EINVAL;
	/* A guest's word that a checksum is right is not worth having. */
	if (rec->flags & DRB_F_CSUM_VALID && !q->drb->backend && valid)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (drb_hdr_to_skb(skb, &h))
		return -EINVAL;
	/* Raw sockets are to see what would be on a wire; segments come later. */
	if (!valid && skb->ip_summed == CHECKSUM_PARTIAL && !skb_is_gso(skb))
		return skb_checksum_help(skb);
	return 0;
}
