// SPDX-License-Identifier: GPL-2.0
/*
 * leak - takes one thing and keeps it until killed, to show that the
 * accounting of attach.sh notices.
 *
 *	leak grant DOMID	a page granted to DOMID; prints its reference
 *	leak evtchn DOMID	an event channel for DOMID
 *	leak map DOMID REF	DOMID's page REF, mapped here
 */
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xengnttab.h>

static void leak_grant(uint32_t domid)
{
	xengntshr_handle *x = xengntshr_open(NULL, 0);
	uint32_t ref;

	if (!x || !xengntshr_share_pages(x, domid, 1, &ref, 1))
		error(1, errno, "granting a page");
	printf("%u\n", ref);
}

static void leak_evtchn(uint32_t domid)
{
	xenevtchn_handle *x = xenevtchn_open(NULL, 0);

	if (!x || xenevtchn_bind_unbound_port(x, domid) < 0)
		error(1, errno, "binding an event channel");
	printf("bound\n");
}

static void leak_map(uint32_t domid, uint32_t ref)
{
	xengnttab_handle *x = xengnttab_open(NULL, 0);

	if (!x || !xengnttab_map_grant_ref(x, domid, ref, PROT_READ))
		error(1, errno, "mapping %u of domain %u", ref, domid);
	printf("mapped\n");
}

int main(int argc, char **argv)
{
	uint32_t domid = argc > 2 ? atoi(argv[2]) : 0;

	if (argc == 3 && !strcmp(argv[1], "grant"))
		leak_grant(domid);
	else if (argc == 3 && !strcmp(argv[1], "evtchn"))
		leak_evtchn(domid);
	else if (argc == 4 && !strcmp(argv[1], "map"))
		leak_map(domid, atoi(argv[3]));
	else
		error(2, 0, "see the head of leak.c");
	fflush(stdout);
	pause();
	return 0;
}
