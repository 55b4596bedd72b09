// SPDX-License-Identifier: GPL-2.0
/*
 * queue.c - what everything else may do to a queue: have it polled, or end it
 * since the peer broke the protocol.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "internal.h"

/* From process context, where no softirq follows by itself. */
void drb_schedule(struct drb_queue *q)
{
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

void drb_kick(struct drb_dev *drb)
{
	unsigned int i;

	rtnl_lock();
	if (drb->connected && netif_running(drb->dev))
		for (i = 0; i < drb->num_queues; i++)
			drb_schedule(&drb->queues[i]);
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(drb_kick);

/* Under rtnl. */
void drb_show_link(struct drb_dev *drb)
{
	if (drb->connected && !drb->peer_down && !READ_ONCE(drb->broken))
		netif_carrier_on(drb->dev);
	else
		netif_carrier_off(drb->dev);
}

/* The part of drb_break() that needs to sleep. */
void drb_broken_work(struct work_struct *work)
{
	struct drb_dev *drb = container_of(work, struct drb_dev, broken_work);

	if (drb->isolate)
		drb->isolate(drb);
	xenbus_dev_error(drb->xdev, -EPROTO, "%s: disabled: %s",
			 drb->dev->name, drb->broken);
	/* Somebody who did not know it yet may just be turning the link on. */
	rtnl_lock();
	drb_show_link(drb);
	rtnl_unlock();
}

/* The peer broke the protocol: stop the vif, say why, once.  Any context. */
void drb_break(struct drb_queue *q, const char *why)
{
	struct drb_dev *drb = q->drb;
	unsigned int i;

	if (drb_revoked(q))
		why = "access to the ring was revoked";
	for (i = 0; i < drb->num_queues; i++) {
		WRITE_ONCE(drb->queues[i].dead, true);
		netif_tx_stop_queue(netdev_get_tx_queue(drb->dev, i));
	}
	if (cmpxchg(&drb->broken, NULL, why))
		return;
	netdev_err(drb->dev, "queue %u: %s; the vif is disabled\n", q->id, why);
	schedule_work(&drb->broken_work);
}
