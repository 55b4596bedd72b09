// SPDX-License-Identifier: GPL-2.0
/*
 * xdp.bpf.c - XDP programs for the booted tests and the bench, one per
 * verdict.  "ip link set DEV xdpdrv obj xdp.o program NAME" attaches one.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>

#define SEC(name)	__attribute__((section(name), used))

static long (*redirect)(__u32 ifindex, __u64 flags) =
	(void *)BPF_FUNC_redirect;
static long (*adjust_head)(struct xdp_md *ctx, int delta) =
	(void *)BPF_FUNC_xdp_adjust_head;

/* ICMP and UDP headers as far as they matter here. */
struct l4 {
	__u8 type, code;	/* UDP: source port */
	__u16 csum;		/* UDP: destination port */
};

struct headers {
	struct ethhdr eth;
	struct iphdr ip;
	struct l4 l4;
} __attribute__((packed));

static struct headers *ipv4(struct xdp_md *ctx, __u8 protocol)
{
	struct headers *h = (void *)(long)ctx->data;

	if ((void *)(h + 1) > (void *)(long)ctx->data_end ||
	    h->eth.h_proto != __builtin_bswap16(ETH_P_IP) ||
	    h->ip.protocol != protocol)
		return 0;
	return h;
}

static void turn_round(struct headers *h)
{
	__u8 mac[ETH_ALEN];
	__be32 ip = h->ip.saddr;

	__builtin_memcpy(mac, h->eth.h_source, ETH_ALEN);
	__builtin_memcpy(h->eth.h_source, h->eth.h_dest, ETH_ALEN);
	__builtin_memcpy(h->eth.h_dest, mac, ETH_ALEN);
	h->ip.saddr = h->ip.daddr;
	h->ip.daddr = ip;
}

SEC("xdp") int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp.frags") int pass_frags(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Everything over IPv4 but TCP, so that ARP and the test go on. */
SEC("xdp") int drop(struct xdp_md *ctx)
{
	return ipv4(ctx, IPPROTO_UDP) || ipv4(ctx, IPPROTO_ICMP) ? XDP_DROP :
								   XDP_PASS;
}

SEC("xdp") int aborted(struct xdp_md *ctx)
{
	return ipv4(ctx, IPPROTO_ICMP) ? XDP_ABORTED : XDP_PASS;
}

SEC("xdp") int invalid(struct xdp_md *ctx)
{
	return ipv4(ctx, IPPROTO_ICMP) ? 77 : XDP_PASS;
}

/* Answers pings: whoever asked gets a reply no stack has written. */
static int answer(struct xdp_md *ctx)
{
	struct headers *h = ipv4(ctx, IPPROTO_ICMP);

	if (!h || h->l4.type != 8)
		return XDP_PASS;
	turn_round(h);
	h->l4.type = 0;
	/* RFC 1624, from 0x0800 to 0x0000 at the start of the message. */
	h->l4.csum += h->l4.csum >= (__u16)~8 ? 9 : 8;
	return XDP_TX;
}

SEC("xdp") int tx(struct xdp_md *ctx)
{
	return answer(ctx);
}

SEC("xdp.frags") int tx_frags(struct xdp_md *ctx)
{
	return answer(ctx);
}

/* Datagrams to port 7700 + N go to the device of number N. */
SEC("xdp") int by_port(struct xdp_md *ctx)
{
	struct headers *h = ipv4(ctx, IPPROTO_UDP);
	__u32 port = h ? __builtin_bswap16(h->l4.csum) : 0;

	return port > 7700 && port < 7900 ? redirect(port - 7700, 0) : XDP_PASS;
}

/* Moves the packet's start to and fro, with what lies behind it. */
SEC("xdp") int shift(struct xdp_md *ctx)
{
	struct ethhdr eth, *at;

	at = (void *)(long)ctx->data;
	if ((void *)(at + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	eth = *at;
	if (adjust_head(ctx, -16) || adjust_head(ctx, 16))
		return XDP_ABORTED;
	at = (void *)(long)ctx->data;
	if ((void *)(at + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	*at = eth;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
