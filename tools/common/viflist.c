// SPDX-License-Identifier: GPL-2.0
/*
 * viflist.c - which vifs there are, and the one that somebody means.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "domain.h"
#include "store.h"
#include "vif.h"

#define HANDLES_MAX 256u	/* of one guest with one driver domain */

struct list {
	struct vif *vifs;
	size_t num, room;
	bool full;
};

static void append(struct list *list, unsigned int guest, unsigned int backend,
		   unsigned int handle)
{
	struct vif vif = { .guest = guest, .backend = backend, .handle = handle };

	if (list->num == VIFS_MAX) {
		list->full = true;
		return;
	}
	if (list->num == list->room) {
		list->room = 2 * list->room + 16;
		list->vifs = realloc(list->vifs,
				     list->room * sizeof(*list->vifs));
		if (!list->vifs)
			die(EXIT_FAIL, "out of memory");
	}
	list->vifs[list->num++] = vif;
}

/* The directories a driver domain has of its guests. */
static void append_backends(struct list *list, unsigned int backend)
{
	static unsigned int guests[DOMAINS_MAX], handles[HANDLES_MAX];
	size_t i, j, num, num_handles;

	num = store_numbers(guests, DOMAINS_MAX, DOMAIN_LAST,
			    store_path("/local/domain/%u/backend/vif",
				       backend));
	for (i = 0; i < num; i++) {
		num_handles = store_numbers(handles, HANDLES_MAX, INT_MAX,
					    store_path("/local/domain/%u/backend/vif/%u",
						       backend, guests[i]));
		for (j = 0; j < num_handles; j++)
			append(list, guests[i], backend, handles[j]);
	}
}

/* A guest's own, where it cannot list the driver domain's. */
static void append_frontends(struct list *list, unsigned int guest)
{
	static unsigned int handles[HANDLES_MAX];
	unsigned long backend;
	size_t i, num;

	num = store_numbers(handles, HANDLES_MAX, INT_MAX,
			    store_path("/local/domain/%u/device/vif", guest));
	for (i = 0; i < num; i++)
		if (store_number(&backend, DOMAIN_LAST,
				 store_path(FRONT_PATH "/backend-id", guest,
					    handles[i])) && backend != guest)
			append(list, guest, backend, handles[i]);
}

static int compare(const void *a, const void *b)
{
	const struct vif *x = a, *y = b;

	if (x->guest != y->guest)
		return x->guest < y->guest ? -1 : 1;
	if (x->handle != y->handle)
		return x->handle < y->handle ? -1 : 1;
	return x->backend < y->backend ? -1 : x->backend > y->backend;
}

static void enumerate(struct list *list)
{
	static unsigned int ids[DOMAINS_MAX];
	size_t i, num;

	if (domain_is_control()) {
		num = domain_list(ids, DOMAINS_MAX);
		for (i = 0; i < num; i++)
			append_backends(list, ids[i]);
	} else {
		append_backends(list, domain_self());
		append_frontends(list, domain_self());
	}
	if (list->num)
		qsort(list->vifs, list->num, sizeof(*list->vifs), compare);
	if (list->full)
		warn("more than %u vifs: the rest is left out", VIFS_MAX);
}

size_t vif_list(struct vif **vifs)
{
	struct list list = { 0 };
	size_t i;

	enumerate(&list);
	for (i = 0; i < list.num; i++)
		vif_read(&list.vifs[i]);
	*vifs = list.vifs;
	return list.num;
}

/* "vifD.H" */
static bool parse_name(const char *text, unsigned int *guest,
		       unsigned int *handle)
{
	char copy[32], *dot;
	unsigned long d, h;

	if (strncmp(text, "vif", 3) ||
	    !text_format(copy, sizeof(copy), "%s", text + 3))
		return false;
	dot = strchr(copy, '.');
	if (!dot)
		return false;
	*dot = '\0';
	if (!text_canonical(copy, DOMAIN_LAST, &d) ||
	    !text_canonical(dot + 1, INT_MAX, &h))
		return false;
	*guest = d;
	*handle = h;
	return true;
}

/* "DOMAIN:HANDLE"; a domain's name may have colons in it, a handle has not. */
static bool parse_pair(const char *text, unsigned int *guest,
		       unsigned int *handle)
{
	const char *colon = strrchr(text, ':');
	char domain[TEXT_MAX];
	unsigned long h;

	if (!colon || !text_canonical(colon + 1, INT_MAX, &h) ||
	    !text_format(domain, sizeof(domain), "%.*s", (int)(colon - text),
			 text))
		return false;
	*guest = domain_need(domain);
	*handle = h;
	return true;
}

void vif_need(struct vif *vif, const char *text)
{
	unsigned int guest, handle;
	struct list list = { 0 };
	enum end end;
	size_t i;

	if (!parse_pair(text, &guest, &handle) &&
	    !sysfs_vif_of(text, &end, &guest, &handle) &&
	    !parse_name(text, &guest, &handle))
		die(EXIT_NONE, "%s: no such vif; drbctl list shows them", text);
	enumerate(&list);
	for (i = 0; i < list.num; i++)
		if (list.vifs[i].guest == guest &&
		    list.vifs[i].handle == handle)
			break;
	if (i == list.num)
		die(EXIT_NONE, "%s: domain %u has no vif %u; drbctl list shows them",
		    text, guest, handle);
	*vif = list.vifs[i];
	free(list.vifs);
	vif_read(vif);
}
