/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unit.h - what the unit tests share: domain 1 grants all it has to domain 2.
 */
#ifndef DRB_TEST_UNIT_H
#define DRB_TEST_UNIT_H

#include "model.h"

#define WRITE	XEN_IOTASK_WRITE
#define ALL	XEN_IOTASK_ALL
#define SELF	DOMID_SELF
#define RO	(GNTMAP_host_map | GNTMAP_readonly)
#define RW	GNTMAP_host_map

#define is(expr, value) do { \
	long is_ = (expr), want_ = (value); \
	if (is_ != want_) { \
		fprintf(stderr, "%s is %ld, not %ld (line %d)\n", #expr, is_, \
			want_, __LINE__); \
		abort(); \
	} \
} while (0)

struct test {
	const char *name;
	void (*fn)(void);
};

#define TEST(fn)	{ #fn, fn }

extern const struct test interface_tests[], task_tests[], end_tests[];

extern struct domain *guest, *driver, *other;	/* 1, 2 and 3 */
extern grant_ref_t ref[GRANTS];

/* Of the references from ref[first] on. */
int add(unsigned int flags, unsigned int first, unsigned int nr, uint32_t *id);
uint32_t task(unsigned int flags, unsigned int first, unsigned int nr);
int map(struct domain *ld, unsigned int i, unsigned int flags);
void map_all(unsigned int first, unsigned int nr, unsigned int flags);
bool unmap(struct domain *ld, int handle);
int withdraw(uint32_t id);
int drop(uint32_t id);

#endif /* DRB_TEST_UNIT_H */
