/* SPDX-License-Identifier: GPL-2.0 */
/*
 * policy.h - which driver domains may serve a guest, and how much it may
 * register: as somebody wants it, by name, and kept in a file.
 */
#ifndef DRBCTL_POLICY_H
#define DRBCTL_POLICY_H

#include <stdbool.h>
#include <drb/iotask.h>

#include "cmd.h"

#define POLICY_FILE "/etc/xen/drb-policy.conf"
#define POLICY_NAME 128		/* bytes of a domain's name, with its end */

struct policy {
	bool has_drivers;
	bool any;
	unsigned int num_drivers;
	char drivers[XEN_IOTASK_MAX_DRIVERS][POLICY_NAME];	/* words */
	struct opt_number max_tasks, max_refs;
};

/*
 * "any", "none", or names and numbers with commas, each as it stands or, from a
 * file, as a word already.  NULL, or what is wrong.
 */
const char *policy_parse_drivers(struct policy *policy, const char *text,
				 bool words);

/* What is set in more replaces what is in policy. */
void policy_merge(struct policy *policy, const struct policy *more);

/*
 * Xen's policy of the domain with what is wanted put into it.  Driver domains
 * that do not exist are left out: *missing names one of them, or is NULL.
 */
int policy_resolve(const struct policy *policy, unsigned int dom,
		   struct xen_iotask_policy *op, const char **missing);

/* Set it; with revoke, also end the tasks of driver domains not admitted. */
int policy_set(unsigned int dom, struct xen_iotask_policy *op, bool revoke,
	       unsigned int *revoked);

/*
 * The file.  A line is of a guest, by name (as a word) or UUID:
 *	GUEST [drivers=LIST] [max-tasks=N] [max-refs=N]
 */
/* False: something is in its place that is neither read nor replaced. */
bool policy_file_usable(const char *file);
bool policy_load(const char *file, const char *uuid, const char *word,
		 struct policy *policy);
/* Put the policy in place of what the file has of key; NULL: remove that. */
bool policy_save(const char *file, const char *key,
		 const struct policy *policy);

#endif
