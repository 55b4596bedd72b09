// SPDX-License-Identifier: GPL-2.0
/*
 * event.c - what is known about the packets that come in, and how long they
 * may wait in the ring before this end asks for an event or looks again.
 *
 * An event costs the peer a hypercall and this end an interrupt and often a
 * wake-up: some microseconds each, more than a small packet.  While packets
 * come closer together than that, NAPI looks again after defer_ns instead of
 * asking for an event; when they do not, it asks at once, so that a lone
 * packet or a request and its answer never wait and never pay for a timer.
 *
 * A stream of large packets does without most events.  A packet of 64 KiB
 * keeps the receiving CPU busy until the next one comes, and the answers keep
 * the sending CPU busy.  Both would find the next packet without an event.  So
 * the ring of such a stream is armed a good way ahead, and is looked at
 *  - by the CPU's idle thread (idle_thread.c), once the CPU has nothing else to do;
 *  - by who sends something, since answers are due then;
 *  - at an event, when so much is in the ring;
 *  - at a tick, if nobody else has looked since the last one.
 *
 * Which of these ways ends a poll is decided in poll.c.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timer.h>

#include "internal.h"

/* One sample moves the average by this part of the difference. */
#define DRB_GAP_WEIGHT	4
/* A pause counts as no more than this, to be forgotten soon after it. */
#define DRB_GAP_MAX	1000000u
/* It goes one way if so often in a row nothing was sent in between. */
#define DRB_ONE_WAY	4
#define DRB_FEW		4
#define DRB_MANY	32

/* What a packet of a stream moves, itself and what was sent before it, in bytes. */
#define DRB_STREAM_BYTES	8192u
/* It comes at least this often. */
#define DRB_STREAM_GAP_NS	800000u
/* So many polls in a row found such packets. */
#define DRB_STREAM_AFTER	4
/* So many more if a tick found what nobody else had: something has the CPU. */
#define DRB_STREAM_LATE		64
/* To be told of so much, in bytes. */
#define DRB_STREAM_AHEAD	(192u << 10)
/* An idle CPU waits for so much, or so long since it last found any. */
#define DRB_STREAM_IDLE_BYTES	(128u << 10)
#define DRB_STREAM_IDLE_NS	200000

static enum hrtimer_restart drb_timer_over(struct hrtimer *timer)
{
	struct drb_queue *q = container_of(timer, struct drb_queue, mod.timer);

	napi_schedule(&q->napi);
	return HRTIMER_NORESTART;
}

/*
 * The tick: true to look again at the next.  Ticks of a busy CPU come anyway; an
 * idle one's thread polls, and does not go before the ring is armed.
 */
static bool drb_tick_goes_on(struct drb_queue *q)
{
	u64 polls = READ_ONCE(q->stats.polls);

	if (!READ_ONCE(q->mod.ahead) || READ_ONCE(q->dead))
		return false;
	if (polls == q->mod.tick_polls) {
		WRITE_ONCE(q->mod.large, drb_ring_has_news(&q->in) ?
			   -DRB_STREAM_LATE : 0);
		napi_schedule(&q->napi);
		return false;
	}
	q->mod.tick_polls = polls;
	return true;
}

static void drb_tick(struct timer_list *timer)
{
	struct drb_queue *q = container_of(timer, struct drb_queue, mod.tick);

	if (drb_tick_goes_on(q))
		mod_timer(timer, jiffies + 1);
}

void drb_event_init(struct drb_queue *q)
{
	drb_timer_setup(&q->mod.timer, drb_timer_over, HRTIMER_MODE_REL_PINNED);
	timer_setup(&q->mod.tick, drb_tick, TIMER_PINNED);
	q->mod.gap_ns = DRB_GAP_MAX;
}

/* After NAPI has ended for good. */
void drb_event_stop(struct drb_queue *q)
{
	hrtimer_cancel(&q->mod.timer);
	timer_delete_sync(&q->mod.tick);
	q->mod.ahead = false;
}

/* ---- what is learnt ----------------------------------------------------- */

/* Each poll: it found so many packets. */
void drb_event_count(struct drb_queue *q, int packets)
{
	q->mod.packets += packets;
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

/*
 * After polls that found packets, each of which moved so many bytes.  No CPU is
 * kept awake for those that come seldom.
 */
static void drb_learn_stream(struct drb_queue *q, u32 bytes)
{
	struct drb_moderation *mod = &q->mod;

	if (bytes < DRB_STREAM_BYTES || mod->gap_ns > DRB_STREAM_GAP_NS ||
	    !READ_ONCE(q->drb->adaptive))
		mod->large = min(mod->large, 0);
	else if (mod->large < DRB_STREAM_AFTER)
		WRITE_ONCE(mod->large, mod->large + 1);
}

static void drb_learn_gap(struct drb_moderation *mod)
{
	u64 now = ktime_get_ns();
	u32 gap;

	mod->since_ns = now - mod->last_ns;
	WRITE_ONCE(mod->last_ns, now);
	gap = min_t(u64, mod->since_ns, DRB_GAP_MAX) / mod->packets;
	mod->gap_ns += (s32)(gap - mod->gap_ns) / DRB_GAP_WEIGHT;
}

/*
 * Learn from all packets since the ring was last found emptied by packets, at
 * the end of a poll that found some.
 */
void drb_event_learn(struct drb_queue *q)
{
	struct drb_moderation *mod = &q->mod;
	u64 bytes, sent = drb_sent(q, &bytes);

	WRITE_ONCE(mod->span, (q->in.cons - mod->cons) / mod->packets);
	mod->cons = q->in.cons;
	/* By the pauses before this one. */
	drb_learn_stream(q, mod->span + (u32)(bytes - mod->sent_bytes) /
			 mod->packets);
	drb_learn_gap(mod);
	mod->packets = 0;
	mod->answered = sent != mod->sent;
	if (mod->answered)
		mod->one_way = 0;
	else if (mod->one_way < DRB_ONE_WAY)
		mod->one_way++;
	mod->sent = sent;
	mod->sent_bytes = bytes;
}

/* ---- what follows from it ----------------------------------------------- */

/*
 * How long to wait before looking again, in ns; 0: not at all.  In a stream
 * that goes one way nobody waits for the answer: time for a good many packets
 * to come, if it is enough for a few.
 */
u32 drb_event_defer_ns(const struct drb_queue *q)
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
 * While something else looks again anyway: of how many bytes in the ring to be
 * told, less one, so that it does not fill up and about rx-frames packets wait
 * at most.
 */
static u32 drb_ahead_bytes(const struct drb_queue *q)
{
	u64 bytes = (u64)READ_ONCE(q->drb->defer_frames) * q->mod.span;

	return bytes ? min_t(u64, bytes, q->in.size / 2) - 1 : q->in.size / 2;
}

/*
 * Have the queue polled again in so many ns.  While NAPI is still ours, so that
 * whoever waits for NAPI to end also finds the timer.
 */
void drb_event_timer(struct drb_queue *q, u32 ns)
{
	hrtimer_start(&q->mod.timer, ns_to_ktime(ns), HRTIMER_MODE_REL_PINNED);
}

/*
 * Packets come fast: have the queue polled again soon.  Returns of how many bytes
 * to be told before that, less one.
 */
u32 drb_event_defer(struct drb_queue *q, u32 defer_ns)
{
	q->stats.polls_deferred++;
	drb_event_timer(q, defer_ns);
	return drb_ahead_bytes(q);
}

/* Does a stream of large packets come in, or do answers to one? */
bool drb_event_stream(const struct drb_queue *q)
{
	return READ_ONCE(q->mod.large) == DRB_STREAM_AFTER;
}

/*
 * The CPU's idle thread looks for the next packets of a stream: of how many
 * bytes to be told all the same, less one.
 */
u32 drb_event_ahead(struct drb_queue *q)
{
	struct drb_moderation *mod = &q->mod;

	WRITE_ONCE(mod->ahead, true);
	q->stats.polls_held++;
	if (!timer_pending(&mod->tick)) {
		mod->tick_polls = q->stats.polls;
		mod_timer(&mod->tick, jiffies + 1);
	}
	return min(drb_ahead_bytes(q), DRB_STREAM_AHEAD);
}

/* The next packet is to be told: nobody looks for it. */
u32 drb_event_next(struct drb_queue *q)
{
	WRITE_ONCE(q->mod.ahead, false);
	return 0;
}

/*
 * Before a poll by an idle CPU: is it too early?  Large packets one by one wake
 * whoever they are for each time, and have TCP answer each.
 */
bool drb_event_is_early(const struct drb_queue *q)
{
	return READ_ONCE(q->mod.ahead) &&
	       READ_ONCE(q->mod.span) >= DRB_STREAM_BYTES &&
	       READ_ONCE(q->in.ctrl->prod) - READ_ONCE(q->in.cons) <
	       DRB_STREAM_IDLE_BYTES &&
	       ktime_get_ns() - READ_ONCE(q->mod.last_ns) < DRB_STREAM_IDLE_NS;
}

/* Who has sent something: look for what has come meanwhile. */
void drb_event_look(struct drb_queue *q)
{
	if (READ_ONCE(q->mod.ahead) && drb_ring_has_news(&q->in))
		napi_schedule(&q->napi);
}
