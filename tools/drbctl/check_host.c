// SPDX-License-Identifier: GPL-2.0
/*
 * check_host.c - hotplug script, vifs that fell back to the stock drivers, and
 * how much of the grant tables is used.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "domain.h"
#include "netdev.h"
#include "table.h"

#include <drb/drb_if.h>

#define SCRIPTS "/etc/xen/scripts"
#define CONF "/etc/xen/vif-drb.conf"
#define MAPPINGS_PER_FRAME 256u
#define DEFAULT_FRAMES 1024u	/* of mappings, a domain, unless told */
#define KEEP_FREE 384u		/* entries netfront-drb leaves to others */

/* VIF_DRB_NEXT as a shell would read it, quotes aside. */
static void next_script(char *to, size_t size)
{
	FILE *f = fopen(CONF, "r");
	char line[PATH_MAX], *value;

	text_format(to, size, "vif-bridge");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "VIF_DRB_NEXT=", 13))
			continue;
		value = line + 13;
		value += strspn(value, "'\"");
		value[strcspn(value, "'\"\n \t#")] = '\0';
		text_format(to, size, "%s", value);
	}
	if (f)
		fclose(f);
}

void check_script(const struct host *host)
{
	static const char what[] = "vif-drb script";
	char next[PATH_MAX], path[PATH_MAX];

	if (access(SCRIPTS "/vif-drb", X_OK)) {
		report(what, unasked(host, END_BACK) ? CHECK_WARN : CHECK_FAIL,
		       "install the package drb-tools, which has the script",
		       SCRIPTS "/vif-drb does not exist, or is not executable");
		return;
	}
	next_script(next, sizeof(next));
	if (!text_format(path, sizeof(path), *next == '/' ? "%s" : SCRIPTS "/%s",
			 next) || access(path, X_OK))
		report(what, CHECK_FAIL, "name a script that exists in " CONF " (VIF_DRB_NEXT=)",
		       "it calls the script %.256s, which is not there", next);
	else
		report(what, CHECK_OK, NULL, "installed, calls the script %.256s",
		       next);
}

static const char *driver_or_unknown(const struct vif *vif, enum end end)
{
	const char *name = vif_driver_name(vif, end);

	return *name ? name : "an unknown driver";
}

/* Those that are left to the stock drivers, the first few by name. */
void check_asked(const struct host *host)
{
	static const char what[] = "asked for";
	char names[200] = "", more[200];
	size_t i, others = 0;
	bool fits = true;

	for (i = 0; i < host->num; i++) {
		const struct vif *vif = &host->vifs[i];

		if (vif->wanted)
			continue;
		others++;
		fits = fits && text_format(more, sizeof(more), "%s vif%u.%u", names,
					   vif->guest, vif->handle);
		if (fits)
			strcpy(names, more);
	}
	if (others)
		report(what, CHECK_WARN,
		       "write script=vif-drb for the vif in the guest's configuration",
		       "%zu of %zu vifs do not ask for DRB:%s%s", others,
		       host->num, names, fits ? "" : " ...");
	else
		report(what, CHECK_OK, NULL, "none of %zu vifs is to be stock",
		       host->num);
}

/* The driver domain has DRB, and the guest chose, or has, the stock driver. */
static bool guest_has_none(const struct vif *vif)
{
	return vif->front.driver == DRIVER_STOCK &&
	       (vif->left || vif->back.driver == DRIVER_DRB);
}

static void report_fallback(const struct vif *vif)
{
	static const char what[] = "drivers bound";

	if (guest_has_none(vif))
		report(what, CHECK_WARN,
		       "install drb-dkms in the guest and run /usr/lib/drb/drb-rebind, or drop the script",
		       "vif%u.%u asks for DRB, but its guest has none, so it has %s and %s",
		       vif->guest, vif->handle, driver_or_unknown(vif, END_BACK),
		       driver_or_unknown(vif, END_FRONT));
	else
		report(what, CHECK_FAIL,
		       "load DRB's driver at that end first, then detach and attach the vif",
		       "vif%u.%u asks for DRB, but has %s and %s", vif->guest,
		       vif->handle, driver_or_unknown(vif, END_BACK),
		       driver_or_unknown(vif, END_FRONT));
}

/* A fallback is never silent. */
void check_bound(const struct host *host)
{
	static const char what[] = "drivers bound";
	size_t i, wrong = 0, right = 0;
	const struct vif *vif;

	for (i = 0; i < host->num; i++) {
		vif = &host->vifs[i];
		if (!vif->wanted)
			continue;
		if (vif->back.driver == DRIVER_STOCK ||
		    vif->front.driver == DRIVER_STOCK) {
			wrong++;
			report_fallback(vif);
		} else {
			right++;
		}
	}
	if (!wrong)
		report(what, CHECK_OK, NULL,
		       "none of %zu DRB vifs has a stock driver", right);
}

/* Pages of the vif's queues, if this domain can tell. */
static unsigned int pages_of(const struct vif *vif)
{
	struct netdev_shape shape;

	if (!vif->has_dev || !netdev_shape(vif->dev, &shape))
		return 0;
	return shape.queues * (2 + (shape.rx_ring + shape.tx_ring) /
			       DRB_PAGE_SIZE);
}

static bool is_drb(const struct vif *vif)
{
	return vif->back.driver == DRIVER_DRB && vif->front.driver == DRIVER_DRB;
}

/* dom0's limit is on Xen's command line; a domU's in its configuration. */
static unsigned int mapping_frames(void)
{
	static const char key[] = "gnttab_max_maptrack_frames=";
	unsigned long frames;
	char line[1024], *found;

	if (!xen_command_line(line, sizeof(line)))
		return DEFAULT_FRAMES;
	found = strstr(line, key);
	if (!found)
		return DEFAULT_FRAMES;
	found += strlen(key);
	found[strcspn(found, " ,")] = '\0';
	return text_number(found, UINT_MAX / MAPPINGS_PER_FRAME, &frames) ?
	       frames : DEFAULT_FRAMES;
}

void check_mappings(const struct host *host)
{
	unsigned int self = domain_self(), most, used = 0;
	size_t i;

	for (i = 0; i < host->num; i++)
		if (host->vifs[i].backend == self && is_drb(&host->vifs[i]))
			used += pages_of(&host->vifs[i]);
	most = mapping_frames() * MAPPINGS_PER_FRAME;
	if (used > most / 10 * 8)
		report("mappings", CHECK_WARN,
		       host->control ? "raise gnttab_max_maptrack_frames on Xen's command line" :
		       "raise max_maptrack_frames in this domain's configuration",
		       "DRB vifs use %u of this domain's %u", used, most);
	else
		report("mappings", CHECK_OK, NULL,
		       "DRB vifs use %u of this domain's %u", used, most);
}

static unsigned int pages_of_guest(const struct host *host, unsigned int guest)
{
	unsigned int pages = 0;
	size_t i;

	for (i = 0; i < host->num; i++)
		if (host->vifs[i].guest == guest && is_drb(&host->vifs[i]))
			pages += pages_of(&host->vifs[i]);
	return pages;
}

/* True: the guest's grant table has no room for one more vif. */
static bool check_guest(const struct host *host, unsigned int guest)
{
	unsigned int now, most, pages = pages_of_guest(host, guest);

	if (!pages || grant_size(guest, &now, &most) ||
	    pages + KEEP_FREE + 2 * (1 + DRB_MIN_RING_PAGES) <= most)
		return false;
	report("grant entries", CHECK_WARN,
	       "raise max_grant_frames in the guest's configuration",
	       "guest %u: DRB vifs use %u of %u: one more may not connect",
	       guest, pages, most);
	return true;
}

void check_grants(const struct host *host)
{
	unsigned int guest, last = DOMAIN_LAST + 1, full = 0, seen = 0;
	size_t i;

	for (i = 0; i < host->num; i++) {
		guest = host->vifs[i].guest;
		if (guest == last)
			continue;
		last = guest;
		seen++;
		full += check_guest(host, guest);
	}
	if (!full)
		report("grant entries", CHECK_OK, NULL,
		       "guests with room for more vifs: %u of %u", seen, seen);
}
