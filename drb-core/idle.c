// SPDX-License-Identifier: GPL-2.0
/*
 * idle.c - looking for the next packet in time that the CPU has nothing else
 * to do in.
 *
 * Where a request and its answer go back and forth, most of a round trip is
 * each domain going to sleep and being woken: an event, an interrupt, the
 * scheduler of Xen and its timer, twice.  So, where answers have been coming
 * one by one after what was sent, a thread of the CPU's takes over from the
 * event: it polls until it has waited twice as long as they take on average, and
 * goes on doing so if they come in time then.  It runs
 * only while nothing else wants the CPU (SCHED_IDLE) and, by asking Xen, while
 * no other domain does; whoever takes the CPU from it gets the queue armed.
 *
 * A driver domain does not, unless it is asked to: what keeps its CPU awake there
 * is what a guest sends.
 *
 * napi_busy_loop() ends by letting itself be preempted before it leaves RCU.  Where
 * a kernel does preempt there (preempt=full, lazy), a thread of the lowest class
 * would not come back as long as anything else runs, and nor would a grace period
 * end.  So the thread is an ordinary one on such kernels.  Under PREEMPT_RT the
 * thread could even be preempted while NAPI is its own, so it does not exist.
 *
 * A CPU has one such thread for one queue at a time.  It knows the queue by
 * its NAPI id only, so a queue may go at any time.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched/stat.h>
#include <linux/smpboot.h>
#include <net/busy_poll.h>
#include <uapi/linux/sched/types.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/xen-ops.h>

#include "internal.h"

#define DRB_HAVE_IDLE	(IS_ENABLED(CONFIG_NET_RX_BUSY_POLL) && \
			 !IS_ENABLED(CONFIG_PREEMPT_RT))

/* So many answers in a row make an exchange ... */
#define DRB_IDLE_ANSWERS	4
/* ... if none took longer than so many times what we poll at most. */
#define DRB_IDLE_PATIENCE	10
/* Pauses between tries in vain double so often. */
#define DRB_IDLE_TRIES		7
/* Other domains are asked this often, in ns. */
#define DRB_IDLE_YIELD_NS	100000
/* It is another domain's if it was kept from us so long; then pause. */
#define DRB_IDLE_STOLEN_NS	200000
#define DRB_IDLE_PAUSE_NS	(10 * NSEC_PER_MSEC)
/* The same for a stream: who wants the CPU may well be its other end. */
#define DRB_STREAM_STOLEN_NS	20000
#define DRB_STREAM_PAUSE_NS	(200 * NSEC_PER_MSEC)

static unsigned int idle_poll_us = 1000;
module_param(idle_poll_us, uint, 0644);
MODULE_PARM_DESC(idle_poll_us,
		 "Guest: an idle CPU polls at most this long for an answer, in us; 0: never");

static unsigned int idle_poll_backend_us;
module_param(idle_poll_backend_us, uint, 0644);
MODULE_PARM_DESC(idle_poll_backend_us, "The same in a driver domain");

/* Of one CPU; written there only, by NAPI and the thread. */
struct drb_idle {
	struct task_struct *task;
	unsigned int napi_id;	/* of the queue it serves; 0: none */
	u64 until_ns;		/* when it gives up */
	u64 limit_ns;		/* it waits no longer than this for a packet */
	bool found;		/* packets, since it went on */
	bool stream;		/* large ones, see event.c */
	bool held;		/* their ring is armed ahead: not to be left so */
	u64 yield_ns;		/* when it asks Xen next */
	u64 pause_ns;		/* not again before this */
};

static DEFINE_PER_CPU(struct drb_idle, drb_idle);

/*
 * For how long, in ns since it exists, this virtual CPU wanted to run and Xen
 * ran another one.  U64_MAX: Xen does not say.
 */
static u64 drb_idle_waited(void)
{
	struct vcpu_runstate_info info;

	if (HYPERVISOR_vcpu_op(VCPUOP_get_runstate_info,
			       xen_vcpu_nr(smp_processor_id()), &info))
		return U64_MAX;
	return info.time[RUNSTATE_runnable];
}

/*
 * Let other domains have the CPU.  True: one wanted it.  A clock alone does not
 * tell: it also goes on while Xen itself does not run, under another hypervisor
 * or in an interrupt.
 */
static bool drb_idle_stolen(struct drb_idle *idle, u64 now)
{
	u64 limit = idle->stream ? DRB_STREAM_STOLEN_NS : DRB_IDLE_STOLEN_NS;
	u64 before, after;

	if (now < idle->yield_ns)
		return false;
	before = drb_idle_waited();
	HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
	after = ktime_get_ns();
	idle->yield_ns = after + DRB_IDLE_YIELD_NS;
	if (after - now < limit)
		return false;
	if (before != U64_MAX && drb_idle_waited() - before < limit)
		return false;
	idle->pause_ns = after + (idle->stream ? DRB_STREAM_PAUSE_NS :
					  DRB_IDLE_PAUSE_NS);
	return true;
}

/* Between two polls, preemption off: is it enough? */
static bool drb_idle_over(void *data, unsigned long start)
{
	struct drb_idle *idle = data;
	u64 now = ktime_get_ns();

	if (READ_ONCE(idle->until_ns) <= now || !single_task_running())
		return true;
	if (!drb_idle_stolen(idle, now))
		return false;
	idle->until_ns = 0;
	return true;
}

static int drb_idle_wanted(unsigned int cpu)
{
	return READ_ONCE(this_cpu_ptr(&drb_idle)->napi_id);
}

static u64 drb_idle_limit_ns(const struct drb_queue *q)
{
	u32 us = q->drb->backend ? READ_ONCE(idle_poll_backend_us) :
				   READ_ONCE(idle_poll_us);

	return us * (u64)NSEC_PER_USEC;
}

/*
 * After something else had the CPU, or the time is over.  A ring that is armed
 * ahead is looked at once more, and then for as long as packets come.
 */
static bool drb_idle_goes_on(struct drb_idle *idle)
{
	u64 now = ktime_get_ns();

	if (!idle->held)
		return idle->until_ns > now && single_task_running();
	if (idle->found)
		idle->until_ns = now + idle->limit_ns;
	idle->found = false;
	return true;
}

static void drb_idle_run(unsigned int cpu)
{
	struct drb_idle *idle = per_cpu_ptr(&drb_idle, cpu);

	/* Its last poll says so again; if the queue has gone there is none. */
	idle->held = false;
	napi_busy_loop(idle->napi_id, drb_idle_over, idle, false,
		       NAPI_POLL_WEIGHT);
	/* Who was woken by a packet runs now, and then often waits again. */
	cond_resched();
	local_bh_disable();
	if (!drb_idle_goes_on(idle))
		WRITE_ONCE(idle->napi_id, 0);
	local_bh_enable();
}

static void drb_idle_setup(unsigned int cpu)
{
	static const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_IDLE,
	};

	if (!preempt_model_preemptible())
		sched_setattr_nocheck(current, &attr);
}

static struct smp_hotplug_thread drb_idle_threads = {
	.store = &drb_idle.task,
	.thread_should_run = drb_idle_wanted,
	.thread_fn = drb_idle_run,
	.setup = drb_idle_setup,
	.thread_comm = "drb-idle/%u",
};

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
	if (idle->napi_id && idle->napi_id != q->napi.napi_id)
		return;
	window = drb_idle_window(q);
	if (!window)
		return;
	idle->found = true;
	idle->stream = drb_event_stream(q);
	idle->limit_ns = drb_idle_limit_ns(q);
	WRITE_ONCE(idle->until_ns, q->mod.last_ns + window);
	if (idle->napi_id)
		return;
	WRITE_ONCE(idle->napi_id, q->napi.napi_id);
	q->stats.idle_polls++;
	wake_up_process(idle->task);
}

/* The same in a busy poll, which may be that of the CPU's thread. */
void drb_idle_go_on(struct drb_queue *q)
{
	struct drb_idle *idle = this_cpu_ptr(&drb_idle);

	if (idle->napi_id != q->napi.napi_id)
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

	if (idle->napi_id != q->napi.napi_id)
		return false;
	idle->held = idle->until_ns > ktime_get_ns();
	return idle->held;
}

/*
 * Before a poll: is it by the CPU's thread, not its last one, and too early for
 * a stream?
 */
bool drb_idle_waits(const struct drb_queue *q)
{
	return unlikely(q->mod.ahead) &&
	       this_cpu_read(drb_idle.task) == current &&
	       test_bit(NAPI_STATE_IN_BUSY_POLL, &q->napi.state) &&
	       drb_event_is_early(q);
}

int drb_idle_init(void)
{
	return DRB_HAVE_IDLE ?
	       smpboot_register_percpu_thread(&drb_idle_threads) : 0;
}

void drb_idle_exit(void)
{
	if (DRB_HAVE_IDLE)
		smpboot_unregister_percpu_thread(&drb_idle_threads);
}
