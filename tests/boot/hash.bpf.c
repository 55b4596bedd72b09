// SPDX-License-Identifier: GPL-2.0
/*
 * hash.bpf.c - a filter for tc that drops what has a hash, as the driver set
 * it: reading the field does not compute one.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#define SEC(name)	__attribute__((section(name), used))

SEC("tc")
int drop_hashed(struct __sk_buff *skb)
{
	return skb->hash ? TC_ACT_SHOT : TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
