// SPDX-License-Identifier: GPL-2.0
/*
 * ring_unit.c - numbered cases for each function of the ring: arithmetic at
 * the wrap of the indices, copies over page and ring ends, full and empty,
 * notification exactly on crossing, and each value a hostile peer may write.
 *
 * The handshakes under every interleaving are in ring_handshake.c.
 */
#include "host.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define PAGES		DRB_MIN_RING_PAGES
#define SIZE		(PAGES * DRB_PAGE_SIZE)

/* ---- the ABI: what both ends and any other implementation rely on -------- */

#define OFFSET(type, field, at) \
	_Static_assert(offsetof(struct type, field) == (at), \
		       #type "." #field " has moved")
#define SIZEOF(type, is) \
	_Static_assert(sizeof(struct type) == (is), #type " changed its size")

SIZEOF(drb_ring_ctrl, 256);
OFFSET(drb_ring_ctrl, prod, 0);
OFFSET(drb_ring_ctrl, space_event, 4);
OFFSET(drb_ring_ctrl, cons, 128);
OFFSET(drb_ring_ctrl, data_event, 132);
SIZEOF(drb_ctrl, 512);
OFFSET(drb_ctrl, tx, 0);
OFFSET(drb_ctrl, rx, 256);
SIZEOF(drb_info, DRB_PAGE_SIZE);
OFFSET(drb_info, magic, 0);
OFFSET(drb_info, version, 4);
OFFSET(drb_info, tx_pages, 8);
OFFSET(drb_info, rx_pages, 12);
OFFSET(drb_info, filter, 16);
OFFSET(drb_info, reserved, 20);
OFFSET(drb_info, gref, 64);
SIZEOF(drb_record, 32);
OFFSET(drb_record, len, 0);
OFFSET(drb_record, data_off, 4);
OFFSET(drb_record, flags, 6);
OFFSET(drb_record, gso_type, 7);
OFFSET(drb_record, gso_size, 8);
OFFSET(drb_record, hdr_len, 10);
OFFSET(drb_record, csum_start, 12);
OFFSET(drb_record, csum_offset, 14);
OFFSET(drb_record, hash, 16);
OFFSET(drb_record, hash_type, 20);
OFFSET(drb_record, reserved, 24);
_Static_assert(1 + 2 * DRB_MAX_RING_PAGES <= DRB_INFO_GREFS,
	       "the info page holds every reference of the largest queue");
_Static_assert(sizeof(struct drb_record) <= DRB_MIN_DATA_OFF &&
	       DRB_ALIGN % sizeof(struct drb_record) == 0,
	       "a header never wraps and never meets its packet");
_Static_assert(DRB_MIN_RING_PAGES * DRB_PAGE_SIZE / 2 >=
	       DRB_MAX_DATA_OFF + DRB_MAX_PACKET + DRB_ALIGN,
	       "half the least ring takes the largest packet");

static struct pair q;
static uint8_t sent[DRB_MAX_PACKET];
static uint8_t got[DRB_MAX_PACKET];
static unsigned int number;

/* One numbered line; expected and seen are printed when they differ. */
static void check(const char *what, long long seen, long long expected)
{
	char name[96];

	snprintf(name, sizeof(name), "ring_unit.%03u-%s", ++number, what);
	result(name, seen == expected ? NULL :
	       because("is %lld, expected %lld", seen, expected));
}

/* Fill sent[] with bytes that differ at any shift below a page. */
static void fill(uint32_t len)
{
	uint64_t seed = len;
	uint32_t i;

	for (i = 0; i < len; i++)
		sent[i] = rnd(&seed);
}

/* ---- arithmetic ---------------------------------------------------------- */

static void test_span(void)
{
	static const struct {
		const char *what;
		uint32_t data_off, len, span;
	} t[] = {
		{ "span-least", 32, 14, 64 },
		{ "span-fills-one-unit", 32, 32, 64 },
		{ "span-one-byte-more", 32, 33, 128 },
		{ "span-ethernet", 32, 1514, 1600 },
		{ "span-64k", 32, 65536, 65600 },
		{ "span-largest", 256, DRB_MAX_PACKET, 131008 },
		{ "span-data-off-only", 256, 14, 320 },
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		check(t[i].what, drb_span(t[i].data_off, t[i].len), t[i].span);
}

static void test_crossed(void)
{
	static const struct {
		const char *what;
		uint32_t event, new, old;
		bool crossed;
	} t[] = {
		{ "crossed-at-old", 0, 64, 0, true },
		{ "crossed-last-byte", 63, 64, 0, true },
		{ "not-crossed-at-new", 64, 64, 0, false },
		{ "not-crossed-behind", 0, 128, 64, false },
		{ "not-crossed-no-move", 0, 0, 0, false },
		{ "not-crossed-no-move-elsewhere", 5, 64, 64, false },
		{ "crossed-middle", 64, 192, 0, true },
		{ "not-crossed-ahead", 4096, 64, 0, false },
		{ "wrap-crossed-before", 0xffffffc0, 64, 0xffffffc0, true },
		{ "wrap-crossed-last-before", 0xffffffff, 64, 0xffffff00, true },
		{ "wrap-crossed-zero", 0, 64, 0xffffff00, true },
		{ "wrap-not-crossed-at-new", 64, 64, 0xffffff00, false },
		{ "wrap-not-crossed-behind", 0xfffffeff, 64, 0xffffff00, false },
		{ "wrap-to-zero-crossed", 0xffffffff, 0, 0xffffffc0, true },
		{ "wrap-to-zero-not-crossed", 0, 0, 0xffffffc0, false },
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		check(t[i].what,
		      drb_crossed(t[i].event, t[i].new, t[i].old),
		      t[i].crossed);
}

static void test_run(void)
{
	static const struct {
		const char *what;
		uint32_t pos, len, run;
	} t[] = {
		{ "run-within-page", 0, 100, 100 },
		{ "run-whole-page", 0, 5000, 4096 },
		{ "run-to-page-end", 4032, 100, 64 },
		{ "run-ends-with-page", 4032, 64, 64 },
		{ "run-last-byte-of-page", 4095, 2, 1 },
		{ "run-at-index-wrap", 0xffffffc0, 100, 64 },
	};
	static char memory[2 * DRB_PAGE_SIZE];
	void *apart[] = { memory + DRB_PAGE_SIZE, memory };
	void *joined[] = { memory, memory + DRB_PAGE_SIZE };
	struct drb_ring r;
	size_t i;

	drb_ring_init(&r, NULL, apart, 2);
	for (i = 0; i < COUNT(t); i++)
		check(t[i].what, drb_ring_run(&r, t[i].pos, t[i].len),
		      t[i].run);
	drb_ring_init(&r, NULL, joined, 2);
	check("run-over-page-end", drb_ring_run(&r, 4032, 100), 100);
	check("run-to-ring-end", drb_ring_run(&r, 8128, 100), 64);
	check("run-whole-ring", drb_ring_run(&r, 8192, 9000), 8192);
}

/* ---- copies -------------------------------------------------------------- */

/* One packet through the ring, from start, compared byte for byte. */
static void one_packet(const char *what, uint32_t start, uint32_t data_off,
		       uint32_t len)
{
	struct drb_record rec;
	bool same;

	pair_start(&q, start);
	fill(len);
	memset(got, 0, sizeof(got));
	if (send_record(&q.p, data_off, sent, len))
		abort();
	drb_ring_publish(&q.p);
	same = take_record(&q.c, &rec, got) == 1 && rec.len == len && rec.data_off == data_off &&
	       !memcmp(sent, got, len) &&
	       q.c.cons == (uint32_t)(start + drb_span(data_off, len)) &&
	       drb_ring_peek(&q.c, &rec) == 0;
	check(what, same, true);
}

static void test_copy(void)
{
	static const struct {
		const char *what;
		uint32_t start, data_off, len;
	} t[] = {
		{ "copy-least", 0, 32, 14 },
		{ "copy-ethernet", 0, 32, 1514 },
		{ "copy-over-page-end", 4032, 32, 1514 },
		{ "copy-header-last-in-page", 4032, 64, 60 },
		{ "copy-over-ring-end", SIZE - 64, 32, 1514 },
		{ "copy-data-starts-at-ring-end", SIZE - 64, 64, 1514 },
		{ "copy-64k", 64, 32, 65536 },
		{ "copy-largest", 64, 256, DRB_MAX_PACKET },
		{ "copy-largest-over-ring-end", SIZE - 4096, 256,
		  DRB_MAX_PACKET },
		{ "copy-over-index-wrap", 0xffffff00, 32, 1514 },
		{ "copy-largest-over-index-wrap", 0xffffff00, 256,
		  DRB_MAX_PACKET },
		{ "copy-header-before-index-wrap", 0xffffffc0, 64, 14 },
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		one_packet(t[i].what, t[i].start, t[i].data_off, t[i].len);
}

static void test_copy_joined(void)
{
	struct pair apart = q;

	pair_alloc(&q, PAGES, JOINED);
	pair_start(&q, 0);
	check("joined", q.p.run, SIZE);
	test_copy();
	pair_free(&q);
	q = apart;
}

/* ---- full and empty ------------------------------------------------------ */

/* Fill the ring from start with records of 64 bytes; how many fitted. */
static uint32_t fill_ring(uint32_t start)
{
	uint32_t n = 0;

	pair_start(&q, start);
	while (n <= SIZE && !send_record(&q.p, 32, sent, 32))
		n++;
	drb_ring_publish(&q.p);
	return n;
}

static void full_empty_at(uint32_t start)
{
	struct drb_record rec;
	uint32_t n;

	pair_start(&q, start);
	check("empty-free", drb_ring_free(&q.p), SIZE);
	check("empty-peek", drb_ring_peek(&q.c, &rec), 0);
	check("full-takes-every-byte", fill_ring(start), SIZE / 64);
	check("full-free", drb_ring_free(&q.p), 0);
	check("full-reserve", drb_ring_reserve(&q.p, 64), -ENOSPC);
	check("full-wait", drb_ring_wait_space(&q.p, 64), 0);
	check("full-peek", drb_ring_peek(&q.c, &rec), 1);
	for (n = 0; take_record(&q.c, &rec, got) == 1; n++)
		;
	check("full-drains", n, SIZE / 64);
	check("released-unpublished-reserve", drb_ring_reserve(&q.p, 64),
	      -ENOSPC);
	check("full-release-notifies", drb_ring_publish_cons(&q.c), true);
	check("drained-reserve-all", drb_ring_reserve(&q.p, SIZE), 0);
	check("reserve-more-than-ring", drb_ring_reserve(&q.p, SIZE + 64),
	      -ENOSPC);
	check("drained-wait", drb_ring_wait_space(&q.p, 64), 1);
	check("publish-nothing", drb_ring_publish(&q.p), false);
	check("publish-cons-nothing", drb_ring_publish_cons(&q.c), false);
}

/* ---- notification exactly on crossing ------------------------------------ */

/* Publish n records of 64 bytes at once; was a notification asked for? */
static bool push(uint32_t n)
{
	while (n--)
		send_record(&q.p, 32, sent, 32);
	return drb_ring_publish(&q.p);
}

/* Consume n records and publish that at once. */
static bool pull(uint32_t n)
{
	struct drb_record rec;

	while (n--)
		take_record(&q.c, &rec, got);
	return drb_ring_publish_cons(&q.c);
}

static void notify_data_at(uint32_t start)
{
	pair_start(&q, start);
	check("data-arm-empty", drb_ring_arm(&q.c), 0);
	check("data-armed-notifies", push(1), true);
	check("data-second-silent", push(1), false);
	check("data-arm-pending", drb_ring_arm(&q.c), 1);
	check("data-after-recheck-silent", push(1), false);
	pull(3);
	check("data-polling-silent", push(1), false);
	pull(1);
	check("data-rearm-empty", drb_ring_arm(&q.c), 0);
	check("data-batch-notifies-once", push(5), true);
	check("data-batch-then-silent", push(5), false);
	pull(10);
	check("data-arm-again", drb_ring_arm(&q.c), 0);
	drb_ring_disarm(&q.c);
	check("data-disarmed-silent", push(1), false);
	pull(1);
	check("data-disarmed-still-silent", push(3), false);
	pull(3);
	check("data-arm-after", drb_ring_arm_after(&q.c, 3 * 64), 0);
	check("data-arm-after-silent", push(3), false);
	check("data-arm-after-notifies", push(1), true);
	check("data-arm-after-pending", drb_ring_arm_after(&q.c, 3 * 64), 1);
	check("data-arm-after-just-full", drb_ring_arm_after(&q.c, 4 * 64), 0);
}

static void notify_space_at(uint32_t start)
{
	uint32_t half = SIZE / 64 / 2;

	fill_ring(start);
	check("space-wait-full", drb_ring_wait_space(&q.p, 64), 0);
	check("space-first-release-silent", pull(1), false);
	check("space-below-half-silent", pull(half - 2), false);
	check("space-exactly-half-notifies", pull(1), true);
	check("space-past-half-silent", pull(1), false);
	check("space-wait-satisfied", drb_ring_wait_space(&q.p, 64), 1);
	fill_ring(start);
	check("space-wait-large", drb_ring_wait_space(&q.p, SIZE - 64), 0);
	check("space-large-half-silent", pull(half), false);
	check("space-large-nearly-silent", pull(half - 2), false);
	check("space-large-notifies", pull(1), true);
	check("space-large-satisfied",
	      drb_ring_wait_space(&q.p, SIZE - 64), 1);
	fill_ring(start);
	check("space-wait-all", drb_ring_wait_space(&q.p, SIZE), 0);
	check("space-all-but-one-silent", pull(2 * half - 1), false);
	check("space-all-notifies", pull(1), true);
}

/* ---- a hostile consumer, seen by the producer ---------------------------- */

/* Four of six published records are released, then cons jumps by delta. */
static void hostile_cons(const char *what, uint32_t start, int32_t delta,
			 int expected)
{
	struct drb_ring before;

	pair_start(&q, start);
	push(6);
	pull(4);
	if (drb_ring_refresh_cons(&q.p))
		abort();
	send_record(&q.p, 32, sent, 32);
	q.ctrl->cons += delta;
	before = q.p;
	check(what, drb_ring_reserve(&q.p, SIZE), expected);
	if (expected == -EPROTO)
		check("own-state-kept", memcmp(&before, &q.p, sizeof(before)),
		      0);
	q.p = before;
	check(what, drb_ring_wait_space(&q.p, 64),
	      expected == -EPROTO ? -EPROTO : 1);
}

static void hostile_cons_at(uint32_t start)
{
	static const struct {
		const char *what;
		int32_t delta;
		int expected;
	} t[] = {
		{ "cons-unmoved", 0, -ENOSPC },
		{ "cons-to-published", 2 * 64, -ENOSPC },
		{ "cons-past-published", 3 * 64, -EPROTO },
		{ "cons-far-ahead", 0x7fffffc0, -EPROTO },
		{ "cons-whole-ring-ahead", SIZE, -EPROTO },
		{ "cons-one-back", -64, -EPROTO },
		{ "cons-whole-ring-back", -(int32_t)SIZE, -EPROTO },
		{ "cons-half-range-back", INT32_MIN, -EPROTO },
		{ "cons-unaligned-1", 1, -EPROTO },
		{ "cons-unaligned-32", 32, -EPROTO },
		{ "cons-unaligned-63", 63, -EPROTO },
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		hostile_cons(t[i].what, start, t[i].delta, t[i].expected);
}

/* ---- a hostile producer, seen by the consumer ---------------------------- */

/* Six records seen, four released of which two published; then prod jumps. */
static void hostile_prod(const char *what, uint32_t start, int32_t delta,
			 int expected)
{
	struct drb_record rec;
	struct drb_ring before;

	pair_start(&q, start);
	push(6);
	pull(2);
	take_record(&q.c, &rec, got);
	take_record(&q.c, &rec, got);
	q.ctrl->prod += delta;
	before = q.c;
	check(what, drb_ring_arm(&q.c), expected);
	if (expected == -EPROTO)
		check("own-state-kept", memcmp(&before, &q.c, sizeof(before)),
		      0);
	/* An empty ring's peek looks too, and not before it is empty. */
	q.c = before;
	check("peek-seen-records", drb_ring_peek(&q.c, &rec), 1);
	q.c.cons = q.c.prod;
	if (expected == -EPROTO)
		check(what, drb_ring_peek(&q.c, &rec), -EPROTO);
}

static void hostile_prod_at(uint32_t start)
{
	static const struct {
		const char *what;
		int32_t delta;
		int expected;
	} t[] = {
		{ "prod-unmoved", 0, 1 },
		{ "prod-ring-full", SIZE - 4 * 64, 1 },
		{ "prod-overfull", SIZE - 3 * 64, -EPROTO },
		{ "prod-far-ahead", 0x7fffffc0, -EPROTO },
		{ "prod-one-back", -64, -EPROTO },
		{ "prod-back-behind-cons", -5 * 64, -EPROTO },
		{ "prod-whole-ring-back", -(int32_t)SIZE, -EPROTO },
		{ "prod-half-range-back", INT32_MIN, -EPROTO },
		{ "prod-unaligned-1", 1, -EPROTO },
		{ "prod-unaligned-32", 32, -EPROTO },
		{ "prod-unaligned-63", 63, -EPROTO },
	};
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		hostile_prod(t[i].what, start, t[i].delta, t[i].expected);
}

/* A ring whose producer published bytes and put this header at their start. */
static int peek_header(uint32_t start, uint32_t published, uint32_t len,
		       uint32_t data_off)
{
	struct drb_record rec = { .len = len, .data_off = data_off };

	pair_start(&q, start);
	drb_ring_put(&q.p, start, &rec, sizeof(rec));
	q.ctrl->prod = start + published;
	return drb_ring_peek(&q.c, &rec);
}

static void hostile_record_at(uint32_t start)
{
	static const struct {
		const char *what;
		uint32_t published, len, data_off;
		int expected;
	} t[] = {
		{ "rec-least", 64, 14, 32, 1 },
		{ "rec-largest", 131008, DRB_MAX_PACKET, 256, 1 },
		{ "rec-too-long", SIZE, DRB_MAX_PACKET + 1, 32, -EPROTO },
		{ "rec-ring-long", SIZE, SIZE - 32, 32, -EPROTO },
		{ "rec-longest", SIZE, UINT32_MAX, 32, -EPROTO },
		{ "rec-span-overflows", 64, UINT32_MAX - 63, 32, -EPROTO },
		{ "rec-negative", SIZE, 0x80000000, 32, -EPROTO },
		{ "rec-more-than-published", 64, 33, 32, -EPROTO },
		{ "rec-more-by-data-off", 64, 14, 64, -EPROTO },
		{ "rec-largest-short", 131008 - 64, DRB_MAX_PACKET, 256,
		  -EPROTO },
		{ "rec-data-off-0", SIZE, 64, 0, -EPROTO },
		{ "rec-data-off-31", SIZE, 64, 31, -EPROTO },
		{ "rec-data-off-33", SIZE, 64, 33, 1 },
		{ "rec-data-off-256", SIZE, 64, 256, 1 },
		{ "rec-data-off-257", SIZE, 64, 257, -EPROTO },
		{ "rec-data-off-max", SIZE, 64, UINT16_MAX, -EPROTO },
	};
	uint32_t len;
	size_t i;

	for (i = 0; i < COUNT(t); i++)
		check(t[i].what, peek_header(start, t[i].published, t[i].len,
					     t[i].data_off), t[i].expected);
	for (len = 0; len < DRB_MIN_PACKET; len++)
		check("rec-too-short", peek_header(start, SIZE, len, 32),
		      -EPROTO);
}

/* The header is copied once: what the peer writes later changes nothing. */
static void header_read_once(void)
{
	struct drb_record rec, *shared;

	peek_header(0, SIZE, 14, 32);
	shared = drb_ring_at(&q.c, 0);
	check("header-peek", drb_ring_peek(&q.c, &rec), 1);
	shared->len = SIZE;
	shared->data_off = 0;
	check("header-is-private", rec.len, 14);
	drb_ring_release(&q.c, &rec);
	check("release-uses-private-copy", q.c.cons, 64);
}

/* Any event index from the peer costs at most a wrong notification. */
static void hostile_event(void)
{
	static const uint32_t event[] = { 0, 1, 64, 0x7fffffff, UINT32_MAX };
	struct drb_record rec;
	size_t i;

	for (i = 0; i < COUNT(event); i++) {
		pair_start(&q, 64);
		q.ctrl->data_event = event[i];
		q.ctrl->space_event = event[i];
		push(1);
		check("hostile-event-delivers", take_record(&q.c, &rec, got),
		      1);
		drb_ring_publish_cons(&q.c);
		check("hostile-event-frees", drb_ring_reserve(&q.p, SIZE), 0);
	}
}

int main(void)
{
	static const uint32_t start[] = {
		0, 64, SIZE - 64, 0x7fffffc0, 0xffffff00, 0xffffffc0,
	};
	size_t i;

	pair_alloc(&q, PAGES, APART);
	test_span();
	test_crossed();
	test_run();
	test_copy();
	test_copy_joined();
	for (i = 0; i < COUNT(start); i++) {
		full_empty_at(start[i]);
		notify_data_at(start[i]);
		notify_space_at(start[i]);
		hostile_cons_at(start[i]);
		hostile_prod_at(start[i]);
		hostile_record_at(start[i]);
	}
	header_read_once();
	hostile_event();
	pair_free(&q);
	return exit_status();
}
