// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - drb-hostile: a domain that writes into the rings of its own DRB
 * device what the drivers never would.  A command is written to the parameter
 * "act":
 *
 *	record DEV LEN CLAIMED DATA_OFF FLAGS GSO_TYPE GSO_SIZE HDR_LEN
 *	       CSUM_START CSUM_OFFSET KIND
 *			one record, with a packet of LEN bytes, whose header
 *			says CLAIMED
 *	fuzz DEV COUNT	so many records with random offloads and headers
 *	flip DEV MS	packets that change while the peer reads them
 *	prod DEV BYTES	an index so far from what it should be, to be read by
 *	cons DEV BYTES	the peer as consumer, or as producer
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>
#include <xen/events.h>

#include "hostile.h"

/* So long the peer may leave the ring full, in ms. */
#define PATIENCE	5000

static u8 *buffer;

/* Under the netdev queue's lock.  0, -ENOSPC or -ENODEV. */
static int put_locked(struct drb_queue *q, const struct drb_record *rec, u32 len)
{
	u32 room = max_t(u32, rec->data_off, sizeof(*rec));
	u32 span = drb_span(min(room, DRB_MAX_DATA_OFF), len);

	if (READ_ONCE(q->dead) || !q->drb->connected)
		return -ENODEV;
	if (drb_ring_reserve(&q->out, span))
		return -ENOSPC;
	memcpy(drb_ring_at(&q->out, q->out.prod), rec, sizeof(*rec));
	drb_ring_put(&q->out, q->out.prod + min(room, DRB_MAX_DATA_OFF), buffer,
		     len);
	drb_ring_commit(&q->out, span);
	/* Our own driver goes on, and counts what is taken. */
	if (!q->drb->backend)
		netdev_tx_sent_queue(drb_txq(q), span);
	drb_ring_publish(&q->out);
	notify_remote_via_irq(q->irq);
	return 0;
}

/*
 * len bytes of the buffer, with this header; waits for room.  *pos: where it is,
 * whatever our own driver sends before and after.
 */
static int put_at(struct drb_queue *q, const struct drb_record *rec, u32 len,
		  u32 *pos)
{
	struct netdev_queue *txq = drb_txq(q);
	int err, tries = PATIENCE;

	do {
		__netif_tx_lock_bh(txq);
		*pos = q->out.prod;
		err = put_locked(q, rec, len);
		__netif_tx_unlock_bh(txq);
		if (err == -ENOSPC)
			usleep_range(1000, 2000);
	} while (err == -ENOSPC && --tries);
	return err;
}

static int put(struct drb_queue *q, const struct drb_record *rec, u32 len)
{
	u32 pos;

	return put_at(q, rec, len, &pos);
}

static int act_record(struct drb_queue *q, const char *args)
{
	unsigned int len, claimed, off, flags, type, size, hlen, start, offset;
	unsigned int kind;
	struct drb_record rec;

	if (sscanf(args, "%u %u %u %u %u %u %u %u %u %u", &len, &claimed, &off,
		   &flags, &type, &size, &hlen, &start, &offset, &kind) != 10 ||
	    len > DRB_MAX_PACKET || kind >= HOSTILE_KINDS)
		return -EINVAL;
	rec = (struct drb_record){
		.len = claimed, .data_off = off, .flags = flags,
		.gso_type = type, .gso_size = size, .hdr_len = hlen,
		.csum_start = start, .csum_offset = offset,
	};
	hostile_packet(buffer, len, kind);
	return put(q, &rec, len);
}

static int act_fuzz(struct drb_queue *q, const char *args)
{
	struct drb_record rec;
	unsigned int count;
	int err = 0;

	if (kstrtouint(args, 0, &count))
		return -EINVAL;
	while (count-- && !err) {
		hostile_random(buffer, &rec);
		err = put(q, &rec, rec.len);
		cond_resched();
	}
	return err;
}

/* Change the packet and the offloads of the record that starts at pos. */
static void flip(struct drb_queue *q, u32 pos, const struct drb_record *rec)
{
	u32 from = offsetof(struct drb_record, flags);
	u32 at = get_random_u32() % (min(rec->len, 200u) + rec->data_off - from);

	*(u8 *)drb_ring_at(&q->out, pos + from + at) = get_random_u32();
}

static int act_flip(struct drb_queue *q, const char *args)
{
	struct drb_record rec;
	unsigned long end;
	unsigned int ms, i;
	int err = 0;
	u32 pos;

	if (kstrtouint(args, 0, &ms))
		return -EINVAL;
	end = jiffies + msecs_to_jiffies(ms);
	while (!err && time_before(jiffies, end)) {
		hostile_random(buffer, &rec);
		err = put_at(q, &rec, rec.len, &pos);
		for (i = 0; !err && i < 100; i++)
			flip(q, pos, &rec);
		cond_resched();
	}
	return err;
}

static int act_prod(struct drb_queue *q, const char *args)
{
	int bytes;

	if (kstrtoint(args, 0, &bytes))
		return -EINVAL;
	WRITE_ONCE(q->out.ctrl->prod, q->out.prod + bytes);
	notify_remote_via_irq(q->irq);
	return 0;
}

static int act_cons(struct drb_queue *q, const char *args)
{
	int bytes;

	if (kstrtoint(args, 0, &bytes))
		return -EINVAL;
	WRITE_ONCE(q->in.ctrl->cons, q->in.cons + bytes);
	notify_remote_via_irq(q->irq);
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(struct drb_queue *q, const char *args);
} acts[] = {
	{ "record", act_record },
	{ "fuzz", act_fuzz },
	{ "flip", act_flip },
	{ "prod", act_prod },
	{ "cons", act_cons },
};

static int act_on(struct net_device *dev, const char *what, const char *args)
{
	struct drb_dev *drb = netdev_priv(dev);
	unsigned int i;

	if (!drb->connected || !drb->num_queues)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(acts); i++)
		if (!strcmp(what, acts[i].name))
			return acts[i].fn(&drb->queues[0], args);
	return -ENOENT;
}

static int act(const char *value, const struct kernel_param *param)
{
	char what[16], name[IFNAMSIZ];
	struct net_device *dev;
	int err, skip = 0;

	if (sscanf(value, "%15s %15s %n", what, name, &skip) < 2)
		return -EINVAL;
	dev = dev_get_by_name(&init_net, name);
	if (!dev)
		return -ENODEV;
	err = act_on(dev, what, strim((char *)value + skip));
	dev_put(dev);
	return err;
}

static const struct kernel_param_ops act_ops = { .set = act };
module_param_cb(act, &act_ops, NULL, 0200);
MODULE_PARM_DESC(act, "what to do: see the source");

static int __init hostile_init(void)
{
	buffer = vzalloc(HOSTILE_BUFFER);
	return buffer ? 0 : -ENOMEM;
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
	vfree(buffer);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("DRB: breaks the protocol, for tests");
MODULE_LICENSE("GPL");
