// SPDX-License-Identifier: GPL-2.0
/*
 * idle_thread.c - looking for the next packet in time that the CPU has nothing else
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
 * The thread looks with preemption off, so that nothing takes the CPU from it
 * while the ring asks for no event, and leaves as soon as anything else could
 * run.  It holds no lock and is no reader of RCU whenever it can be preempted, so
 * it is of the lowest class on every kernel and holds nobody up.  Under
 * PREEMPT_RT softirqs are threads, and it does not exist.
 *
 * A CPU has one such thread for one queue at a time.  What it is told, idle.c says.
 */
#include <linux/ktime.h>
#include <linux/sched/stat.h>
#include <linux/smpboot.h>
#include <uapi/linux/sched/types.h>
#include <asm/xen/hypercall.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/xen-ops.h>

#include "internal.h"

/* Other domains are asked this often, in ns. */
#define DRB_IDLE_YIELD_NS	100000
/* It is another domain's if it was kept from us so long; then pause. */
#define DRB_IDLE_STOLEN_NS	200000
/* The same for a stream: who wants the CPU may well be its other end. */
#define DRB_STREAM_STOLEN_NS	20000
#define DRB_STREAM_PAUSE_NS	(200 * NSEC_PER_MSEC)

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

/* Between two looks: is it enough?  A jiffy is, or RCU would wait for us. */
static bool drb_idle_over(struct drb_idle *idle, unsigned long began)
{
	u64 now = ktime_get_ns();

	if (READ_ONCE(idle->until_ns) <= now || !single_task_running() ||
	    need_resched() || time_after(jiffies, began))
		return true;
	if (!drb_idle_stolen(idle, now))
		return false;
	idle->until_ns = 0;
	return true;
}

static int drb_idle_wanted(unsigned int cpu)
{
	return !!READ_ONCE(this_cpu_ptr(&drb_idle)->queue);
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

static void drb_idle_poll(struct drb_queue *q)
{
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

/* With preemption off: the ring asks for no event meanwhile. */
static void drb_idle_look(struct drb_idle *idle, struct drb_queue *q)
{
	unsigned long began = jiffies;

	idle->held = false;
	WRITE_ONCE(idle->looks, true);
	drb_poll_decide(q);
	while (!drb_idle_over(idle, began)) {
		if (drb_ring_has_news(&q->in) && !drb_event_is_early(q))
			drb_idle_poll(q);
		cpu_relax();
	}
	WRITE_ONCE(idle->looks, false);
	/* Says again whether a stream is left to us. */
	drb_poll_decide(q);
}

static void drb_idle_run(unsigned int cpu)
{
	struct drb_idle *idle = per_cpu_ptr(&drb_idle, cpu);
	struct drb_queue *q;

	/* Pairs with drb_idle_leave(): a queue stays until this is over. */
	preempt_disable();
	q = READ_ONCE(idle->queue);
	if (q)
		drb_idle_look(idle, q);
	preempt_enable();
	/* Who was woken by a packet runs now, and then often waits again. */
	schedule();
	local_bh_disable();
	if (!drb_idle_goes_on(idle))
		WRITE_ONCE(idle->queue, NULL);
	local_bh_enable();
}

static void drb_idle_setup(unsigned int cpu)
{
	static const struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = SCHED_IDLE,
	};

	sched_setattr_nocheck(current, &attr);
}

static struct smp_hotplug_thread drb_idle_threads = {
	.store = &drb_idle.task,
	.thread_should_run = drb_idle_wanted,
	.thread_fn = drb_idle_run,
	.setup = drb_idle_setup,
	.thread_comm = "drb-idle/%u",
};

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
