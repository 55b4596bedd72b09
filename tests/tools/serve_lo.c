// SPDX-License-Identifier: GPL-2.0
/*
 * serve_lo - the guest's end of drb-bench on a machine without vifs: serves at
 * the loopback device as if that were vif 0.
 *
 *	serve_lo PORT
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "serve.h"

const char *const tool_name = "serve_lo";

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const struct served lo = {
		.handle = 0, .dev = "lo", .address = { .s_addr = 0x0100007f },
	};

	return argc == 2 ? serve_on(&lo, 1, atoi(argv[1]), ready) : EXIT_USAGE;
}
