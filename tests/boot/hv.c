// SPDX-License-Identifier: GPL-2.0
/*
 * hv - what the hypervisor counts, and what xl does not do.
 *
 *	hv free			pages that Xen has free, exactly
 *	hv domains		"DOMID dying|alive PAGES", a domain a line
 *	hv create DOMID		an empty PV domain of that very number
 *	hv destroy DOMID
 *	hv soft-reset DOMID	of one that has shut down
 */
#include <errno.h>
#include <error.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>

static void print_free(xc_interface *xch)
{
	xc_physinfo_t info = { 0 };

	if (xc_physinfo(xch, &info))
		error(1, errno, "asking for free memory");
	printf("free_pages %" PRIu64 "\n", info.free_pages);
}

static void print_domains(xc_interface *xch)
{
	static xc_domaininfo_t info[256];
	int i, n = xc_domain_getinfolist(xch, 0, 256, info);

	if (n < 0)
		error(1, errno, "listing domains");
	for (i = 0; i < n; i++)
		printf("%u %s %" PRIu64 "\n", info[i].domain,
		       info[i].flags & XEN_DOMINF_dying ? "dying" : "alive",
		       (uint64_t)info[i].tot_pages);
}

static int create(xc_interface *xch, uint32_t domid)
{
	struct xen_domctl_createdomain config = {
		.max_vcpus = 1,
		.max_evtchn_port = 1023,
		.max_grant_frames = 32,
		.max_maptrack_frames = 64,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};

	return xc_domain_create(xch, &domid, &config);
}

static int soft_reset(xc_interface *xch, uint32_t domid)
{
	/* Xen wants it paused by who asks, besides having shut down. */
	if (xc_domain_pause(xch, domid))
		return -1;
	return xc_domain_soft_reset(xch, domid);
}

static int act(xc_interface *xch, const char *what, uint32_t domid)
{
	if (!strcmp(what, "create"))
		return create(xch, domid);
	if (!strcmp(what, "destroy"))
		return xc_domain_destroy(xch, domid);
	if (!strcmp(what, "soft-reset"))
		return soft_reset(xch, domid);
	error(2, 0, "see the head of hv.c");
	return -1;
}

int main(int argc, char **argv)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);

	if (!xch)
		error(1, errno, "opening the hypervisor's interface");
	if (argc == 2 && !strcmp(argv[1], "free"))
		print_free(xch);
	else if (argc == 2 && !strcmp(argv[1], "domains"))
		print_domains(xch);
	else if (argc != 3)
		error(2, 0, "see the head of hv.c");
	else if (act(xch, argv[1], atoi(argv[2])))
		error(1, errno, "%s %s", argv[1], argv[2]);
	return 0;
}
