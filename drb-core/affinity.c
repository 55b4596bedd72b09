// SPDX-License-Identifier: GPL-2.0
/*
 * affinity.c - which CPUs serve which queue: where its interrupts go, and who
 * sends through it.
 *
 * Only where there is more than one queue.  A domain with many vifs of one
 * queue each leaves it to Xen's interrupt code, which takes the CPU that has
 * the fewest.
 */
#include <linux/cpumask.h>
#include <linux/interrupt.h>

#include "internal.h"

/*
 * The CPUs of a queue: each online CPU has a queue, and each queue a CPU.  In
 * a driver domain every guest's first queue begins at another CPU.
 */
static void drb_queue_cpus(struct drb_queue *q, unsigned int num)
{
	unsigned int cpus = num_online_cpus();
	unsigned int place = q->drb->xdev->otherend_id % cpus;
	unsigned int cpu;

	cpumask_clear(&q->cpus);
	for_each_online_cpu(cpu) {
		if (place % num == q->id % cpus)
			cpumask_set_cpu(cpu, &q->cpus);
		place = (place + 1) % cpus;
	}
}

/* Both are hints: without them packets flow as well.  Under rtnl. */
void drb_affinity_set(struct drb_dev *drb)
{
	unsigned int i;

	if (drb->num_queues < 2)
		return;
	for (i = 0; i < drb->num_queues; i++) {
		struct drb_queue *q = &drb->queues[i];

		drb_queue_cpus(q, drb->num_queues);
		irq_set_affinity_and_hint(q->irq, &q->cpus);
		netif_set_xps_queue(drb->dev, &q->cpus, i);
	}
}

/* The kernel keeps a pointer to the hint: before the interrupt goes. */
void drb_affinity_clear(struct drb_queue *q)
{
	irq_update_affinity_hint(q->irq, NULL);
}
