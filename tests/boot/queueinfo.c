// SPDX-License-Identifier: GPL-2.0
/*
 * queueinfo DEV - what the kernel itself knows of a device's queues, by its
 * netlink family "netdev": a line "rx|tx NUMBER napi|packets VALUE" for each fact.
 * Exits with 3 if this kernel has no such family or does not know of queues
 * (Linux 6.1 to 6.9).
 */
#include <errno.h>
#include <error.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* From linux/netdev.h of Linux 6.10. */
enum { CMD_QUEUE_GET = 10, CMD_QSTATS_GET = 12 };

enum { QUEUE_ID = 1, QUEUE_IFINDEX, QUEUE_TYPE, QUEUE_NAPI_ID };

enum {
	QSTATS_IFINDEX = 1, QSTATS_TYPE, QSTATS_ID, QSTATS_SCOPE,
	QSTATS_RX_PACKETS = 8, QSTATS_TX_PACKETS = 10,
};

#define MAX_ATTR	16

struct message {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	char attrs[256];
};

struct value {
	uint64_t number;
	int len;	/* 0: not there */
};

static void put(struct message *m, int type, const void *data, int len)
{
	struct nlattr *a = (void *)((char *)m + NLMSG_ALIGN(m->nl.nlmsg_len));

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy((char *)a + NLA_HDRLEN, data, len);
	m->nl.nlmsg_len = NLMSG_ALIGN(m->nl.nlmsg_len) + NLA_ALIGN(a->nla_len);
}

static void begin(struct message *m, int family, int command, int flags)
{
	memset(m, 0, sizeof(*m));
	m->nl.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	m->nl.nlmsg_type = family;
	m->nl.nlmsg_flags = NLM_F_REQUEST | flags;
	m->genl.cmd = command;
	m->genl.version = 1;
}

static void read_attrs(const struct nlmsghdr *nl, struct value *to)
{
	const char *at = (const char *)nl + NLMSG_LENGTH(GENL_HDRLEN);
	const char *end = (const char *)nl + nl->nlmsg_len;

	memset(to, 0, MAX_ATTR * sizeof(*to));
	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const void *)at;
		int type = a->nla_type & NLA_TYPE_MASK;
		int len = a->nla_len - NLA_HDRLEN;

		if (len < 0)
			break;
		if (type < MAX_ATTR) {
			to[type].len = len;
			memcpy(&to[type].number, at + NLA_HDRLEN,
			       len < 8 ? len : 8);
		}
		at += NLA_ALIGN(a->nla_len);
	}
}

/* Send *m and call each(values) for each answer.  0 or an error of the kernel. */
static int ask(int fd, struct message *m, void (*each)(const struct value *))
{
	static char buf[65536];
	struct value values[MAX_ATTR];

	if (send(fd, m, m->nl.nlmsg_len, 0) < 0)
		error(2, errno, "netlink");
	for (;;) {
		int left = recv(fd, buf, sizeof(buf), 0);
		const struct nlmsghdr *nl = (const void *)buf;

		if (left < 0)
			error(2, errno, "netlink");
		for (; NLMSG_OK(nl, (unsigned int)left);
		     nl = NLMSG_NEXT(nl, left)) {
			if (nl->nlmsg_type == NLMSG_ERROR ||
			    nl->nlmsg_type == NLMSG_DONE)
				return *(const int *)NLMSG_DATA(nl);
			read_attrs(nl, values);
			each(values);
			if (!(m->nl.nlmsg_flags & NLM_F_DUMP))
				return 0;
		}
	}
}

static int family;
static uint32_t ifindex;

static void note_family(const struct value *v)
{
	family = (uint16_t)v[CTRL_ATTR_FAMILY_ID].number;
}

static const char *direction(const struct value *v)
{
	return (uint32_t)v->number ? "tx" : "rx";
}

static void show_queue(const struct value *v)
{
	if ((uint32_t)v[QUEUE_IFINDEX].number == ifindex && v[QUEUE_NAPI_ID].len)
		printf("%s %u napi %u\n", direction(&v[QUEUE_TYPE]),
		       (uint32_t)v[QUEUE_ID].number,
		       (uint32_t)v[QUEUE_NAPI_ID].number);
}

static void show_stats(const struct value *v)
{
	int packets = (uint32_t)v[QSTATS_TYPE].number ? QSTATS_TX_PACKETS :
							QSTATS_RX_PACKETS;

	if ((uint32_t)v[QSTATS_IFINDEX].number == ifindex && v[packets].len)
		printf("%s %u packets %llu\n", direction(&v[QSTATS_TYPE]),
		       (uint32_t)v[QSTATS_ID].number,
		       v[packets].len == 4 ?
		       (unsigned long long)(uint32_t)v[packets].number :
		       (unsigned long long)v[packets].number);
}

int main(int argc, char **argv)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	uint64_t per_queue = 1;
	struct message m;

	ifindex = argc == 2 ? if_nametoindex(argv[1]) : 0;
	if (!ifindex)
		error(2, 0, "usage: queueinfo DEV");
	if (fd < 0)
		error(2, errno, "socket");
	begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	put(&m, CTRL_ATTR_FAMILY_NAME, "netdev", sizeof("netdev"));
	if (ask(fd, &m, note_family))
		return 3;
	begin(&m, family, CMD_QUEUE_GET, NLM_F_DUMP);
	put(&m, QUEUE_IFINDEX, &ifindex, sizeof(ifindex));
	if (ask(fd, &m, show_queue))
		return 3;
	begin(&m, family, CMD_QSTATS_GET, NLM_F_DUMP);
	put(&m, QSTATS_SCOPE, &per_queue, 4);
	put(&m, QSTATS_IFINDEX, &ifindex, sizeof(ifindex));
	return ask(fd, &m, show_stats) ? 3 : 0;
}
