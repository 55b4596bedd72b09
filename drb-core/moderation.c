// SPDX-License-Identifier: GPL-2.0
/*
 * moderation.c - how long a consumer keeps looking for itself before it asks
 * for the next event.
 *
 * An event costs the peer a hypercall and this end an interrupt and often a
 * wake-up: some microseconds each, more than a small packet.  While packets
 * come closer together than that, NAPI looks again after defer_ns instead of
 * asking for an event; when they do not, it asks at once, so that a lone
 * packet or a request and its answer never wait and never pay for a timer.
 * What happens then if the CPU has nothing else to do is in idle.c.
 */
#include <linux/ktime.h>

#include "drb_core.h"

/* One sample moves the average by this part of the difference. */
#define DRB_GAP_WEIGHT	4
/* A pause counts as no more than this, to be forgotten soon after it. */
#define DRB_GAP_MAX	1000000u
/* It goes one way if so often in a row nothing was sent in between. */
#define DRB_ONE_WAY	4
#define DRB_FEW		4
#define DRB_MANY	32

static enum hrtimer_restart drb_defer_over(struct hrtimer *timer)
{
	struct drb_queue *q = container_of(timer, struct drb_queue, mod.timer);

	napi_schedule(&q->napi);
	return HRTIMER_NORESTART;
}

void drb_moderation_init(struct drb_queue *q)
{
	drb_timer_setup(&q->mod.timer, drb_defer_over, HRTIMER_MODE_REL_PINNED);
	q->mod.gap_ns = DRB_GAP_MAX;
	drb_hold_init(q);
}

/* Note a poll that found work packets. */
void drb_polled(struct drb_queue *q, int work)
{
	q->mod.packets += work;
}

/*
 * What the device has sent, and how many bytes: an answer goes through the queue
 * of the CPU that it is made on, which need not be that of the request.
 */
static u64 drb_sent(const struct drb_queue *q, u64 *bytes)
{
	unsigned int i, num = READ_ONCE(q->drb->num_queues);
	u64 sent = 0;

	*bytes = 0;
	for (i = 0; i < num; i++) {
		sent += READ_ONCE(q->drb->queues[i].stats.tx_packets);
		*bytes += READ_ONCE(q->drb->queues[i].stats.tx_bytes);
	}
	return sent;
}

/* Learn from all packets since the ring was last found emptied by packets. */
static void drb_learn(struct drb_queue *q)
{
	struct drb_moderation *mod = &q->mod;
	u64 now = ktime_get_ns(), since = now - mod->last_ns;
	u64 bytes, sent = drb_sent(q, &bytes);
	u32 gap = min_t(u64, since, DRB_GAP_MAX) / mod->packets;

	mod->span = (q->in.cons - mod->cons) / mod->packets;
	mod->cons = q->in.cons;
	drb_hold_learn(q, mod->span + (u32)(bytes - mod->sent_bytes) /
		       mod->packets);
	mod->sent_bytes = bytes;
	mod->last_ns = now;
	mod->packets = 0;
	mod->gap_ns += (s32)(gap - mod->gap_ns) / DRB_GAP_WEIGHT;
	if (sent != mod->sent)
		mod->one_way = 0;
	else if (mod->one_way < DRB_ONE_WAY)
		mod->one_way++;
	drb_idle_learn(q, since, sent != mod->sent);
	mod->sent = sent;
}

/*
 * How long to wait before looking again, in ns; 0: not at all.  In a stream
 * that goes one way nobody waits for the answer: time for a good many packets
 * to come, if it is enough for a few.
 */
static u32 drb_defer_for(const struct drb_queue *q)
{
	u32 defer_ns = READ_ONCE(q->drb->defer_ns);
	u32 high_ns = READ_ONCE(q->drb->defer_high_ns);
	u32 gap_ns = q->mod.gap_ns;

	if (!defer_ns || !READ_ONCE(q->drb->adaptive))
		return defer_ns;
	if (q->mod.one_way == DRB_ONE_WAY && gap_ns * DRB_FEW <= high_ns)
		return clamp(gap_ns * DRB_MANY, defer_ns, high_ns);
	return gap_ns > defer_ns ? 0 : defer_ns;
}

/*
 * At the end of a poll that found work packets and emptied the ring: true if
 * to look again later; the timer that does is set then.  It is set while NAPI
 * is still ours, so that whoever waits for NAPI to end also finds the timer.
 */
bool drb_defer(struct drb_queue *q, int work)
{
	u32 defer_ns;

	if (!work)
		return false;
	drb_learn(q);
	defer_ns = drb_defer_for(q);
	if (!defer_ns) {
		drb_idle_start(q);
		return false;
	}
	q->stats.polls_deferred++;
	hrtimer_start(&q->mod.timer, ns_to_ktime(defer_ns),
		      HRTIMER_MODE_REL_PINNED);
	return true;
}

/*
 * After drb_defer(): of how many bytes in the ring to be told before the timer
 * is over, so that it does not fill up and about rx-frames packets wait at
 * most.
 */
u32 drb_frames_ahead(const struct drb_queue *q)
{
	u64 bytes = (u64)READ_ONCE(q->drb->defer_frames) * q->mod.span;

	return bytes ? min_t(u64, bytes, q->in.size / 2) - 1 : q->in.size / 2;
}

/*
 * What drb_defer() is for a busy poll: whoever polls looks again without a timer
 * or an event.
 */
void drb_busy_polled(struct drb_queue *q, int work)
{
	if (!work)
		return;
	drb_learn(q);
	drb_idle_go_on(q);
	/* GRO would keep what it holds until the last of these polls. */
	if (drb_gro_holds(&q->napi))
		napi_gro_flush(&q->napi, false);
}
