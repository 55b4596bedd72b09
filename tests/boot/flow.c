// SPDX-License-Identifier: GPL-2.0
/*
 * flow - content that crosses the network unchanged, or not.
 *
 *	flow serve PORT			returns every datagram as it came
 *	flow send HOST PORT SIZE...	sends one datagram of each size
 *	flow take PORT			one TCP connection to standard output
 *	flow give HOST PORT		standard input to a TCP connection
 *	flow segments HOST PORT SIZE N	N datagrams of SIZE bytes in one call
 *
 * "send" compares what comes back byte for byte with what it sent, and exits
 * with 1 at the first datagram that is lost or differs.  The content is
 * pseudo-random and differs from datagram to datagram.  FLOW_FROM=PORT in the
 * environment is the port they come from.
 */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <errno.h>
#include <error.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define MAX_DATAGRAM	65507
#define REPLY_SECONDS	3

static uint8_t out[MAX_DATAGRAM], in[MAX_DATAGRAM + 1];

static int open_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int size = 4 << 20;

	if (fd < 0)
		error(2, errno, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return fd;
}

/* A flow of its own, if the environment says so. */
static void bind_source(int fd)
{
	const char *port = getenv("FLOW_FROM");
	struct sockaddr_in me = { .sin_family = AF_INET };

	if (!port)
		return;
	me.sin_port = htons(atoi(port));
	if (bind(fd, (struct sockaddr *)&me, sizeof(me)))
		error(2, errno, "binding port %s", port);
}

static void __attribute__((noreturn)) serve(uint16_t port)
{
	struct sockaddr_in peer, me = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	socklen_t len;
	ssize_t n;
	int fd = open_socket();

	if (bind(fd, (struct sockaddr *)&me, sizeof(me)))
		error(2, errno, "bind");
	for (;;) {
		len = sizeof(peer);
		n = recvfrom(fd, in, sizeof(in), 0, (struct sockaddr *)&peer,
			     &len);
		if (n < 0 || sendto(fd, in, n, 0, (struct sockaddr *)&peer,
				    len) != n)
			perror("serve");
	}
}

static void copy(int from, int to)
{
	ssize_t n, done, m;

	while ((n = read(from, in, sizeof(in))) > 0)
		for (done = 0; done < n; done += m) {
			m = write(to, in + done, n - done);
			if (m < 0)
				error(1, errno, "writing");
		}
	if (n < 0)
		error(1, errno, "reading");
}

static int take(uint16_t port)
{
	struct sockaddr_in6 me = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	int fd = socket(AF_INET6, SOCK_STREAM, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&me, sizeof(me)) || listen(fd, 1))
		error(2, errno, "port %u", port);
	fd = accept(fd, NULL, NULL);
	if (fd < 0)
		error(1, errno, "accept");
	copy(fd, STDOUT_FILENO);
	return 0;
}

/* Of IPv4 or IPv6. */
static struct sockaddr_in6 address(const char *host, uint16_t port)
{
	struct sockaddr_in6 addr = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	char mapped[64];

	snprintf(mapped, sizeof(mapped), "%s%s",
		 strchr(host, ':') ? "" : "::ffff:", host);
	if (inet_pton(AF_INET6, mapped, &addr.sin6_addr) != 1)
		error(2, 0, "%s is no address", host);
	return addr;
}

/* Returns when the peer has closed: it has read everything then. */
static int give(const char *host, uint16_t port)
{
	struct sockaddr_in6 peer = address(host, port);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	char end;

	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		error(1, errno, "connecting to %s", host);
	copy(STDIN_FILENO, fd);
	shutdown(fd, SHUT_WR);
	if (read(fd, &end, 1) != 0)
		error(1, errno, "the peer did not close");
	return 0;
}

static void fill(uint8_t *buf, size_t len, uint64_t seed)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15ull + 1;

	while (len--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		*buf++ = x >> 32;
	}
}

static void compare(size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (in[i] != out[i])
			error(1, 0, "datagram of %zu bytes: byte %zu is %#x, was %#x",
			      size, i, in[i], out[i]);
}

static void round_trip(int fd, size_t size, uint64_t seed)
{
	ssize_t n;

	fill(out, size, seed);
	if (send(fd, out, size, 0) != (ssize_t)size)
		error(1, errno, "sending %zu bytes", size);
	n = recv(fd, in, sizeof(in), 0);
	if (n < 0)
		error(1, errno, "datagram of %zu bytes: no answer", size);
	if (n != (ssize_t)size)
		error(1, 0, "datagram of %zu bytes: %zd came back", size, n);
	compare(size);
}

static int send_all(const char *host, uint16_t port, char **sizes, int nr)
{
	struct timeval limit = { .tv_sec = REPLY_SECONDS };
	struct sockaddr_in peer = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	int fd = open_socket();
	size_t total = 0;
	int i;

	if (inet_pton(AF_INET, host, &peer.sin_addr) != 1)
		error(2, 0, "%s is no address", host);
	bind_source(fd);
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		error(2, errno, "connect");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	for (i = 0; i < nr; i++) {
		size_t size = strtoul(sizes[i], NULL, 0);

		if (!size || size > MAX_DATAGRAM)
			error(2, 0, "no datagram has %s bytes", sizes[i]);
		round_trip(fd, size, i * 1000003ull + size);
		total += size;
	}
	printf("%d datagrams, %zu bytes came back unchanged\n", nr, total);
	return 0;
}

/* What is sent at once comes back as nr datagrams of size bytes, in order. */
static int segments(const char *host, uint16_t port, int size, int nr)
{
	struct timeval limit = { .tv_sec = REPLY_SECONDS };
	struct sockaddr_in peer = {
		.sin_family = AF_INET, .sin_port = htons(port),
	};
	int fd = open_socket(), i;
	ssize_t n;

	if (size <= 0 || nr <= 0 || size * nr > MAX_DATAGRAM)
		error(2, 0, "%d datagrams of %d bytes are too much", nr, size);
	if (inet_pton(AF_INET, host, &peer.sin_addr) != 1)
		error(2, 0, "%s is no address", host);
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)) ||
	    setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)))
		error(2, errno, "connect, UDP_SEGMENT");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	fill(out, size * nr, size);
	if (send(fd, out, size * nr, 0) != size * nr)
		error(1, errno, "sending");
	for (i = 0; i < nr; i++) {
		n = recv(fd, in + i * size, size + 1, 0);
		if (n != size)
			error(1, errno, "segment %d: %zd bytes", i, n);
	}
	compare(size * nr);
	printf("%d segments of %d bytes came back unchanged\n", nr, size);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(atoi(argv[2]));
	if (argc == 3 && !strcmp(argv[1], "take"))
		return take(atoi(argv[2]));
	if (argc == 4 && !strcmp(argv[1], "give"))
		return give(argv[2], atoi(argv[3]));
	if (argc > 4 && !strcmp(argv[1], "send"))
		return send_all(argv[2], atoi(argv[3]), argv + 4, argc - 4);
	if (argc == 6 && !strcmp(argv[1], "segments"))
		return segments(argv[2], atoi(argv[3]), atoi(argv[4]),
				atoi(argv[5]));
	error(2, 0, "see the head of flow.c");
	return 2;
}
