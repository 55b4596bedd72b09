// SPDX-License-Identifier: GPL-2.0
/*
 * rate.c - what vifs carry per second.
 */
#include <stdio.h>
#include <time.h>

#include "out.h"
#include "rate.h"

bool rate_sample(const struct vif *vif, struct netdev_counts *counts)
{
	return vif->has_dev &&
	       netdev_counts(vif->dev, vif->dev_end == END_BACK, counts);
}

/* A device that was made anew meanwhile counts from zero. */
static double per_second(uint64_t then, uint64_t now, double seconds)
{
	return now < then ? 0 : (now - then) / seconds;
}

void rate_between(const struct netdev_counts *then,
		  const struct netdev_counts *now, struct rate *rate)
{
	double seconds = (now->when_ns - then->when_ns) / 1e9;

	rate->known = seconds > 0;
	if (!rate->known)
		return;
	rate->to_guest_bps = 8 * per_second(then->to_guest.bytes,
					    now->to_guest.bytes, seconds);
	rate->from_guest_bps = 8 * per_second(then->from_guest.bytes,
					      now->from_guest.bytes, seconds);
	rate->to_guest_pps = per_second(then->to_guest.packets,
					now->to_guest.packets, seconds);
	rate->from_guest_pps = per_second(then->from_guest.packets,
					  now->from_guest.packets, seconds);
}

double rate_total(const struct rate *rate)
{
	return rate->known ? rate->to_guest_bps + rate->from_guest_bps : -1;
}

static void add_rate(json_object *o, const char *key, bool known, double value)
{
	if (known)
		add_number(o, key, value);
	else
		add_null(o, key);
}

void rate_add(json_object *o, const struct rate *rate)
{
	add_rate(o, "to_guest_bps", rate->known, rate->to_guest_bps);
	add_rate(o, "from_guest_bps", rate->known, rate->from_guest_bps);
	add_rate(o, "to_guest_pps", rate->known, rate->to_guest_pps);
	add_rate(o, "from_guest_pps", rate->known, rate->from_guest_pps);
}

void rate_text(char *to, size_t size, double bps)
{
	static const char units[] = " kMGT";
	size_t i = 0;

	while (bps >= 1000 && i + 2 < sizeof(units)) {
		bps /= 1000;
		i++;
	}
	if (i)
		snprintf(to, size, "%.1f%c", bps, units[i]);
	else
		snprintf(to, size, "%.0f", bps);
}

void rate_sleep(double seconds)
{
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (seconds - t.tv_sec) * 1e9;
	nanosleep(&t, NULL);
}
