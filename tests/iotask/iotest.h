/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drb-iotest - grants and the I/O task table, one text command at a time
 *
 * A script writes "command number..." to /dev/drb-iotest and reads the answer,
 * a line of key=value.  The same module plays the guest, with pages of its own
 * that it grants, and the driver domain, with slots that it maps others' into.
 * Nothing here keeps to the rules: what is to be refused must be tried.
 */
#ifndef IOTEST_H
#define IOTEST_H

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <asm/xen/hypercall.h>
#include "iotask.h"

#define IOTEST_ARGS	520
#define IOTEST_ANSWER	512
#define IOTEST_OWN	1024
#define IOTEST_SLOTS	1024
#define IOTEST_BATCH	64
#define IOTEST_WORDS	(PAGE_SIZE / sizeof(u64))

struct iotest {
	u64 arg[IOTEST_ARGS];	/* numbers behind the command; others are 0 */
	unsigned int nr;
	unsigned int len, read;
	char answer[IOTEST_ANSWER];
};

__printf(2, 3) void say(struct iotest *t, const char *fmt, ...);

/* The pages of the guest: page i is granted by reference first + i. */
struct own {
	unsigned int nr;
	grant_ref_t first;
	struct page *page[IOTEST_OWN];
};

extern struct own own;

bool own_range(u64 first, u64 count);
void own_fill(u64 word, unsigned int first, unsigned int count);
unsigned int own_differ(u64 word, unsigned int first, unsigned int count);
void own_grant(domid_t dom, bool readonly, unsigned int first, unsigned int count);
unsigned int own_end(unsigned int first, unsigned int count);

/* One place of the driver domain's where a reference is, or was, mapped. */
struct slot {
	struct page *page;
	struct page *own_page;	/* where page is that of another place */
	domid_t dom;
	grant_ref_t ref;
	u32 flags;
	grant_handle_t handle;
	u64 dev;		/* where devices find it */
	s16 status;
	bool mapped;
};

extern struct slot slots[IOTEST_SLOTS];

bool slot_range(u64 first, u64 count);
u64 *slot_words(unsigned int i);
int slots_new(unsigned int count);
void slots_map(unsigned int first, unsigned int count);
unsigned int slots_unmap(unsigned int first, unsigned int count);
int slot_unmap_at(struct slot *s, const struct slot *at);

int task_op(unsigned int cmd, domid_t dom, u32 id);
int task_register(domid_t driver, u16 flags, const u32 *refs, u32 nr, u32 *id);
int task_query(struct xen_iotask_query *q);

int own_init(void);
void own_exit(void);
int grant_version(void);
u16 grant_in_use(grant_ref_t ref);
void grant_transitive(grant_ref_t ref, domid_t dom, domid_t of, grant_ref_t to);

/* The guest's page that says, to who maps it, whether a revoke is under way. */
void phase_set(bool revoking);

typedef int command_fn(struct iotest *t);

command_fn cmd_alloc, cmd_refs, cmd_grant, cmd_fill, cmd_check, cmd_used, cmd_end, cmd_free;
command_fn cmd_register, cmd_revoke, cmd_drop, cmd_query, cmd_policy, cmd_strike, cmd_flood;
command_fn cmd_raw, cmd_swap, cmd_setversion, cmd_transitive, cmd_foreign;
command_fn cmd_map, cmd_unmap, cmd_move, cmd_zap, cmd_look, cmd_poke, cmd_forget, cmd_stale;
command_fn cmd_peek, cmd_nudge;
command_fn cmd_again, cmd_table, cmd_give, cmd_take, cmd_mapat, cmd_mapzero, cmd_unmapat;
command_fn cmd_copy, cmd_transfer, cmd_dma, cmd_hammer, cmd_storm, cmd_siege, cmd_stop;

#endif
