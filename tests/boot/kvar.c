// SPDX-License-Identifier: GPL-2.0
/*
 * kvar - the value of 32-bit kernel variables, by name.
 *
 *	kvar NAME...
 *	kvar -p
 *
 * Reads /proc/kallsyms and /proc/kcore: what the kernel itself counts, such
 * as gnttab_free_count, without trusting the driver under test.  With -p the
 * number of single pages that are neither free nor cache, slab, user memory or
 * page table: what alloc_page() gave to drivers, and a little else.
 */
#include <elf.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t symbol(const char *name)
{
	char line[512], found[256], type;
	FILE *f = fopen("/proc/kallsyms", "r");
	uint64_t addr;

	if (!f)
		error(1, errno, "/proc/kallsyms");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 " %c %255s", &addr, &type,
			   found) == 3 && !strcmp(found, name)) {
			fclose(f);
			return addr;
		}
	error(1, 0, "no kernel symbol %s", name);
	return 0;
}

static void read_at(int fd, void *buf, size_t len, off_t at)
{
	if (pread(fd, buf, len, at) != (ssize_t)len)
		error(1, errno, "/proc/kcore");
}

static uint32_t value(int fd, uint64_t addr)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	uint32_t val;
	int i;

	read_at(fd, &eh, sizeof(eh), 0);
	for (i = 0; i < eh.e_phnum; i++) {
		read_at(fd, &ph, sizeof(ph), eh.e_phoff + i * sizeof(ph));
		if (ph.p_type != PT_LOAD || addr < ph.p_vaddr ||
		    addr - ph.p_vaddr >= ph.p_memsz)
			continue;
		read_at(fd, &val, sizeof(val), ph.p_offset + addr - ph.p_vaddr);
		return val;
	}
	error(1, 0, "address %#" PRIx64 " is not in /proc/kcore", addr);
	return 0;
}

/*
 * KPF_* of include/uapi/linux/kernel-page-flags.h that name another owner, or,
 * as those of compound pages, the allocator of packets, which keeps some.
 */
#define OTHER_OWNER	(1ull << 5 | 1ull << 7 | 1ull << 10 | 1ull << 11 | \
			 1ull << 12 | 1ull << 14 | 1ull << 15 | 1ull << 16 | \
			 1ull << 20 | 1ull << 23 | 1ull << 24 | 1ull << 26 | \
			 1ull << 32)

/* Free pages that a CPU keeps for itself have no flag that says so. */
static unsigned long kept_by_cpus(void)
{
	FILE *f = fopen("/proc/zoneinfo", "r");
	unsigned long pages = 0, count;
	char line[256];

	if (!f)
		error(1, errno, "/proc/zoneinfo");
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %lu", &count) == 1)
			pages += count;
	fclose(f);
	return pages;
}

/* All flags are read at once, so that as little as may be happens meanwhile. */
static unsigned long driver_pages(void)
{
	static uint64_t flags[1 << 18];
	unsigned long pages = 0, kept;
	int fd = open("/proc/kpageflags", O_RDONLY);
	ssize_t n, i;

	if (fd < 0)
		error(1, errno, "/proc/kpageflags");
	memset(flags, 0, sizeof(flags));
	kept = kept_by_cpus();
	n = read(fd, flags, sizeof(flags));
	if (n <= 0 || n == sizeof(flags))
		error(1, n < 0 ? errno : 0, "reading /proc/kpageflags");
	for (i = 0; i < n / (ssize_t)sizeof(flags[0]); i++)
		pages += !(flags[i] & OTHER_OWNER);
	close(fd);
	return pages - kept;
}

int main(int argc, char **argv)
{
	int fd = open("/proc/kcore", O_RDONLY);
	int i;

	if (argc == 2 && !strcmp(argv[1], "-p")) {
		printf("driver_pages %lu\n", driver_pages());
		return 0;
	}
	if (fd < 0)
		error(1, errno, "/proc/kcore");
	for (i = 1; i < argc; i++)
		printf("%s %" PRIu32 "\n", argv[i], value(fd, symbol(argv[i])));
	return 0;
}
