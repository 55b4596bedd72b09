/* SPDX-License-Identifier: GPL-2.0 */
/*
 * check.h - is this domain ready for DRB?  One report per question.
 */
#ifndef DRBCTL_CHECK_H
#define DRBCTL_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "vif.h"

/*
 * CHECK_FAIL is a defect: what was asked for does not work, or will not.
 * CHECK_WARN is what somebody may have chosen, or what may become a defect.
 */
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

/* The vifs that this domain is the end of, and what has become of them. */
struct tally {
	size_t vifs, wanted, served;
};

struct tally tally(const struct host *host, enum end end);

/* True: it has vifs, and none of them asks for DRB, so that it need not have it. */
bool unasked(const struct host *host, enum end end);

void check_hypervisor(const struct host *host);
/* The Xen that runs: "4.17.5". */
const char *xen_version(char *to, size_t size);
void check_updates(const char *running);
void check_iommu(const struct host *host);
void check_modules(const struct host *host, enum end end);
void check_script(const struct host *host);
void check_privilege(const struct host *host);
void check_asked(const struct host *host);
void check_bound(const struct host *host);
void check_mappings(const struct host *host);
void check_grants(const struct host *host);

#endif
