// SPDX-License-Identifier: GPL-2.0
/*
 * sink - a UDP socket on pktgen's port that is never read: packets go all the
 * way up and are dropped at the full socket. Without it each would be answered
 * by ICMP, which costs more than the path that is measured.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT	9

int main(void)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
	};
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	if (s < 0 || bind(s, (struct sockaddr *)&any, sizeof(any)))
		error(1, errno, "port %d", PORT);
	for (;;)
		pause();
}
