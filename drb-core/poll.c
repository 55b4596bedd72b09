// SPDX-License-Identifier: GPL-2.0
/*
 * poll.c - the interrupt, NAPI, and what ends a poll.
 *
 * drb_poll_next() decides who looks next, and drb_poll_end() sees to it.
 */
#include <net/busy_poll.h>
#include <xen/events.h>

#include "internal.h"

/* Let events in again, while NAPI is still ours. */
static void drb_eoi(struct drb_queue *q, bool useful)
{
	if (!q->eoi_pending)
		return;
	q->eoi_pending = false;
	q->stats.interrupts_spurious += !useful;
	xen_irq_lateeoi(q->irq, useful ? 0 : XEN_EOI_FLAG_SPURIOUS);
}

/*
 * Ask for a notification of more than bytes in the ring and let events in
 * again, all while NAPI is still ours.  True: there are as many already.
 */
static bool drb_arm(struct drb_queue *q, u32 bytes)
{
	int more = drb_ring_arm_after(&q->in, bytes);

	if (more < 0) {
		drb_break(q, "producer index out of range");
		return false;
	}
	q->armed = true;
	drb_eoi(q, q->irq_useful || more);
	return more;
}

static void drb_disarm(struct drb_queue *q)
{
	if (!q->armed)
		return;
	q->armed = false;
	drb_ring_disarm(&q->in);
}

/* Who looks into the ring next, once a poll has emptied it. */
enum drb_next {
	DRB_NEXT_CREDIT,	/* rate.c, when there is credit again */
	DRB_NEXT_POLLER,	/* a socket that polls for itself, or a thread */
	DRB_NEXT_TIMER,		/* NAPI, some microseconds later */
	DRB_NEXT_IDLE,		/* a CPU's thread, for a stream */
	DRB_NEXT_EVENT,		/* NAPI, when the peer says so */
};

/* defer_ns: until then, if it is the timer. */
static enum drb_next drb_poll_next(struct drb_queue *q, int work, u32 *defer_ns)
{
	bool busy = test_bit(NAPI_STATE_IN_BUSY_POLL, &q->napi.state) ||
		    drb_idle_looks(q);

	if (unlikely(q->throttled))
		return DRB_NEXT_CREDIT;
	if (work) {
		drb_event_learn(q);
		drb_idle_learn(q);
	}
	if (busy)
		return DRB_NEXT_POLLER;
	if (work) {
		*defer_ns = drb_event_defer_ns(q);
		if (*defer_ns)
			return DRB_NEXT_TIMER;
		drb_idle_start(q);
	}
	if (drb_event_stream(q) && drb_idle_watches(q))
		return DRB_NEXT_IDLE;
	return DRB_NEXT_EVENT;
}

/*
 * Who polls for himself comes back and wants no event; his last poll is an
 * ordinary one.  GRO would keep what it holds until then.
 */
static void drb_leave_to_poller(struct drb_queue *q, int work)
{
	if (work) {
		drb_idle_go_on(q);
		if (drb_gro_holds(&q->napi))
			napi_gro_flush(&q->napi, false);
	}
	drb_disarm(q);
}

/* The poll found less than its budget.  True: there is more by now. */
static bool drb_poll_leave(struct drb_queue *q, int work)
{
	bool more = false;
	u32 defer_ns;

	switch (drb_poll_next(q, work, &defer_ns)) {
	case DRB_NEXT_CREDIT:
		/*
		 * What is in the ring stays there, and nothing is asked for,
		 * but the other direction wants its events.
		 */
		q->stats.rx_throttled++;
		drb_eoi(q, q->irq_useful);
		break;
	case DRB_NEXT_POLLER:
		drb_leave_to_poller(q, work);
		break;
	case DRB_NEXT_TIMER:
		more = drb_arm(q, drb_event_defer(q, defer_ns));
		break;
	case DRB_NEXT_IDLE:
		more = drb_arm(q, drb_event_ahead(q));
		drb_lend_look(q);
		break;
	case DRB_NEXT_EVENT:
		more = drb_arm(q, drb_event_next(q));
		drb_lend_look(q);
		break;
	}
	return more;
}

/*
 * The ring is armed while NAPI is still ours.  Where the kernel is to poll again
 * by itself (napi_defer_hard_irqs, or somebody has asked meanwhile) no event is
 * wanted before; that poll comes after this on the same CPU, and arms the ring
 * whatever another CPU has done meanwhile.
 */
static void drb_poll_end(struct drb_queue *q, int work)
{
	bool more = drb_poll_leave(q, work);

	if (!napi_complete_done(&q->napi, work))
		drb_disarm(q);
	else if (more)
		napi_schedule(&q->napi);
}

int drb_poll(struct napi_struct *napi, int budget)
{
	struct drb_queue *q = container_of(napi, struct drb_queue, napi);
	int work = 0;

	if (likely(!READ_ONCE(q->dead))) {
		q->stats.polls++;
		drb_tx_wake(q);
		work = drb_rx(q, budget);
	}
	if (unlikely(READ_ONCE(q->dead))) {
		napi_complete_done(napi, 0);
		return 0;
	}
	if (work)
		q->irq_useful = true;
	drb_event_count(q, work);
	drb_pools_look(q, work);
	if (work < budget)
		drb_poll_end(q, work);
	return work;
}

/*
 * As at the end of a poll that found nothing, without one: for the CPU's thread,
 * when it begins to look into the ring and when it leaves it.
 */
void drb_poll_decide(struct drb_queue *q)
{
	local_bh_disable();
	if (napi_schedule_prep(&q->napi)) {
		if (likely(!READ_ONCE(q->dead)))
			drb_poll_end(q, 0);
		else
			napi_complete_done(&q->napi, 0);
	}
	local_bh_enable();
}

irqreturn_t drb_interrupt(int irq, void *queue)
{
	struct drb_queue *q = queue;

	q->stats.interrupts++;
	q->irq_useful = false;
	q->eoi_pending = true;
	napi_schedule(&q->napi);
	return IRQ_HANDLED;
}
EXPORT_SYMBOL_GPL(drb_interrupt);
