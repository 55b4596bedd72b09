// SPDX-License-Identifier: GPL-2.0
/*
 * unit.c - the rules of the public header one by one, and each step of an
 * operation at which something else may happen.
 *
 * Whether counters, tags, pins and pages are right besides is for the model to
 * say: check_world() after each test, world_end() when all domains are gone.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

/* Domain 1 grants all it has to domain 2. */
struct domain *guest, *driver, *other;
grant_ref_t ref[GRANTS];

static void begin_with(const char *param)
{
	unsigned int i;

	world_begin(param);
	guest = domain_create(1, false);
	driver = domain_create(2, false);
	other = domain_create(3, true);
	for (i = 0; i < GRANTS; i++) {
		grant(guest, i, 2, true);
		ref[i] = i + RESERVED;
	}
}

int add(unsigned int flags, unsigned int first, unsigned int nr, uint32_t *id)
{
	struct xen_iotask_register op = {
		.driver = 2, .flags = flags, .nr_refs = nr,
	};

	return do_register(guest, &op, ref + first, nr, id);
}

uint32_t task(unsigned int flags, unsigned int first, unsigned int nr)
{
	uint32_t id = 0;

	is(add(flags, first, nr, &id), 0);
	return id;
}

int map(struct domain *ld, unsigned int i, unsigned int flags)
{
	int handle = map_begin(ld, 1, ref[i], flags);

	if (handle >= 0)
		map_end(ld, handle, false);
	return handle;
}

void map_all(unsigned int first, unsigned int nr, unsigned int flags)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		demand(map(driver, first + i, flags) >= 0, "no map");
}

bool unmap(struct domain *ld, int handle)
{
	if (!unmap_begin(ld, handle))
		return false;
	unmap_end(ld, handle);
	return true;
}

int withdraw(uint32_t id)
{
	return do_revoke(guest, SELF, 0, id);
}

int drop(uint32_t id)
{
	return do_drop(guest, SELF, 0, id);
}

/* ---- main --------------------------------------------------------------- */

/* In a process of its own, as a broken rule aborts. */
static bool passes(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		begin_with("1,max-tasks=64,max-refs=16512");
		fn();
		world_end();
		exit(0);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

/* How many failed. */
static unsigned int run(const struct test *test, const char *only)
{
	unsigned int failures = 0;

	for (; test->name; test++) {
		if (only && strcmp(only, test->name))
			continue;
		if (passes(test->fn)) {
			printf("PASS iotask.%s\n", test->name);
		} else {
			printf("FAIL iotask.%s: see what it says\n", test->name);
			failures++;
		}
	}
	return failures;
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;
	unsigned int failures;

	failures = run(interface_tests, only) + run(task_tests, only) +
		   run(end_tests, only);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
