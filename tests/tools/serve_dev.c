// SPDX-License-Identifier: GPL-2.0
/*
 * serve_dev - the guest's end of drb-bench on a machine without vifs: serves at
 * these devices as if they were vif 0, vif 1 and so on, and prints their tokens.
 *
 *	serve_dev PORT DEVICE ADDRESS [DEVICE ADDRESS]...
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "serve.h"

const char *const tool_name = "serve_dev";

static struct served list[HANDLES_MAX];
static size_t num;

static void ready(void)
{
	size_t i;

	for (i = 0; i < num; i++)
		puts(list[i].token);
	fflush(stdout);
}

static void add(const char *dev, const char *address)
{
	struct served *served = &list[num];

	served->handle = num++;
	token_make(served->token);
	snprintf(served->dev, sizeof(served->dev), "%s", dev);
	if (inet_pton(AF_INET, address, &served->address) != 1)
		die(EXIT_USAGE, "%s is no address", address);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 4 || argc % 2 || argc > 2 + 2 * (int)HANDLES_MAX)
		die(EXIT_USAGE, "serve_dev PORT DEVICE ADDRESS...");
	patience.hello = 2000;
	patience.rest = 500;
	patience.idle = 1500;
	for (i = 2; i < argc; i += 2)
		add(argv[i], argv[i + 1]);
	return serve_on(list, num, atoi(argv[1]), ready);
}
