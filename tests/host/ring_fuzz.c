// SPDX-License-Identifier: GPL-2.0
/*
 * ring_fuzz.c - libFuzzer target: the input is a hostile peer.
 *
 * One process holds what a backend holds: the consumer's end of a TX ring
 * and the producer's end of an RX ring.  Input bytes choose the operations
 * of these honest ends and, before every access they make to shared memory
 * and in the middle of every copy, what the peer writes: any control word,
 * a header under the consumer's eyes, any data, or good records, so that
 * traffic goes on and the ends get to places where lies matter.
 *
 * Checked besides what the sanitizers see: every access lies in the shared
 * pages, in a part of the ring that is this end's at that moment; private
 * buffers are not left; the ends' indices keep their relations; a violation
 * changes nothing and its ring is not used again; no call goes on for ever.
 */
#include "hostile_port.h"
#include "host.h"

#undef memcpy

#define PAGES		DRB_MIN_RING_PAGES
#define SIZE		(PAGES * DRB_PAGE_SIZE)
#define MAX_TOUCHES	64	/* of one call: 17 pages twice, and words */
#define MAX_CALLS	4096

static struct pair tx_of[2], rx_of[2];	/* by layout */
static struct pair tx, rx;		/* one of them; tx.c, rx.p: the honest ends */
static const uint8_t *input;
static size_t input_left;
static bool tx_dead, rx_dead;
static unsigned int touches;		/* since the current call began */
static unsigned int copies;
static uint8_t *private;		/* of DRB_MAX_PACKET bytes */

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "DRB INVARIANT: %s\n", what);
	abort();
}

static uint32_t take(unsigned int bytes)
{
	uint32_t v = 0;

	while (bytes-- && input_left) {
		v = v << 8 | *input++;
		input_left--;
	}
	return v;
}

/* ---- the hostile peer ---------------------------------------------------- */

/* A header, likely to be a good one, at pos; the span it claims. */
static uint32_t forge_header(struct pair *q, uint32_t pos)
{
	static const uint32_t len[] = {
		14, 60, 1514, 65536, DRB_MAX_PACKET, DRB_MAX_PACKET + 1,
		13, 0, SIZE, UINT32_MAX,
	};
	uint32_t choice = take(1), off = take(1);
	struct drb_record *rec = drb_ring_at(&q->c, pos & -DRB_ALIGN);

	rec->len = choice < 128 ? DRB_MIN_PACKET + take(2) :
		   len[choice % (sizeof(len) / sizeof(len[0]))];
	rec->data_off = off < 240 ? DRB_MIN_DATA_OFF + off % 225 : take(2);
	return drb_span(rec->data_off, rec->len);
}

static void scribble_word(struct drb_ring_ctrl *ctrl)
{
	uint32_t *word[] = { &ctrl->prod, &ctrl->space_event, &ctrl->cons,
			     &ctrl->data_event };
	uint8_t which = take(1);
	uint32_t v = take(4);

	if (which & 4)
		*word[which % 4] = v;
	else
		*word[which % 4] += (int8_t)v;
}

static void scribble_data(struct pair *q)
{
	uint32_t pos = take(3), len = take(1);
	uint8_t with = take(1);

	while (len--)
		*(uint8_t *)drb_ring_at(&q->c, pos++) = with;
}

static void scribble(void)
{
	switch (take(1) % 16) {
	case 0:		/* a record that is all right, or nearly */
		tx.ctrl->prod += forge_header(&tx, tx.ctrl->prod);
		break;
	case 1:		/* change the header that is being looked at */
		forge_header(&tx, tx.c.cons);
		break;
	case 2:
		tx.ctrl->prod += DRB_ALIGN * (int8_t)take(1);
		break;
	case 3:
		tx.ctrl->prod = tx.c.published + DRB_ALIGN * take(2);
		break;
	case 4:		/* all consumed, as an honest consumer would say */
		rx.ctrl->cons = rx.p.published;
		break;
	case 5:
		rx.ctrl->cons += DRB_ALIGN * (int8_t)take(1);
		break;
	case 6:
		scribble_word(tx.ctrl);
		break;
	case 7:
		scribble_word(rx.ctrl);
		break;
	case 8:
		scribble_data(&tx);
		break;
	case 9:
		scribble_data(&rx);
		break;
	}
}

/* ---- checks -------------------------------------------------------------- */

/*
 * Offset of p in the ring's pages, or -1; [p, p + len) must be in one piece of
 * memory.
 */
static int64_t ring_offset(const struct pair *q, const void *p, size_t len)
{
	uint32_t i;

	for (i = 0; i < q->pages; i++) {
		uintptr_t in = (uintptr_t)p - (uintptr_t)q->page[i];

		if (in < DRB_PAGE_SIZE) {
			uint32_t piece = q->layout == JOINED ?
					 q->pages - i : 1;

			demand(in + len <= piece * DRB_PAGE_SIZE,
			       "page end passed");
			return (int64_t)i * DRB_PAGE_SIZE + in;
		}
	}
	return -1;
}

/* Is [p, p + len) within avail bytes of ring from position base? */
static bool within(const struct pair *q, const void *p, size_t len,
		   uint32_t base, uint32_t avail)
{
	int64_t at = ring_offset(q, p, len);

	return at >= 0 && (((uint32_t)at - base) & (SIZE - 1)) + len <= avail;
}

static bool in_private(const void *p, size_t len)
{
	uintptr_t at = (uintptr_t)p - (uintptr_t)private;

	return at <= DRB_MAX_PACKET && len <= DRB_MAX_PACKET - at;
}

static bool in_ctrl(const struct pair *q, const volatile void *p, size_t len)
{
	uintptr_t at = (uintptr_t)p - (uintptr_t)q->ctrl;

	return at < sizeof(*q->ctrl) && len <= sizeof(*q->ctrl) - at;
}

/* Words the ring reads or writes: control lines, or the next record's header. */
void hostile_touch(const volatile void *p, size_t len)
{
	demand(++touches <= MAX_TOUCHES, "a call that does not end");
	scribble();
	if (!len)
		return;
	if (in_ctrl(&tx, p, len))
		demand(!tx_dead, "TX used after a violation");
	else if (in_ctrl(&rx, p, len))
		demand(!rx_dead, "RX used after a violation");
	else
		demand(!tx_dead && within(&tx, (const void *)p, len, tx.c.cons,
					  tx.c.prod - tx.c.cons),
		       "a word read outside the published records");
}

static void check_copy(const void *to, const void *from, size_t len)
{
	if (ring_offset(&tx, from, len) >= 0) {
		demand(!tx_dead && in_private(to, len),
		       "private buffer left while receiving");
		demand(within(&tx, from, len, tx.c.cons, tx.c.prod - tx.c.cons),
		       "bytes read outside the published records");
	} else if (ring_offset(&rx, to, len) >= 0) {
		demand(!rx_dead && within(&rx, to, len, rx.p.prod,
					  drb_ring_free(&rx.p)),
		       "bytes written outside the free space");
	} else {
		demand(ring_offset(&tx, to, len) < 0 &&
		       ring_offset(&rx, from, len) < 0,
		       "a copy in the wrong direction");
		return;		/* between two private places */
	}
	copies++;
}

void hostile_copy(void *to, const void *from, size_t len)
{
	size_t half = len / 2;

	demand(++touches <= MAX_TOUCHES, "a call that does not end");
	check_copy(to, from, len);
	memcpy(to, from, half);
	scribble();
	memcpy((char *)to + half, (const char *)from + half, len - half);
}

static void check_relations(void)
{
	const struct drb_ring *c = &tx.c, *p = &rx.p;

	demand(c->prod - c->cons <= SIZE && c->prod - c->published <= SIZE &&
	       c->cons - c->published <= c->prod - c->published,
	       "the consumer's indices have lost their order");
	demand(p->prod - p->cons <= SIZE &&
	       p->published - p->cons <= p->prod - p->cons,
	       "the producer's indices have lost their order");
	demand(!((c->prod | c->cons | c->published | p->prod | p->cons |
		  p->published) % DRB_ALIGN), "an index is not aligned");
}

/* ---- the honest ends ----------------------------------------------------- */

static void begin_call(void)
{
	touches = 0;
	copies = 0;
}

/*
 * After a violation the end's own index is where it was; what it has learnt
 * of the peer's may be newer.  Nothing else of it is looked at any more.
 */
static bool violation(int ret, uint32_t own_before, uint32_t own_after)
{
	if (ret != -EPROTO)
		return false;
	demand(own_before == own_after, "a violation moved the end's own index");
	demand(!copies, "a violation was copied");
	return true;
}

static void consume_one(void)
{
	uint32_t cons = tx.c.cons;
	struct drb_record rec;
	int ret;

	begin_call();
	ret = drb_ring_peek(&tx.c, &rec);
	tx_dead = violation(ret, cons, tx.c.cons);
	if (ret != 1)
		return;
	demand(rec.len >= DRB_MIN_PACKET && rec.len <= DRB_MAX_PACKET &&
	       rec.data_off >= sizeof(rec) && rec.data_off <= DRB_MAX_DATA_OFF,
	       "an impossible header was let through");
	demand(drb_span(rec.data_off, rec.len) <= tx.c.prod - tx.c.cons,
	       "a record claims more than was published");
	begin_call();
	drb_ring_get(&tx.c, tx.c.cons + rec.data_off, private, rec.len);
	begin_call();
	drb_ring_release(&tx.c, &rec);
}

static void arm(void)
{
	uint32_t cons = tx.c.cons;
	int ret;

	begin_call();
	ret = drb_ring_arm(&tx.c);
	tx_dead = violation(ret, cons, tx.c.cons);
}

static void produce_one(void)
{
	uint32_t prod = rx.p.prod;
	uint32_t len = DRB_MIN_PACKET + take(2);
	struct drb_record rec = { .len = len, .data_off = DRB_MIN_DATA_OFF };
	uint32_t span = drb_span(rec.data_off, len);
	int ret;

	begin_call();
	ret = drb_ring_reserve(&rx.p, span);
	rx_dead = violation(ret, prod, rx.p.prod);
	if (ret)
		return;
	begin_call();
	drb_ring_put(&rx.p, rx.p.prod, &rec, sizeof(rec));
	drb_ring_put(&rx.p, rx.p.prod + rec.data_off, private, len);
	drb_ring_commit(&rx.p, span);
}

static void wait_space(void)
{
	uint32_t span = DRB_ALIGN * (1 + take(2) % (SIZE / DRB_ALIGN));
	uint32_t prod = rx.p.prod;
	int ret;

	begin_call();
	drb_ring_publish(&rx.p);
	begin_call();
	ret = drb_ring_wait_space(&rx.p, span);
	rx_dead = violation(ret, prod, rx.p.prod);
}

static void one_call(uint8_t which)
{
	begin_call();
	scribble();
	switch (which % 8) {
	case 0: case 1:
		if (!tx_dead)
			consume_one();
		break;
	case 2:
		if (!tx_dead)
			drb_ring_publish_cons(&tx.c);
		break;
	case 3:
		if (!tx_dead)
			arm();
		break;
	case 4: case 5:
		if (!rx_dead)
			produce_one();
		break;
	case 6:
		if (!rx_dead)
			drb_ring_publish(&rx.p);
		break;
	case 7:
		if (!rx_dead)
			wait_space();
		break;
	}
	check_relations();
}

static void restart(struct pair *q, const struct pair *of, uint32_t start)
{
	uint32_t i;

	*q = *of;
	for (i = 0; i < q->pages; i++)
		memset(q->page[i], 0, DRB_PAGE_SIZE);
	pair_start(q, start);
}

static void prepare(void)
{
	enum layout l;

	for (l = APART; l <= JOINED; l++) {
		pair_alloc(&tx_of[l], PAGES, l);
		pair_alloc(&rx_of[l], PAGES, l);
	}
	private = memory_alloc(DRB_MAX_PACKET);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum layout layout;
	unsigned int calls;

	if (!private)
		prepare();
	input = data;
	input_left = size;
	tx_dead = false;
	rx_dead = false;
	layout = take(1) % 2 ? JOINED : APART;
	restart(&tx, &tx_of[layout], -DRB_ALIGN * take(1));
	restart(&rx, &rx_of[layout], -DRB_ALIGN * take(1));
	for (calls = 0; calls < MAX_CALLS && input_left; calls++)
		one_call(take(1));
	return 0;
}
