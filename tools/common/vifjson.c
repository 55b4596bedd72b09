// SPDX-License-Identifier: GPL-2.0
/*
 * vifjson.c - a vif in words.
 */
#include <stdio.h>
#include <string.h>

#include "domain.h"
#include "out.h"
#include "vif.h"

const char *vif_state_name(unsigned long state)
{
	static const char * const names[] = {
		"unknown", "initialising", "initwait", "initialised",
		"connected", "closing", "closed", "reconfiguring",
		"reconfigured",
	};

	return names[state < sizeof(names) / sizeof(names[0]) ? state : 0];
}

/* One word where both ends agree, else the backend's and the guest's. */
const char *vif_state(const struct vif *vif, char *to, size_t size)
{
	if (vif->front.state != vif->back.state)
		text_format(to, size, "%s/%s", vif_state_name(vif->back.state),
			    vif_state_name(vif->front.state));
	else if (vif->revoked && vif->front.state == 4)
		text_format(to, size, "revoked");
	else if (vif->down && vif->front.state == 4)
		text_format(to, size, "down");
	else
		text_format(to, size, "%s", vif_state_name(vif->front.state));
	return to;
}

const char *vif_driver_name(const struct vif *vif, enum end end)
{
	switch (end == END_BACK ? vif->back.driver : vif->front.driver) {
	case DRIVER_DRB:
		return end == END_BACK ? "netback-drb" : "netfront-drb";
	case DRIVER_STOCK:
		return end == END_BACK ? "xen-netback" : "xen-netfront";
	case DRIVER_NONE:
		return "none";
	default:
		return "";
	}
}

void add_domain(json_object *o, const char *key, unsigned int id)
{
	json_object *domain = json_object_new_object();
	char name[TEXT_MAX];

	domain_name(id, name, sizeof(name));
	add_number(domain, "id", id);
	add_text(domain, "name", name);
	json_object_object_add(o, key, domain);
}

static json_object *errors_of(const struct vif *vif)
{
	json_object *list = json_object_new_array();
	char line[TEXT_MAX + 16];

	if (*vif->back.error) {
		snprintf(line, sizeof(line), "backend: %s", vif->back.error);
		json_object_array_add(list, json_object_new_string(line));
	}
	if (*vif->front.error) {
		snprintf(line, sizeof(line), "guest: %s", vif->front.error);
		json_object_array_add(list, json_object_new_string(line));
	}
	return list;
}

json_object *vif_describe(const struct vif *vif)
{
	json_object *o = json_object_new_object();
	char text[64];

	snprintf(text, sizeof(text), "vif%u.%u", vif->guest, vif->handle);
	add_text(o, "vif", text);
	add_domain(o, "guest", vif->guest);
	add_domain(o, "driver_domain", vif->backend);
	add_number(o, "handle", vif->handle);
	add_text(o, "mode", vif->mode);
	if (vif->queues)
		add_number(o, "queues", vif->queues);
	else
		add_null(o, "queues");
	add_text(o, "state", vif_state(vif, text, sizeof(text)));
	if (vif->rate_bytes)
		add_number(o, "limit_bps",
			   (uint64_t)vif->rate_bytes * 8000000 / vif->rate_usecs);
	else
		add_null(o, "limit_bps");
	add_text(o, "device", vif->dev);
	json_object_object_add(o, "errors", errors_of(vif));
	return o;
}
