// SPDX-License-Identifier: GPL-2.0
/*
 * rate.c - how much a vif may receive: a credit of bytes, renewed every
 * interval and shared by all its queues.
 *
 * A queue that finds the credit used up stops consuming and leaves its packets
 * in the ring, so that the sender waits.  A packet may take more than is left;
 * what it takes too much is missing later.  So any packet passes some time,
 * and the long-term rate is exact.
 */
#include <linux/math64.h>
#include <linux/sizes.h>

#include "internal.h"

/* Intervals to make good at most: more than the debt of any packet needs. */
#define DRB_RATE_MAX_MISSED	BIT(20)

/* As much as two large packets, whatever the interval. */
#define DRB_RATE_MIN_STORE	((u64)SZ_128K)

/* Let those that wait look again, in turn the one first that was last. */
static enum hrtimer_restart drb_rate_renewed(struct hrtimer *timer)
{
	struct drb_rate *rate = container_of(timer, struct drb_rate, timer);
	struct drb_dev *drb = container_of(rate, struct drb_dev, rate);
	unsigned int i, id, num = drb->num_queues;

	rate->first++;
	for (i = 0; i < num; i++) {
		id = (rate->first + i) % num;
		if (test_and_clear_bit(id, &rate->waiting))
			napi_schedule(&drb->queues[id].napi);
	}
	return HRTIMER_NORESTART;
}

void drb_rate_init(struct drb_dev *drb)
{
	spin_lock_init(&drb->rate.lock);
	drb_timer_setup(&drb->rate.timer, drb_rate_renewed, HRTIMER_MODE_ABS);
}

/* No queue is polled any more; none is to be polled because of us. */
void drb_rate_stop(struct drb_dev *drb)
{
	hrtimer_cancel(&drb->rate.timer);
	drb->rate.waiting = 0;
}

/*
 * What the intervals that have passed add.  Some is kept in store for a poll
 * that comes late, as it may by more than a short interval.
 */
static void drb_rate_renew(struct drb_rate *rate)
{
	u64 now = ktime_get_ns(), n;

	if (now < rate->start_ns + rate->interval_ns)
		return;
	n = div64_u64(now - rate->start_ns, rate->interval_ns);
	rate->start_ns += n * rate->interval_ns;
	n = min_t(u64, n, DRB_RATE_MAX_MISSED);
	rate->credit = min_t(s64, rate->credit + n * rate->bytes,
			     max(rate->bytes, DRB_RATE_MIN_STORE));
}

/*
 * May the queue receive a packet of len bytes now?  If not, it will be polled
 * when there is credit again.
 */
bool drb_rate_take(struct drb_queue *q, u32 len)
{
	struct drb_rate *rate = &q->drb->rate;
	bool ok = true;

	spin_lock(&rate->lock);
	if (rate->bytes) {
		if (rate->credit <= 0)
			drb_rate_renew(rate);
		ok = rate->credit > 0;
	}
	if (ok) {
		rate->credit -= len;
	} else {
		set_bit(q->id, &rate->waiting);
		hrtimer_start(&rate->timer,
			      ns_to_ktime(rate->start_ns + rate->interval_ns),
			      HRTIMER_MODE_ABS);
	}
	spin_unlock(&rate->lock);
	return ok;
}

/* Holds from now on, also for queues that wait; bytes 0: no limit. */
void drb_rate_set(struct drb_dev *drb, u64 bytes, u32 usecs)
{
	struct drb_rate *rate = &drb->rate;

	spin_lock_bh(&rate->lock);
	rate->interval_ns = (u64)usecs * NSEC_PER_USEC;
	rate->start_ns = ktime_get_ns();
	rate->credit = bytes;
	WRITE_ONCE(rate->bytes, bytes);
	spin_unlock_bh(&rate->lock);
	drb_kick(drb);
}
EXPORT_SYMBOL_GPL(drb_rate_set);
