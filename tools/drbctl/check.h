/* SPDX-License-Identifier: GPL-2.0 */
/*
 * check.h - is this domain ready for DRB?  One report per question.
 */
#ifndef DRBCTL_CHECK_H
#define DRBCTL_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "vif.h"

enum result { CHECK_OK, CHECK_WARN, CHECK_FAIL };

/* mend: what to do about it; NULL where nothing is to be done. */
void report(const char *what, enum result result, const char *mend,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* What this domain is to vifs, and those it sees. */
struct host {
	bool control;		/* dom0 */
	bool front, back;	/* an end of vifs */
	struct vif *vifs;
	size_t num;
};

void check_hypervisor(const struct host *host);
/* The Xen that runs: "4.17.5". */
const char *xen_version(char *to, size_t size);
void check_updates(const char *running);
void check_iommu(const struct host *host);
void check_modules(enum end end);
void check_script(void);
void check_privilege(const struct host *host);
void check_bound(const struct host *host);
void check_mappings(const struct host *host);
void check_grants(const struct host *host);

#endif
