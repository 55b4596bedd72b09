/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.h - what domains do at random: ops_memory.c with memory of their own,
 * ops_grant.c with grants, ops_task.c with tasks.
 */
#ifndef DRB_TEST_OPS_H
#define DRB_TEST_OPS_H

#include "model.h"

/* Choices. */
bool often(void);
bool rarely(void);
struct domain *take_domain(void);
domid_t take_id(void);
grant_ref_t take_ref(void);
grant_ref_t take_ref_for(const struct domain *rd, domid_t to);
unsigned long take_frame_of(const struct domain *d);
uint64_t take_address(const struct domain *d);
uint64_t take_entry_address(const struct domain *d);
struct mapping *take_mapping(struct domain *d);

/* A domain acts outside of the grant table's hypercall. */
void enter(struct domain *d);
void leave(struct domain *d);

void op_entry(void);
void op_scribble(void);
void op_pin(void);
void op_unpin(void);
void op_hook(void);
void op_decrease(void);
void op_populate(void);
void op_flush(void);
void op_physmap(void);

void op_grant(void);
void op_end(void);
void op_map(void);
void op_unmap(void);
void op_replace(void);
void op_copy(void);
void op_transfer(void);
void op_swap(void);
void op_version(void);
void op_table(void);
void op_cache(void);

void op_register(void);
void op_revoke(void);
void op_drop(void);
void op_query(void);
void op_policy(void);
void op_create(void);
void op_destroy(void);
void op_crash(void);

#endif /* DRB_TEST_OPS_H */
