// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz.c - libFuzzer target: the input is what all domains and the toolstack
 * do, and on which CPU.
 *
 * Each step of the input is an operation, or half a map or unmap; where the
 * table holds no lock, steps of other CPUs may come in between.  The first
 * bytes say how often that happens, and how often something fails.
 */
#include "model.h"

#define MAX_STEPS	400

static const uint8_t *input;
static size_t input_left;
static uint64_t chance;
static uint8_t alloc_knob, copy_knob, preempt_knob, cpu_knob;
static uint8_t divert_knob, iommu_knob;

static unsigned int take(void)
{
	if (!input_left)
		return 0;
	input_left--;
	return *input++;
}

static unsigned int chance_byte(void)
{
	chance = chance * 6364136223846793005ull + 1442695040888963407ull;
	return chance >> 56;
}

static bool alloc_fails(void)
{
	return chance_byte() < alloc_knob;
}

static bool copy_fails(void)
{
	return chance_byte() < copy_knob;
}

static bool preempt(void)
{
	return chance_byte() < preempt_knob;
}

static bool divert_fails(void)
{
	return chance_byte() < divert_knob;
}

static bool iommu_fails(void)
{
	return chance_byte() < iommu_knob;
}

/* ---- steps --------------------------------------------------------------------- */

/* A domain that can do something; mostly one of the first three. */
static struct domain *take_domain(void)
{
	unsigned int b = take();
	struct domain *d = world.domain[b < 192 ? b % 3 : b % DOMAINS];

	return d && !d->is_dying && !d->m->crashed ? d : world.domain[0];
}

static domid_t take_id(void)
{
	unsigned int b = take();

	if (b >= 250)
		return b & 1 ? DOMID_SELF : DOMID_INVALID;
	return b < 192 ? b % 3 : b % (DOMAINS + 1);
}

static grant_ref_t take_ref(void)
{
	unsigned int b = take();

	return b < 250 ? RESERVED + b % (world.nr_grants - RESERVED) :
	       b < 253 ? b - 250 : world.nr_grants + b - 253;
}

static void create(void)
{
	unsigned int b = take();
	domid_t id = 1 + b % (DOMAINS - 1);

	if (!world.domain[id])
		domain_create(id, b & 0x80);
}

static void destroy(void)
{
	domid_t id = 1 + take() % (DOMAINS - 1);
	struct domain *d = world.domain[id];

	/* Xen destroys one domain at a time. */
	if (d && !d->m->dead && !d->m->running && !(world.frame && world.frame->teardown))
		domain_kill(d);
}

static void grant_some(void)
{
	struct domain *d = take_domain();
	unsigned int i, first = take_ref(), nr = 1 + take() % 80;
	unsigned int how = take();
	domid_t to = take_id();

	for (i = first; i < first + nr && i < world.nr_grants; i++)
		if (how < 230)
			grant(d, i, to, how < 210);
		else
			grant_end(d, i);
}

/* The same frame by more than one reference, or another one than before. */
static void grant_again(void)
{
	struct domain *d = take_domain();
	grant_ref_t ref = take_ref();

	if (ref < world.nr_grants)
		grant_frame(d, ref, take() % world.nr_grants);
}

static void spoil(struct xen_iotask_register *op, grant_ref_t *refs,
		  size_t *given)
{
	unsigned int how = take();

	switch (how < 12 ? how : 0) {
	case 1:
		op->pad = take();
		break;
	case 2:
		op->flags = take();
		break;
	case 3:
		refs[take() % op->nr_refs] = refs[0];
		break;
	case 4:
		*given -= 1;
		break;
	case 5:
		op->nr_refs = XEN_IOTASK_MAX_REFS + take();
		break;
	case 6:
		op->nr_refs = 0;
		break;
	case 7:
		refs[take() % op->nr_refs] = take_ref();
		break;
	}
}

static void add_task(void)
{
	static const uint8_t sizes[] = { 1, 2, 3, 4, 31, 32, 33, 65 };
	struct domain *d = take_domain();
	struct xen_iotask_register op = {};
	grant_ref_t refs[65];
	unsigned int i, b = take(), first = take_ref();
	size_t given;

	op.nr_refs = sizes[b % COUNT(sizes)];
	op.flags = b & 0x80 ? XEN_IOTASK_WRITE : 0;
	op.driver = take_id();
	given = op.nr_refs;
	for (i = 0; i < op.nr_refs; i++)
		refs[i] = first + i;
	spoil(&op, refs, &given);
	do_register(d, &op, refs, given, NULL);
}

static unsigned int take_flags(void)
{
	unsigned int b = take();

	return b < 100 ? GNTMAP_host_map :
	       b < 200 ? GNTMAP_host_map | GNTMAP_readonly : b & 7;
}

static void map_some(void)
{
	struct domain *d = take_domain();
	unsigned int i, b = take(), flags = take_flags(), ref = take_ref();
	domid_t id = take_id();

	for (i = 0; i < 1 + b % 70; i++) {
		int h = map_begin(d, id, ref + i, flags);

		if (h >= 0)
			map_end(d, h, false);
	}
}

static void map_half(void)
{
	struct domain *d = take_domain();
	domid_t id = take_id();
	grant_ref_t ref = take_ref();

	map_begin(d, id, ref, take_flags());
}

static void map_rest(void)
{
	struct domain *d = take_domain();
	unsigned int handle = take();

	map_end(d, handle, take() & 1);
}

static void unmap_half(void)
{
	struct domain *d = take_domain();
	unsigned int handle = take();

	unmap_begin(d, handle);
}

static void unmap_rest(void)
{
	struct domain *d = take_domain();

	unmap_end(d, take());
}

static void unmap_all(void)
{
	struct domain *d = take_domain();
	unsigned int i;

	for (i = 0; i < MAPS; i++)
		if (unmap_begin(d, i))
			unmap_end(d, i);
}

static void let_finish(void)
{
	finish_steps(take_domain());
}

static void tear_one(void)
{
	struct domain *d = take_domain();

	tear(d, take());
}

static void copy_one(void)
{
	domid_t id = take_id();

	copy(id, take_ref());
}

/* The ID of some task, or nearly. */
static uint32_t take_task(const struct domain *d)
{
	unsigned int b = take();

	if (b >= 200)
		return XEN_IOTASK_ALL;
	return d ? d->m->task[b % 8].id + (b >= 190) * 0x100 : b;
}

static void end_task(bool revoke)
{
	struct domain *caller = take_domain();
	domid_t id = take() < 128 ? DOMID_SELF : take_id();
	uint32_t task;

	task = take_task(id == DOMID_SELF ? caller : find_domain(id));
	if (revoke)
		do_revoke(caller, id, take() > 250, task);
	else
		do_drop(caller, id, take() > 250, task);
}

static void revoke_task(void)
{
	end_task(true);
}

static void drop_task(void)
{
	end_task(false);
}

static void ask(void)
{
	struct xen_iotask_query q = {};
	struct domain *d = take_domain();
	unsigned int b = take();

	q.dom = take_id();
	q.index = b < 240 ? b % 16 : b;
	q.pad = b == 255;
	do_query(d, &q);
}

static void policy(void)
{
	struct xen_iotask_policy p = {};
	struct domain *d = take_domain();
	unsigned int i, b = take();

	p.flags = b < 160 ? XEN_IOTASK_POLICY_SET : b < 250 ? 0 : b;
	p.dom = take_id();
	p.max_tasks = take() % 129;
	p.max_refs = take() * 2;
	b = take();
	p.nr_drivers = b < 160 ? XEN_IOTASK_ANY_DRIVER : b % 10;
	for (i = 0; i < p.nr_drivers && i < XEN_IOTASK_MAX_DRIVERS; i++)
		p.drivers[i] = take_id();
	do_policy(d, &p);
}

static void silo(void)
{
	if (!world.frame)
		world.silo = take() > 200;
}

static void step(void)
{
	static void (*const steps[])(void) = {
		create, destroy, grant_some, add_task, add_task, map_some,
		map_some, map_half, map_rest, unmap_half, unmap_rest,
		unmap_all, tear_one, copy_one, revoke_task, revoke_task,
		revoke_task, drop_task, drop_task, ask, policy, silo,
		let_finish, grant_some, grant_again,
	};

	steps[take() % COUNT(steps)]();
}

/* The target may be in a state that the model has not learnt of yet. */
static void concurrently(void)
{
	struct domain *d = world.frame->target;
	unsigned int i;

	if (!input_left || chance_byte() >= cpu_knob)
		return;
	if (d && !d->m->removed)
		sync_states(d);
	for (i = 0; !d && world.frame->teardown && i < DOMAINS; i++)
		if (world.domain[i] && world.domain[i]->is_dying)
			sync_states(world.domain[i]);
	world.frame->nested = true;
	step();
}

/* Seldom, and for one half of the inputs not at all. */
static uint8_t knob(unsigned int b)
{
	return b < 128 ? 0 : (b - 128) / 4;
}

/* Often one has a task already, of which the other one has mapped a part. */
static void begin_task(void)
{
	struct xen_iotask_register op = { .driver = 2, .nr_refs = 40 };
	unsigned int i, b = take();
	grant_ref_t refs[40];

	if (b < 64)
		return;
	op.flags = b & 1 ? XEN_IOTASK_WRITE : 0;
	for (i = 0; i < op.nr_refs; i++)
		refs[i] = RESERVED + i;
	do_register(world.domain[1], &op, refs, op.nr_refs, NULL);
	for (i = 0; i < b % 20; i++)
		map_end(world.domain[2],
			map_begin(world.domain[2], 1, refs[2 * i],
				  op.flags ? GNTMAP_host_map :
				  GNTMAP_host_map | GNTMAP_readonly), false);
}

/* Domains 1 and 2, each having granted to the other, so that things begin. */
static void begin(void)
{
	unsigned int i;

	world_begin("1,max-tasks=64,max-refs=16512");
	world.nr_grants = RESERVED + 128;
	domain_create(1, false);
	domain_create(2, take() & 1);
	for (i = RESERVED; i < world.nr_grants; i++) {
		grant(world.domain[1], i, 2, true);
		grant(world.domain[2], i, i % 2, true);
	}
	chance = take();
	alloc_knob = take() / 4;
	copy_knob = take() / 8;
	preempt_knob = take();
	cpu_knob = take() / 2;
	divert_knob = knob(take());
	iommu_knob = knob(take());
	begin_task();
	world.alloc_fails = alloc_fails;
	world.copy_fails = copy_fails;
	world.preempt = preempt;
	world.divert_fails = divert_fails;
	world.iommu_fails = iommu_fails;
	world.concurrently = concurrently;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int i;

	input = data;
	input_left = size;
	begin();
	for (i = 0; i < MAX_STEPS && input_left; i++) {
		step();
		reap();
		if (i % 4 == 3)
			check_world();
	}
	world_end();
	return 0;
}
