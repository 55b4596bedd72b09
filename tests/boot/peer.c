// SPDX-License-Identifier: GPL-2.0
/*
 * peer - programs that talk to each other over UDP, as services of a host do.
 *
 *	peer alternate PORT SECONDS SIZE HOST...	one socket that does not
 *		block, a datagram to each host in turn; where one cannot be
 *		sent, none is sent until it can.  Prints "second N: SENT" for
 *		each second that has passed
 *	peer count PORT SECONDS		how many datagrams came
 *	peer answer ADDRESS PORT	to a datagram that names a group, at once
 *		and to the group, from the interface with ADDRESS
 *	peer ask ADDRESS HOST PORT N	N times: join a new group, ask HOST for
 *		an answer to it; exits with 1 if one did not come
 *	peer keep PORT N		N sockets that never read, and one more
 *		with the next port, which has no room for more than a packet
 *	peer scatter HOST PORT N EACH	fills these: EACH times a datagram to
 *		each, with OTHERS datagrams to the last one after each
 */
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MAX_SIZE	65507
#define OTHERS		72
#define FIRST_GROUP	0xefff0100u	/* 239.255.1.0 */

static uint8_t packet[MAX_SIZE];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port)
	};

	if (!inet_aton(host, &to.sin_addr))
		error(2, 0, "%s: not an address", host);
	return to;
}

static int udp_socket(const struct sockaddr_in *me)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), yes = 1;

	if (fd < 0)
		error(2, errno, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes));
	if (me && bind(fd, (const struct sockaddr *)me, sizeof(*me)))
		error(2, errno, "binding port %d", ntohs(me->sin_port));
	return fd;
}

static int send_to(int fd, const void *data, size_t len,
		   const struct sockaddr_in *to)
{
	return sendto(fd, data, len, 0, (const struct sockaddr *)to,
		      sizeof(*to)) == (ssize_t)len;
}

static int alternate(int port, int seconds, int size, char **hosts, int nr)
{
	int fd = udp_socket(NULL), second = 0, next = 0;
	double start = now();
	long sent = 0;

	if (size < 1 || size > MAX_SIZE)
		error(2, 0, "size %d is out of range", size);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (second < seconds) {
		struct sockaddr_in to = address(hosts[next], port);

		if (send_to(fd, packet, size, &to)) {
			sent++;
			next = (next + 1) % nr;
		}
		usleep(200);
		if (now() < start + second + 1)
			continue;
		printf("second %d: %ld\n", ++second, sent);
		sent = 0;
	}
	return 0;
}

static int count(int port, int seconds)
{
	struct timeval wait = { .tv_usec = 100000 };
	struct sockaddr_in me = address("0.0.0.0", port);
	double end = now() + seconds;
	int fd = udp_socket(&me);
	long got = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	while (now() < end)
		got += recv(fd, packet, sizeof(packet), 0) >= 0;
	printf("%ld\n", got);
	return 0;
}

static void __attribute__((noreturn)) keep(int port, int nr)
{
	int one = 1;

	for (int i = 0; i <= nr; i++) {
		struct sockaddr_in me = address("0.0.0.0", port + i);
		int fd = udp_socket(&me);

		if (i == nr)
			setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &one, sizeof(one));
	}
	for (;;)
		pause();
}

static int scatter(const char *host, int port, int nr, int each)
{
	struct sockaddr_in to = address(host, port);
	int fd = udp_socket(NULL);

	for (int i = 0; i < nr * each; i++) {
		for (int other = 0; other <= OTHERS; other++) {
			to.sin_port = htons(port + (other ? nr : i % nr));
			while (!send_to(fd, packet, 18, &to))
				usleep(100);
		}
	}
	return 0;
}

static void __attribute__((noreturn)) answer(const char *host, int port)
{
	struct sockaddr_in me = address(host, port), group = me;
	int fd = udp_socket(&me);

	setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &me.sin_addr,
		   sizeof(me.sin_addr));
	group.sin_port = htons(port + 1);
	for (;;) {
		if (recv(fd, &group.sin_addr, sizeof(group.sin_addr), 0) !=
		    sizeof(group.sin_addr))
			continue;
		send_to(fd, "here", 4, &group);
	}
}

/* Is there an answer to the group as soon as it is joined? */
static int ask_one(const char *mine, const struct sockaddr_in *peer,
		   uint32_t group)
{
	struct sockaddr_in me = address("0.0.0.0", ntohs(peer->sin_port) + 1);
	struct timeval wait = { .tv_usec = 500000 };
	struct ip_mreq join = { .imr_multiaddr.s_addr = htonl(group) };
	int in = udp_socket(&me), out = udp_socket(NULL), got;

	inet_aton(mine, &join.imr_interface);
	setsockopt(in, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (setsockopt(in, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof(join)))
		error(2, errno, "joining");
	send_to(out, &join.imr_multiaddr, sizeof(join.imr_multiaddr), peer);
	got = recv(in, packet, sizeof(packet), 0) == 4;
	close(in);
	close(out);
	return got;
}

static int ask(const char *mine, const char *host, int port, int nr)
{
	struct sockaddr_in peer = address(host, port);
	int i, got = 0;

	for (i = 0; i < nr; i++)
		got += ask_one(mine, &peer, FIRST_GROUP + i);
	printf("%d of %d answered\n", got, nr);
	return got != nr;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 5 && !strcmp(argv[1], "alternate"))
		return alternate(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]),
				 argv + 5, argc - 5);
	if (argc == 4 && !strcmp(argv[1], "count"))
		return count(atoi(argv[2]), atoi(argv[3]));
	if (argc == 4 && !strcmp(argv[1], "answer"))
		answer(argv[2], atoi(argv[3]));
	if (argc == 6 && !strcmp(argv[1], "ask"))
		return ask(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
	if (argc == 4 && !strcmp(argv[1], "keep"))
		keep(atoi(argv[2]), atoi(argv[3]));
	if (argc == 6 && !strcmp(argv[1], "scatter"))
		return scatter(argv[2], atoi(argv[3]), atoi(argv[4]),
			       atoi(argv[5]));
	error(2, 0, "usage: peer alternate|count|answer|ask|keep|scatter ...");
	return 2;
}
