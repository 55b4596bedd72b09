// SPDX-License-Identifier: GPL-2.0
/*
 * pktgen.c - the kernel's packet generator.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pktgen.h"
#include "run.h"
#include "text.h"

#define PKTGEN "/proc/net/pktgen/"
#define THREAD PKTGEN "kpktgend_0"
#define CONTROL PKTGEN "pgctrl"

/* The process that waits for it to end. */
static volatile pid_t waiter;
static char device_file[sizeof(PKTGEN) + IFNAMSIZ];

/*
 * Of calls that a signal handler may make.  The line ends in a newline: pgctrl
 * takes its last byte away, whatever it is.
 */
static bool put(const char *file, const char *line)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(line);
	char whole[160];
	ssize_t n;

	if (fd < 0)
		return false;
	memcpy(whole, line, len);
	whole[len] = '\n';
	n = write(fd, whole, len + 1);
	close(fd);
	return n >= 0;
}

static bool set(const char *name, const char *value)
{
	char line[128];

	return text_format(line, sizeof(line), "%s %s", name, value) &&
	       put(device_file, line);
}

static bool set_number(const char *name, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	return set(name, text);
}

bool pktgen_there(void)
{
	char *const load[] = { "modprobe", "pktgen", NULL };
	char said[256];

	if (access(CONTROL, W_OK))
		run_program(load, 10, said, sizeof(said));
	return !access(CONTROL, W_OK);
}

static bool set_addresses(const struct flow *flow)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &flow->to, text, sizeof(text));
	if (!set("dst", text) || !set("dst_mac", flow->to_mac))
		return false;
	inet_ntop(AF_INET, &flow->from, text, sizeof(text));
	return set("src_min", text) && set("src_max", text);
}

static bool set_up(const struct flow *flow)
{
	char line[64];

	text_format(device_file, sizeof(device_file), PKTGEN "%s", flow->dev);
	text_format(line, sizeof(line), "add_device %s", flow->dev);
	return put(THREAD, "rem_device_all") && put(THREAD, line) &&
	       set_number("count", 0) && set_number("delay", 0) &&
	       set_number("clone_skb", 0) &&
	       set_number("pkt_size", flow->size) &&
	       set_number("burst", flow->burst) && set_addresses(flow) &&
	       set_number("udp_src_min", SINK_PORT) &&
	       set_number("udp_src_max", SINK_PORT) &&
	       set_number("udp_dst_min", SINK_PORT) &&
	       set_number("udp_dst_max", SINK_PORT);
}

/*
 * Writing "start" returns when pktgen has ended, or when the writer is killed,
 * which ends it.  So whatever happens to this process, pktgen does not go on.
 */
bool pktgen_start(const struct flow *flow)
{
	pid_t parent = getpid(), pid;

	if (!set_up(flow)) {
		put(THREAD, "rem_device_all");
		return false;
	}
	pid = fork();
	if (!pid) {
		signal(SIGINT, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			put(CONTROL, "start");
		_exit(0);
	}
	waiter = pid > 0 ? pid : 0;
	return pid > 0;
}

static unsigned long sent_so_far(void)
{
	unsigned long sent = 0;
	char line[256], *at;
	FILE *f = fopen(device_file, "r");

	while (f && fgets(line, sizeof(line), f)) {
		at = strstr(line, "pkts-sofar:");
		if (at)
			sent = strtoul(at + strlen("pkts-sofar:"), NULL, 10);
	}
	if (f)
		fclose(f);
	return sent;
}

unsigned long pktgen_stop(void)
{
	unsigned long sent;
	int tries = 250;

	put(CONTROL, "stop");
	while (waiter && !waitpid(waiter, NULL, WNOHANG) && tries--)
		sleep_ms(20);
	if (tries < 0) {
		kill(waiter, SIGKILL);
		waitpid(waiter, NULL, 0);
	}
	waiter = 0;
	sent = sent_so_far();
	put(THREAD, "rem_device_all");
	return sent;
}

void pktgen_abandon(void)
{
	if (!waiter)
		return;
	kill(waiter, SIGKILL);
	put(CONTROL, "stop");
	put(THREAD, "rem_device_all");
	waiter = 0;
}
