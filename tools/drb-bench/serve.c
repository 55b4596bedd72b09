// SPDX-License-Identifier: GPL-2.0
/*
 * serve.c - the guest's end: listens at the addresses of its vifs, to one client
 * at a time, and has iperf3, sockperf and a sink of packets there meanwhile.
 */
#define _GNU_SOURCE	/* accept4() */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "serve.h"
#include "unprivileged.h"

#define BACKLOG 4

struct server {
	const struct served *list;
	size_t num;
	unsigned int port;
	int listeners[HANDLES_MAX];
	int sinks[HANDLES_MAX];
	pid_t programs[2 * HANDLES_MAX];	/* of a session */
	size_t num_programs;
	int signals;
};

static int bound_socket(const struct served *at, int type, unsigned int port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr = at->address,
	};
	int one = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, at->dev,
		       strlen(at->dev) + 1) ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)))
		die(exit_code_of(errno), "%s, port %u: %s", at->dev, port,
		    strerror(errno));
	return fd;
}

/* The sink is never read: packets go all the way up and end at a full socket. */
static void listen_at(struct server *server, size_t i)
{
	const struct served *at = &server->list[i];

	server->listeners[i] = bound_socket(at, SOCK_STREAM, server->port);
	if (listen(server->listeners[i], BACKLOG))
		die(EXIT_FAIL, "%s: %s", at->dev, strerror(errno));
	server->sinks[i] = bound_socket(at, SOCK_DGRAM, SINK_PORT);
}

/* ---- a session ---------------------------------------------------------- */

static void start_program(struct server *server, char *const argv[])
{
	pid_t pid = unprivileged_start(argv, -1);

	if (pid > 0)
		server->programs[server->num_programs++] = pid;
}

static void start_programs(struct server *server)
{
	char address[INET_ADDRSTRLEN], streams[8], trips[8];
	char *const iperf[] = {
		"iperf3", "-s", "-B", address, "-p", streams, NULL
	};
	char *const sockperf[] = {
		"sockperf", "server", "-i", address, "-p", trips, NULL
	};
	size_t i;

	snprintf(streams, sizeof(streams), "%u", server->port + 1);
	snprintf(trips, sizeof(trips), "%u", server->port + 2);
	for (i = 0; i < server->num; i++) {
		inet_ntop(AF_INET, &server->list[i].address, address,
			  sizeof(address));
		start_program(server, iperf);
		start_program(server, sockperf);
	}
}

static void end_programs(struct server *server)
{
	while (server->num_programs) {
		pid_t pid = server->programs[--server->num_programs];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static void serve_client(struct server *server, int listener)
{
	static struct session session;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	session.wire.fd = fd;
	session.wire.used = 0;
	session.peer = from.sin_addr;
	session.signals = server->signals;
	session.list = server->list;
	session.num = server->num;
	start_programs(server);
	verbs_serve(&session);
	end_programs(server);
	close(fd);
}

/* ---- all of them -------------------------------------------------------- */

static int take_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die(EXIT_FAIL, "signals: %s", strerror(errno));
	return fd;
}

int serve_on(const struct served *list, size_t num, unsigned int port,
	     void (*ready)(void))
{
	static struct server server;
	struct pollfd p[HANDLES_MAX + 1];
	size_t i;

	server.list = list;
	server.num = num;
	server.port = port;
	server.signals = take_signals();
	for (i = 0; i < num; i++) {
		listen_at(&server, i);
		p[i] = (struct pollfd){ server.listeners[i], POLLIN, 0 };
	}
	p[num] = (struct pollfd){ server.signals, POLLIN, 0 };
	ready();
	for (;;) {
		if (poll(p, num + 1, -1) <= 0)
			continue;
		if (p[num].revents)
			break;
		for (i = 0; i < num; i++)
			if (p[i].revents)
				serve_client(&server, server.listeners[i]);
	}
	for (i = 0; i < num; i++) {
		close(server.listeners[i]);
		close(server.sinks[i]);
	}
	return EXIT_OK;
}
