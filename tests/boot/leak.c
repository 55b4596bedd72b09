// SPDX-License-Identifier: GPL-2.0
/*
 * leak - takes one thing and keeps it until killed, to show that the
 * accounting of attach.sh notices.
 *
 *	leak grant DOMID [N]	N pages (1) granted to DOMID; prints the last
 *				one's reference
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

static void leak_grant(uint32_t domid, int count)
{
	xengntshr_handle *x = xengntshr_open(NULL, 0);
	uint32_t *refs = calloc(count, sizeof(*refs));

	if (!x || !refs || !xengntshr_share_pages(x, domid, count, refs, 1))
		error(1, errno, "granting %d pages", count);
	printf("%u\n", refs[count - 1]);
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

	if (argc >= 3 && !strcmp(argv[1], "grant"))
		leak_grant(domid, argc > 3 ? atoi(argv[3]) : 1);
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
