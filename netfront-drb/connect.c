// SPDX-License-Identifier: GPL-2.0
/*
 * connect.c - the guest's side of the handshake: rings and event channels
 * out, as docs/protocol.md section "Connecting" says.
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>

#include "drb_front.h"

unsigned int drbf_max_queues;
module_param_named(max_queues, drbf_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues, "Queues per vif at most (0: one per CPU, at most 8)");

unsigned int drbf_ring_pages = DRB_MAX_RING_PAGES;
module_param_named(ring_pages, drbf_ring_pages, uint, 0644);
MODULE_PARM_DESC(ring_pages, "Pages per ring, a power of two (64 to 256)");

static unsigned int drbf_num_queues(struct drbf_vif *vif)
{
	unsigned int want = READ_ONCE(drbf_max_queues);
	unsigned int offer;

	if (!want)
		want = min(num_online_cpus(), 8u);
	offer = xenbus_read_unsigned(vif->xdev->otherend, "drb-max-queues", 1);
	return clamp(min(want, offer), 1u, vif->drb.dev->num_tx_queues);
}

static unsigned int drbf_num_pages(struct drbf_vif *vif)
{
	unsigned int pages = READ_ONCE(drbf_ring_pages);
	unsigned int offer;

	offer = xenbus_read_unsigned(vif->xdev->otherend, "drb-max-ring-pages",
				     DRB_MIN_RING_PAGES);
	pages = clamp(min(pages, offer), DRB_MIN_RING_PAGES,
		      DRB_MAX_RING_PAGES);
	return rounddown_pow_of_two(pages);
}

static const char *drbf_task_hint(int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return ": no I/O task table in this Xen, or not booted with iotask=1";
	case -ENOSPC:
		return ": more than Xen's policy allows this guest";
	case -EACCES:
		return ": Xen's policy does not allow this driver domain";
	}
	return "";
}

/*
 * Put Xen in charge of the ring.  All rings are, or none is: a Xen that has
 * the table does not lose it, and its refusals are errors.
 */
static int drbf_queue_protect(struct drbf_vif *vif, unsigned int id)
{
	int err = drbf_tasks_register(&vif->rings[id], vif->xdev->otherend_id);

	vif->iotask = vif->rings[id].num_tasks;
	if (err == -EOPNOTSUPP && !drbf_task_required(vif->xdev))
		return 0;
	if (!err && !vif->iotask && drbf_task_required(vif->xdev))
		err = -EOPNOTSUPP;
	if (err)
		xenbus_dev_error(vif->xdev, err, "queue %u: registering I/O tasks%s",
				 id, drbf_task_hint(err));
	return err;
}

/* Memory, event channel and interrupt of one queue. */
static int drbf_queue_setup(struct drbf_vif *vif, unsigned int id,
			    unsigned int pages, evtchn_port_t *port)
{
	struct drb_queue *q = &vif->drb.queues[id];
	struct drbf_ring *ring = &vif->rings[id];
	struct drb_ctrl *ctrl;
	int err;

	err = drbf_ring_alloc(ring, vif->xdev->otherend_id, pages, pages);
	if (err) {
		xenbus_dev_error(vif->xdev, err, "queue %u: granting %u pages%s",
				 id, 2 + 2 * pages, err == -ENOSPC ?
				 ": no grant entries left (see max_grant_frames)" : "");
		return err;
	}
	err = drbf_queue_protect(vif, id);
	if (err)
		return err;
	ctrl = ring->addr[1];
	drb_ring_init(&q->out, &ctrl->tx, ring->addr + 2, pages);
	drb_ring_init(&q->in, &ctrl->rx, ring->addr + 2 + pages, pages);

	err = xenbus_alloc_evtchn(vif->xdev, port);
	if (err)
		return err;
	snprintf(q->irq_name, sizeof(q->irq_name), "%s-q%u",
		 vif->drb.dev->name, id);
	err = bind_evtchn_to_irqhandler_lateeoi(*port, drb_interrupt, 0,
						q->irq_name, q);
	if (err < 0) {
		xenbus_free_evtchn(vif->xdev, *port);
		xenbus_dev_error(vif->xdev, err, "binding event channel");
		return err;
	}
	q->irq = err;
	return 0;
}

static int drbf_publish_queue(struct xenbus_transaction t,
			      struct drbf_vif *vif, unsigned int id,
			      evtchn_port_t port)
{
	char node[32];
	int err;

	snprintf(node, sizeof(node), "queue-%u/info-ref", id);
	err = xenbus_printf(t, vif->xdev->nodename, node, "%u",
			    vif->rings[id].ref[0]);
	if (err)
		return err;
	snprintf(node, sizeof(node), "queue-%u/event-channel", id);
	return xenbus_printf(t, vif->xdev->nodename, node, "%u", port);
}

/* One transaction, so that the backend sees all of it or nothing. */
static int drbf_publish(struct drbf_vif *vif, const evtchn_port_t *ports)
{
	struct xenbus_transaction t;
	unsigned int i;
	int err;

	do {
		err = xenbus_transaction_start(&t);
		if (err)
			break;
		err = xenbus_printf(t, vif->xdev->nodename, "drb-version", "%u",
				    DRB_VERSION);
		if (!err)
			err = xenbus_printf(t, vif->xdev->nodename,
					    "drb-queues", "%u", vif->num_rings);
		if (!err)
			err = xenbus_write(t, vif->xdev->nodename, "drb-mode",
					   vif->iotask ? "iotask" : "grants");
		for (i = 0; !err && i < vif->num_rings; i++)
			err = drbf_publish_queue(t, vif, i, ports[i]);
		if (err) {
			xenbus_transaction_end(t, 1);
			break;
		}
		err = xenbus_transaction_end(t, 0);
	} while (err == -EAGAIN);
	if (err)
		xenbus_dev_error(vif->xdev, err, "writing DRB keys");
	return err;
}

/* What follows may be another driver: it must not find our keys. */
static void drbf_unpublish(struct drbf_vif *vif)
{
	char node[32];
	unsigned int i;

	xenbus_rm(XBT_NIL, vif->xdev->nodename, "drb-version");
	xenbus_rm(XBT_NIL, vif->xdev->nodename, "drb-queues");
	xenbus_rm(XBT_NIL, vif->xdev->nodename, "drb-mode");
	for (i = 0; i < vif->num_rings; i++) {
		snprintf(node, sizeof(node), "queue-%u", i);
		xenbus_rm(XBT_NIL, vif->xdev->nodename, node);
	}
}

/*
 * Set everything up and tell the backend.  On failure the reason is in the
 * device's error node and nothing is left behind.
 */
int drbf_connect(struct drbf_vif *vif)
{
	unsigned int i, num = drbf_num_queues(vif);
	unsigned int pages = drbf_num_pages(vif);
	evtchn_port_t ports[DRB_MAX_QUEUES];
	int err;

	err = drb_queues_alloc(&vif->drb, num);
	if (err)
		goto fail;
	vif->rings = kcalloc(num, sizeof(*vif->rings), GFP_KERNEL);
	if (!vif->rings) {
		err = -ENOMEM;
		goto fail;
	}
	vif->num_rings = num;
	for (i = 0; i < num; i++) {
		err = drbf_queue_setup(vif, i, pages, &ports[i]);
		if (err)
			goto fail;
	}
	err = drbf_publish(vif, ports);
	if (!err)
		return 0;
fail:
	drbf_disconnect(vif);
	return err;
}

/*
 * The backend broke the protocol: it loses its access now, not when it gets
 * round to closing.
 */
void drbf_isolate(struct drb_dev *drb)
{
	struct drbf_vif *vif = container_of(drb, struct drbf_vif, drb);
	unsigned int i;

	for (i = 0; i < vif->num_rings; i++)
		drbf_tasks_revoke(&vif->rings[i]);
}

/* Stop traffic and free all that drbf_connect() made.  Idempotent. */
void drbf_disconnect(struct drbf_vif *vif)
{
	unsigned int i;

	drbf_link_unwatch(vif);
	drbf_groups_stop(vif);
	drb_unbind(&vif->drb);
	if (vif->num_rings)
		drbf_unpublish(vif);
	for (i = 0; i < vif->num_rings; i++)
		drbf_ring_free(&vif->rings[i]);
	vif->num_rings = 0;
	kfree(vif->rings);
	vif->rings = NULL;
	drb_queues_free(&vif->drb);
}
