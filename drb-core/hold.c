// SPDX-License-Identifier: GPL-2.0
/*
 * hold.c - the events that a stream of large packets does without.
 *
 * A packet of 64 KiB keeps the receiving CPU busy until the next one comes, and
 * the answers keep the sending CPU busy.  Both would find the next packet
 * without an event.  So the ring of such a stream is not armed for the next
 * packet, but a good way ahead, and is looked at
 *  - by the CPU's idle thread (idle.c), once the CPU has nothing else to do;
 *  - by who sends something, since answers are due then;
 *  - at an event, when so much is in the ring;
 *  - at a tick, if nobody else has looked since the last one.
 */
#include <linux/jiffies.h>
#include <linux/timer.h>

#include "drb_core.h"

/* What a packet moves, itself and what was sent before it, in bytes. */
#define DRB_LARGE	8192u
/* It comes at least this often. */
#define DRB_HOLD_GAP_NS	800000u
/* So many polls in a row found such packets. */
#define DRB_HOLD_AFTER	4
/* So many more if a tick found what nobody else had: something has the CPU. */
#define DRB_HOLD_LATE	64
/* To be told of so much, in bytes. */
#define DRB_HOLD_BYTES	(192u << 10)
/* An idle CPU waits for so much, or so long since it last found any. */
#define DRB_HOLD_IDLE_BYTES	(128u << 10)
#define DRB_HOLD_IDLE_NS	200000

/*
 * The tick: true to look again at the next.  Ticks of a busy CPU come anyway; an
 * idle one's thread polls, and does not go before the ring is armed.
 */
static bool drb_hold_goes_on(struct drb_queue *q)
{
	u64 polls = READ_ONCE(q->stats.polls);

	if (!READ_ONCE(q->mod.held) || READ_ONCE(q->dead))
		return false;
	if (polls == q->mod.tick_polls) {
		WRITE_ONCE(q->mod.large, drb_ring_has_news(&q->in) ?
			   -DRB_HOLD_LATE : 0);
		napi_schedule(&q->napi);
		return false;
	}
	q->mod.tick_polls = polls;
	return true;
}

static void drb_hold_tick(struct timer_list *timer)
{
	struct drb_queue *q = container_of(timer, struct drb_queue, mod.tick);

	if (drb_hold_goes_on(q))
		mod_timer(timer, jiffies + 1);
}

void drb_hold_init(struct drb_queue *q)
{
	timer_setup(&q->mod.tick, drb_hold_tick, TIMER_PINNED);
}

/* After NAPI has ended for good. */
void drb_hold_stop(struct drb_queue *q)
{
	timer_delete_sync(&q->mod.tick);
	q->mod.held = false;
}

/*
 * After polls that found packets, each of which moved so many bytes.  No CPU is
 * kept awake for those that come seldom.
 */
void drb_hold_learn(struct drb_queue *q, u32 bytes)
{
	struct drb_moderation *mod = &q->mod;

	if (bytes < DRB_LARGE || mod->gap_ns > DRB_HOLD_GAP_NS ||
	    !READ_ONCE(q->drb->adaptive))
		mod->large = min(mod->large, 0);
	else if (mod->large < DRB_HOLD_AFTER)
		WRITE_ONCE(mod->large, mod->large + 1);
}

/* Does a stream of large packets come in, or do answers to one? */
bool drb_hold_wanted(const struct drb_queue *q)
{
	return READ_ONCE(q->mod.large) == DRB_HOLD_AFTER;
}

/*
 * At the end of a poll that would arm the ring for the next packet: of how many
 * bytes in the ring to be told instead, less one.
 */
u32 drb_hold(struct drb_queue *q)
{
	struct drb_moderation *mod = &q->mod;
	bool held = drb_hold_wanted(q) && drb_idle_watches(q);

	WRITE_ONCE(mod->held, held);
	if (!held)
		return 0;
	q->stats.polls_held++;
	if (!timer_pending(&mod->tick)) {
		mod->tick_polls = q->stats.polls;
		mod_timer(&mod->tick, jiffies + 1);
	}
	return min(drb_frames_ahead(q), DRB_HOLD_BYTES);
}

/*
 * Before a poll: is it one of an idle CPU, and too early?  Large packets one by
 * one wake whoever they are for each time, and have TCP answer each.
 */
bool drb_hold_waits(const struct drb_queue *q)
{
	return unlikely(q->mod.held) && q->mod.span >= DRB_LARGE &&
	       drb_idle_is_polling(q) &&
	       READ_ONCE(q->in.ctrl->prod) - q->in.cons < DRB_HOLD_IDLE_BYTES &&
	       ktime_get_ns() - q->mod.last_ns < DRB_HOLD_IDLE_NS;
}

/* Who has sent something: look for what has come meanwhile. */
void drb_hold_look(struct drb_queue *q)
{
	if (READ_ONCE(q->mod.held) && drb_ring_has_news(&q->in))
		napi_schedule(&q->napi);
}
