// SPDX-License-Identifier: GPL-2.0
/*
 * port.c - the primitives that port.h declares.
 */
#include "model.h"

struct world world;
struct vcpu *current;
bool tracing;

void broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "INVARIANT: %s (%s:%d)\n", what, file, line);
	abort();
}

/* ---- chance ---------------------------------------------------------------- */

static uint64_t random_state;

void random_begin(uint64_t seed)
{
	random_state = seed * 0x9e3779b97f4a7c15ull + 0x1234567;
}

unsigned int random_byte(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	return z >> 56;
}

unsigned int model_random(void)
{
	return random_byte();
}

/* Whether something happens that may. */
bool chance(unsigned int of_256)
{
	return of_256 && !world.quiet && random_byte() < of_256;
}

/*
 * How many steps other CPUs do now: at any point now and then, and at one point of
 * some hypercalls for sure.
 */
static unsigned int interfering(void)
{
	if (world.ambush && !world.depth && !--world.ambush)
		return 1 + random_byte() % 3;
	return chance(world.interferes);
}

/* Steps of other CPUs, where nothing is locked. */
void interleave(void)
{
	struct vcpu *me = current;
	struct world before = world;
	unsigned int steps;

	if (world.locks || world.depth >= 3 || world.quiet)
		return;
	steps = interfering();
	if (!steps)
		return;
	world.depth++;
	while (steps--)
		step();
	world.depth--;
	current = me;
	world.continued = before.continued;
	world.cmd = before.cmd;
	world.count = before.count;
	world.arg = before.arg;
}

int parse_bool(const char *s, const char *e)
{
	return e - s == 1 && (*s == '0' || *s == '1') ? *s - '0' : -1;
}

int parse_boolean(const char *name, const char *s, const char *e)
{
	size_t n = strlen(name);

	if ((size_t)(e - s) == n && !strncmp(s, name, n))
		return 1;
	return !strncmp(s, "no-", 3) && !strncmp(s + 3, name, n) ? 0 : -1;
}

/* ---- locks ----------------------------------------------------------------- */

void spin_lock_init(spinlock_t *lock)
{
	demand(!lock->ready, "a lock initialized twice");
	lock->ready = 1;
	lock->held = 0;
}

/* Others may act ahead of a lock's being taken, too. */
void spin_lock(spinlock_t *lock)
{
	interleave();
	demand(lock->ready, "a lock not initialized");
	demand(!lock->held, "a lock taken twice");
	lock->held = 1;
	world.locks++;
}

static void unlocked(void)
{
	world.locks--;
	interleave();
}

void spin_unlock(spinlock_t *lock)
{
	demand(lock->held, "a lock not held is dropped");
	lock->held = 0;
	unlocked();
}

void rw_read_lock(percpu_rwlock_t *lock)
{
	interleave();
	demand(lock->ready, "a lock not initialized");
	demand(!lock->writer, "a lock held for writing is taken for reading");
	lock->readers++;
	world.locks++;
}

void rw_read_unlock(percpu_rwlock_t *lock)
{
	demand(lock->readers, "a lock not held is dropped");
	lock->readers--;
	unlocked();
}

void rw_write_lock(percpu_rwlock_t *lock)
{
	interleave();
	demand(lock->ready, "a lock not initialized");
	demand(!lock->writer && !lock->readers, "a lock taken twice");
	lock->writer = true;
	world.locks++;
}

void rw_write_unlock(percpu_rwlock_t *lock)
{
	demand(lock->writer, "a lock not held is dropped");
	lock->writer = false;
	unlocked();
}

/* ---- memory ---------------------------------------------------------------- */

void *model_alloc(size_t size)
{
	void *p;

	if (chance(world.alloc_fails))
		return NULL;
	p = calloc(1, size);
	demand(p, "out of memory");
	world.allocs++;
	return p;
}

void model_free(void *p)
{
	if (p)
		world.allocs--;
	free(p);
}

/* ---- hypercalls ------------------------------------------------------------ */

size_t guest_access(void *guest, size_t at, void *xen, size_t size, bool write)
{
	interleave();
	if (chance(world.copy_fails))
		return size;
	if (write)
		memcpy((char *)guest + at, xen, size);
	else
		memcpy(xen, (char *)guest + at, size);
	return 0;
}

bool hypercall_preempt_check(void)
{
	interleave();
	return chance(world.preempts);
}

long hypercall_continue(unsigned int cmd, void *arg, unsigned int count)
{
	world.continued = true;
	world.cmd = cmd;
	world.arg = arg;
	world.count = count;
	return -ERESTART;
}

/* Xen's default, or less. */
int xsm_check(enum xsm_default action, const struct domain *caller,
	      const struct domain *target)
{
	interleave();
	if (chance(world.copy_fails))
		return -EPERM;
	if (action == XSM_HOOK || is_hardware_domain(caller))
		return 0;
	return action == XSM_TARGET && caller == target ? 0 : -EPERM;
}

int clean_and_invalidate_dcache_va_range(const void *p, unsigned long size);
int clean_dcache_va_range(const void *p, unsigned long size);
int invalidate_dcache_va_range(const void *p, unsigned long size);

int clean_and_invalidate_dcache_va_range(const void *p, unsigned long size)
{
	return !p || !size;
}

int clean_dcache_va_range(const void *p, unsigned long size)
{
	return !p || !size;
}

int invalidate_dcache_va_range(const void *p, unsigned long size)
{
	return -EOPNOTSUPP * (p && size);
}
