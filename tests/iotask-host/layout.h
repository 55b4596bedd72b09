/* SPDX-License-Identifier: GPL-2.0 */
/*
 * layout.h - where the fields of the public structures are, for any compiler.
 * To be included behind the public header.
 */
#ifndef DRB_TEST_LAYOUT_H
#define DRB_TEST_LAYOUT_H

#define AT(s, field, at) \
	_Static_assert(offsetof(struct xen_iotask_##s, field) == (at), #field)

AT(register, driver, 0);
AT(register, flags, 2);
AT(register, nr_refs, 4);
AT(register, id, 8);
AT(register, pad, 12);
AT(op, dom, 0);
AT(op, pad, 2);
AT(op, id, 4);
AT(query, dom, 0);
AT(query, pad, 2);
AT(query, index, 4);
AT(query, id, 8);
AT(query, driver, 12);
AT(query, flags, 14);
AT(query, state, 16);
AT(query, nr_refs, 20);
AT(query, mapped, 24);
AT(query, diverted, 28);
AT(query, maps, 32);
AT(query, denied, 40);
AT(policy, dom, 0);
AT(policy, flags, 2);
AT(policy, max_tasks, 4);
AT(policy, max_refs, 8);
AT(policy, nr_drivers, 12);
AT(policy, drivers, 16);
AT(policy, tasks, 32);
AT(policy, refs, 36);
AT(policy, denied, 40);
AT(policy, revoked, 48);
_Static_assert(sizeof(struct xen_iotask_register) == 16, "register");
_Static_assert(sizeof(struct xen_iotask_op) == 8, "op");
_Static_assert(sizeof(struct xen_iotask_query) == 48, "query");
_Static_assert(sizeof(struct xen_iotask_policy) == 56, "policy");

#endif /* DRB_TEST_LAYOUT_H */
