/* SPDX-License-Identifier: GPL-2.0 */
/*
 * model.h - the world around the I/O task table: domains, their grants and
 * mappings, and what the table ought to say of them.
 *
 * The model learns what it knows of tasks from results of operations and from
 * calls of the grant table's side, not from the table's own data.  Mapping and
 * unmapping consist of two steps, between which anything may happen, as it does
 * on another CPU; and wherever the table holds no lock, concurrently() may do
 * steps of other CPUs.
 */
#ifndef DRB_TEST_MODEL_H
#define DRB_TEST_MODEL_H

#include "port.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

#define DOMAINS		10
#define GRANTS		1100		/* the first ones are reserved */
#define RESERVED	8
#define MAPS		600
#define BATCH		32		/* references per flush */

/* One hypercall being executed. */
struct frame {
	struct frame *outer;
	struct domain *caller, *target;
	struct mtask *revoking;		/* of which mappings are being taken */
	uint64_t denied;		/* to references being registered */
	uint64_t locked;		/* the domain found last */
	bool preempted, failed, nested, teardown;
	bool asked;			/* whether the caller may look */
};

/* Did revoking fail for some reference, since it last said so? */
enum failed { NO, MAYBE, YES };

/* What is known of a task; its slot is its position. */
struct mtask {
	bool used, hidden;
	uint32_t id;
	uint64_t driver;		/* serial number */
	domid_t domid;
	uint16_t flags;
	unsigned int nr, tagged;
	uint32_t state, diverted;
	enum failed failed;
	uint64_t maps, denied;
	grant_ref_t *refs;
};

struct mmap;

/* An active grant entry, and the shared one. */
struct entry {
	domid_t granted;		/* DOMID_INVALID: none */
	bool full;			/* of a whole page, not part of one */
	unsigned int nr;		/* which frame it grants */
	bool locked;
	bool dma;			/* devices can get at a task's frame */
	bool held;			/* by a mapping taken */
	iotask_tag_t tag;
	struct page_info *pg;		/* the task's frame */
	unsigned int pin, refs;
	struct mtask *task;		/* NULL also while registering */
	struct frame *frame;		/* which registers it */
	struct mmap *map;		/* of a task's reference */
	unsigned int flags;		/* and how */
};

enum step { UNUSED, MAPPING, MAPPED, UNMAPPING, TAKEN };

/* A maptrack entry. */
struct mmap {
	enum step step;
	bool task;			/* admitted by a task */
	bool readonly, torn;		/* torn: overwritten by its domain */
	struct domain *rd;		/* not valid once taken */
	grant_ref_t ref;
	unsigned int flags;
	uint64_t loc;
	struct page_info *sink;
};

struct policy {
	uint32_t max_tasks, max_refs, nr_drivers;
	uint64_t drivers[XEN_IOTASK_MAX_DRIVERS];
	domid_t domids[XEN_IOTASK_MAX_DRIVERS];
	uint64_t denied, revoked;	/* denied: by dropped tasks */
};

struct grants {
	uint64_t serial;
	unsigned int locked, running;	/* RCU; hypercalls */
	bool removed;			/* from the list of domains */
	bool hvm, crashed;
	bool torn_down;			/* what it granted */
	bool unrecorded;		/* which frames its devices can use */
	bool gone;			/* nothing is mapped, no device left */
	bool dead;			/* but its tasks may remain */
	struct page_info page[GRANTS];
	struct entry entry[GRANTS];
	struct mmap map[MAPS];
	unsigned int slots;		/* used so far */
	struct mtask task[XEN_IOTASK_MAX_TASKS];
	struct policy policy;
	struct domain *next;		/* removed, not yet freed */
};

struct world {
	struct domain *domain[DOMAINS];	/* by number; number 0 has privilege */
	struct domain *removed;
	struct frame *frame;
	uint64_t serial;
	unsigned int locks, rcu, allocs, pages;
	unsigned int nr_grants;
	bool silo;			/* no tasks among the unprivileged */
	bool elsewhere;			/* on another CPU */
	bool quiet;			/* the model itself is asking */
	/* What the test decides; NULL: never. */
	bool (*alloc_fails)(void);
	bool (*copy_fails)(void);
	bool (*preempt)(void);
	bool (*divert_fails)(void);
	bool (*iommu_fails)(void);
	void (*concurrently)(void);
};

extern struct world world;

/* The guest's memory, accessed by the current operation. */
struct guest_buffer {
	void *base;
	size_t size;
	struct guest_buffer *outer;
};

/* port.c */
extern struct guest_buffer *guest_buffer;
struct domain *find_domain(domid_t id);
struct domain *find_serial(uint64_t serial);
struct domain *present(uint64_t serial);
bool happens(bool (*decide)(void));
void interleave(void);
void put_sink(struct page_info *pg, bool writable);

/* grants.c */
void grant(struct domain *d, grant_ref_t ref, domid_t to, bool full);
void grant_frame(struct domain *d, grant_ref_t ref, unsigned int nr);
bool grant_end(struct domain *d, grant_ref_t ref);
int map_begin(struct domain *ld, domid_t id, grant_ref_t ref,
	      unsigned int flags);
void map_end(struct domain *ld, unsigned int handle, bool fail);
bool unmap_begin(struct domain *ld, unsigned int handle);
void unmap_end(struct domain *ld, unsigned int handle);
void tear(struct domain *ld, unsigned int handle);
bool copy(domid_t id, grant_ref_t ref);
void finish_steps(struct domain *ld);
void release_mappings(struct domain *ld);
void release_devices(struct domain *ld);
void forget_plain(struct domain *rd);
bool reachable(const struct domain *rd, const struct mtask *t);
bool held(const struct domain *rd, const struct mtask *t);
bool in_transit(const struct domain *rd, const struct mtask *t);
unsigned int mapped(const struct domain *rd, const struct mtask *t);

/* world.c */
void world_begin(const char *param);
void world_end(void);
struct domain *domain_create(domid_t id, bool hvm);
bool domain_kill(struct domain *d);
void reap(void);
long op(struct domain *caller, unsigned int cmd, void *buf, size_t size);

extern struct frame last_frame;	/* of the operation that ended last */
void frame_begin(struct frame *f, struct domain *caller);
void frame_end(struct frame *f);

/* ops.c: operations, with what is expected of them */
int do_register(struct domain *d, const struct xen_iotask_register *op,
		const grant_ref_t *refs, size_t given, uint32_t *id);
int do_revoke(struct domain *caller, domid_t dom, uint16_t pad, uint32_t id);
int do_drop(struct domain *caller, domid_t dom, uint16_t pad, uint32_t id);
int do_query(struct domain *caller, struct xen_iotask_query *q);
int do_policy(struct domain *caller, struct xen_iotask_policy *p);
struct mtask *find_task(struct domain *d, uint32_t id);
unsigned int nr_tasks(const struct domain *d);
unsigned int nr_refs(const struct domain *d);
void check_world(void);
void sync_states(struct domain *d);
void now_revoked(struct domain *d, struct mtask *t);
void all_tried(struct domain *d, int rc);

#endif /* DRB_TEST_MODEL_H */
