// SPDX-License-Identifier: GPL-2.0
/*
 * insns.c - a QEMU plugin that counts executed instructions by address and
 * CPU, between the marks that bench/window.c makes around its window.
 *
 *	-plugin insns.so,out=FILE
 *
 * A mark is an instruction that does nothing anywhere else (bench/mark.h).
 * For each window FILE gets a line "window", then lines "CPU ADDRESS
 * INSTRUCTIONS", the address being where a translated block starts.  Only for
 * one thread of emulation, as with icount.
 */
#include <error.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mark.h"
#include "plugin_api.h"

#define MAX_CPUS	4
#define NR_BUCKETS	65536u

/* Blocks that start at vaddr; lives as long as QEMU does. */
struct block {
	struct block *next;
	uint64_t vaddr;
	uint64_t insns;			/* in a block of this length */
	uint64_t executed[MAX_CPUS];	/* instructions in this window */
};

static struct block *buckets[NR_BUCKETS];
static bool running;
static FILE *out;

static struct block *block_of(uint64_t vaddr, uint64_t insns)
{
	struct block **head = &buckets[(vaddr ^ vaddr >> 16) % NR_BUCKETS];
	struct block *b;

	for (b = *head; b; b = b->next)
		if (b->vaddr == vaddr && b->insns == insns)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		error(1, errno, "insns");
	b->vaddr = vaddr;
	b->insns = insns;
	b->next = *head;
	*head = b;
	return b;
}

static void count(unsigned int vcpu, void *data)
{
	struct block *b = data;

	if (running && vcpu < MAX_CPUS)
		b->executed[vcpu] += b->insns;
}

static void write_block(struct block *b)
{
	unsigned int cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		if (b->executed[cpu])
			fprintf(out, "%u %" PRIx64 " %" PRIu64 "\n", cpu,
				b->vaddr, b->executed[cpu]);
	memset(b->executed, 0, sizeof(b->executed));
}

static void window_begins(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	running = true;
}

static void window_ends(unsigned int vcpu, void *data)
{
	struct block *b;
	unsigned int i;

	(void)vcpu;
	(void)data;
	if (!running)
		return;
	running = false;
	fprintf(out, "window\n");
	for (i = 0; i < NR_BUCKETS; i++)
		for (b = buckets[i]; b; b = b->next)
			write_block(b);
	fflush(out);
}

static bool is_mark(const struct qemu_plugin_insn *insn, uint32_t which)
{
	const uint8_t *bytes = qemu_plugin_insn_data(insn);
	const uint32_t opcode = DRB_MARK_OPCODE;

	return qemu_plugin_insn_size(insn) == DRB_MARK_BYTES + sizeof(which) &&
	       !memcmp(bytes, &opcode, DRB_MARK_BYTES) &&
	       !memcmp(bytes + DRB_MARK_BYTES, &which, sizeof(which));
}

static void watch_mark(struct qemu_plugin_insn *insn)
{
	executed_fn fn = NULL;

	if (is_mark(insn, DRB_MARK_BEGIN))
		fn = window_begins;
	else if (is_mark(insn, DRB_MARK_END))
		fn = window_ends;
	if (fn)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, fn, 0, NULL);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	struct block *b = block_of(qemu_plugin_tb_vaddr(tb), n);

	(void)id;
	for (i = 0; i < n; i++)
		watch_mark(qemu_plugin_tb_get_insn(tb, i));
	qemu_plugin_register_vcpu_tb_exec_cb(tb, count, 0, b);
}

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_VERSION;

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id,
				      const struct qemu_info_t *info, int argc,
				      char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "insns: out=FILE is missing\n");
		return -1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
