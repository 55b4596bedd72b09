// SPDX-License-Identifier: GPL-2.0
/*
 * real_iotask.c - Xen's common/iotask.c, and what tests may see of it.
 */
#define PARAM iotask_param
#include "port.h"
#include "iotask.c"
_Static_assert(IOTASK_BATCH == 2, "small batches, see extract.sh");
#include "model.h"

/* The task in a slot of d's table; nr is 0 if there is none. */
struct task_view task_at(const struct domain *d, unsigned int slot)
{
	const struct iotask *t = d->iotask ? d->iotask->tasks[slot] : NULL;

	if (!t || t->state == TASK_hidden)
		return (struct task_view){};
	return (struct task_view) {
		.id = t->id,
		.nr = t->nr,
		.driver = t->driver,
		.serial = t->driver_serial,
		.state = t->state,
		.flags = t->flags,
		.mapped = t->mapped,
	};
}

struct ref_view task_ref(const struct domain *d, unsigned int slot,
			 unsigned int i)
{
	const struct iotask_ref *r = &d->iotask->tasks[slot]->refs[i];

	return (struct ref_view) {
		.ref = r->ref,
		.handle = r->handle,
		.flags = r->flags,
		.mfn = r->page ? r->page - frame_table : 0,
		.mapped = r->state == REF_mapped,
		.diverted = r->state == REF_diverted,
		.held = r->state == REF_diverted && r->held,
	};
}

unsigned int task_count(const struct domain *d)
{
	return d->iotask ? d->iotask->nr_tasks : 0;
}

uint64_t task_serial(const struct domain *d)
{
	return d->iotask->serial;
}

bool is_sink(const struct domain *d, const struct page_info *pg)
{
	return d->iotask && (d->iotask->sink[0] == pg || d->iotask->sink[1] == pg);
}
