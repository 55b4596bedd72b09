/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port.h - what Xen's grant table code sees of Xen when it is compiled for user
 * space: the language, locks, guest memory.  Pages are in port_mm.h.
 *
 * Every primitive checks how it is used.  Where no lock is held, interleave()
 * lets other CPUs run.
 */
#ifndef DRB_TEST_PORT_H
#define DRB_TEST_PORT_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ERESTART
#define ERESTART		85
#endif

#define NDEBUG			1
#define CONFIG_GRANT_TABLE	1
#define CONFIG_HAS_PASSTHROUGH	1
#define CONFIG_HVM		1
#define CONFIG_IOTASK		1
#define CONFIG_PV		1
#define CONFIG_X86		1
#define BITS_PER_LONG		64
#define __XEN_INTERFACE_VERSION__ 0x00040d00

#define __init
#define __initconst
#define __must_check		__attribute__((warn_unused_result))
#define __rcu
#define __read_mostly
#define __ro_after_init
#define always_inline		inline __attribute__((always_inline))
#define cf_check
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ volatile ("" : : : "memory")
#define fallthrough		__attribute__((fallthrough))
#define typeof			__typeof__

/* Ends the test: the libFuzzer build and the sanitizers report an abort. */
#define demand(holds, what) \
	(likely(holds) ? (void)0 : broken(what, __FILE__, __LINE__))
_Noreturn void broken(const char *what, const char *file, int line);

#define ASSERT(x)		demand(x, "ASSERT " #x)
#define ASSERT_UNREACHABLE()	demand(false, "ASSERT_UNREACHABLE")
#define BUG_ON(x)		demand(!(x), "BUG_ON " #x)
#define BUG()			demand(false, "BUG")
#define BUILD_BUG_ON(x)		do { _Static_assert(!(x), #x); } while (0)

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP(a, b)	(((a) + (b) - 1) / (b))
#define IS_ALIGNED(v, a)	(((v) & ((a) - 1)) == 0)
#define MASK_INSR(v, m)		(((v) * ((m) & -(m))) & (m))
#define MASK_EXTR(v, m)		(((v) & (m)) / ((m) & -(m)))
#define IS_ENABLED(option)	0
#define ROUNDUP(x, a)		(((x) + (a) - 1) & ~((a) - 1))
#define __maybe_unused		__attribute__((unused))
#define container_of(p, type, field) \
	((type *)((char *)(p) - offsetof(type, field)))
#define min(a, b) ({ \
	typeof(a) a_ = (a); \
	typeof(b) b_ = (b); \
	a_ < b_ ? a_ : b_; \
})
#define max(a, b) ({ \
	typeof(a) a_ = (a); \
	typeof(b) b_ = (b); \
	a_ > b_ ? a_ : b_; \
})
#define SWAP(a, b) do { \
	typeof(a) t_ = (a); \
	(a) = (b); \
	(b) = t_; \
} while (0)

#define ERR_PTR(e)		((void *)(intptr_t)(e))
#define PTR_ERR(p)		((int)(intptr_t)(p))
#define IS_ERR(p)		((uintptr_t)(p) >= (uintptr_t)-4095)
#define IS_ERR_OR_NULL(p)	(!(p) || IS_ERR(p))

/* Nothing here is really concurrent, so plain accesses will do. */
#define ACCESS_ONCE(x)		(*(volatile typeof(x) *)&(x))
#define read_atomic(p)		(*(volatile typeof(*(p)) *)(p))
#define write_atomic(p, v)	(*(volatile typeof(*(p)) *)(p) = (v))
#define smp_mb()		barrier()
#define smp_rmb()		barrier()
#define smp_wmb()		barrier()
#define cmpxchg(p, o, n) ({ \
	typeof(*(p)) was_ = *(p); \
	if (was_ == (typeof(was_))(o)) \
		*(p) = (n); \
	was_; \
})
#define guest_cmpxchg(d, p, o, n)	cmpxchg(p, o, n)
#define set_bit(bit, p)		((void)(*(p) |= 1UL << (bit)))
#define clear_bit(bit, p)	((void)(*(p) &= ~(1UL << (bit))))
#define test_bit(bit, p)	((bool)(*(p) >> (bit) & 1))
#define test_and_set_bit(bit, p) ({ \
	bool was_ = test_bit(bit, p); \
	set_bit(bit, p); \
	was_; \
})
#define test_and_clear_bit(bit, p) ({ \
	bool was_ = test_bit(bit, p); \
	clear_bit(bit, p); \
	was_; \
})

#define block_speculation()	((void)0)
#define evaluate_nospec(x)	(x)
#define array_index_nospec(i, n) ({ \
	typeof(i) i_ = (i); \
	demand(i_ < (n), "index out of range"); \
	i_; \
})

/* ---- said and counted ------------------------------------------------------ */

#define XENLOG_WARNING
#define gdprintk(level, ...)	((void)0)
#define gprintk(level, ...)	((void)0)
#define dprintk(level, ...)	((void)0)
#define printk(...)		((void)0)
#define perfc_incr(name)	((void)0)
#define perfc_add(name, n)	((void)0)
#define TRACE_1D(...)		((void)0)
#define TRACE_TIME(...)		((void)0)
#define register_keyhandler(...) ((void)0)
#define __initcall(fn)		void *const initcall_##fn = (void *)fn
#define presmp_initcall(fn)	__initcall(fn)
#define EXPORT_SYMBOL(name)	extern int symbol_##name
#define PRI_mfn			"lx"
#define PRI_xen_pfn		"lx"

/* ---- the command line ------------------------------------------------------ */

#define custom_param(name, fn)	int (*const PARAM)(const char *s) = fn
#define custom_runtime_param(name, fn, init) \
	int (*const param_##fn)(const char *s) = fn
#define boolean_param(name, v)
#define integer_param(name, v)
extern int (*const iotask_param)(const char *s);
extern int (*const gnttab_param)(const char *s);
int parse_bool(const char *s, const char *e);
int parse_boolean(const char *name, const char *s, const char *e);

static inline unsigned long simple_strtoul(const char *s, const char **e,
					   int base)
{
	return strtoul(s, (char **)e, base);
}

static inline long simple_strtol(const char *s, const char **e, int base)
{
	return strtol(s, (char **)e, base);
}

/* ---- locks ----------------------------------------------------------------- */

/* As large as Xen's, which has it that active entries stay small. */
typedef struct {
	uint16_t ready, held;
} spinlock_t;

typedef struct {
	unsigned int readers;
	bool ready, writer;
} percpu_rwlock_t;

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
#define nrspin_lock(lock)	spin_lock(lock)
#define nrspin_unlock(lock)	spin_unlock(lock)
#define spin_is_locked(lock)	((lock)->held)

#define DEFINE_PERCPU_RWLOCK_GLOBAL(name)	int name __attribute__((unused))
#define percpu_rwlock_resource_init(lock, global) ((lock)->ready = true)
#define percpu_read_lock(global, lock)		rw_read_lock(lock)
#define percpu_read_unlock(global, lock)	rw_read_unlock(lock)
#define percpu_write_lock(global, lock)		rw_write_lock(lock)
#define percpu_write_unlock(global, lock)	rw_write_unlock(lock)
#define percpu_rw_is_write_locked(lock)		((lock)->writer)
void rw_read_lock(percpu_rwlock_t *lock);
void rw_read_unlock(percpu_rwlock_t *lock);
void rw_write_lock(percpu_rwlock_t *lock);
void rw_write_unlock(percpu_rwlock_t *lock);

typedef struct {
	int counter;
} atomic_t;

static inline int atomic_read(const atomic_t *v)
{
	return v->counter;
}

static inline void atomic_inc(atomic_t *v)
{
	v->counter++;
}

static inline void atomic_dec(atomic_t *v)
{
	demand(v->counter > 0, "a counter below zero");
	v->counter--;
}

static inline bool atomic_dec_and_test(atomic_t *v)
{
	atomic_dec(v);
	return !v->counter;
}

static inline int atomic_add_return(int i, atomic_t *v)
{
	return v->counter += i;
}

#define rcu_dereference(p)		(p)
#define rcu_assign_pointer(p, v)	((p) = (v))
struct rcu_head {
	int unused;
};
#define call_rcu(head, fn)		fn(head)

/* ---- memory ---------------------------------------------------------------- */

void *model_alloc(size_t size);
void model_free(void *p);

#define xmalloc(type)		((type *)model_alloc(sizeof(type)))
#define xzalloc(type)		((type *)model_alloc(sizeof(type)))
#define xzalloc_array(type, n)	((type *)model_alloc((n) * sizeof(type)))
#define xzalloc_flex_struct(type, field, nr) \
	((type *)model_alloc(sizeof(type) + \
			     (nr) * sizeof(((type *)0)->field[0])))
#define xvzalloc(type)		xzalloc(type)
#define xvzalloc_array(type, n)	xzalloc_array(type, n)
#define xvfree(p)		model_free(p)
#define XVFREE(p)		XFREE(p)
#define vzalloc(size)		model_alloc(size)
#define vfree(p)		model_free(p)
#define xfree(p)		model_free(p)
#define XFREE(p)		do { model_free(p); (p) = NULL; } while (0)

/* ---- guests' memory -------------------------------------------------------- */

typedef uint16_t domid_t;
typedef unsigned long xen_pfn_t;
typedef int16_t s16;
typedef uint64_t uint64_aligned_t __attribute__((aligned(8)));
typedef bool bool_t;
typedef uint64_t paddr_t;

#define DOMID_FIRST_RESERVED	0x7ff0U
#define DOMID_SELF		0x7ff0U
#define DOMID_IO		0x7ff1U
#define DOMID_XEN		0x7ff2U
#define DOMID_INVALID		0x7ff4U
#define XENMAPIDX_grant_table_status	0x80000000U
#define XENMEM_resource_grant_table_id_shared	0
#define XENMEM_resource_grant_table_id_status	1
#define XEN_DOMCTL_GRANT_version_mask	0xf

#define XEN_GUEST_HANDLE(type)		guest_handle_##type
#define XEN_GUEST_HANDLE_PARAM(type)	guest_handle_##type
#define DEFINE_XEN_GUEST_HANDLE(type) \
	typedef struct { type *p; } guest_handle_##type
DEFINE_XEN_GUEST_HANDLE(void);
DEFINE_XEN_GUEST_HANDLE(xen_pfn_t);
DEFINE_XEN_GUEST_HANDLE(uint64_t);

#define guest_handle_okay(h, n)		((void)(h), (void)(n), true)
#define guest_handle_cast(h, type) \
	((XEN_GUEST_HANDLE_PARAM(type)){ (type *)(h).p })
#define guest_handle_add_offset(h, n) \
	((h).p = (void *)((uintptr_t)(h).p + (n) * HANDLE_SIZE(h)))
/* A void pointer moves by bytes. */
#define HANDLE_SIZE(h) \
	_Generic((h).p, void *: 1, default: sizeof(*(h).p))

#define copy_from_guest_offset(to, h, at, n) \
	guest_access((h).p, (at) * sizeof(*(to)), to, (n) * sizeof(*(to)), \
		     false)
#define copy_to_guest_offset(h, at, from, n) \
	guest_access((h).p, (at) * sizeof(*(from)), (void *)(from), \
		     (n) * sizeof(*(from)), true)
#define copy_from_guest(to, h, n)	copy_from_guest_offset(to, h, 0, n)
#define copy_to_guest(h, from, n)	copy_to_guest_offset(h, 0, from, n)
#define copy_field_to_guest(h, from, field) \
	guest_access((h).p, offsetof(typeof(*(h).p), field), \
		     (void *)&(from)->field, sizeof((from)->field), true)
#define __copy_from_guest		copy_from_guest
#define __copy_to_guest			copy_to_guest
#define __copy_from_guest_offset	copy_from_guest_offset
#define __copy_to_guest_offset		copy_to_guest_offset
#define __copy_field_to_guest		copy_field_to_guest

/* What could not be copied, in bytes. */
size_t guest_access(void *guest, size_t at, void *xen, size_t size, bool write);

bool hypercall_preempt_check(void);
#define hypercall_create_continuation(op, format, cmd, uop, count) \
	hypercall_continue(cmd, (uop).p, count)
long hypercall_continue(unsigned int cmd, void *arg, unsigned int count);

/* ---- permissions ----------------------------------------------------------- */

struct domain;
enum xsm_default { XSM_HOOK, XSM_TARGET, XSM_PRIV };
int xsm_check(enum xsm_default, const struct domain *, const struct domain *);
#define xsm_grant_mapref(a, d1, d2, flags)	xsm_check(a, d1, d2)
#define xsm_grant_unmapref			xsm_check
#define xsm_grant_setup				xsm_check
#define xsm_grant_query_size			xsm_check
#define xsm_grant_transfer			xsm_check
#define xsm_grant_copy				xsm_check
#define xsm_iotask_register			xsm_check
#define xsm_iotask_revoke			xsm_check
#define xsm_iotask_query			xsm_check
#define xsm_iotask_policy			xsm_check

#define get_random()	model_random()
unsigned int model_random(void);
void interleave(void);

#include "port_mm.h"

#endif /* DRB_TEST_PORT_H */
