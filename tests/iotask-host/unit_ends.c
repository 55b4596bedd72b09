// SPDX-License-Identifier: GPL-2.0
/*
 * unit_ends.c - revoking, dropping, and domains that die: also while something
 * else is going on, and how often it has to be repeated.
 */
#include "unit.h"

/* ---- revoke and drop ---------------------------------------------------- */

static void taken_away(void)
{
	uint32_t id = task(WRITE, 0, 100);
	int h = map(driver, 1, RW), i = map(driver, 99, RO);

	map_all(40, 50, RW);
	is(withdraw(id), 0);
	is(withdraw(id), 0);
	is(guest->m->task[id & 0xff].diverted, 52);
	is(unmap(driver, h) || unmap(driver, i), false);
	is(drop(id), 0);
	is(withdraw(id), -ENOENT);
	is(drop(id), -ENOENT);
}

static void from_hvm(void)
{
	uint32_t id;

	grant(guest, ref[0], 3, true);
	is(do_register(guest, &(struct xen_iotask_register){ .driver = 3,
		       .nr_refs = 1 }, ref, 1, &id), 0);
	is(map(other, 0, RO) >= 0, true);
	is(withdraw(id), 0);
}

static void already_torn(void)
{
	uint32_t id = task(WRITE, 0, 3);

	tear(driver, map(driver, 0, RW));
	map_all(1, 1, RW);
	is(withdraw(id), 0);
	is(guest->m->task[id & 0xff].diverted, 1);
}

static void half_mapped(void)
{
	uint32_t id = task(WRITE, 0, 50);
	int a = map_begin(driver, 1, ref[3], RW);
	int b = map_begin(driver, 1, ref[45], RO);

	map_all(0, 2, RW);
	is(withdraw(id), -ERESTART);
	is(drop(id), -EBUSY);
	is(map(driver, 10, RW), -1);
	map_end(driver, a, false);
	is(withdraw(id), -ERESTART);
	map_end(driver, b, true);
	is(withdraw(id), 0);
}

static void half_unmapped(void)
{
	uint32_t id = task(WRITE, 0, 2);
	int h = map(driver, 1, RW);

	unmap_begin(driver, h);
	is(withdraw(id), -ERESTART);
	unmap_end(driver, h);
	is(withdraw(id), 0);
}

static uint32_t racing;
static int race_results[3];

/* Another CPU does the same, and the driver domain what it can. */
static void race(void)
{
	struct mtask *t = world.frame->revoking;

	if (!t)
		return;
	race_results[0] = do_revoke(world.domain[0], 1, 0, racing);
	race_results[1] = do_drop(world.domain[0], 1, 0, racing);
	race_results[2] = map(driver, 60, RW);
}

static void by_two_cpus(void)
{
	racing = task(WRITE, 0, 70);
	map_all(0, 50, RW);
	world.concurrently = race;
	is(do_revoke(guest, SELF, 0, racing), 0);
	world.concurrently = NULL;
	is(race_results[0], -ERESTART);
	is(race_results[1], -EBUSY);
	is(race_results[2], -1);
}

static void not_revoked(void)
{
	uint32_t a = task(0, 0, 1), b = task(0, 1, 1), c = task(0, 2, 1);

	is(drop(a), -EBUSY);
	is(withdraw(b), 0);
	is(drop(ALL), 0);
	is(drop(b), -ENOENT);
	is(drop(c), -EBUSY);
	is(withdraw(ALL), 0);
	is(drop(ALL), 0);
	is(withdraw(ALL), 0);
	is(drop(ALL), 0);
}

static void whose_tasks(void)
{
	uint32_t id = task(0, 0, 1);

	is(do_revoke(driver, 1, 0, id), -EPERM);
	is(do_revoke(other, 1, 0, ALL), -EPERM);
	is(do_drop(driver, 1, 0, id), -EPERM);
	is(do_revoke(guest, SELF, 1, id), -EINVAL);
	is(do_drop(guest, SELF, 0x8000, id), -EINVAL);
	is(do_revoke(guest, 5, 0, id), -ESRCH);
	is(do_revoke(driver, SELF, 0, id), -ENOENT);
	is(do_revoke(world.domain[0], 1, 0, id), 0);
	is(do_drop(world.domain[0], 1, 0, ALL), 0);
}

/* ---- the end of domains ------------------------------------------------- */

static void guest_dies(void)
{
	task(WRITE, 0, 300);
	map_all(0, 200, RW);
	is(domain_kill(guest), true);
	is(!find_domain(1), true);
	guest = domain_create(1, false);
	is(unmap(driver, 0), false);
}

static void guest_dies_half_mapped(void)
{
	int h;

	task(WRITE, 0, 2);
	h = map_begin(driver, 1, ref[0], RW);
	is(domain_kill(guest), false);
	is(domain_kill(guest), false);
	map_end(driver, h, false);
	is(domain_kill(guest), true);
	guest = domain_create(1, false);
}

static void driver_dies_first(void)
{
	task(WRITE, 0, 40);
	map_all(0, 40, RW);
	is(domain_kill(driver), true);
	is(domain_kill(guest), true);
	driver = domain_create(2, false);
	guest = domain_create(1, false);
}

/* A domain that dies gets no new pages to divert to. */
static void driver_is_dying(void)
{
	driver->is_dying = 1;
	task(0, 0, 2);
	is(iotask_make_sinks(driver), -ENOMEM);
	is(map(driver, 0, RO), -1);
}

static unsigned int until_death;

static void kill_driver(void)
{
	world.frame->nested = true;
	if (!until_death--)
		domain_kill(driver);
}

/* Wherever another CPU could get at it while it is registered for, or maps. */
static void driver_dies_meanwhile(void)
{
	struct frame f;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		until_death = i;
		world.concurrently = kill_driver;
		add(WRITE, 2 * i, 2, NULL);
		frame_begin(&f, world.domain[0]);
		iotask_make_sinks(driver);
		frame_end(&f);
		world.concurrently = NULL;
		reap();
		check_world();
		if (!find_domain(2))
			driver = domain_create(2, false);
	}
}

/* ---- failures ----------------------------------------------------------- */

static bool always(void)
{
	return true;
}

static unsigned int calls_left;

static bool once(void)
{
	return calls_left && !--calls_left;
}

/* A mapping that is not what it was stays, and all the others go. */
static void divert_fails(void)
{
	uint32_t id = task(WRITE, 0, 70);
	int h;

	map_all(0, 70, RW);
	h = map_begin(driver, 1, ref[69], RO);
	is(h, -1);
	calls_left = 5;
	world.divert_fails = once;
	is(withdraw(id), -EIO);
	is(driver->m->crashed, true);
	is(mapped(guest, &guest->m->task[id & 0xff]), 1);
	is(drop(id), -EBUSY);
	is(withdraw(id), 0);
	is(drop(id), 0);
}

static void iommu_fails(void)
{
	uint32_t id = task(WRITE, 0, 70), second = task(0, 70, 1);

	map_all(0, 70, RW);
	map_all(70, 1, RO);
	calls_left = 40;
	world.iommu_fails = once;
	is(withdraw(ALL), -EIO);
	is(driver->m->crashed, true);
	is(drop(second), 0);
	is(mapped(guest, &guest->m->task[id & 0xff]), 1);
	world.iommu_fails = always;
	is(withdraw(id), -EIO);
	is(withdraw(id), -EIO);
	is(domain_kill(driver), true);
	is(withdraw(id), 0);
	is(drop(id), 0);
}

/* Nor does an error before an interruption get lost. */
static void fails_and_restarts(void)
{
	uint32_t id = task(WRITE, 0, 70);
	int h;

	map_all(0, 60, RW);
	h = map_begin(driver, 1, ref[60], RW);
	calls_left = 1;
	world.divert_fails = once;
	is(withdraw(id), -ERESTART);
	is(driver->m->crashed, true);
	map_end(driver, h, false);
	is(withdraw(id), -EIO);
	is(withdraw(id), 0);
}

/* It was unmapped, yet not by the IOMMU. */
static void unmap_fails(void)
{
	uint32_t id = task(WRITE, 0, 2);
	int h = map(driver, 1, RO);

	world.iommu_fails = always;
	unmap(driver, h);
	is(map(driver, 1, RO), -1);
	is(withdraw(id), -EIO);
	world.iommu_fails = NULL;
	is(withdraw(id), 0);
	is(guest->m->task[id & 0xff].diverted, 0);
	is(drop(id), 0);
}

static void hardware_domain(void)
{
	struct xen_iotask_register op = { .nr_refs = 1 };
	uint32_t id;

	grant(guest, ref[0], 0, true);
	is(do_register(guest, &op, ref, 1, &id), 0);
	is(map(world.domain[0], 0, RO) >= 0, true);
	world.divert_fails = always;
	is(withdraw(id), -EIO);
	is(world.domain[0]->m->crashed, false);
	world.divert_fails = NULL;
	world.iommu_fails = always;
	is(withdraw(id), -EIO);
	is(world.domain[0]->m->crashed, false);
	world.iommu_fails = NULL;
	is(withdraw(id), 0);
}

/* What can not be revoked keeps it until the driver domain is gone. */
static void guest_stays(void)
{
	task(WRITE, 0, 40);
	task(0, 40, 2);
	map_all(0, 40, RW);
	world.iommu_fails = always;
	is(domain_kill(guest), true);
	is(find_domain(1) == guest, true);
	is(nr_tasks(guest), 1);
	/* It is not tried again whenever the destruction is continued. */
	is(iotask_teardown(guest), 0);
	is(domain_kill(driver), true);
	is(find_domain(1) || find_domain(2), false);
}

/* Its records are gone, while its devices may not be yet. */
static void revoke_all_of_guest(void)
{
	if (!driver->m->unrecorded || driver->m->gone)
		return;
	world.concurrently = NULL;
	is(do_revoke(world.domain[0], 1, 0, ALL), -EIO);
}

static void driver_half_gone(void)
{
	task(WRITE, 0, 2);
	map_all(0, 2, RW);
	world.iommu_fails = always;
	is(withdraw(ALL), -EIO);
	world.concurrently = revoke_all_of_guest;
	is(domain_kill(driver), true);
	is(!world.concurrently, true);
	is(withdraw(ALL), 0);
	is(drop(ALL), 0);
}

/* It goes entirely after the revoking CPU has found it. */
static void driver_goes_meanwhile(void)
{
	struct mtask *t = world.frame->revoking;

	if (!t || find_domain(2) != driver || driver->m->dead)
		return;
	is(domain_kill(driver), true);
}

static void gone_while_revoking(void)
{
	task(WRITE, 0, 70);
	map_all(0, 70, RW);
	world.iommu_fails = always;
	is(withdraw(ALL), -EIO);
	world.concurrently = driver_goes_meanwhile;
	withdraw(ALL);
	world.concurrently = NULL;
	is(!find_domain(2), true);
	is(withdraw(ALL), 0);
	is(drop(ALL), 0);
}

/* ---- progress ----------------------------------------------------------- */

/* How often it has to be repeated when there is always something else to do. */
static unsigned int attempts(int (*fn)(uint32_t id), uint32_t id)
{
	unsigned int n = 1;

	world.preempt = always;
	while (fn(id) == -ERESTART && n < 1000)
		n++;
	world.preempt = NULL;
	return n;
}

static void one_at_a_time(void)
{
	uint32_t id = task(WRITE, 0, 300);

	map_all(0, 300, RW);
	is(attempts(withdraw, id), 300 / BATCH + 1);
}

static void three_tasks(void)
{
	task(WRITE, 0, 70);
	task(WRITE, 70, 1);
	task(WRITE, 71, 1);
	map_all(0, 72, RW);
}

static void all_revoked(void)
{
	three_tasks();
	is(attempts(withdraw, ALL) <= 10, true);
}

static void all_dropped(void)
{
	three_tasks();
	is(withdraw(ALL), 0);
	task(0, 100, 1);
	is(attempts(drop, ALL) <= 10, true);
}

/* Those that can not be dropped are in front. */
static void some_dropped(void)
{
	uint32_t id;

	task(0, 0, 1);
	task(0, 1, 1);
	id = task(0, 2, 1);
	is(withdraw(id), 0);
	is(attempts(drop, ALL) <= 10, true);
	is(drop(id), -ENOENT);
}

static int tear_down(uint32_t id)
{
	(void)id;
	return domain_kill(guest) ? 0 : -ERESTART;
}

static void torn_down(void)
{
	three_tasks();
	is(attempts(tear_down, 0) <= 20, true);
	guest = domain_create(1, false);
}

const struct test end_tests[] = {
	TEST(taken_away),
	TEST(from_hvm),
	TEST(already_torn),
	TEST(half_mapped),
	TEST(half_unmapped),
	TEST(by_two_cpus),
	TEST(not_revoked),
	TEST(whose_tasks),
	TEST(guest_dies),
	TEST(guest_dies_half_mapped),
	TEST(driver_dies_first),
	TEST(driver_is_dying),
	TEST(driver_dies_meanwhile),
	TEST(divert_fails),
	TEST(iommu_fails),
	TEST(fails_and_restarts),
	TEST(unmap_fails),
	TEST(hardware_domain),
	TEST(guest_stays),
	TEST(driver_half_gone),
	TEST(gone_while_revoking),
	TEST(one_at_a_time),
	TEST(all_revoked),
	TEST(all_dropped),
	TEST(some_dropped),
	TEST(torn_down),
	{ NULL, NULL },
};
