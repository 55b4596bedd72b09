// SPDX-License-Identifier: GPL-2.0
/*
 * distance.c - how long it takes to hand a cache line from one of the host's
 * CPUs to another one and back, in ns.
 *
 * Two domains that share memory hand each other nothing but cache lines.  Where
 * the host is a virtual machine itself, its CPUs may be next to each other at
 * one moment and at the ends of a socket, or of the board, at the next: five
 * times as far, which says nothing about what is measured.
 */
#define _GNU_SOURCE
#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* The shortest of so many, each of so many round trips: 10 to 100 ms. */
#define BATCHES	100
#define TRIPS	1000u

/* Each has one writer: who sends, and who answers. */
static _Alignas(128) atomic_uint request;
static _Alignas(128) atomic_uint answer;

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* The nth CPU that this process may use, or -1. */
static int nth_cpu(const cpu_set_t *allowed, int nth)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, allowed) && !nth--)
			return cpu;
	return -1;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", cpu);
}

static void *answer_all(void *cpu)
{
	unsigned int last = 0;

	stay_on(*(int *)cpu);
	while (last < BATCHES * TRIPS) {
		last = atomic_load(&request);
		atomic_store(&answer, last);
	}
	return NULL;
}

static double shortest_ns(void)
{
	double shortest = 1e9;
	unsigned int trip = 0;

	for (int batch = 0; batch < BATCHES; batch++) {
		double start = now_ns(), ns;

		for (unsigned int i = 0; i < TRIPS; i++) {
			atomic_store(&request, ++trip);
			while (atomic_load(&answer) != trip)
				;
		}
		ns = (now_ns() - start) / TRIPS;
		if (ns < shortest)
			shortest = ns;
	}
	return shortest;
}

int main(void)
{
	cpu_set_t allowed;
	pthread_t other;
	int cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		err(1, "CPUs");
	cpu = nth_cpu(&allowed, 1);
	if (cpu < 0)
		errx(1, "there is one CPU only");
	stay_on(nth_cpu(&allowed, 0));
	if (pthread_create(&other, NULL, answer_all, &cpu))
		errx(1, "no thread");
	printf("%.0f\n", shortest_ns());
	pthread_join(other, NULL);
	return 0;
}
