/* SPDX-License-Identifier: GPL-2.0 */
/*
 * model.h - the world around Xen's grant table code: frames, page tables, P2Ms,
 * IOMMUs, TLBs and domains, and what is to hold of them (check.c).
 */
#ifndef DRB_TEST_MODEL_H
#define DRB_TEST_MODEL_H

#include "port.h"

#define DOMAINS		4	/* IDs; number 0 is the hardware domain */
#define REFS		16	/* that are used, of each grant table */
#define TABLES		2	/* places for an L1 table in an address space */
#define ENTRIES		(PAGE_SIZE / sizeof(l1_pgentry_t))
#define USED_ENTRIES	6	/* that are used, of each table */
#define TASKS		6	/* at a time, per domain */

/* A set of ordinary frames. */
typedef uint64_t frames_t;
static inline frames_t FRAME(unsigned long mfn)
{
	return mfn < HEAP_FRAMES ? (frames_t)1 << mfn : 0;
}

/* A mapping that a domain knows of: what it would keep in its driver. */
struct mapping {
	bool used;
	grant_handle_t handle;
	uint64_t addr;
	domid_t dom;
	grant_ref_t ref;
	uint16_t flags;
	unsigned long mfn;
};

#define MAPPINGS	12

struct model {
	unsigned int running;		/* hypercalls, which can not be paused */
	unsigned int locked;		/* RCU */
	unsigned int progress;		/* of being destroyed */
	bool released;			/* grant mappings are gone */
	bool finished;			/* all that is left are references to it */
	struct domain *next;
	unsigned long table[TABLES];	/* frames of hooked L1 tables, or 0 */
	/* Translations in some TLB: all, and those that Xen itself replaced. */
	frames_t stale, stale_w, taken, taken_w;
	frames_t iommu, iommu_w;	/* PV: by frame */
	frames_t iommu_excused;		/* failed to be unmapped on d's behalf */
	struct p2m_entry iommu_entry[GFNS];	/* HVM */
	struct mapping map[MAPPINGS];
};

struct world {
	struct domain *domain[DOMAINS];
	struct domain *removed, *creating;
	unsigned int locks, allocs, depth;
	uint64_t steps, changes;
	bool quiet;			/* nothing fails, nobody interferes */
	/*
	 * Runs differ in which operations there are, and in how many domains,
	 * references, frames and addresses are made use of: few are more likely
	 * to meet.
	 */
	uint64_t ops;
	bool narrow, no_tasks;
	unsigned int moving;		/* GNTTABOP_unmap_and_replace */
	unsigned int transferring;	/* GNTTABOP_transfer */
	/* Of 256: how often. */
	unsigned int ambush;		/* points until others interfere */
	unsigned int alloc_fails, copy_fails, iommu_fails, preempts, interferes;
	/* The continuation of the hypercall that has just ended. */
	bool continued;
	unsigned int cmd, count;
	void *arg;
	struct page_info *locked_page;
};

extern struct world world;

struct active_view {
	uint32_t pin;
	domid_t domid;
	unsigned long mfn;
	unsigned int tag;
};

struct handle_view {
	grant_ref_t ref;
	uint16_t flags;
	domid_t domid;
};

struct task_view {
	uint32_t id;
	unsigned int nr, state, mapped;
	domid_t driver;
	uint64_t serial;
	uint16_t flags;
};

struct ref_view {
	grant_ref_t ref;
	grant_handle_t handle;
	uint16_t flags;
	unsigned long mfn;
	bool mapped;
	/* Taken away, but not released: the pin is held, and more if so said. */
	bool diverted, held;
};

/* real_grant.c, real_iotask.c */
unsigned int gt_refs(const struct domain *d);
unsigned int gt_version(const struct domain *d);
unsigned int gt_handles(const struct domain *d);
struct active_view gt_active(const struct domain *d, grant_ref_t ref);
struct handle_view gt_handle(const struct domain *d, unsigned int handle);
void gt_write(const struct domain *d, grant_ref_t ref, uint16_t flags,
	      domid_t domid, unsigned long frame);
uint16_t gt_flags(const struct domain *d, grant_ref_t ref);
domid_t gt_domid(const struct domain *d, grant_ref_t ref);
unsigned long gt_frame(const struct domain *d, grant_ref_t ref);
unsigned int gt_iommu(const struct domain *d, unsigned long mfn);
struct task_view task_at(const struct domain *d, unsigned int slot);
struct ref_view task_ref(const struct domain *d, unsigned int slot,
			 unsigned int i);
unsigned int task_count(const struct domain *d);
uint64_t task_serial(const struct domain *d);
bool is_sink(const struct domain *d, const struct page_info *pg);
void radix_begin(void);

/* port.c */
extern bool tracing;
#define say(...)	((void)(tracing && fprintf(stderr, __VA_ARGS__)))
bool chance(unsigned int of_256);
unsigned int random_byte(void);
void random_begin(uint64_t seed);

/* mem.c */
void mem_begin(void);
bool named(unsigned long mfn);

/* pv.c */
int mod_l1_entry(struct domain *d, unsigned long table, unsigned int i,
		 l1_pgentry_t nl1e);
bool l1_validate(struct page_info *pg);
void l1_devalidate(struct page_info *pg);
bool l1_pin(struct domain *d, unsigned long mfn);
bool l1_unpin(struct domain *d, unsigned long mfn);
bool l1_hook(struct domain *d, unsigned int slot, unsigned long mfn);
void l1_unhook(struct domain *d, unsigned int slot);
bool is_l1_table(const struct page_info *pg);
l1_pgentry_t *l1_of(unsigned long mfn);
void flush_domain(struct domain *d);
void flush_page(unsigned long mfn);

/* p2m.c */
void p2m_begin(struct domain *d);
int guest_remove_page(struct domain *d, unsigned long gfn);
int add_to_physmap(struct domain *d, bool table, unsigned long idx,
		   unsigned long gfn);
void p2m_end(struct domain *d);

/* world.c */
void world_begin(void);
void world_end(void);
struct domain *domain_create(domid_t id, bool hvm, bool iommu);
int domain_kill(struct domain *d);
void reap(void);
long hypercall(struct domain *d, unsigned int cmd, void *buf,
	       unsigned int count);
bool alive(const struct domain *d);

/* check.c */
void check_world(void);
void check_empty(void);

/* ops.c */
void step(void);

/* fuzz.c */
unsigned int take(void);
bool more(void);

#endif /* DRB_TEST_MODEL_H */
