// SPDX-License-Identifier: GPL-2.0
/*
 * programs.c - iperf3 and sockperf at the guest's addresses.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "bench.h"
#include "programs.h"
#include "unprivileged.h"

static pid_t started[2 * HANDLES_MAX];
static size_t num;

static void start(char *const argv[])
{
	pid_t pid = unprivileged_start(argv, -1);

	if (pid > 0)
		started[num++] = pid;
}

void programs_start(struct in_addr at, unsigned int port)
{
	char address[INET_ADDRSTRLEN], streams[8], trips[8];
	char *const iperf[] = {
		"iperf3", "-s", "-B", address, "-p", streams, NULL
	};
	char *const sockperf[] = {
		"sockperf", "server", "-i", address, "-p", trips, NULL
	};

	snprintf(streams, sizeof(streams), "%u", port + 1);
	snprintf(trips, sizeof(trips), "%u", port + 2);
	inet_ntop(AF_INET, &at, address, sizeof(address));
	start(iperf);
	start(sockperf);
}

void programs_end(void)
{
	while (num) {
		pid_t pid = started[--num];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}
