// SPDX-License-Identifier: GPL-2.0
/*
 * unit_tasks.c - registering and mapping: what is admitted, and that what is
 * not changes nothing.
 */
#include "unit.h"

/* ---- register ----------------------------------------------------------- */

static int add_with(domid_t to, uint16_t flags, uint32_t nr, uint32_t pad,
		    size_t given)
{
	struct xen_iotask_register op = {
		.driver = to, .flags = flags, .nr_refs = nr, .pad = pad,
	};

	return do_register(guest, &op, ref, given, NULL);
}

static void malformed(void)
{
	is(add_with(SELF, 0, 1, 0, 1), -EINVAL);
	grant(guest, ref[0], 1, true);
	is(add_with(1, 0, 1, 0, 1), -EINVAL);
	grant(guest, ref[0], 2, true);
	is(add_with(5, 0, 1, 0, 1), -ESRCH);
	is(add_with(DOMID_INVALID, 0, 1, 0, 1), -ESRCH);
	is(add_with(2, 0, 0, 0, 1), -EINVAL);
	is(add_with(2, 0, XEN_IOTASK_MAX_REFS + 1, 0, 600), -EINVAL);
	is(add_with(2, 0, ~0U, 0, 600), -EINVAL);
	is(add_with(2, 2, 1, 0, 1), -EINVAL);
	is(add_with(2, 0x8001, 1, 0, 1), -EINVAL);
	is(add_with(2, 0, 1, 1, 1), -EINVAL);
	is(add_with(2, 0, 2, 0, 1), -EFAULT);
	is(add_with(2, 0, 33, 0, 32), -EFAULT);
	is(add_with(2, 0, XEN_IOTASK_MAX_REFS, 0, 512), 0);
}

static int add_refs(grant_ref_t a, grant_ref_t b)
{
	struct xen_iotask_register op = { .driver = 2, .nr_refs = 2 };
	grant_ref_t refs[] = { a, b };

	return do_register(guest, &op, refs, 2, NULL);
}

/* None becomes part of a task if one can not. */
static void bad_references(void)
{
	grant(guest, 20, 3, true);
	grant(guest, 21, 2, false);
	grant_end(guest, 22);
	is(add_refs(30, 20), -EINVAL);
	is(add_refs(30, 21), -EINVAL);
	is(add_refs(30, 22), -EINVAL);
	is(add_refs(30, GRANTS), -EINVAL);
	is(add_refs(30, ~0U), -EINVAL);
	is(add_refs(30, RESERVED - 1), -EINVAL);
	is(add_refs(30, 30), -EEXIST);
	is(add_refs(30, 31), 0);
	is(add_refs(32, 31), -EEXIST);
	is(map_begin(driver, 1, 40, RO) >= 0, true);
	is(add_refs(41, 40), -EBUSY);
	is(add_refs(41, 32), 0);
}

static unsigned int countdown;

static bool now(void)
{
	return !countdown--;
}

static void each_failure(void)
{
	unsigned int i;

	countdown = 0;
	world.alloc_fails = now;
	is(add(0, 0, 70, NULL), -ENOMEM);
	/* The structure, three parts of the references, the answer. */
	world.alloc_fails = NULL;
	for (i = 0; i < 5; i++) {
		countdown = i;
		world.copy_fails = now;
		is(add(0, 0, 70, NULL), -EFAULT);
		check_world();
	}
	world.copy_fails = NULL;
	task(0, 0, 70);
	/* What mappings lead to once revoked: both pages, or none. */
	for (i = 0; i < 2; i++) {
		countdown = i;
		world.alloc_fails = now;
		is(map(driver, 0, RO), -1);
		is(!iotask_sink(driver, false) && !iotask_sink(driver, true),
		   true);
	}
	world.alloc_fails = NULL;
	is(map(driver, 0, RO) >= 0, true);
}

static void limits(void)
{
	struct xen_iotask_policy p = {
		.dom = 1, .flags = XEN_IOTASK_POLICY_SET, .max_tasks = 2,
		.max_refs = 20, .nr_drivers = XEN_IOTASK_ANY_DRIVER,
	};
	uint32_t id;

	is(do_policy(world.domain[0], &p), 0);
	is(add(0, 0, 21, NULL), -ENOSPC);
	id = task(0, 0, 15);
	is(add(0, 15, 6, NULL), -ENOSPC);
	is(add(0, 15, 512, NULL), -ENOSPC);
	task(0, 15, 4);
	is(add(0, 20, 1, NULL), -ENOSPC);
	is(withdraw(id), 0);
	is(add(0, 20, 1, NULL), -ENOSPC);
	is(drop(id), 0);
	id = task(0, 100, 16);
	p.max_tasks = 2;
	p.max_refs = 10;
	is(withdraw(ALL), 0);
	is(drop(id), 0);
	is(do_policy(world.domain[0], &p), 0);
	is(add(0, 40, 7, NULL), -ENOSPC);
	task(0, 40, 6);
	p.max_tasks = 3;
	p.max_refs = 3;
	is(do_policy(world.domain[0], &p), 0);
	is(add(0, 60, 1, NULL), -ENOSPC);
}

static void all_places(void)
{
	struct xen_iotask_policy p = {
		.dom = 1, .flags = XEN_IOTASK_POLICY_SET,
		.max_tasks = XEN_IOTASK_MAX_TASKS, .max_refs = 65024,
		.nr_drivers = XEN_IOTASK_ANY_DRIVER,
	};
	unsigned int i;
	uint32_t id = 0;

	is(do_policy(world.domain[0], &p), 0);
	for (i = 0; i < XEN_IOTASK_MAX_TASKS; i++)
		id = task(WRITE, i * 2, 2);
	is(add(0, 300, 1, NULL), -ENOSPC);
	map_all(0, 254, RW);
	is(do_revoke(guest, SELF, 0, id ^ 0x100), -ENOENT);
	is(do_revoke(guest, SELF, 0, 0xff), -ENOENT);
	is(do_revoke(guest, SELF, 0, 0x17f), -ENOENT);
	is(withdraw(ALL), 0);
	is(drop(ALL), 0);
	is(nr_tasks(guest), 0);
}

/* An ID is not used again soon. */
static void ids_differ(void)
{
	uint32_t seen[100];
	unsigned int i, j;

	for (i = 0; i < COUNT(seen); i++) {
		seen[i] = task(0, 0, 1);
		for (j = 0; j < i; j++)
			demand(seen[i] != seen[j], "an ID again");
		is(withdraw(seen[i]), 0);
		is(drop(seen[i]), 0);
	}
}

static void between_unprivileged(void)
{
	world.silo = true;
	is(add(0, 0, 1, NULL), -EPERM);
	is(nr_tasks(guest), 0);
	world.silo = false;
}

/* ---- maps --------------------------------------------------------------- */

static void direction(void)
{
	task(0, 0, 2);
	task(WRITE, 2, 2);
	is(map(driver, 0, RW), -1);
	is(map(driver, 0, RO) >= 0, true);
	is(map(driver, 2, RW) >= 0, true);
	is(map(driver, 3, RO) >= 0, true);
}

static void host_maps_only(void)
{
	task(WRITE, 0, 2);
	is(map(driver, 0, GNTMAP_device_map), -1);
	is(map(driver, 0, RW | GNTMAP_device_map), -1);
	is(map(driver, 0, RO | GNTMAP_device_map), -1);
	is(map(driver, 0, 0), -1);
	is(map(driver, 0, GNTMAP_readonly), -1);
	is(copy(1, ref[0]), false);
	is(copy(1, ref[2]), true);
}

static void one_map_each(void)
{
	int h;

	task(WRITE, 0, 2);
	h = map(driver, 0, RW);
	is(map(driver, 0, RW), -1);
	is(unmap(driver, h), true);
	h = map_begin(driver, 1, ref[0], RO);
	is(map(driver, 0, RO), -1);
	map_end(driver, h, true);
	h = map(driver, 0, RW);
	is(unmap_begin(driver, h), true);
	is(map(driver, 0, RW), -1);
	unmap_end(driver, h);
	is(map(driver, 0, RW) >= 0, true);
}

static void that_very_domain(void)
{
	task(WRITE, 0, 2);
	is(map(other, 0, RO), -1);
	grant(guest, ref[0], 3, true);
	is(map(other, 0, RO), -1);
	is(map(driver, 0, RO), -1);
	grant(guest, ref[0], 2, true);
	is(map(driver, 0, RO) >= 0, true);
	is(domain_kill(driver), true);
	driver = domain_create(2, false);
	is(map(driver, 0, RO), -1);
	is(map(driver, 1, RO), -1);
	is(map(driver, 2, RO) >= 0, true);
	is(withdraw(ALL), 0);
}

static void while_active(void)
{
	uint32_t id = task(WRITE, 0, 2);

	is(withdraw(id), 0);
	is(map(driver, 0, RO), -1);
	is(drop(id), 0);
	is(map(driver, 0, RO) >= 0, true);
}

/* A frame by some other reference; a task's reference for some other frame. */
static void that_very_frame(void)
{
	struct xen_iotask_policy p = { .dom = SELF };
	uint32_t id;
	int h;

	grant_frame(guest, ref[1], ref[0]);
	is(add(0, 0, 2, NULL), -EEXIST);
	id = task(WRITE, 0, 1);
	is(add(0, 1, 1, NULL), -EEXIST);
	is(map(driver, 1, RO), -1);
	is(copy(1, ref[1]), false);
	is(do_policy(guest, &p), 0);
	is(p.denied, 2);
	is(guest->m->task[id & 0xff].denied, 0);
	grant_frame(guest, ref[0], ref[2]);
	is(map(driver, 0, RO), -1);
	is(guest->m->task[id & 0xff].denied, 1);
	is(withdraw(id), 0);
	is(drop(id), 0);
	is(map(driver, 1, RO) >= 0, true);
	h = map(driver, 2, RW);
	is(add(0, 0, 1, NULL), -EBUSY);
	is(unmap(driver, h), true);
	task(0, 0, 1);
}

/* There was no task when the driver domain looked, but there is now. */
static void add_one(void)
{
	world.concurrently = NULL;
	task(WRITE, 0, 1);
}

static void no_sinks_yet(void)
{
	world.concurrently = add_one;
	is(map(driver, 0, RW), -1);
	is(map(driver, 0, RW) >= 0, true);
}

static int mapped_while_registering = 1;

static void try_to_map(void)
{
	mapped_while_registering = map_begin(driver, 1, ref[0], RO);
}

/* Nor is there any task yet: its ID could be guessed. */
static void look_for_it(void)
{
	struct xen_iotask_query q = { .dom = 1 };

	is(do_query(world.domain[0], &q), -ENOENT);
	is(do_revoke(world.domain[0], 1, 0, 0x100), -ENOENT);
	is(do_revoke(world.domain[0], 1, 0, ALL), 0);
	is(do_drop(world.domain[0], 1, 0, 0x100), -ENOENT);
}

/* Between tag and answer a reference is nobody's to map. */
static bool last_copy(void)
{
	if (guest->m->entry[ref[1]].tag)
		try_to_map();
	return false;
}

static void while_registering(void)
{
	world.copy_fails = last_copy;
	world.concurrently = look_for_it;
	is(task(WRITE, 0, 2), 0x100);
	world.concurrently = NULL;
	world.copy_fails = NULL;
	is(mapped_while_registering, -1);
	is(map(driver, 0, RO) >= 0, true);
}

const struct test task_tests[] = {
	TEST(malformed),
	TEST(bad_references),
	TEST(each_failure),
	TEST(limits),
	TEST(all_places),
	TEST(ids_differ),
	TEST(between_unprivileged),
	TEST(direction),
	TEST(host_maps_only),
	TEST(one_map_each),
	TEST(that_very_domain),
	TEST(while_active),
	TEST(that_very_frame),
	TEST(no_sinks_yet),
	TEST(while_registering),
	{ NULL, NULL },
};
