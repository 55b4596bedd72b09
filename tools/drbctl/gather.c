// SPDX-License-Identifier: GPL-2.0
/*
 * gather.c - all vifs, and all counters of those that this domain is an end of.
 */
#include <stdlib.h>
#include <string.h>

#include <drb/drb_if.h>

#include "cmd.h"
#include "gather.h"
#include "out.h"
#include "rate.h"

static void *need(void *memory)
{
	if (!memory)
		die(EXIT_FAIL, "out of memory");
	return memory;
}

static void gather_one(struct gathered *g, const struct vif *vif)
{
	static struct stat_entry stats[STATS_MAX];
	size_t size;

	g->vif = *vif;
	g->counted = rate_sample(vif, &g->counts);
	if (!g->counted)
		return;
	g->num_stats = netdev_stats(vif->dev, stats);
	size = g->num_stats * sizeof(stats[0]);
	g->stats = need(malloc(size + 1));
	memcpy(g->stats, stats, size);
}

size_t gather(struct gathered **all, const struct vif *vif)
{
	struct vif one, *vifs = &one;
	size_t i, num = 1;

	if (vif) {
		one = *vif;
		vif_read(&one);
	} else {
		num = vif_list(&vifs);
	}
	*all = need(calloc(num + 1, sizeof(**all)));
	for (i = 0; i < num; i++)
		gather_one(&(*all)[i], &vifs[i]);
	if (!vif)
		free(vifs);
	return num;
}

void gather_free(struct gathered *all, size_t num)
{
	while (num)
		free(all[--num].stats);
	free(all);
}

void traffic_add(json_object *o, const char *direction, const struct traffic *t)
{
	json_object *sub = json_object_new_object();

	add_number(sub, "packets", t->packets);
	add_number(sub, "bytes", t->bytes);
	add_number(sub, "errors", t->errors);
	add_number(sub, "dropped", t->dropped);
	json_object_object_add(o, direction, sub);
}

void stats_add(json_object *o, const struct stat_entry *stats,
	       unsigned int num)
{
	json_object *sub = json_object_new_object();
	unsigned int i;

	for (i = 0; i < num; i++)
		add_number(sub, stats[i].name, stats[i].value);
	json_object_object_add(o, "statistics", sub);
}

bool queue_stat(const char *name, unsigned int *queue, const char **what)
{
	char number[8];
	unsigned long n;
	size_t digits = strspn(name + 1, "0123456789");

	if (*name != 'q' || name[1 + digits] != '_' ||
	    !text_format(number, sizeof(number), "%.*s", (int)digits, name + 1) ||
	    !text_canonical(number, DRB_MAX_QUEUES - 1, &n))
		return false;
	*queue = n;
	*what = name + 1 + digits + 1;
	return **what && !(*what)[strspn(*what, "abcdefghijklmnopqrstuvwxyz_")];
}
