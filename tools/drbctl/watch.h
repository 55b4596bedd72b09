/* SPDX-License-Identifier: GPL-2.0 */
/*
 * watch.h - vifs described with their rates, once or again and again.
 */
#ifndef DRBCTL_WATCH_H
#define DRBCTL_WATCH_H

#include <json-c/json.h>
#include <stddef.h>

#include "rate.h"

/* What the last look at all vifs has found. */
struct watch {
	struct vif *vifs;
	struct netdev_counts *counts;
	bool *counted;
	struct rate *rates;
	size_t num;
};

/* Look again; rates are since the last look, for vifs seen by that too. */
void watch_look(struct watch *watch);
void watch_free(struct watch *watch);

/* The vifs with their rates, as vif_describe() has them. */
json_object *watch_describe(const struct watch *watch);

/* That list for people, with rates and limits in words. */
struct column;
extern const struct column watch_columns[];
extern const size_t watch_num_columns;
void watch_add_words(json_object *rows);

#endif
