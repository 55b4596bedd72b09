// SPDX-License-Identifier: GPL-2.0
/*
 * connect.c - the guest's side of the handshake: rings and event channels
 * out, as docs/protocol.md section "Connecting" says.
 */
#include <linux/slab.h>
#include <xen/events.h>

#include "drb_front.h"

static bool drbf_lend;
module_param_named(lend, drbf_lend, bool, 0644);
MODULE_PARM_DESC(lend,
		 "lend received packets to the stack in pages that the driver domain can write, for vifs with trusted=1; from the next connection on");

/* The toolstack says whether the driver domain is trusted, the guest what for. */
static bool drbf_may_lend(const struct drbf_vif *vif)
{
	return READ_ONCE(drbf_lend) && !READ_ONCE(vif->kept) &&
	       xenbus_read_unsigned(vif->drb.xdev->nodename, "trusted", 0);
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
	int err = drbf_tasks_register(&vif->rings[id],
				      vif->drb.xdev->otherend_id);

	vif->iotask = vif->rings[id].num_tasks;
	if (err == -EOPNOTSUPP && !drbf_task_required(vif->drb.xdev))
		return 0;
	if (!err && !vif->iotask && drbf_task_required(vif->drb.xdev))
		err = -EOPNOTSUPP;
	if (err)
		xenbus_dev_error(vif->drb.xdev, err, "queue %u: registering I/O tasks%s",
				 id, drbf_task_hint(err));
	return err;
}

/* Memory, event channel and interrupt of one queue. */
static int drbf_queue_setup(struct drbf_vif *vif, unsigned int id,
			    const struct drbf_plan *plan, grant_ref_t *refs,
			    evtchn_port_t *port)
{
	struct drb_queue *q = &vif->drb.queues[id];
	struct drbf_ring *ring = &vif->rings[id];
	struct drb_ctrl *ctrl;
	int err;

	ring->parked = drbf_parked_alloc();
	if (!ring->parked)
		return -ENOMEM;
	/* Lending finds pages by their addresses. */
	err = drbf_ring_alloc(ring, vif->drb.xdev->otherend_id, plan,
			      vif->drb.lend, refs);
	if (err) {
		xenbus_dev_error(vif->drb.xdev, err, "queue %u: allocating %u pages",
				 id, drbf_queue_pages(plan));
		return err;
	}
	err = drbf_queue_protect(vif, id);
	if (err)
		return err;
	ctrl = ring->addr[1];
	drb_ring_init(&q->out, &ctrl->tx, ring->addr + DRBF_DATA_PAGE,
		      plan->tx_pages);
	drb_ring_init(&q->in, &ctrl->rx, ring->addr + DRBF_DATA_PAGE +
		      plan->tx_pages, plan->rx_pages);

	err = xenbus_alloc_evtchn(vif->drb.xdev, port);
	if (err)
		return err;
	snprintf(q->irq_name, sizeof(q->irq_name), "%s-q%u",
		 dev_name(&vif->drb.xdev->dev), id);
	err = bind_evtchn_to_irqhandler_lateeoi(*port, drb_interrupt, 0,
						q->irq_name, q);
	if (err < 0) {
		xenbus_free_evtchn(vif->drb.xdev, *port);
		xenbus_dev_error(vif->drb.xdev, err, "binding event channel");
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
	err = xenbus_printf(t, vif->drb.xdev->nodename, node, "%u",
			    vif->rings[id].ref[0]);
	if (err)
		return err;
	snprintf(node, sizeof(node), "queue-%u/event-channel", id);
	return xenbus_printf(t, vif->drb.xdev->nodename, node, "%u", port);
}

/* What connects: the vif, and the ports of its queues. */
struct drbf_offer {
	struct drbf_vif *vif;
	const evtchn_port_t *ports;
};

static int drbf_write_keys(struct xenbus_transaction t, void *owner)
{
	const struct drbf_offer *offer = owner;
	struct drbf_vif *vif = offer->vif;
	const char *dir = vif->drb.xdev->nodename;
	unsigned int i;
	int err;

	err = xenbus_printf(t, dir, "drb-version", "%u", DRB_VERSION);
	if (!err)
		err = xenbus_printf(t, dir, "drb-queues", "%u", vif->num_rings);
	if (!err)
		err = xenbus_write(t, dir, "drb-mode",
				   vif->iotask ? "iotask" : "grants");
	for (i = 0; !err && i < vif->num_rings; i++)
		err = drbf_publish_queue(t, vif, i, offer->ports[i]);
	if (!err)
		err = drbf_link_write(t, vif);
	if (!err)
		err = drb_build_write(t, vif->drb.xdev, THIS_MODULE);
	return err ?: drbf_rss_write(t, vif);
}

/* At once, so that the backend sees all of it or nothing. */
static int drbf_publish(struct drbf_vif *vif, const evtchn_port_t *ports)
{
	struct drbf_offer offer = { .vif = vif, .ports = ports };
	int err;

	/* What ethtool asks for meanwhile is written after this. */
	mutex_lock(&vif->rss.lock);
	err = drb_keys_write(vif->drb.xdev, drbf_write_keys, &offer);
	vif->rss.published = !err;
	mutex_unlock(&vif->rss.lock);
	if (err)
		xenbus_dev_error(vif->drb.xdev, err, "writing DRB keys");
	return err;
}

/* What follows may be another driver: it must not find our keys. */
static void drbf_unpublish(struct drbf_vif *vif)
{
	char node[32];
	unsigned int i;

	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-version");
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-queues");
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-mode");
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-rx-gso");
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-build");
	mutex_lock(&vif->rss.lock);
	vif->rss.published = false;
	xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, "drb-rss");
	mutex_unlock(&vif->rss.lock);
	for (i = 0; i < vif->num_rings; i++) {
		snprintf(node, sizeof(node), "queue-%u", i);
		xenbus_rm(XBT_NIL, vif->drb.xdev->nodename, node);
	}
}

/* All queues of the plan, with grant references out of refs. */
static int drbf_setup(struct drbf_vif *vif, const struct drbf_plan *plan,
		      grant_ref_t *refs, evtchn_port_t *ports)
{
	int err = drb_queues_alloc(&vif->drb, plan->queues);
	unsigned int i;

	if (err)
		return err;
	vif->rings = kcalloc(plan->queues, sizeof(*vif->rings), DRB_GFP);
	if (!vif->rings)
		return -ENOMEM;
	vif->num_rings = plan->queues;
	for (i = 0; !err && i < plan->queues; i++)
		err = drbf_queue_setup(vif, i, plan, refs, &ports[i]);
	return err;
}

/* Set up what the plan, which may shrink, says; or leave nothing behind. */
static int drbf_connect_as(struct drbf_vif *vif, struct drbf_plan *plan)
{
	evtchn_port_t ports[DRB_MAX_QUEUES];
	grant_ref_t refs;
	int err;

	err = drbf_plan_grants(vif, plan, &refs);
	if (err)
		return err;
	err = drbf_setup(vif, plan, &refs, ports);
	/* Those that were kept free, and after a failure the unused ones. */
	gnttab_free_grant_references(refs);
	if (!err)
		err = drbf_publish(vif, ports);
	if (err)
		drbf_disconnect(vif);
	return err;
}

/*
 * Set everything up and tell the backend; with less than was wanted where
 * memory or grant entries run short.  On failure the reason is in the device's
 * error node and nothing is left behind.
 */
int drbf_connect(struct drbf_vif *vif)
{
	struct drbf_plan plan;
	int err;

	if (drbf_parked_full()) {
		xenbus_dev_error(vif->drb.xdev, -EBUSY,
				 "earlier rings wait for a driver domain to let go of them");
		return -EBUSY;
	}
	drbf_plan_make(vif, &plan);
	vif->drb.lend = drbf_may_lend(vif);
	do {
		err = drbf_connect_as(vif, &plan);
	} while (err == -ENOMEM && drbf_plan_shrink(&plan));
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
