// SPDX-License-Identifier: GPL-2.0
/*
 * compat32.c - a 32-bit guest without operating system that goes through the
 * operations of the I/O task table.
 *
 * Its hypercalls take the hypervisor's way for 32-bit callers, and structures
 * have the layout that a 32-bit compiler gives them.  Results go to its
 * console: PASS name, or FAIL name and the result, at last DONE.  With "control"
 * on its command line there must be no such table.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#include <xen/xen.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/io/console.h>
#include <xen/memory.h>
#include <xen/sched.h>

#include "iotask.h"
#include "layout.h"

#define PAGE		4096
#define FIRST		8	/* reference */
#define TASKS		40
#define NO_SUCH_OP	(-38)	/* numbers as in Xen's public/errno.h */
#define NOENT		(-2)
#define PERM		(-1)
#define FAULT		(-14)
#define BUSY		(-16)
#define EXISTS		(-17)
#define INVALID		(-22)

_Static_assert(sizeof(void *) == 4, "this is to be a 32-bit program");

typedef uint8_t page_t[PAGE] __attribute__((aligned(PAGE)));

static page_t hypercall_page, table_page;
/* A frame can be in a task by one reference only. */
static page_t data_page[3 + TASKS];
static grant_entry_v1_t *grants;
static struct xencons_interface *console;
static uint32_t console_port;
static bool control;

/* ---- hypercalls ------------------------------------------------------------ */

static int hypercall(unsigned int nr, uint32_t a, void *b, uint32_t c)
{
	const uint8_t *entry = hypercall_page + nr * 32;
	int rc;

	asm volatile("call *%[entry]"
		     : "=a" (rc), "+b" (a), "+c" (b), "+d" (c)
		     : [entry] "r" (entry) : "memory", "esi", "edi", "cc");
	return rc;
}

static int gnttab(uint32_t cmd, void *arg)
{
	return hypercall(__HYPERVISOR_grant_table_op, cmd, arg, 1);
}

static void cpuid(uint32_t leaf, uint32_t *r)
{
	asm volatile("cpuid" : "=a" (r[0]), "=b" (r[1]), "=c" (r[2]),
		     "=d" (r[3]) : "0" (leaf), "2" (0));
}

/* "XenVMM", at the first of several bases. */
static void find_hypervisor(void)
{
	uint32_t base, r[4];

	for (base = 0x40000000; base < 0x40010000; base += 0x100) {
		cpuid(base, r);
		if (r[1] == 0x566e6558 && r[2] == 0x65584d4d)
			break;
	}
	cpuid(base + 2, r);
	asm volatile("wrmsr" : : "c" (r[1]), "a" (hypercall_page), "d" (0)
		     : "memory");
}

static uint32_t parameter(uint32_t index)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };

	hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, &p, 0);
	return p.value;
}

/* ---- the console ------------------------------------------------------------- */

static void notify(void)
{
	struct evtchn_send s = { .port = console_port };

	hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, &s, 0);
}

static void let_others(void)
{
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, NULL, 0);
}

static uint32_t unread(void)
{
	return console->out_prod - *(volatile XENCONS_RING_IDX *)&console->out_cons;
}

static void put(char c)
{
	while (unread() >= sizeof(console->out)) {
		notify();
		let_others();
	}
	console->out[MASK_XENCONS_IDX(console->out_prod, console->out)] = c;
	asm volatile("" : : : "memory");
	console->out_prod++;
}

static void say(const char *s)
{
	while (*s)
		put(*s++);
}

static void say_number(int n)
{
	char text[12];
	unsigned int at = sizeof(text), u = n < 0 ? -n : n;

	text[--at] = 0;
	do {
		text[--at] = '0' + u % 10;
		u /= 10;
	} while (u);
	if (n < 0)
		text[--at] = '-';
	say(text + at);
}

static void power_off(void)
{
	struct sched_shutdown s = { .reason = SHUTDOWN_poweroff };

	say("DONE\r\n");
	while (unread()) {
		notify();
		let_others();
	}
	hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, &s, 0);
}

/* ---- results --------------------------------------------------------------------- */

static void result(const char *name, int is, int want)
{
	say(is == want ? "PASS " : "FAIL ");
	say(name);
	if (is != want) {
		say(": ");
		say_number(is);
	}
	say("\r\n");
}

/* The result of an operation, which stock Xen does not know. */
static void expect(const char *name, int is, int want)
{
	result(name, is, control ? NO_SUCH_OP : want);
}

/* What follows from an operation that succeeded. */
static void holds(const char *name, bool what)
{
	if (!control)
		result(name, what, true);
}

/* ---- the tests ------------------------------------------------------------------- */

struct call {
	struct xen_iotask_register op;
	uint32_t refs[3];
};

static int add(uint16_t flags, uint32_t first, uint32_t nr, uint32_t pad,
	       uint32_t *id)
{
	struct call c = {
		.op = { .flags = flags, .nr_refs = nr, .pad = pad },
		.refs = { first, first + 1, first + 2 },
	};
	int rc = gnttab(GNTTABOP_iotask_register, &c);

	*id = c.op.id;
	return rc;
}

static int end(uint32_t cmd, uint32_t id, uint16_t pad)
{
	struct xen_iotask_op op = { .dom = DOMID_SELF, .pad = pad, .id = id };

	return gnttab(cmd, &op);
}

static int ask(struct xen_iotask_query *q, uint32_t index, uint16_t pad)
{
	*q = (struct xen_iotask_query){
		.dom = DOMID_SELF, .pad = pad, .index = index,
		.driver = 0xffff, .nr_refs = ~0U, .mapped = ~0U,
		.diverted = ~0U, .maps = ~0ULL, .denied = ~0ULL,
	};
	return gnttab(GNTTABOP_iotask_query, q);
}

static void check_refused(void)
{
	struct xen_iotask_query q;
	uint32_t id;

	result("unknown operation", gnttab(0xd0f, &q), NO_SUCH_OP);
	expect("register: pad", add(XEN_IOTASK_WRITE, FIRST, 3, 1, &id), INVALID);
	expect("register: flags", add(2, FIRST, 3, 0, &id), INVALID);
	expect("register: no references", add(0, FIRST, 0, 0, &id), INVALID);
	expect("register: not granted", add(0, 500, 1, 0, &id), INVALID);
	expect("register: no such page",
	       gnttab(GNTTABOP_iotask_register, (void *)0xf0000000), FAULT);
	expect("query: none", ask(&q, 0, 0), NOENT);
	expect("query: pad", ask(&q, 0, 1), INVALID);
	expect("revoke: pad", end(GNTTABOP_iotask_revoke, 0, 1), INVALID);
	expect("drop: pad", end(GNTTABOP_iotask_drop, 0, 1), INVALID);
}

static void check_fields(const struct xen_iotask_query *q, uint32_t id)
{
	holds("query: index and ID", q->index == 0 && q->id == id);
	holds("query: driver and flags", q->driver == 0 &&
	      q->flags == XEN_IOTASK_WRITE);
	holds("query: state", q->state == XEN_IOTASK_STATE_active);
	holds("query: references", q->nr_refs == 3 && q->mapped == 0 &&
	      q->diverted == 0);
	holds("query: counters", q->maps == 0 && q->denied == 0);
}

static void check_life(void)
{
	struct xen_iotask_query q;
	uint32_t id = 0, other;

	expect("register", add(XEN_IOTASK_WRITE, FIRST, 3, 0, &id), 0);
	expect("query", ask(&q, 0, 0), 0);
	check_fields(&q, id);
	expect("query: just one", ask(&q, 1, 0), NOENT);
	expect("register: a second time", add(0, FIRST + 2, 1, 0, &other), EXISTS);
	expect("drop: not revoked", end(GNTTABOP_iotask_drop, id, 0), BUSY);
	expect("revoke", end(GNTTABOP_iotask_revoke, id, 0), 0);
	expect("revoke again", end(GNTTABOP_iotask_revoke, id, 0), 0);
	expect("query: revoked", ask(&q, 0, 0), 0);
	holds("query: its state", q.state == XEN_IOTASK_STATE_revoked);
	expect("drop", end(GNTTABOP_iotask_drop, id, 0), 0);
	expect("query: gone", ask(&q, 0, 0), NOENT);
	expect("drop: gone", end(GNTTABOP_iotask_drop, id, 0), NOENT);
	expect("revoke: gone", end(GNTTABOP_iotask_revoke, id, 0), NOENT);
}

/* Long enough for the hypervisor to be interrupted now and then. */
static void check_all(void)
{
	struct xen_iotask_query q;
	unsigned int i;
	uint32_t id;
	int rc = 0;

	for (i = 0; i < TASKS && !rc; i++)
		rc = add(0, FIRST + 3 + i, 1, 0, &id);
	expect("register many", rc, 0);
	expect("query: the last", ask(&q, TASKS - 1, 0), 0);
	holds("query: the last one's place", q.index == TASKS - 1 && q.id == id);
	expect("revoke all", end(GNTTABOP_iotask_revoke, XEN_IOTASK_ALL, 0), 0);
	expect("drop all", end(GNTTABOP_iotask_drop, XEN_IOTASK_ALL, 0), 0);
	expect("query: all gone", ask(&q, 0, 0), NOENT);
}

static void check_policy(void)
{
	struct xen_iotask_policy p = { .dom = DOMID_SELF };

	expect("policy", gnttab(GNTTABOP_iotask_policy, &p), 0);
	holds("policy: limits", p.max_tasks == 64 && p.max_refs == 64 * 258);
	holds("policy: drivers", p.nr_drivers == XEN_IOTASK_ANY_DRIVER);
	holds("policy: use", p.tasks == 0 && p.refs == 0);
	holds("policy: counters", p.denied == 0 && p.revoked == TASKS + 1);
	p.flags = XEN_IOTASK_POLICY_SET;
	expect("policy: not ours to set", gnttab(GNTTABOP_iotask_policy, &p),
	       PERM);
}

/* ---- start ----------------------------------------------------------------------- */

/* The grant table takes the place of a page of ours. */
static void set_up_grants(void)
{
	struct xen_add_to_physmap map = {
		.domid = DOMID_SELF, .space = XENMAPSPACE_grant_table,
		.gpfn = (uint32_t)table_page / PAGE,
	};
	unsigned int i;

	result("the grant table", hypercall(__HYPERVISOR_memory_op,
					    XENMEM_add_to_physmap, &map, 0), 0);
	grants = (grant_entry_v1_t *)table_page;
	for (i = 0; i < 3 + TASKS; i++) {
		grant_entry_v1_t *e = &grants[FIRST + i];

		e->domid = 0;
		e->frame = (uint32_t)data_page[i] / PAGE;
		asm volatile("" : : : "memory");
		e->flags = GTF_permit_access;
	}
}

static bool contains(const char *text, const char *word)
{
	const char *t, *w;

	for (; *text; text++) {
		for (t = text, w = word; *w && *t == *w; t++)
			w++;
		if (!*w)
			return true;
	}
	return false;
}

void compat32(const struct hvm_start_info *info);

void compat32(const struct hvm_start_info *info)
{
	find_hypervisor();
	console = (void *)(parameter(HVM_PARAM_CONSOLE_PFN) * PAGE);
	console_port = parameter(HVM_PARAM_CONSOLE_EVTCHN);
	control = info->cmdline_paddr &&
		  contains((const char *)(uint32_t)info->cmdline_paddr,
			   "control");
	set_up_grants();
	check_refused();
	check_life();
	check_all();
	check_policy();
	power_off();
}
