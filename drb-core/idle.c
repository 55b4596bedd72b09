// SPDX-License-Identifier: GPL-2.0
/*
 * idle.c - whether the next packet is worth waiting for, and what the thread of the
 * CPU is told about it.
 *
 * Where answers have been coming one by one after what was sent, the thread
 * (idle_thread.c) takes over from the event until it has waited twice as long as
 * they take on average, and goes on doing so if they come in time then.  For a
 * stream of large packets it does so as long as they come.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "internal.h"

/* So many answers in a row make an exchange ... */
#define DRB_IDLE_ANSWERS	4
/* ... if none took longer than so many times what we poll at most. */
#define DRB_IDLE_PATIENCE	10
/* Pauses between tries in vain double so often. */
#define DRB_IDLE_TRIES		7
static unsigned int idle_poll_us = 1000;
module_param(idle_poll_us, uint, 0644);
MODULE_PARM_DESC(idle_poll_us,
		 "Guest: an idle CPU polls at most this long for an answer, in us; 0: never");

static unsigned int idle_poll_backend_us;
module_param(idle_poll_backend_us, uint, 0644);
MODULE_PARM_DESC(idle_poll_backend_us, "The same in a driver domain");

DEFINE_PER_CPU(struct drb_idle, drb_idle);

static u64 drb_idle_limit_ns(const struct drb_queue *q)
{
	u32 us = q->drb->backend ? READ_ONCE(idle_poll_backend_us) :
				   READ_ONCE(idle_poll_us);

	return us * (u64)NSEC_PER_USEC;
}

/*
 * Is the next packet worth waiting for?  After a poll that found packets, of
 * which drb_event_learn() has learnt.
 */
void drb_idle_learn(struct drb_queue *q)
{
	struct drb_exchange *x = &q->exchange;
	u64 since_ns = q->mod.since_ns, limit = drb_idle_limit_ns(q);

	x->late = since_ns >= limit;
	if (!x->late)
		x->tries = 0;
	if (since_ns >= DRB_IDLE_PATIENCE * limit || !q->mod.answered ||
	    !READ_ONCE(q->drb->adaptive))
		x->answers = 0;
	else if (x->answers < DRB_IDLE_ANSWERS)
		x->answers++;
}

/*
 * Going to sleep at both ends may be what makes answers late, and how much that
 * costs differs from machine to machine.  So try now and then whether they come
 * in time if we poll; the rarer, the more often they did not.
 */
static bool drb_idle_tries(struct drb_exchange *x, u64 now)
{
	if (now < x->try_ns)
		return false;
	x->try_ns = now + (DRB_IDLE_PAUSE_NS << x->tries);
	if (x->tries < DRB_IDLE_TRIES)
		x->tries++;
	return true;
}

/* How long the next packet is worth waiting for, from the last one, in ns. */
static u64 drb_idle_window(struct drb_queue *q)
{
	if (!DRB_HAVE_IDLE ||
	    q->mod.gap_ns <= READ_ONCE(q->drb->defer_ns) ||
	    test_bit(NAPI_STATE_DISABLE, &q->napi.state))
		return 0;
	if (drb_event_stream(q))
		return drb_idle_limit_ns(q);
	if (q->exchange.answers < DRB_IDLE_ANSWERS)
		return 0;
	if (q->exchange.late)
		return drb_idle_tries(&q->exchange, q->mod.last_ns) ?
		       drb_idle_limit_ns(q) : 0;
	return min(2 * (u64)q->mod.gap_ns, drb_idle_limit_ns(q));
}

/* NAPI, after a poll that found packets, is no busy poll, and does not come again. */
void drb_idle_start(struct drb_queue *q)
{
	struct drb_idle *idle = this_cpu_ptr(&drb_idle);
	u64 window;

	if (q->mod.last_ns < idle->pause_ns)
		return;
	if (idle->queue && idle->queue != q)
		return;
	window = drb_idle_window(q);
	if (!window)
		return;
	idle->found = true;
	idle->stream = drb_event_stream(q);
	idle->limit_ns = drb_idle_limit_ns(q);
	WRITE_ONCE(idle->until_ns, q->mod.last_ns + window);
	if (idle->queue)
		return;
	WRITE_ONCE(idle->queue, q);
	q->stats.idle_polls++;
	wake_up_process(idle->task);
}

/* The same in a busy poll, which may be that of the CPU's thread. */
void drb_idle_go_on(struct drb_queue *q)
{
	struct drb_idle *idle = this_cpu_ptr(&drb_idle);

	if (idle->queue != q)
		return;
	idle->found = true;
	idle->stream = drb_event_stream(q);
	WRITE_ONCE(idle->until_ns, q->mod.last_ns + drb_idle_window(q));
}

/*
 * NAPI, at the end of a poll: will the CPU's thread look for more, once there is
 * nothing else to do?  Until it has been told otherwise it goes on.
 */
bool drb_idle_watches(struct drb_queue *q)
{
	struct drb_idle *idle = this_cpu_ptr(&drb_idle);

	if (idle->queue != q)
		return false;
	idle->held = idle->until_ns > ktime_get_ns();
	return idle->held;
}

/* In a poll: is it by the CPU's thread, and not its last one? */
bool drb_idle_looks(const struct drb_queue *q)
{
	const struct drb_idle *idle = this_cpu_ptr(&drb_idle);

	return READ_ONCE(idle->looks) && idle->queue == q;
}

/*
 * NAPI has ended, so no thread begins with the queue any more; none has it when a
 * grace period is over.
 */
void drb_idle_leave(struct drb_queue *q)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		cmpxchg(&per_cpu_ptr(&drb_idle, cpu)->queue, q, NULL);
}
