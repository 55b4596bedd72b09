/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port.h - what Xen's common/iotask.c sees of Xen when it is compiled for user
 * space: every primitive checks how it is used, and whatever can fail does so
 * when the test wants it to.  Behind them is the model, see model.h.
 */
#ifndef DRB_TEST_PORT_H
#define DRB_TEST_PORT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_IOTASK	1
#define NO_SUCH_OP	(-ENOSYS)
#define __init
#define __ro_after_init
#define cf_check

/* Ends the test: the libFuzzer build and the sanitizers report an abort. */
#define demand(holds, what) \
	((holds) ? (void)0 : broken(what, __FILE__, __LINE__))
_Noreturn void broken(const char *what, const char *file, int line);

#define ASSERT(x)		demand(x, "ASSERT " #x)
#define ASSERT_UNREACHABLE()	demand(false, "ASSERT_UNREACHABLE")
#define BUILD_BUG_ON(x)		do { _Static_assert(!(x), #x); } while (0)
#define ACCESS_ONCE(x)		(*(volatile __typeof__(x) *)&(x))
#define smp_wmb()		__sync_synchronize()
#define min(a, b) ({ \
	__typeof__(a) a_ = (a); \
	__typeof__(b) b_ = (b); \
	(void)(&a_ == &b_); \
	a_ < b_ ? a_ : b_; \
})
#define SWAP(a, b) do { \
	__typeof__(a) t_ = (a); \
	(a) = (b); \
	(b) = t_; \
} while (0)

#define ERR_PTR(e)	((void *)(intptr_t)(e))
#define PTR_ERR(p)	((int)(intptr_t)(p))
#define IS_ERR(p)	((uintptr_t)(p) >= (uintptr_t)-4095)

static inline unsigned int array_index_nospec(unsigned int i, unsigned int n)
{
	demand(i < n, "index out of range");
	return i;
}

/* ---- the command line ---------------------------------------------------- */

extern int (*const iotask_param)(const char *s);
#define custom_param(name, fn)	int (*const iotask_param)(const char *s) = fn
int parse_bool(const char *s, const char *e);

static inline unsigned long simple_strtoul(const char *s, const char **e,
					   int base)
{
	return strtoul(s, (char **)e, base);
}

/* ---- locks, atomics, counters -------------------------------------------- */

typedef struct {
	bool ready, held;
} spinlock_t;

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
bool lock_is_held(const spinlock_t *lock);
#define spin_is_locked(lock)	lock_is_held(lock)

typedef struct {
	int counter;
} atomic_t;

static inline int atomic_add_return(int i, atomic_t *v)
{
	return v->counter += i;
}

#define perfc_incr(name)	((void)0)

#define XENLOG_G_ERR	""

static inline void printk(const char *format, ...)
{
	(void)format;
}

/* ---- memory -------------------------------------------------------------- */

void *model_alloc(size_t size);
void xfree(void *p);

#define xzalloc(type)	((type *)model_alloc(sizeof(type)))
#define xzalloc_flex_struct(type, field, nr) \
	((type *)model_alloc(sizeof(type) + \
			     (nr) * sizeof(((type *)0)->field[0])))
#define XFREE(p)	do { xfree(p); (p) = NULL; } while (0)

struct domain;
struct page_info {
	struct domain *owner;
	unsigned int refs, types;
	bool allocated, cleared;
	struct entry *entry;		/* of the task it is part of */
};

typedef struct {
	struct page_info *pg;
} mfn_t;

#define MEMF_no_refcount	1
#define PGT_writable_page	1
struct page_info *alloc_domheap_page(struct domain *d, unsigned int memflags);
bool get_page_and_type(struct page_info *pg, struct domain *d, int type);
void put_page_alloc_ref(struct page_info *pg);
void put_page_and_type(struct page_info *pg);
void clear_domain_page(mfn_t mfn);

static inline mfn_t page_to_mfn(struct page_info *pg)
{
	return (mfn_t){ pg };
}

/* ---- guests' memory ------------------------------------------------------ */

typedef uint16_t domid_t;
typedef uint32_t grant_ref_t, grant_handle_t;

#define DOMID_FIRST_RESERVED	0x7ff0U
#define DOMID_SELF		0x7ff0U
#define DOMID_INVALID		0x7ff4U

#define XEN_GUEST_HANDLE_PARAM(type)	guest_handle_##type
#define DEFINE_XEN_GUEST_HANDLE(type) \
	typedef struct { type *p; } guest_handle_##type
DEFINE_XEN_GUEST_HANDLE(void);

#define guest_handle_cast(h, type) \
	((XEN_GUEST_HANDLE_PARAM(type)){ (type *)(h).p })
#define guest_handle_add_offset(h, n) \
	((h).p = (void *)((uintptr_t)(h).p + (n)))
#define copy_from_guest(to, h, n) \
	guest_access((h).p, 0, to, (n) * sizeof(*(to)), false)
#define copy_from_guest_offset(to, h, at, n) \
	guest_access((h).p, (at) * sizeof(*(to)), to, (n) * sizeof(*(to)), \
		     false)
#define copy_to_guest(h, from, n) \
	guest_access((h).p, 0, from, (n) * sizeof(*(from)), true)
#define copy_field_to_guest(h, from, field) \
	guest_access((h).p, (uintptr_t)&(h).p->field - (uintptr_t)(h).p, \
		     &(from)->field, sizeof((from)->field), true)

/* What could not be copied, in bytes. */
size_t guest_access(void *guest, size_t at, void *xen, size_t size, bool write);

/* ---- domains ------------------------------------------------------------- */

struct iotask_table;
struct grants;

struct domain {
	domid_t domain_id;
	int is_dying;
	struct iotask_table *iotask;
	struct grants *m;		/* the model's part */
};

struct vcpu {
	struct domain *domain;
};

extern struct vcpu *current;

struct domain *rcu_lock_domain_by_id(domid_t id);
struct domain *rcu_lock_domain_by_any_id(domid_t id);
void rcu_unlock_domain(struct domain *d);
bool hypercall_preempt_check(void);

void rcu_read_lock_domains(void);
void rcu_read_unlock_domains(void);
#define rcu_read_lock(lock)	rcu_read_lock_domains()
#define rcu_read_unlock(lock)	rcu_read_unlock_domains()
struct domain *next_domain(const struct domain *d);
#define for_each_domain(d) \
	for ((d) = next_domain(NULL); (d); (d) = next_domain(d))

void domain_crash(struct domain *d);

static inline bool is_hardware_domain(const struct domain *d)
{
	return !d->domain_id;
}

static inline bool is_control_domain(const struct domain *d)
{
	return !d->domain_id;
}

enum xsm_default { XSM_HOOK, XSM_TARGET, XSM_PRIV };
int xsm_iotask_register(enum xsm_default, struct domain *, struct domain *);
int xsm_iotask_revoke(enum xsm_default, struct domain *, struct domain *);
int xsm_iotask_query(enum xsm_default, struct domain *, struct domain *);
int xsm_iotask_policy(enum xsm_default, struct domain *, struct domain *);

/* As in public/grant_table.h. */
#define GNTMAP_device_map	(1U << 0)
#define GNTMAP_host_map		(1U << 1)
#define GNTMAP_readonly		(1U << 2)

#include "public.h"
#include "table.h"

#endif /* DRB_TEST_PORT_H */
