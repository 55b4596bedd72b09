/* SPDX-License-Identifier: GPL-2.0 */
/*
 * port_mm.h - what the grant table code sees of Xen's memory management and of
 * domains.  Behind it are mem.c (frames), pv.c (page tables, TLBs), p2m.c (also
 * the IOMMU) and world.c (domains).
 *
 * Pages are small here, so that tables have few entries.  Nothing in Xen's code
 * goes by their size.
 */
#ifndef DRB_TEST_PORT_MM_H
#define DRB_TEST_PORT_MM_H

#define PAGE_SHIFT		8
#define PAGE_SIZE		(1L << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define PAGE_ORDER_4K		0
#define PAGE_OFFSET(p)		((unsigned long)(p) & ~PAGE_MASK)

#define TYPE_SAFE(name) \
	typedef struct { unsigned long name; } name##_t; \
	static inline name##_t _##name(unsigned long n) \
	{ \
		return (name##_t){ n }; \
	} \
	static inline unsigned long name##_x(name##_t n) \
	{ \
		return n.name; \
	} \
	static inline bool name##_eq(name##_t a, name##_t b) \
	{ \
		return a.name == b.name; \
	}
TYPE_SAFE(mfn)
TYPE_SAFE(gfn)
TYPE_SAFE(dfn)
#define INVALID_MFN		_mfn(~0UL)
#define INVALID_GFN		_gfn(~0UL)
#define gfn_add(g, n)		_gfn(gfn_x(g) + (n))
#define mfn_add(m, n)		_mfn(mfn_x(m) + (n))
#define mfn_to_maddr(m)		((paddr_t)mfn_x(m) << PAGE_SHIFT)
#define maddr_to_mfn(a)		_mfn((a) >> PAGE_SHIFT)
#define gaddr_to_gfn(a)		_gfn((a) >> PAGE_SHIFT)
#define gfn_to_gaddr(g)		((paddr_t)gfn_x(g) << PAGE_SHIFT)
#define PADDR_MASK		((1UL << 52) - 1)

/* Ordinary frames first, so that a set of them is one word, then Xen's. */
#define HEAP_FRAMES		56
#define FRAMES			240
#define GFNS			12

/* ---- frames ---------------------------------------------------------------- */

#define PG_shift(idx)		(BITS_PER_LONG - (idx))
#define PG_mask(x, idx)		(x ## UL << PG_shift(idx))
#include "page_flags.h"		/* taken from Xen */

struct page_info {
	unsigned long count_info;
	union {
		struct {
			unsigned long type_info;
		} inuse;
	} u;
	struct domain *owner;
	unsigned long gfn;		/* the M2P */
	bool free, leaked;
};

extern struct page_info frame_table[FRAMES];
extern uint8_t frame_data[FRAMES][PAGE_SIZE];

#define mfn_valid(m)		(mfn_x(m) - 1 < FRAMES - 1)
#define mfn_to_page(m)		(&frame_table[array_index_nospec(mfn_x(m), FRAMES)])
#define page_to_mfn(pg)		_mfn((pg) - frame_table)
#define virt_to_mfn(p) \
	((unsigned long)(((uint8_t *)(p) - frame_data[0]) / PAGE_SIZE))
#define __virt_to_mfn		virt_to_mfn
#define virt_to_page(p)		(&frame_table[virt_to_mfn(p)])
#define map_domain_page(m)	((void *)frame_data[array_index_nospec(mfn_x(m), FRAMES)])
#define __map_domain_page(pg)	map_domain_page(page_to_mfn(pg))
#define unmap_domain_page(p)	((void)(p))
#define page_get_owner(pg)	((pg)->owner)
#define page_set_owner(pg, d)	((void)((pg)->owner = (d)))
#define is_special_page(pg)	((pg)->count_info & (PGC_xen_heap | PGC_extra))
#define clear_page(p)		memset(p, 0, PAGE_SIZE)
#define clear_domain_page(m)	clear_page(map_domain_page(m))
#define copy_domain_page(to, from) \
	memcpy(map_domain_page(to), map_domain_page(from), PAGE_SIZE)
#define is_iomem_page(m)	(!mfn_valid(m))
#define iomem_access_permitted(d, s, e)	((void)(d), false)

#define MEMF_no_owner		1
#define MEMF_no_refcount	2
#define MEMF_bits(n)		0
enum XENSHARE_flags { SHARE_rw, SHARE_ro };

struct page_info *alloc_domheap_page(struct domain *d, unsigned int memflags);
void free_domheap_page(struct page_info *pg);
void *alloc_xenheap_page(void);
void free_xenheap_page(void *p);
#define FREE_XENHEAP_PAGE(p)	do { free_xenheap_page(p); (p) = NULL; } while (0)
void share_xen_page_with_guest(struct page_info *pg, struct domain *d,
			       enum XENSHARE_flags flags);
int assign_pages(struct page_info *pg, unsigned int nr, struct domain *d,
		 unsigned int memflags);
int steal_page(struct domain *d, struct page_info *pg, unsigned int memflags);

bool get_page(struct page_info *pg, const struct domain *d);
void put_page(struct page_info *pg);
struct domain *page_get_owner_and_reference(struct page_info *pg);
bool get_page_type(struct page_info *pg, unsigned long type);
void put_page_type(struct page_info *pg);
bool get_page_and_type(struct page_info *pg, struct domain *d,
		       unsigned long type);
void put_page_and_type(struct page_info *pg);
void put_page_alloc_ref(struct page_info *pg);
struct page_info *get_page_from_mfn(mfn_t mfn, struct domain *d);
bool page_lock(struct page_info *pg);
void page_unlock(struct page_info *pg);

/* ---- domains --------------------------------------------------------------- */

struct cpumask;
struct grant_table;
struct iotask_table;
struct model;

struct vcpu {
	struct domain *domain;
	unsigned int vcpu_id;
	spinlock_t maptrack_freelist_lock;
	unsigned int maptrack_head, maptrack_tail;
};

#define VCPUS			2

struct p2m_entry {
	unsigned long mfn;
	unsigned char type, access;
};

struct p2m_domain {
	struct domain *domain;
	unsigned int locked;
	unsigned char default_access;
	struct p2m_entry entry[GFNS];
};

struct domain {
	domid_t domain_id;
	int is_dying;
	bool is_shutting_down, hvm, iommu;
	unsigned int max_vcpus;
	struct vcpu *vcpu[VCPUS];
	struct cpumask *dirty_cpumask;
	struct grant_table *grant_table;
	struct iotask_table *iotask;
	spinlock_t page_alloc_lock;
	unsigned int tot_pages, extra_pages, xenheap_pages, max_pages;
	unsigned int refcnt;
	struct p2m_domain p2m;
	struct model *m;		/* the model's part */
	struct vcpu vcpus[VCPUS];
};

enum { DOMDYING_alive, DOMDYING_dying, DOMDYING_dead };

extern struct vcpu *current;
extern struct domain *dom_io;
#define dom_cow			((struct domain *)NULL)

struct domain *rcu_lock_domain_by_id(domid_t id);
struct domain *rcu_lock_domain_by_any_id(domid_t id);
void rcu_lock_domain(struct domain *d);
void rcu_unlock_domain(struct domain *d);

static inline struct domain *rcu_lock_current_domain(void)
{
	struct domain *d = current->domain;

	rcu_lock_domain(d);
	return d;
}

static inline struct domain *knownalive_domain_from_domid(domid_t id)
{
	struct domain *d = rcu_lock_domain_by_id(id);

	demand(d, "a domain that is to be alive is not");
	rcu_unlock_domain(d);
	return d;
}

void put_domain(struct domain *d);
#define get_knownalive_domain(d)	((void)(d)->refcnt++)
void model_domain_crash(struct domain *d);
#define domain_crash(d)			model_domain_crash(d)
#define domain_tot_pages(d)		((d)->tot_pages - (d)->extra_pages)
unsigned int domain_adjust_tot_pages(struct domain *d, long pages);
#define domain_clamp_alloc_bitsize(d, bits)	((void)(d), (bits))
#define for_each_domain(d) \
	for ((d) = next_domain(NULL); (d); (d) = next_domain(d))
struct domain *next_domain(const struct domain *d);
#define rcu_read_lock(lock)		((void)0)
#define rcu_read_unlock(lock)		((void)0)

#define is_hardware_domain(d)		(!(d)->domain_id)
#define is_control_domain(d)		(!(d)->domain_id)
#define is_pv_domain(d)			(!(d)->hvm)
#define is_hvm_domain(d)		((d)->hvm)
#define is_pv_32bit_domain(d)		((void)(d), false)
#define paging_mode_external(d)		((d)->hvm)
#define paging_mode_translate(d)	((d)->hvm)
#define paging_mode_refcounts(d)	((void)(d), false)
#define paging_mark_dirty(d, m)		((void)(d), (void)(m))
#define need_iommu_pt_sync(d)		((d)->iommu)

/* ---- page tables and TLBs -------------------------------------------------- */

typedef uint64_t intpte_t;
typedef struct {
	intpte_t l1;
} l1_pgentry_t;

#define _PAGE_PRESENT		0x001U
#define _PAGE_RW		0x002U
#define _PAGE_USER		0x004U
#define _PAGE_PWT		0x008U
#define _PAGE_PCD		0x010U
#define _PAGE_ACCESSED		0x020U
#define _PAGE_DIRTY		0x040U
#define _PAGE_PAT		0x080U
#define _PAGE_GLOBAL		0x100U
#define _PAGE_AVAIL		0xe00U
#define _PAGE_GUEST_KERNEL	0x1000U
#define _PAGE_NX		0x2000U
#define _PAGE_GNTTAB		0
#define PAGE_CACHE_ATTRS	(_PAGE_PAT | _PAGE_PCD | _PAGE_PWT)
#define cacheattr_to_pte_flags(a)	((a) << 3)

#define l1e_get_intpte(x)	((x).l1)
#define l1e_from_intpte(i)	((l1_pgentry_t){ (intpte_t)(i) })
#define l1e_get_flags(x)	((unsigned int)((x).l1 & 0xffff))
#define l1e_get_pfn(x)		((unsigned long)((x).l1 >> 16))
#define l1e_get_mfn(x)		_mfn(l1e_get_pfn(x))
#define l1e_get_page(x)		mfn_to_page(l1e_get_mfn(x))
#define l1e_empty()		((l1_pgentry_t){ 0 })
#define l1e_from_mfn(m, f)	((l1_pgentry_t){ mfn_x(m) << 16 | (f) })
#define l1e_from_page(pg, f)	l1e_from_mfn(page_to_mfn(pg), f)
#define l1e_add_flags(x, f)	((x).l1 |= (f))
#define l1e_remove_flags(x, f)	((x).l1 &= ~(intpte_t)(f))
#define l1e_read_atomic(p)	(*(p))

l1_pgentry_t *map_guest_l1e(unsigned long linear, mfn_t *gl1mfn);
void put_page_from_l1e(l1_pgentry_t l1e, struct domain *l1e_owner);
void paging_write_guest_entry(struct vcpu *v, intpte_t *p, intpte_t new,
			      mfn_t gmfn);
intpte_t paging_cmpxchg_guest_entry(struct vcpu *v, intpte_t *p, intpte_t old,
				    intpte_t new, mfn_t gmfn);
void arch_flush_tlb_mask(const struct cpumask *mask);
#define flush_tlb_mask(mask)	arch_flush_tlb_mask(mask)

/* ---- the P2M and the IOMMU ------------------------------------------------- */

typedef enum {
	p2m_ram_rw,
	p2m_invalid,
	p2m_mmio_dm,
	p2m_mmio_direct,
	p2m_map_foreign,
	p2m_grant_map_rw,
	p2m_grant_map_ro,
} p2m_type_t;
typedef unsigned char p2m_access_t;
typedef unsigned int p2m_query_t;
#define P2M_ALLOC		1
#define P2M_UNSHARE		2

#define p2m_is_any(t, ...) ({ \
	const p2m_type_t types_[] = { __VA_ARGS__ }; \
	bool is_ = false; \
	for (unsigned int i_ = 0; i_ < ARRAY_SIZE(types_); i_++) \
		is_ |= (t) == types_[i_]; \
	is_; \
})
#define p2m_is_ram(t)		((t) == p2m_ram_rw)
#define p2m_is_grant(t) \
	((t) == p2m_grant_map_rw || (t) == p2m_grant_map_ro)
#define p2m_is_foreign(t)	((t) == p2m_map_foreign)
#define p2m_is_shared(t)	((void)(t), false)
#define p2m_is_paging(t)	((void)(t), false)
#define p2m_is_valid(t) \
	(p2m_is_ram(t) || (t) == p2m_mmio_dm || (t) == p2m_mmio_direct)
#define p2m_is_special(t) \
	(p2m_is_grant(t) || p2m_is_foreign(t) || (t) == p2m_mmio_direct)
#define p2m_is_readonly(t)	((t) == p2m_grant_map_ro)
#define p2m_get_hostp2m(d)	(&(d)->p2m)

#define INVALID_M2P_ENTRY	(~0UL)
#define VALID_M2P(e)		((e) != INVALID_M2P_ENTRY)
#define SHARED_M2P(e)		((void)(e), false)
#define get_gpfn_from_mfn(m)	(frame_table[m].gfn)
#define set_gpfn_from_mfn(m, g)	((void)(frame_table[m].gfn = (g)))
#define mfn_to_gfn(d, m) \
	_gfn((d)->hvm ? get_gpfn_from_mfn(mfn_x(m)) : mfn_x(m))

mfn_t get_gfn_type_access(struct p2m_domain *p2m, unsigned long gfn,
			  p2m_type_t *t, p2m_access_t *a, p2m_query_t q,
			  unsigned int *order);
#define get_gfn_query(d, g, t)	get_gfn(d, g, t)
#define get_gfn_unshare(d, g, t) get_gfn(d, g, t)
mfn_t get_gfn(struct domain *d, unsigned long gfn, p2m_type_t *t);
void put_gfn(struct domain *d, unsigned long gfn);
void p2m_batch_begin(struct p2m_domain *p2m);
void p2m_batch_end(struct p2m_domain *p2m);
int p2m_set_entry(struct p2m_domain *p2m, gfn_t gfn, mfn_t mfn,
		  unsigned int order, p2m_type_t t, p2m_access_t a);
int p2m_add_page(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order,
		 p2m_type_t t);
int p2m_remove_page(struct domain *d, gfn_t gfn, mfn_t mfn, unsigned int order);
int guest_physmap_add_page(struct domain *d, gfn_t gfn, mfn_t mfn,
			   unsigned int order);
int guest_physmap_remove_page(struct domain *d, gfn_t gfn, mfn_t mfn,
			      unsigned int order);
#define guest_physmap_add_entry	p2m_add_page
int check_get_page_from_gfn(struct domain *d, gfn_t gfn, bool readonly,
			    p2m_type_t *t, struct page_info **pg);

#define IOMMUF_readable		1
#define IOMMUF_writable		2
int iommu_legacy_map(struct domain *d, dfn_t dfn, mfn_t mfn, unsigned long nr,
		     unsigned int flags);
int iommu_legacy_unmap(struct domain *d, dfn_t dfn, unsigned long nr);

/* ---- the grant table itself, taken from Xen -------------------------------- */

#include "base.h"
#define OLD_BASE (!NEW_BASE)
#include "public_grant_table.h"
#include "public_iotask.h"
#include "iotask.h"
#include "hvm_grant_table.h"
#include "pv_grant_table.h"
#include "asm_grant_table.h"
#include "grant_table.h"

#if OLD_BASE
static inline int gnttab_map_frame_begin(struct domain *d, unsigned long idx,
					 gfn_t gfn, mfn_t *mfn)
{
	return gnttab_map_frame(d, idx, gfn, mfn);
}

#define gnttab_map_frame_end(d, mfn)	put_page(mfn_to_page(mfn))
#endif

long do_grant_table_op(unsigned int cmd, XEN_GUEST_HANDLE_PARAM(void) uop,
		       unsigned int count);

#endif /* DRB_TEST_PORT_MM_H */
