// SPDX-License-Identifier: GPL-2.0
/*
 * connect.c - the driver domain's side of the handshake: read what the guest
 * published, map it, bind its event channels.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>

#include "drb_back.h"

unsigned int drbb_max_queues;
module_param_named(max_queues, drbb_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues, "Queues per vif at most (0: one per CPU, at most 8)");

static int drbb_read_queue(struct drbb_vif *vif, unsigned int id,
			   grant_ref_t *info, evtchn_port_t *port)
{
	char node[32];
	int n;

	snprintf(node, sizeof(node), "queue-%u/info-ref", id);
	n = xenbus_scanf(XBT_NIL, vif->drb.xdev->otherend, node, "%u", info);
	if (n != 1)
		return n < 0 ? n : -EINVAL;
	snprintf(node, sizeof(node), "queue-%u/event-channel", id);
	n = xenbus_scanf(XBT_NIL, vif->drb.xdev->otherend, node, "%u", port);
	if (n != 1)
		return n < 0 ? n : -EINVAL;
	return 0;
}

static int drbb_queue_setup(struct drbb_vif *vif, unsigned int id)
{
	struct drb_queue *q = &vif->drb.queues[id];
	struct drbb_ring *ring = &vif->rings[id];
	const struct drb_info *info;
	const char *why = "reading the guest's keys";
	struct drb_ctrl *ctrl;
	evtchn_port_t port;
	grant_ref_t ref;
	int err;

	err = drbb_read_queue(vif, id, &ref, &port);
	if (!err)
		err = drbb_ring_map(ring, vif->drb.xdev->otherend_id, ref, &why);
	if (err)
		goto fail;

	info = ring->info.addr[0];
	ctrl = ring->data.addr[0];
	drb_ring_init(&q->in, &ctrl->tx, ring->data.addr + 1, ring->tx_pages);
	drb_ring_init(&q->out, &ctrl->rx, ring->data.addr + 1 + ring->tx_pages,
		      ring->rx_pages);
	q->magic = &info->magic;

	why = "binding the event channel";
	snprintf(q->irq_name, sizeof(q->irq_name), "%s-q%u",
		 dev_name(&vif->drb.xdev->dev), id);
	err = bind_interdomain_evtchn_to_irqhandler_lateeoi(vif->drb.xdev, port,
							    drb_interrupt, 0,
							    q->irq_name, q);
	if (err < 0)
		goto fail;
	q->irq = err;
	return 0;
fail:
	xenbus_dev_error(vif->drb.xdev, err, "queue %u: %s", id, why);
	return err;
}

static unsigned int drbb_num_queues(struct drbb_vif *vif)
{
	return xenbus_read_unsigned(vif->drb.xdev->otherend, "drb-queues", 0);
}

/* Does what the guest asks for lie within what it was offered? */
static int drbb_check_offer(struct drbb_vif *vif, unsigned int num)
{
	unsigned int version = xenbus_read_unsigned(vif->drb.xdev->otherend,
						    "drb-version", 0);

	if (version != DRB_VERSION) {
		xenbus_dev_error(vif->drb.xdev, -EPROTONOSUPPORT,
				 "the guest speaks DRB version %u, not %u",
				 version, DRB_VERSION);
		return -EPROTONOSUPPORT;
	}
	if (num < 1 || num > vif->offered_queues) {
		xenbus_dev_error(vif->drb.xdev, -EINVAL,
				 "%u queues asked for, 1 to %u offered", num,
				 vif->offered_queues);
		return -EINVAL;
	}
	return 0;
}

/*
 * The guest has written some of its keys, or all.  It tells by writing its state
 * anew, and only what they say by now matters.
 */
void drbb_guest_told(struct drbb_vif *vif)
{
	drb_paced_schedule(&vif->rss);
	drb_paced_schedule(&vif->groups);
	drb_paced_schedule(&vif->gso);
}

/* The number that the guest changes when it joins other groups. */
static u32 *drbb_filter(struct drbb_vif *vif)
{
	struct drb_info *info = vif->rings[0].info.addr[0];

	return &info->filter;
}

/*
 * Connect to what the guest published.  On failure the reason is in the
 * device's error node and nothing is left behind.
 */
int drbb_connect(struct drbb_vif *vif)
{
	unsigned int i, num = drbb_num_queues(vif);
	int err = drbb_check_offer(vif, num);

	if (err)
		return err;
	err = drb_queues_alloc(&vif->drb, num);
	if (err)
		return err;
	vif->rings = kcalloc(num, sizeof(*vif->rings), DRB_GFP);
	if (!vif->rings) {
		err = -ENOMEM;
		goto fail;
	}
	vif->num_rings = num;
	for (i = 0; i < num; i++) {
		err = drbb_queue_setup(vif, i);
		if (err)
			goto fail;
	}
	vif->drb.filter = drbb_filter(vif);
	drbb_guest_told(vif);
	return 0;
fail:
	drbb_disconnect(vif);
	return err;
}

/* Stop traffic, unbind and unmap everything.  Idempotent. */
void drbb_disconnect(struct drbb_vif *vif)
{
	unsigned int i;

	drbb_groups_stop(vif);
	drbb_rss_stop(vif);
	drbb_gso_stop(vif);
	drb_unbind(&vif->drb);
	vif->drb.filter = NULL;
	for (i = 0; i < vif->num_rings; i++)
		drbb_ring_unmap(&vif->rings[i]);
	vif->num_rings = 0;
	kfree(vif->rings);
	vif->rings = NULL;
	drb_queues_free(&vif->drb);
}
