/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.h - Xen's I/O task table.  Functions return 0 or a negative error
 * number as drb/iotask.h explains it.
 */
#ifndef DRB_TOOLS_TABLE_H
#define DRB_TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <drb/iotask.h>

/*
 * -ENOSYS: Xen without the table; -EOPNOTSUPP: it is not enabled; others:
 * Xen cannot be asked at all.
 */
int table_state(void);

#define TABLE_UNRESTRICTED "load xen-privcmd with unrestricted=1, or use dom0"

/* An error in words, and what to do about it. */
const char *table_trouble(int err);

/* Ends the tool unless there is a table that can be asked. */
void table_need(void);

/* The next task of a domain at or after op->index. */
int table_query(unsigned int dom, struct xen_iotask_query *op);
int table_revoke(unsigned int dom, uint32_t id);
int table_policy(unsigned int dom, struct xen_iotask_policy *op);

/* Does the guest have tasks with this driver domain, and are all revoked? */
bool table_all_revoked(unsigned int dom, unsigned int driver);

/* How many entries the domain's grant table has, and may have. */
int grant_size(unsigned int dom, unsigned int *entries, unsigned int *most);

/* Xen's command line; false unless this domain may read it. */
bool xen_command_line(char *to, size_t size);

#endif
