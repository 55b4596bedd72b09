// SPDX-License-Identifier: GPL-2.0
/*
 * unit_interface.c - the hypercall itself, what may be asked, and the policy.
 */
#include "unit.h"
#include "layout.h"

/* ---- the interface ------------------------------------------------------ */

static void no_such_operation(void)
{
	uint64_t buf[8] = {};

	is(op(guest, 0xd05, buf, sizeof(buf)), NO_SUCH_OP);
	is(op(guest, 0xcff, buf, sizeof(buf)), NO_SUCH_OP);
}

static void count_must_be_1(void)
{
	struct vcpu v = { guest };
	struct xen_iotask_op o = { .dom = SELF, .id = ALL };
	struct guest_buffer b = { &o, sizeof(o), NULL };
	guest_handle_void arg = { &o };

	current = &v;
	guest_buffer = &b;
	is(do_iotask_op(GNTTABOP_iotask_revoke, arg, 0), -EINVAL);
	is(do_iotask_op(GNTTABOP_iotask_revoke, arg, 2), -EINVAL);
	is(do_iotask_op(GNTTABOP_iotask_revoke, arg, 1), 0);
}

static void argument_out_of_reach(void)
{
	uint64_t buf[8] = {};
	unsigned int cmd;

	for (cmd = GNTTABOP_iotask_register; cmd <= GNTTABOP_iotask_policy;
	     cmd++)
		is(op(world.domain[0], cmd, buf, 7), -EFAULT);
}

static void command_line(void)
{
	static const char *const bad[] = {
		"maybe", "max-tasks=x", "max-refs=1x", "max-tasks=1;1", "1,foo",
	};
	struct xen_iotask_policy p = { .dom = 3 };
	unsigned int i;

	for (i = 0; i < COUNT(bad); i++)
		is(iotask_param(bad[i]), -EINVAL);
	is(iotask_param("1,max-tasks=9999,max-refs=999999"), 0);
	is(domain_kill(other), true);
	other = domain_create(3, false);
	other->m->policy.max_tasks = XEN_IOTASK_MAX_TASKS;
	other->m->policy.max_refs = XEN_IOTASK_MAX_TASKS * XEN_IOTASK_MAX_REFS;
	is(do_policy(world.domain[0], &p), 0);
	is(iotask_param("1,max-tasks=2,max-refs=0x30"), 0);
	is(domain_kill(other), true);
	other = domain_create(3, false);
	other->m->policy.max_tasks = 2;
	other->m->policy.max_refs = 48;
	is(do_policy(world.domain[0], &p), 0);
}

/* Also a domain made before is one that has no table. */
static void not_enabled(void)
{
	struct xen_iotask_op o = { .dom = SELF, .id = ALL };
	struct domain d = {}, *spare;
	struct grants m = {};

	d.m = &m;
	is(iotask_param("0"), 0);
	is(iotask_init(&d), 0);
	is(!d.iotask, true);
	is(op(&d, GNTTABOP_iotask_revoke, &o, sizeof(o)), -EOPNOTSUPP);
	is(iotask_in_use(&d), false);
	is(iotask_teardown(&d), 0);
	d.is_dying = 1;
	is(iotask_driver_gone(&d), 0);
	iotask_destroy(&d);
	spare = world.domain[4];
	world.domain[4] = &d;
	o.dom = 4;
	is(op(world.domain[0], GNTTABOP_iotask_revoke, &o, sizeof(o)), -ESRCH);
	world.domain[4] = spare;
	is(iotask_param("1"), 0);
}

static bool first_fails(void)
{
	static unsigned int calls;

	return !calls++;
}

static void no_memory_for_table(void)
{
	world.alloc_fails = first_fails;
	is(!domain_create(4, false), true);
	world.alloc_fails = NULL;
}

/* ---- query and policy --------------------------------------------------- */

static int ask(struct domain *caller, domid_t dom, uint32_t index,
	       uint32_t *next)
{
	struct xen_iotask_query q = { .dom = dom, .index = index };
	int rc = do_query(caller, &q);

	*next = q.index + 1;
	return rc;
}

static void who_may_ask(void)
{
	uint32_t next;

	task(0, 0, 1);
	grant(guest, ref[1], 3, true);
	is(do_register(guest, &(struct xen_iotask_register){ .driver = 3,
		       .nr_refs = 1 }, ref + 1, 1, NULL), 0);
	task(WRITE, 2, 3);
	is(ask(guest, SELF, 0, &next), 0);
	is(next, 1);
	is(ask(world.domain[0], 1, 1, &next), 0);
	is(next, 2);
	is(ask(driver, 1, 0, &next), 0);
	is(next, 1);
	is(ask(driver, 1, 1, &next), 0);
	is(next, 3);
	is(ask(driver, 1, 3, &next), -ENOENT);
	is(ask(other, 1, 0, &next), 0);
	is(next, 2);
	is(ask(other, 1, 2, &next), -ENOENT);
	is(ask(other, 2, 0, &next), -EPERM);
	is(ask(driver, 3, 0, &next), -EPERM);
	is(withdraw(ALL), 0);
	is(ask(other, 1, 0, &next), 0);
	is(drop(ALL), 0);
	is(ask(other, 1, 0, &next), -EPERM);
	is(ask(other, 5, 0, &next), -ESRCH);
	is(ask(guest, SELF, 127, &next), -ENOENT);
	is(ask(guest, SELF, ~0U, &next), -ENOENT);
	is(do_query(guest, &(struct xen_iotask_query){ .dom = SELF,
		    .pad = 1 }), -EINVAL);
}

static void driver_gone(void)
{
	struct xen_iotask_query q = { .dom = SELF };

	task(WRITE, 0, 40);
	map_all(0, 40, RW);
	is(domain_kill(driver), true);
	is(do_query(guest, &q), 0);
	is(q.driver, DOMID_INVALID);
	is(q.mapped, 0);
	driver = domain_create(2, false);
	q.index = 0;
	is(do_query(guest, &q), 0);
	is(q.driver, DOMID_INVALID);
	is(ask(driver, 1, 0, &q.index), -EPERM);
	is(withdraw(ALL), 0);
	is(drop(ALL), 0);
}

static int set(domid_t dom, uint32_t nr, domid_t a, domid_t b)
{
	struct xen_iotask_policy p = {
		.dom = dom, .flags = XEN_IOTASK_POLICY_SET, .max_tasks = 5,
		.max_refs = 50, .nr_drivers = nr, .drivers = { a, b },
	};

	return do_policy(world.domain[0], &p);
}

static void policy_admits(void)
{
	is(set(1, 1, 3, 0), 0);
	is(add(0, 0, 1, NULL), -EACCES);
	is(set(1, 0, 0, 0), 0);
	is(add(0, 0, 1, NULL), -EACCES);
	is(set(1, 2, 3, 2), 0);
	task(0, 0, 1);
	is(set(1, 0, 0, 0), 0);
	is(map(driver, 0, RO) >= 0, true);
	is(set(1, 2, 2, 3), 0);
	is(domain_kill(driver), true);
	driver = domain_create(2, false);
	is(add(0, 1, 1, NULL), -EACCES);
	is(set(1, XEN_IOTASK_ANY_DRIVER, 0, 0), 0);
	task(0, 1, 1);
}

static int set_by(struct domain *d, uint32_t tasks, uint32_t refs, uint16_t flags)
{
	struct xen_iotask_policy p = {
		.dom = 1, .flags = flags, .max_tasks = tasks, .max_refs = refs,
		.nr_drivers = XEN_IOTASK_ANY_DRIVER,
	};

	return do_policy(d, &p);
}

/* What follows the drivers' numbers in the structure looks like one more. */
static void one_driver_too_many(void)
{
	struct xen_iotask_policy p = {
		.dom = 1, .flags = XEN_IOTASK_POLICY_SET, .nr_drivers = 9,
		.drivers = { 0, 2, 3, 4, 5, 6, 7, 8 }, .tasks = 9,
	};
	unsigned int i;

	for (i = 4; i < DOMAINS; i++)
		domain_create(i, false);
	is(do_policy(world.domain[0], &p), -EINVAL);
	p.nr_drivers = 8;
	is(do_policy(world.domain[0], &p), 0);
}

static void policy_arguments(void)
{
	struct domain *dom0 = world.domain[0];

	is(set(1, 2, 3, 3), -EINVAL);
	is(set(1, 2, 3, 5), -ESRCH);
	is(set(5, 0, 0, 0), -ESRCH);
	is(set_by(dom0, 128, 1, XEN_IOTASK_POLICY_SET), -EINVAL);
	is(set_by(dom0, 127, 65025, XEN_IOTASK_POLICY_SET), -EINVAL);
	is(set_by(dom0, 127, 65024, XEN_IOTASK_POLICY_SET), 0);
	is(set_by(dom0, 0, 0, XEN_IOTASK_POLICY_SET), 0);
	is(set_by(dom0, 0, 0, 2), -EINVAL);
	is(set_by(dom0, 0, 0, 3), -EINVAL);
	is(set_by(guest, 1, 1, XEN_IOTASK_POLICY_SET), -EPERM);
	is(set_by(driver, 1, 1, XEN_IOTASK_POLICY_SET), -EPERM);
	is(set_by(driver, 0, 0, 0), -EPERM);
	is(set_by(guest, 0, 0, 0), 0);
}

static void policy_counts(void)
{
	struct xen_iotask_policy p = { .dom = SELF };

	task(0, 0, 3);
	task(0, 3, 4);
	is(map(driver, 0, RW), -1);
	is(do_policy(guest, &p), 0);
	is(p.tasks * 1000 + p.refs * 10 + p.denied, 2071);
	is(withdraw(ALL), 0);
	is(drop(ALL), 0);
	is(do_policy(guest, &p), 0);
	is(p.tasks * 1000 + p.refs * 10 + p.denied, 1);
	is(p.revoked, 2);
}

const struct test interface_tests[] = {
	TEST(no_such_operation),
	TEST(count_must_be_1),
	TEST(argument_out_of_reach),
	TEST(command_line),
	TEST(not_enabled),
	TEST(no_memory_for_table),
	TEST(who_may_ask),
	TEST(driver_gone),
	TEST(policy_admits),
	TEST(policy_arguments),
	TEST(one_driver_too_many),
	TEST(policy_counts),
	{ NULL, NULL },
};
