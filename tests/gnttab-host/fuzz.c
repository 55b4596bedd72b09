// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz.c - libFuzzer target: the input is what all domains and the toolstack
 * do, and on which CPU.  The first bytes say which domains there are, how often
 * something fails and how often other CPUs interfere.
 */
#include "model.h"

#define MAX_STEPS	400

static const uint8_t *input;
static size_t input_left;
/* Without an input the steps are taken from chance. */
static unsigned int steps_left;

unsigned int take(void)
{
	if (!input)
		return random_byte();
	if (!input_left)
		return 0;
	input_left--;
	return *input++;
}

bool more(void)
{
	return input ? input_left : steps_left;
}

/* Everything is granted in some way, so that things begin. */
static void grant_some(const struct domain *d)
{
	grant_ref_t ref;

	for (ref = 8; ref < REFS; ref++) {
		unsigned int b = take();
		unsigned int mfn, i = world.narrow ? 2 + b / 4 % 3 : b % 6;
		unsigned long frame = d->hvm ? i : 0;
		domid_t to = world.narrow ? 3u - d->domain_id :
			     b / 6 % DOMAINS;

		for (mfn = 1; !d->hvm && mfn < HEAP_FRAMES; mfn++)
			if (frame_table[mfn].owner == d && !i--)
				frame = mfn;
		gt_write(d, ref, gt_version(d) == 2 && b > 240 ?
			 GTF_transitive : GTF_permit_access, to & 3, frame);
	}
}

static void begin(void)
{
	unsigned int i, types = take(), iommu = take();
	static const uint8_t often[] = { 0, 0, 2, 16 };
	unsigned int knobs = take(), knobs2 = take(), swarm = take();

	world_begin();
	world.quiet = true;
	world.narrow = swarm & 1;
	world.no_tasks = getenv("GNTTAB_NO_TASKS");
	world.ops = ~0ul;
	for (i = 0; swarm & 2 && i < 8; i++)
		world.ops &= ~(1ul << take() % 64);
	for (i = 0; i < DOMAINS; i++) {
		struct domain *d = domain_create(i, types >> i & 1,
						 iommu >> i & 1);
		struct gnttab_set_version v = { 2 };

		if (types >> (i + 4) & iommu >> (i + 4) & 1)
			hypercall(d, GNTTABOP_set_version, &v, 1);
		grant_some(d);
	}
	world.quiet = false;
	world.alloc_fails = often[knobs & 3];
	world.copy_fails = often[knobs >> 2 & 3] / 2;
	world.iommu_fails = often[knobs >> 4 & 3] * 2;
	world.preempts = often[knobs >> 6 & 3] * 6;
	world.interferes = knobs2 < 128 ? 0 : knobs2 < 192 ? 4 : 16;
}

static void run(void)
{
	unsigned int i;

	tracing = getenv("GNTTAB_TRACE");
	begin();
	check_world();
	for (i = 0; i < MAX_STEPS && more(); i++) {
		step();
		reap();
		check_world();
		steps_left -= !input;
	}
	world_end();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	input_left = size;
	random_begin(size);
	run();
	return 0;
}

uint64_t run_number(uint64_t number);

/* Returns how many operations there were. */
uint64_t run_number(uint64_t number)
{
	input = NULL;
	random_begin(number);
	steps_left = 64 + number % 256;
	run();
	return world.steps;
}
