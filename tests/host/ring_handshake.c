// SPDX-License-Identifier: GPL-2.0
/*
 * ring_handshake.c - "arm, then look again" against "publish, then look
 * whether to notify", under every interleaving of their shared accesses.
 *
 * Either end runs as a coroutine that stops before each access; a schedule
 * says who moves next, and all schedules are tried.  Stores stay in a buffer
 * of their own until the end's barrier, or until it returns, which is the
 * longest that x86 or any other machine may delay them; a second pass makes
 * each store visible at once.  To show that this would see a missing
 * barrier, a last pass has barriers that do nothing and must lose a wakeup.
 */
#include <ucontext.h>

#include "step_port.h"
#include "host.h"

#define PAGES		DRB_MIN_RING_PAGES
#define SIZE		(PAGES * DRB_PAGE_SIZE)
#define STACK		(256 * 1024)
#define MAX_STORES	4
#define MAX_STEPS	12

struct side {
	ucontext_t context;
	char *stack;
	int (*run)(void);
	int ret;
	bool done;
	unsigned int stores;
	uint32_t *addr[MAX_STORES];
	uint32_t value[MAX_STORES];
};

static struct side side[2];		/* 0: who sleeps; 1: who publishes */
static struct side *running;		/* none: accesses are immediate */
static ucontext_t scheduler;
static struct pair q;
static bool stores_delayed, barriers_work;

/* ---- accesses ------------------------------------------------------------ */

static void stop_here(void)
{
	if (running)
		swapcontext(&running->context, &scheduler);
}

static void drain_stores(struct side *s)
{
	unsigned int i;

	for (i = 0; i < s->stores; i++)
		*s->addr[i] = s->value[i];
	s->stores = 0;
}

/* No end reads what it writes itself, so its own buffer is never searched. */
uint32_t step_load(const uint32_t *p)
{
	stop_here();
	return *p;
}

void step_store(uint32_t *p, uint32_t v)
{
	stop_here();
	if (!running || !stores_delayed) {
		*p = v;
		return;
	}
	if (running->stores == MAX_STORES)
		abort();
	running->addr[running->stores] = p;
	running->value[running->stores++] = v;
}

void step_barrier(void)
{
	stop_here();
	if (running && barriers_work)
		drain_stores(running);
}

/* ---- the scheduler ------------------------------------------------------- */

static void side_main(void)
{
	struct side *self = running;

	self->ret = self->run();
	stop_here();
	drain_stores(self);
	self->done = true;
	swapcontext(&self->context, &scheduler);
}

static void side_prepare(struct side *s, int (*run)(void))
{
	s->run = run;
	s->done = false;
	s->stores = 0;
	getcontext(&s->context);
	s->context.uc_stack.ss_sp = s->stack;
	s->context.uc_stack.ss_size = STACK;
	s->context.uc_link = NULL;
	makecontext(&s->context, side_main, 0);
}

static void side_resume(struct side *s)
{
	running = s;
	swapcontext(&scheduler, &s->context);
	running = NULL;
}

/*
 * Run both ends; bit i of schedule names the one that moves at step i.  The
 * number of steps, or 0 if the schedule names an end that has finished:
 * another schedule stands for the same interleaving.
 */
static unsigned int run_schedule(uint32_t schedule)
{
	unsigned int step;

	for (step = 0; !side[0].done || !side[1].done; step++) {
		struct side *s = &side[schedule >> step & 1];

		if (step == MAX_STEPS)
			abort();
		if (s->done)
			return 0;
		side_resume(s);
	}
	return schedule >> step ? 0 : step;
}

/* ---- the two handshakes -------------------------------------------------- */

struct handshake {
	const char *name;
	void (*setup)(uint32_t start);
	int (*sleeper)(void);		/* 0: it will sleep */
	int (*publisher)(void);		/* 0: it will not notify */
};

static void setup_empty(uint32_t start)
{
	static const uint8_t packet[DRB_MIN_PACKET];

	pair_start(&q, start);
	/* A stale event index, as a consumer that polled for long leaves. */
	q.ctrl->data_event = start - 64;
	if (send_record(&q.p, 32, packet, sizeof(packet)))
		abort();
}

static int consumer_arms(void)
{
	return drb_ring_arm(&q.c);
}

static int producer_publishes(void)
{
	return drb_ring_publish(&q.p);
}

static void setup_full(uint32_t start)
{
	uint32_t n;

	pair_start(&q, start);
	q.p.prod = start + SIZE;
	q.p.published = q.p.prod;
	q.ctrl->prod = q.p.prod;
	q.ctrl->space_event = start - 64;
	if (drb_ring_arm(&q.c) != 1)
		abort();
	for (n = 0; n < SIZE / 2; n += 64)
		q.c.cons += 64;
}

static int producer_waits(void)
{
	return drb_ring_wait_space(&q.p, 64);
}

static int consumer_publishes(void)
{
	return drb_ring_publish_cons(&q.c);
}

static const struct handshake handshakes[] = {
	{ "data", setup_empty, consumer_arms, producer_publishes },
	{ "space", setup_full, producer_waits, consumer_publishes },
};

struct tally {
	unsigned int schedules;		/* distinct interleavings */
	unsigned int lost;		/* sleeps and is not notified */
	unsigned int rechecked;		/* saw it by the second look */
	unsigned int notified;
	unsigned int errors;
};

static void try_all(const struct handshake *h, uint32_t start, struct tally *t)
{
	uint32_t schedule;

	for (schedule = 0; schedule < 1u << MAX_STEPS; schedule++) {
		h->setup(start);
		side_prepare(&side[0], h->sleeper);
		side_prepare(&side[1], h->publisher);
		if (!run_schedule(schedule))
			continue;
		t->schedules++;
		t->errors += side[0].ret < 0 || side[1].ret < 0;
		t->rechecked += side[0].ret == 1;
		t->notified += side[1].ret == 1;
		t->lost += side[0].ret == 0 && side[1].ret == 0;
	}
}

static void test_handshake(const struct handshake *h, bool delayed)
{
	static const uint32_t start[] = { 0, 0x7fffffc0, 0xffffff00, 0xffffffc0 };
	struct tally t = { 0 };
	const char *why = NULL;
	char name[64];
	size_t i;

	stores_delayed = delayed;
	barriers_work = true;
	for (i = 0; i < sizeof(start) / sizeof(start[0]); i++)
		try_all(h, start[i], &t);
	if (t.lost || t.errors)
		why = because("%u of %u interleavings lose a wakeup, %u fail",
			      t.lost, t.schedules, t.errors);
	else if (!t.rechecked || !t.notified)
		why = because("%u interleavings do not cover both ways out",
			      t.schedules);
	snprintf(name, sizeof(name), "ring_handshake.%s-%s-%u-interleavings",
		 h->name, delayed ? "delayed-stores" : "prompt-stores",
		 t.schedules);
	result(name, why);
}

/* The same search must see what a missing barrier would do. */
static void test_barrier_needed(const struct handshake *h)
{
	struct tally t = { 0 };
	char name[64];

	stores_delayed = true;
	barriers_work = false;
	try_all(h, 0, &t);
	snprintf(name, sizeof(name), "ring_handshake.%s-finds-missing-barrier",
		 h->name);
	result(name, t.lost ? NULL :
	       because("none of %u interleavings lost a wakeup", t.schedules));
}

int main(void)
{
	size_t i;

	pair_alloc(&q, PAGES, APART);
	side[0].stack = malloc(STACK);
	side[1].stack = malloc(STACK);
	if (!side[0].stack || !side[1].stack)
		abort();
	for (i = 0; i < sizeof(handshakes) / sizeof(handshakes[0]); i++) {
		test_handshake(&handshakes[i], false);
		test_handshake(&handshakes[i], true);
		test_barrier_needed(&handshakes[i]);
	}
	free(side[0].stack);
	free(side[1].stack);
	pair_free(&q);
	return exit_status();
}
