// SPDX-License-Identifier: GPL-2.0
/*
 * xdpdrop - loads an XDP program that drops every packet, and pins it, so that
 * "ip link set DEV xdpdrv pinned FILE" attaches it.  It has two instructions,
 * for which no compiler is needed.
 *
 *	xdpdrop FILE		FILE being in a file system of type bpf
 */
#include <err.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

int main(int argc, char **argv)
{
	static const struct bpf_insn drop[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
		  .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insn_cnt = sizeof(drop) / sizeof(drop[0]),
		.insns = (uintptr_t)drop,
		.license = (uintptr_t)"GPL",
	};
	union bpf_attr pin = {};
	int fd;

	if (argc != 2)
		errx(EXIT_FAILURE, "usage: xdpdrop FILE");
	fd = bpf(BPF_PROG_LOAD, &load);
	if (fd < 0)
		err(EXIT_FAILURE, "loading the program");
	pin.pathname = (uintptr_t)argv[1];
	pin.bpf_fd = fd;
	if (bpf(BPF_OBJ_PIN, &pin))
		err(EXIT_FAILURE, "%s", argv[1]);
	return EXIT_SUCCESS;
}
