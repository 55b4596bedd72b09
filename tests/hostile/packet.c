// SPDX-License-Identifier: GPL-2.0
/* packet.c - packets, and offloads that may or may not fit them. */
#include <linux/etherdevice.h>
#include <linux/ipv6.h>
#include <linux/random.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "hostile.h"

static u8 *put_ethernet(u8 *data, u16 type)
{
	struct ethhdr *eth = (struct ethhdr *)data;

	eth_broadcast_addr(eth->h_dest);
	memcpy(eth->h_source, "\x02\x00\x00\xde\xad\x01", ETH_ALEN);
	eth->h_proto = htons(type);
	return data + sizeof(*eth);
}

static u8 *put_ip4(u8 *data, u32 len, u8 protocol)
{
	struct iphdr *ip = (struct iphdr *)data;

	*ip = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = 64, .protocol = protocol,
		.tot_len = htons(min(len, 65535u)),
		.saddr = htonl(0x0a000002), .daddr = htonl(0x0a000001),
	};
	ip->check = ip_fast_csum((u8 *)ip, ip->ihl);
	return data + sizeof(*ip);
}

static u8 *put_ip6(u8 *data, u32 len, u8 protocol)
{
	struct ipv6hdr *ip = (struct ipv6hdr *)data;

	*ip = (struct ipv6hdr){
		.version = 6, .hop_limit = 64, .nexthdr = protocol,
		.payload_len = htons(min(len - (u32)sizeof(*ip), 65535u)),
	};
	ip->saddr.s6_addr[0] = 0xfe;
	ip->saddr.s6_addr[1] = 0x80;
	ip->daddr = ip->saddr;
	ip->daddr.s6_addr[15] = 1;
	return data + sizeof(*ip);
}

static void put_udp(u8 *data, u32 len)
{
	struct udphdr *udp = (struct udphdr *)data;

	udp->source = htons(9);
	udp->dest = htons(9);
	udp->len = htons(min(len, 65535u));
}

static void put_tcp(u8 *data)
{
	struct tcphdr *tcp = (struct tcphdr *)data;

	tcp->source = htons(9);
	tcp->dest = htons(9);
	tcp->doff = sizeof(*tcp) / 4;
	tcp->ack = 1;
}

void hostile_packet(u8 *data, u32 len, enum hostile_kind kind)
{
	u8 *end = data + len, *at;

	memset(data, 0, max(len, 128u));
	switch (kind) {
	case HOSTILE_UDP4:
		at = put_ethernet(data, ETH_P_IP);
		at = put_ip4(at, end - at, IPPROTO_UDP);
		put_udp(at, end - at);
		break;
	case HOSTILE_TCP4:
		at = put_ethernet(data, ETH_P_IP);
		put_tcp(put_ip4(at, end - at, IPPROTO_TCP));
		break;
	case HOSTILE_TCP6:
		at = put_ethernet(data, ETH_P_IPV6);
		put_tcp(put_ip6(at, end - at, IPPROTO_TCP));
		break;
	case HOSTILE_RAW:
		break;
	}
}

static u32 below(u32 limit)
{
	return get_random_u32() % limit;
}

/* One of the values that are worth trying, or any. */
static u16 one_of(const u16 *values, unsigned int num)
{
	unsigned int i = below(num + 1);

	return i < num ? values[i] : get_random_u32();
}

static u32 random_len(void)
{
	static const u32 limits[] = { 64, 200, 1600, 9000, DRB_MAX_PACKET };

	return DRB_MIN_PACKET +
	       below(limits[below(ARRAY_SIZE(limits))] - DRB_MIN_PACKET + 1);
}

void hostile_random(u8 *data, struct drb_record *rec)
{
	static const u16 types[] = { 0, 1, 4, 5, 0x81, 0x84, 0x85, 2, 3, 0x80 };
	static const u16 sizes[] = { 0, 1, 8, 100, 1448, 9000, 65535 };
	static const u16 starts[] = { 0, 14, 34, 54, 74, 65535 };
	static const u16 offsets[] = { 0, 6, 16, 65535 };
	static const u16 heads[] = { 14, 42, 54, 66, 74, 65535 };
	static const u16 places[] = { 32, 33, 63, 64, 255, 256 };
	unsigned int i;

	*rec = (struct drb_record){
		.len = random_len(),
		.data_off = places[below(ARRAY_SIZE(places))],
		.flags = below(4) ? below(4) : get_random_u32(),
		.gso_type = one_of(types, ARRAY_SIZE(types)),
		.gso_size = one_of(sizes, ARRAY_SIZE(sizes)),
		.hdr_len = one_of(heads, ARRAY_SIZE(heads)),
		.csum_start = one_of(starts, ARRAY_SIZE(starts)),
		.csum_offset = one_of(offsets, ARRAY_SIZE(offsets)),
		.hash = get_random_u32(),
		.hash_type = below(4),
	};
	hostile_packet(data, rec->len, below(HOSTILE_KINDS));
	for (i = below(4); i; i--)
		data[below(min(rec->len, 100u))] = get_random_u32();
}
