// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_attach.c - drbctl attach and detach: as xl does it, and seen through to
 * the end.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "domain.h"
#include "rate.h"
#include "run.h"
#include "store.h"
#include "text.h"
#include "vif.h"

#define SETTINGS_MAX 32
#define HANDLES_MAX 256u
#define LOOK_AGAIN 0.2		/* seconds */
#define XL_SECONDS 60.0		/* its own time limits are some ten seconds */

static double time_limit = 30;
static bool no_wait;

static const struct opt attach_opts[] = {
	{ "timeout", 't', OPT_SECONDS, "SECONDS",
	  "wait at most this long for both ends (30)", &time_limit, 3600 },
	OPTION_FLAG("no-wait", 'n', "do not wait for the guest's end",
		    &no_wait),
	{ 0 }
};

static const struct opt detach_opts[] = {
	{ "timeout", 't', OPT_SECONDS, "SECONDS",
	  "wait at most this long until it is gone (30)", &time_limit, 3600 },
	{ 0 }
};

static struct timespec begin;

static bool time_is_left(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin.tv_sec +
	       (now.tv_nsec - begin.tv_nsec) / 1e9 < time_limit;
}

/* What went wrong with xl, or NULL. */
static const char *run_xl(char *const argv[])
{
	static char why[600];
	char said[512];
	int rc = run_program(argv, XL_SECONDS, said, sizeof(said));

	if (!rc)
		return NULL;
	if (rc == RUN_ABSENT)
		text_format(why, sizeof(why),
			    "there is no xl; use your toolstack, with script=vif-drb");
	else if (rc == RUN_TIMEOUT)
		text_format(why, sizeof(why), "xl took longer than %.0f s: %s",
			    XL_SECONDS, said);
	else
		text_format(why, sizeof(why), "xl failed: %s",
			    *said ? said : "it did not say why");
	return why;
}

static size_t vifs_of(unsigned int dom, unsigned int *handles)
{
	return store_numbers(handles, HANDLES_MAX, INT_MAX,
			     store_path("/libxl/%u/device/vif", dom));
}

/* The one that is there now, and was not before. */
static bool new_vif(unsigned int dom, const unsigned int *before, size_t num,
		    unsigned int *handle)
{
	unsigned int now[HANDLES_MAX];
	size_t i, j, num_now = vifs_of(dom, now);

	for (i = 0; i < num_now; i++) {
		for (j = 0; j < num && before[j] != now[i]; j++)
			;
		if (j < num)
			continue;
		*handle = now[i];
		return true;
	}
	return false;
}

/*
 * "key=value,key=value" as xl wants it, an argument each.  The script is what
 * makes a vif DRB's.
 */
static void split(char *settings, char **argv, int *argc)
{
	bool script = false;
	char *save, *word;

	for (word = strtok_r(settings, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (!strchr(word, '=') || *word == '=' || *word == '-')
			die(EXIT_USAGE, "%s: no key=value", word);
		if (*argc == SETTINGS_MAX)
			die(EXIT_USAGE, "more than %d settings", SETTINGS_MAX);
		script = script || !strncmp(word, "script=", 7);
		argv[(*argc)++] = word;
	}
	if (!script)
		argv[(*argc)++] = "script=vif-drb";
	argv[*argc] = NULL;
}

static const char *detach(const struct vif *vif)
{
	char id[16], dev[16];
	char *argv[5] = { "xl", "network-detach", id, dev };

	snprintf(id, sizeof(id), "%u", vif->guest);
	snprintf(dev, sizeof(dev), "%u", vif->handle);
	return run_xl(argv);
}

/* Nothing half-done: a vif that does not come up is taken away again. */
static _Noreturn void give_up(const struct vif *vif, const char *why)
{
	char reason[2 * TEXT_MAX];
	const char *failed;

	text_format(reason, sizeof(reason), "%s", why);
	failed = detach(vif);
	if (failed)
		die(EXIT_FAIL, "vif%u.%u did not connect: %s; nor could it be detached: %s",
		    vif->guest, vif->handle, reason, failed);
	die(EXIT_FAIL, "vif%u.%u did not connect, and was detached again: %s",
	    vif->guest, vif->handle, reason);
}

static const char *reason(const struct vif *vif, char *to, size_t size)
{
	if (*vif->back.error)
		text_format(to, size, "backend: %s", vif->back.error);
	else if (*vif->front.error)
		text_format(to, size, "guest: %s", vif->front.error);
	else
		text_format(to, size,
			    "backend %s (%s), guest %s (%s); is netfront-drb loaded there?",
			    vif_state_name(vif->back.state),
			    vif_driver_name(vif, END_BACK),
			    vif_state_name(vif->front.state),
			    vif_driver_name(vif, END_FRONT));
	return to;
}

static bool closed(unsigned long state)
{
	return state == 5 || state == 6;
}

static void await_connected(struct vif *vif)
{
	char why[2 * TEXT_MAX];

	for (;;) {
		vif_read(vif);
		if (vif->front.state == 4 && vif->back.state == 4)
			return;
		if ((closed(vif->back.state) || closed(vif->front.state)) &&
		    (*vif->back.error || *vif->front.error))
			break;
		if (!time_is_left())
			break;
		rate_sleep(LOOK_AGAIN);
	}
	give_up(vif, reason(vif, why, sizeof(why)));
}

static void need_toolstack(void)
{
	if (!domain_is_control())
		die(EXIT_PERM, "vifs are attached and detached by dom0");
	clock_gettime(CLOCK_MONOTONIC, &begin);
}

/* Which vif xl has made, whatever it says of itself; false: none. */
static bool find_new(struct vif *vif, const unsigned int *before, size_t num)
{
	unsigned long backend;

	if (!new_vif(vif->guest, before, num, &vif->handle) ||
	    !store_number(&backend, DOMAIN_LAST,
			  store_path(FRONT_PATH "/backend-id", vif->guest,
				     vif->handle)))
		return false;
	vif->backend = backend;
	return true;
}

/* xl leaves a vif behind where it gives up: an end says why, if one can. */
static _Noreturn void attach_failed(struct vif *vif, bool found,
				    const char *why)
{
	char ends[2 * TEXT_MAX];

	if (!found)
		die(EXIT_FAIL, "attaching: %s", why);
	vif_read(vif);
	if (*vif->back.error || *vif->front.error)
		why = reason(vif, ends, sizeof(ends));
	give_up(vif, why);
}

static int run_attach(int argc, char **args)
{
	char id[16], *argv[SETTINGS_MAX + 2] = { "xl", "network-attach", id };
	unsigned int before[HANDLES_MAX];
	struct vif vif = { 0 };
	const char *failed;
	bool found;
	int n = 3;
	size_t num;

	need_toolstack();
	vif.guest = domain_need(args[0]);
	if (!vif.guest)
		die(EXIT_USAGE, "%s: dom0 itself takes no vifs", args[0]);
	snprintf(id, sizeof(id), "%u", vif.guest);
	split(argc > 1 ? args[1] : "", argv, &n);
	num = vifs_of(vif.guest, before);
	failed = run_xl(argv);
	found = find_new(&vif, before, num);
	if (failed)
		attach_failed(&vif, found, failed);
	if (!found)
		die(EXIT_FAIL, "xl has attached a vif, but it is gone already");
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (!no_wait)
		await_connected(&vif);
	printf("vif%u.%u\n", vif.guest, vif.handle);
	return EXIT_OK;
}

const struct command attach_command = {
	.name = "attach",
	.args = "DOMAIN [KEY=VALUE,...]",
	.what = "give a running guest one more vif that uses DRB",
	.more = "Keys are those of xl network-attach: mac, bridge, backend, rate, mtu, ...;\n"
		"script=vif-drb is added.  The command prints the vif's name once both ends\n"
		"are connected.  If they do not connect, it detaches the vif again.\n",
	.opts = attach_opts,
	.min_args = 1,
	.max_args = 2,
	.run = run_attach,
};

/* By number, or as any command takes a vif; it must be the guest's. */
static void find_vif(struct vif *vif, unsigned int dom, const char *text)
{
	char pair[64];
	unsigned long handle;

	if (text_canonical(text, INT_MAX, &handle)) {
		snprintf(pair, sizeof(pair), "%u:%lu", dom, handle);
		vif_need(vif, pair);
		return;
	}
	vif_need(vif, text);
	if (vif->guest != dom)
		die(EXIT_NONE, "%s: it is a vif of domain %u, not of domain %u",
		    text, vif->guest, dom);
}

static bool vif_there(const struct vif *vif)
{
	return store_exists(store_path(BACK_PATH, vif->backend, vif->guest,
				       vif->handle));
}

static int run_detach(int argc, char **args)
{
	const char *failed;
	struct vif vif;

	(void)argc;
	need_toolstack();
	find_vif(&vif, domain_need(args[0]), args[1]);
	failed = detach(&vif);
	if (failed)
		die(EXIT_FAIL, "detaching vif%u.%u: %s", vif.guest, vif.handle,
		    failed);
	while (vif_there(&vif)) {
		if (!time_is_left())
			die(EXIT_FAIL,
			    "vif%u.%u: its backend is still there; see the driver domain's log",
			    vif.guest, vif.handle);
		rate_sleep(LOOK_AGAIN);
	}
	return EXIT_OK;
}

const struct command detach_command = {
	.name = "detach",
	.args = "DOMAIN VIF|DEVID",
	.what = "take a vif from a guest",
	.opts = detach_opts,
	.min_args = 2,
	.max_args = 2,
	.run = run_detach,
};
