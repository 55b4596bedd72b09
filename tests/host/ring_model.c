// SPDX-License-Identifier: GPL-2.0
/*
 * ring_model.c - random operations on a ring against the simplest model of
 * one: a queue of byte vectors.
 *
 * A producer and a consumer that act only while awake, and that only the
 * ring's notifications wake, move in random turns.  The consumer keeps some
 * packets and releases them later in any order, as a NIC does; publishing is
 * late and batched at both ends.  A lost notification leaves both ends
 * asleep with work undone, which fails the run.
 *
 * usage: ring_model [seed [operations]]
 */
#include "host.h"

#define MAX_QUEUED	(DRB_MAX_RING_PAGES * DRB_PAGE_SIZE / DRB_ALIGN)
#define MAX_BYTES	DRB_MAX_PACKET
#define ROUNDS		12

/* The model: what has been sent and not yet received. */
struct vector {
	uint32_t len;
	uint8_t *bytes;
};

static struct vector queue[MAX_QUEUED];
static uint64_t queue_in, queue_out;

/* The consumer's private records, oldest first, and whether each is done. */
static struct held {
	struct drb_record rec;
	bool done;
} held[MAX_QUEUED];
static uint64_t held_in, held_out;

static struct pair q;
static struct drb_ring view;		/* consumer reads here, ahead of q.c */
static uint64_t seed;
static const char *broken;		/* the first violation, if any */
static uint64_t operations, wakes, sleeps;
static bool producer_awake, consumer_awake;
static uint32_t pending;		/* length that found no space */
static uint32_t kept_limit;		/* bytes the consumer may keep */

static void violated(const char *why)
{
	if (!broken)
		broken = why;
}

static uint32_t random_len(void)
{
	switch (rnd_in(&seed, 0, 9)) {
	case 0:
		return rnd_in(&seed, MAX_BYTES - 200, MAX_BYTES);
	case 1:
		return rnd_in(&seed, DRB_MIN_PACKET, MAX_BYTES);
	case 2: case 3: case 4:
		return rnd_in(&seed, 1000, 1600);
	default:
		return rnd_in(&seed, DRB_MIN_PACKET, 200);
	}
}

/* ---- producer ------------------------------------------------------------ */

static void show_records(void)
{
	if (drb_ring_publish(&q.p) && !consumer_awake) {
		consumer_awake = true;
		wakes++;
	}
}

static void model_push(const struct vector *v)
{
	queue[queue_in++ % MAX_QUEUED] = *v;
}

static struct vector random_vector(uint32_t len)
{
	struct vector v = { len, malloc(len) };
	uint64_t word = 0;
	uint32_t i;

	if (!v.bytes)
		abort();
	for (i = 0; i < len; i++, word >>= 8) {
		if (i % 8 == 0)
			word = rnd(&seed);
		v.bytes[i] = word;
	}
	return v;
}

static void producer_full(uint32_t len, uint32_t span)
{
	int ret;

	pending = len;
	show_records();
	ret = drb_ring_wait_space(&q.p, span);
	if (ret < 0)
		violated("producer sees a violation");
	if (ret == 0) {
		producer_awake = false;
		sleeps++;
	}
}

static void producer_turn(void)
{
	uint32_t len = pending ? pending : random_len();
	uint32_t off = DRB_MIN_DATA_OFF + rnd_in(&seed, 0, 7) * 8;
	uint32_t span = drb_span(off, len);
	struct vector v;

	if (drb_ring_reserve(&q.p, span) == -ENOSPC) {
		producer_full(len, span);
		return;
	}
	v = random_vector(len);
	if (send_record(&q.p, off, v.bytes, len))
		violated("reserved space is gone");
	model_push(&v);
	pending = 0;
	if (rnd_in(&seed, 0, 3) == 0)
		show_records();
}

/* ---- consumer ------------------------------------------------------------ */

static void give_back(void)
{
	if (drb_ring_publish_cons(&q.c) && !producer_awake) {
		producer_awake = true;
		wakes++;
	}
}

/* Move q.c over what is done, up to the oldest record still in use. */
static void release_done(void)
{
	while (held_out != held_in && held[held_out % MAX_QUEUED].done)
		drb_ring_release(&q.c, &held[held_out++ % MAX_QUEUED].rec);
}

/* One held record, any of them, is finished with. */
static void finish_one(void)
{
	uint64_t n = held_in - held_out;

	if (!n)
		return;
	held[(held_out + rnd(&seed) % n) % MAX_QUEUED].done = true;
	release_done();
	if (rnd_in(&seed, 0, 2) == 0)
		give_back();
}

static void compare_packet(const struct drb_record *rec, const uint8_t *got)
{
	struct vector *v = &queue[queue_out++ % MAX_QUEUED];

	if (queue_out > queue_in) {
		violated("a packet that was never sent");
		return;
	}
	if (rec->len != v->len || memcmp(got, v->bytes, v->len))
		violated("a packet differs from the one sent");
	free(v->bytes);
	v->bytes = NULL;
}

static void consumer_empty(void)
{
	int ret;

	release_done();
	give_back();
	/* Reading runs ahead of releasing, so arming starts where it is. */
	view.published = q.c.published;
	ret = drb_ring_arm(&view);
	if (ret < 0)
		violated("consumer sees a violation");
	if (ret == 0) {
		consumer_awake = false;
		sleeps++;
	}
}

static void consumer_turn(void)
{
	static uint8_t got[DRB_MAX_PACKET];
	struct drb_record rec;
	int ret;

	view.published = q.c.published;
	ret = take_record(&view, &rec, got);
	if (ret < 0)
		violated("consumer sees a violation");
	if (ret <= 0) {
		consumer_empty();
		return;
	}
	compare_packet(&rec, got);
	held[held_in % MAX_QUEUED].rec = rec;
	held[held_in++ % MAX_QUEUED].done =
		view.cons - q.c.cons > kept_limit || rnd_in(&seed, 0, 1);
	while (view.cons - q.c.cons > kept_limit)
		finish_one();
	release_done();
	if (rnd_in(&seed, 0, 3) == 0)
		give_back();
}

/* ---- rounds -------------------------------------------------------------- */

/* Let everything in flight arrive; only notifications wake an end. */
static void drain(void)
{
	uint64_t turns = 4 * MAX_QUEUED;

	if (producer_awake)
		show_records();
	while ((consumer_awake || held_in != held_out) && --turns) {
		if (consumer_awake)
			consumer_turn();
		finish_one();
		if (held_in == held_out)
			give_back();
	}
	if (queue_in != queue_out)
		violated("the consumer sleeps and packets wait");
	if (!producer_awake)
		violated("the producer sleeps and the ring is empty");
}

static void one_turn(void)
{
	bool producer = producer_awake && rnd_in(&seed, 0, 1);

	operations++;
	if (producer)
		producer_turn();
	else if (consumer_awake)
		consumer_turn();
	else if (held_in != held_out)
		finish_one();
	else if (producer_awake)
		producer_turn();
	else
		violated("both ends sleep: a notification was lost");
	/* A NIC finishes with its buffers whoever sleeps. */
	if (rnd_in(&seed, 0, 1))
		finish_one();
}

static void one_round(uint32_t pages, enum layout layout, uint32_t start,
		      uint64_t n)
{
	pair_alloc(&q, pages, layout);
	pair_start(&q, start);
	view = q.c;
	kept_limit = rnd_in(&seed, 0, q.p.size / 3);
	producer_awake = true;
	consumer_awake = true;
	pending = 0;
	while (n-- && !broken)
		one_turn();
	if (!broken)
		drain();
	if (!broken && q.c.cons != q.p.prod)
		violated("the ends disagree about the position");
	while (queue_out != queue_in)
		free(queue[queue_out++ % MAX_QUEUED].bytes);
	held_out = held_in;
	pair_free(&q);
}

int main(int argc, char **argv)
{
	static const uint32_t start[] = { 0, 0xffffff00, 0xfff00000, 0x7fffff00 };
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	uint64_t total = argc > 2 ? strtoull(argv[2], NULL, 0) : 240000;
	unsigned int round;

	seed = first;
	for (round = 0; round < ROUNDS && !broken; round++)
		one_round(DRB_MIN_RING_PAGES << round % 3,
			  round / 2 % 2 ? JOINED : APART,
			  start[round % 4], total / ROUNDS);
	printf("# seed %llu: %llu operations, %llu packets, %llu sleeps, %llu wakeups\n",
	       (unsigned long long)first, (unsigned long long)operations,
	       (unsigned long long)queue_out, (unsigned long long)sleeps,
	       (unsigned long long)wakes);
	result("ring_model.queue-of-vectors", broken);
	result("ring_model.ends-slept-and-were-woken",
	       sleeps && wakes ? NULL : "no end ever had to be woken");
	return exit_status();
}
