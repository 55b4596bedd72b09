// SPDX-License-Identifier: GPL-2.0
/*
 * watch.c - all vifs with what they carry, look by look.
 */
#include <stdlib.h>

#include "cmd.h"
#include "out.h"
#include "watch.h"

const struct column watch_columns[] = {
	{ "VIF", "vif", false },
	{ "GUEST", "guest", false },
	{ "DRIVER DOMAIN", "driver_domain", false },
	{ "MODE", "mode", false },
	{ "QUEUES", "queues", true },
	{ "STATE", "state", false },
	{ "LIMIT", "limit_text", true },
	{ "TO GUEST", "to_guest_text", true },
	{ "FROM GUEST", "from_guest_text", true },
	{ "ERRORS", "errors", false },
};

const size_t watch_num_columns =
	sizeof(watch_columns) / sizeof(watch_columns[0]);

static void add_words(json_object *o, const char *key, const char *from)
{
	json_object *value = json_object_object_get(o, from);
	char text[32] = "";

	if (value)
		rate_text(text, sizeof(text), json_object_get_double(value));
	add_text(o, key, text);
}

void watch_add_words(json_object *rows)
{
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		json_object *o = json_object_array_get_idx(rows, i);

		add_words(o, "limit_text", "limit_bps");
		add_words(o, "to_guest_text", "to_guest_bps");
		add_words(o, "from_guest_text", "from_guest_bps");
	}
}

static bool same_vif(const struct vif *a, const struct vif *b)
{
	return a->guest == b->guest && a->backend == b->backend &&
	       a->handle == b->handle;
}

/* Both lists are sorted alike, but each vif is looked for: one may be new. */
static void compare_to(struct watch *now, size_t i, const struct watch *then)
{
	size_t j;

	for (j = 0; j < then->num; j++)
		if (same_vif(&now->vifs[i], &then->vifs[j]))
			break;
	if (j < then->num && then->counted[j] && now->counted[i])
		rate_between(&then->counts[j], &now->counts[i],
			     &now->rates[i]);
}

void watch_look(struct watch *watch)
{
	struct watch now = { 0 };
	size_t i;

	now.num = vif_list(&now.vifs);
	now.counts = calloc(now.num + 1, sizeof(*now.counts));
	now.counted = calloc(now.num + 1, sizeof(*now.counted));
	now.rates = calloc(now.num + 1, sizeof(*now.rates));
	if (!now.counts || !now.counted || !now.rates)
		die(EXIT_FAIL, "out of memory");
	for (i = 0; i < now.num; i++) {
		now.counted[i] = rate_sample(&now.vifs[i], &now.counts[i]);
		compare_to(&now, i, watch);
	}
	watch_free(watch);
	*watch = now;
}

void watch_free(struct watch *watch)
{
	free(watch->vifs);
	free(watch->counts);
	free(watch->counted);
	free(watch->rates);
	*watch = (struct watch){ 0 };
}

json_object *watch_describe(const struct watch *watch)
{
	json_object *o, *rows = json_object_new_array();
	size_t i;

	for (i = 0; i < watch->num; i++) {
		o = vif_describe(&watch->vifs[i]);
		rate_add(o, &watch->rates[i]);
		json_object_array_add(rows, o);
	}
	return rows;
}
