// SPDX-License-Identifier: GPL-2.0
/*
 * serve.c - the guest's end: listens at the addresses of its vifs, where it has a
 * sink of packets too, and serves one client at a time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "session.h"

struct patience patience = { .hello = 5000, .rest = 1000, .idle = 60000 };

int serve_socket(const struct served *at, int type, unsigned int port)
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

/* Wait for something, and do it; false: it is time to end. */
static bool serve_next(struct door *door, int signals)
{
	struct pollfd p[DOOR_POLL + 2];
	struct visitor *v = NULL;
	size_t n;
	int ms;

	n = door_poll(door, p + 2, &ms);
	p[0] = (struct pollfd){ signals, POLLIN, 0 };
	p[1] = (struct pollfd){ session_fd(), POLLIN, 0 };
	if (poll(p, n + 2, ms) < 0)
		return true;
	if (p[0].revents)
		return false;
	if (p[1].revents)
		session_ended();
	door_look(door);
	while ((v = door_next(door, v)))
		session_receive(door, v);
	return true;
}

int serve_on(const struct served *list, size_t num, unsigned int port,
	     void (*ready)(void))
{
	static struct door door;
	int sinks[HANDLES_MAX], signals = take_signals();
	size_t i;

	session_prepare(port, signals);
	door_open(&door, list, num, port);
	/* Never read: packets go all the way up and end at a full socket. */
	for (i = 0; i < num; i++)
		sinks[i] = serve_socket(&list[i], SOCK_DGRAM, SINK_PORT);
	ready();
	while (serve_next(&door, signals))
		;
	session_stop();
	door_close(&door);
	for (i = 0; i < num; i++)
		close(sinks[i]);
	return EXIT_OK;
}
