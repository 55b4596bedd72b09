// SPDX-License-Identifier: GPL-2.0
/*
 * transfer.c - a producer and a consumer thread, each on a CPU of its own.
 *
 * The producer copies packets from private memory and the consumer copies
 * them to private memory, as the drivers do between sk_buffs and the ring.
 * The doorbell is an eventfd: a system call to send and a sleep to wait for,
 * in the place of an event channel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "drb/drb_if.h"
#include "transfer.h"

#define SUM_EVERY	1024u	/* packets per one that is summed in full */
#define SHIFTS		64u	/* places in the pool where packets start */
#define SHIFT		64u
#define PROBE_STEPS	1000000u

/*
 * The first bytes of each packet; its last eight repeat seq.  In between are
 * bytes of the pool, from a place that depends on seq.
 */
struct head {
	uint64_t seq;
	uint64_t sum;
};

/* What one thread writes while it runs. */
struct end {
	_Alignas(LAYOUT_LINE) uint64_t doorbells;
	double worked;			/* seconds, when taking turns */
	double probe;			/* the slower of before and after */
	struct timespec at;		/* it began to send, or had it all */
};

struct job {
	const struct transfer *t;
	void *channel;
	int data_bell, space_bell;
	pthread_barrier_t ready;
	struct end producer;
	struct end consumer;
	unsigned int turn;
};

/* Whose turn it is. */
enum { PRODUCER, CONSUMER };

static _Alignas(64) uint8_t pool[DRB_MAX_PACKET + SHIFTS * SHIFT];
static _Alignas(64) uint8_t landing[DRB_MAX_PACKET];

__attribute__((noreturn))
static void die(const char *why)
{
	fprintf(stderr, "layout: %s\n", why);
	exit(EXIT_FAILURE);
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#else
	sched_yield();
#endif
}

/* ---- content ------------------------------------------------------------- */

static void pool_fill(void)
{
	static bool filled;
	uint32_t i, random = 1;

	if (filled)
		return;
	filled = true;
	for (i = 0; i < sizeof(pool); i++) {
		random = random * 1664525 + 1013904223;
		pool[i] = random >> 24;
	}
}

/* Of all that the packet's head and tail do not already prove. */
static uint64_t body_sum(const uint8_t *packet, uint32_t len)
{
	uint64_t sum = len;
	uint32_t i;

	for (i = sizeof(struct head); i < len - sizeof(uint64_t); i++)
		sum = sum * 31 + packet[i];
	return sum;
}

static uint8_t *packet_make(uint64_t seq, uint32_t len)
{
	uint8_t *packet = pool + seq % SHIFTS * SHIFT;
	struct head h = { .seq = seq };

	if (seq % SUM_EVERY == 0)
		h.sum = body_sum(packet, len);
	memcpy(packet, &h, sizeof(h));
	memcpy(packet + len - sizeof(seq), &seq, sizeof(seq));
	return packet;
}

static void packet_check(const uint8_t *packet, uint32_t len, uint64_t seq,
			 uint32_t expected_len)
{
	struct head h;
	uint64_t tail;

	if (len != expected_len)
		die("a packet changed its length");
	memcpy(&h, packet, sizeof(h));
	memcpy(&tail, packet + len - sizeof(tail), sizeof(tail));
	if (h.seq != seq || tail != seq)
		die("a packet was lost or damaged");
	if (seq % SUM_EVERY == 0 && h.sum != body_sum(packet, len))
		die("a packet's content was damaged");
}

/* ---- waiting ------------------------------------------------------------- */

static void bell_ring(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		die("cannot ring the doorbell");
}

static void bell_wait(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) != sizeof(count))
		die("cannot wait for the doorbell");
}

static void show(struct job *j)
{
	if (j->t->layout->publish(j->channel) && j->t->mode == MODE_DOORBELL) {
		j->producer.doorbells++;
		bell_ring(j->data_bell);
	}
}

static void give_back(struct job *j)
{
	if (j->t->layout->give_back(j->channel) &&
	    j->t->mode == MODE_DOORBELL) {
		j->consumer.doorbells++;
		bell_ring(j->space_bell);
	}
}

/* What both ends do when they cannot go on: ask once more, then sleep. */
static void wait_or_spin(enum mode mode, int armed, int bell)
{
	if (mode != MODE_DOORBELL)
		relax();
	else if (armed < 0)
		die("an honest peer was called hostile");
	else if (armed == 0)
		bell_wait(bell);
}

static void wait_space(struct job *j)
{
	const struct transfer *t = j->t;
	int armed = 1;

	if (t->mode == MODE_TURNS)
		die("a turn does not fit into the channel");
	show(j);
	if (t->mode == MODE_DOORBELL)
		armed = t->layout->wait_space(j->channel, t->size);
	wait_or_spin(t->mode, armed, j->space_bell);
}

static void wait_data(struct job *j)
{
	const struct transfer *t = j->t;
	int armed = 1;

	give_back(j);
	if (t->mode == MODE_DOORBELL)
		armed = t->layout->arm(j->channel);
	wait_or_spin(t->mode, armed, j->data_bell);
}

/* ---- the two ends -------------------------------------------------------- */

static void produce_one(struct job *j, uint64_t seq)
{
	const struct transfer *t = j->t;
	const uint8_t *packet = packet_make(seq, t->size);
	int ret;

	while ((ret = t->layout->send(j->channel, packet, t->size)) == -ENOSPC)
		wait_space(j);
	if (ret < 0)
		die("the producer sees a violation");
	if (seq % SEND_BURST == SEND_BURST - 1)
		show(j);
}

/* True if there was a packet, which then was number seq. */
static bool consume_one(struct job *j, uint64_t seq)
{
	const struct transfer *t = j->t;
	int ret = t->layout->receive(j->channel, landing);

	if (ret < 0)
		die("the consumer sees a violation");
	if (ret == 0)
		return false;
	packet_check(landing, ret, seq, t->size);
	if (seq % RECEIVE_BATCH == RECEIVE_BATCH - 1)
		give_back(j);
	return true;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot pin a thread to its CPU");
}

static double seconds(const struct timespec *from, const struct timespec *to)
{
	return to->tv_sec - from->tv_sec + (to->tv_nsec - from->tv_nsec) / 1e9;
}

/*
 * A virtual CPU may run slower than before for reasons that no counter of
 * this machine shows: time some work whose amount is known.
 */
static void probe_speed(struct end *end)
{
	struct timespec begin, now;
	uint32_t i, n = 1;
	double took;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < PROBE_STEPS; i++) {
		n = n * 1664525 + 1013904223;
		/* Keeps the compiler from knowing the result. */
		asm volatile("" : "+r" (n));
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	took = seconds(&begin, &now);
	if (took > end->probe)
		end->probe = took;
}

static uint64_t turn_end(const struct transfer *t, uint64_t seq)
{
	uint64_t n = TURN_BYTES / t->size;

	if (n > TURN_PACKETS)
		n = TURN_PACKETS;
	return seq + n < t->packets ? seq + n : t->packets;
}

/* Wait for this end's turn; when it began. */
static struct timespec turn_take(struct job *j, unsigned int who)
{
	struct timespec begin;

	while (__atomic_load_n(&j->turn, __ATOMIC_ACQUIRE) != who)
		relax();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	return begin;
}

static void turn_pass(struct job *j, struct end *end, unsigned int to,
		      const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end->worked += seconds(begin, &now);
	__atomic_store_n(&j->turn, to, __ATOMIC_RELEASE);
}

static void produce_in_turns(struct job *j)
{
	uint64_t seq = 0;

	while (seq < j->t->packets) {
		struct timespec begin = turn_take(j, PRODUCER);
		uint64_t end = turn_end(j->t, seq);

		while (seq < end)
			produce_one(j, seq++);
		show(j);
		turn_pass(j, &j->producer, CONSUMER, &begin);
	}
}

static void consume_in_turns(struct job *j)
{
	uint64_t seq = 0;

	while (seq < j->t->packets) {
		struct timespec begin = turn_take(j, CONSUMER);

		while (consume_one(j, seq))
			seq++;
		give_back(j);
		turn_pass(j, &j->consumer, PRODUCER, &begin);
	}
}

static void produce_at_once(struct job *j)
{
	uint64_t seq;

	for (seq = 0; seq < j->t->packets; seq++)
		produce_one(j, seq);
	show(j);
}

static void consume_at_once(struct job *j)
{
	uint64_t seq = 0;

	while (seq < j->t->packets) {
		if (consume_one(j, seq))
			seq++;
		else
			wait_data(j);
	}
}

static void *producer(void *arg)
{
	struct job *j = arg;

	pin(j->t->cpu[0]);
	probe_speed(&j->producer);
	pthread_barrier_wait(&j->ready);
	clock_gettime(CLOCK_MONOTONIC, &j->producer.at);
	if (j->t->mode == MODE_TURNS)
		produce_in_turns(j);
	else
		produce_at_once(j);
	probe_speed(&j->producer);
	return NULL;
}

static void *consumer(void *arg)
{
	struct job *j = arg;

	pin(j->t->cpu[1]);
	probe_speed(&j->consumer);
	pthread_barrier_wait(&j->ready);
	if (j->t->mode == MODE_TURNS)
		consume_in_turns(j);
	else
		consume_at_once(j);
	clock_gettime(CLOCK_MONOTONIC, &j->consumer.at);
	give_back(j);
	probe_speed(&j->consumer);
	return NULL;
}

/* ---- a whole transfer ---------------------------------------------------- */

/* Seconds that all CPUs together were busy, or stolen, since boot. */
static double busy_all(void)
{
	unsigned long long v[8] = { 0 };
	FILE *f = fopen("/proc/stat", "r");

	if (!f || fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu",
			 &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6],
			 &v[7]) != 8)
		die("cannot read /proc/stat");
	fclose(f);
	/* All but idle and waiting for I/O. */
	return (double)(v[0] + v[1] + v[2] + v[5] + v[6] + v[7]) /
	       sysconf(_SC_CLK_TCK);
}

static double busy_own(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void job_begin(struct job *j, const struct transfer *t)
{
	memset(j, 0, sizeof(*j));
	pool_fill();
	j->t = t;
	j->channel = t->layout->create();
	j->data_bell = eventfd(0, 0);
	j->space_bell = eventfd(0, 0);
	if (j->data_bell < 0 || j->space_bell < 0)
		die("cannot make doorbells");
}

static void job_end(struct job *j)
{
	close(j->data_bell);
	close(j->space_bell);
	j->t->layout->destroy(j->channel);
}

static void run_threads(struct job *j)
{
	pthread_t thread[2];

	if (pthread_barrier_init(&j->ready, NULL, 2) ||
	    pthread_create(&thread[0], NULL, producer, j) ||
	    pthread_create(&thread[1], NULL, consumer, j))
		die("cannot start the threads");
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);
	pthread_barrier_destroy(&j->ready);
}

struct outcome transfer_threads(const struct transfer *t)
{
	double all, own, wall, work;
	struct outcome o;
	struct job j;

	job_begin(&j, t);
	all = busy_all();
	own = busy_own();
	run_threads(&j);
	own = busy_own() - own;
	all = busy_all() - all;
	wall = seconds(&j.producer.at, &j.consumer.at);
	work = t->mode == MODE_TURNS ? j.producer.worked + j.consumer.worked :
	       wall;
	o.ns_per_packet = work * 1e9 / t->packets;
	o.data_doorbells = (double)j.producer.doorbells / t->packets;
	o.space_doorbells = (double)j.consumer.doorbells / t->packets;
	o.others = all > own ? (all - own) / wall : 0;
	o.probe = j.producer.probe > j.consumer.probe ? j.producer.probe :
		  j.consumer.probe;
	job_end(&j);
	return o;
}

/* Bursts small enough that the largest packets fit. */
void transfer_alone(const struct transfer *t)
{
	uint64_t sent = 0, received = 0;
	struct job j;

	job_begin(&j, t);
	while (received < t->packets) {
		uint64_t burst_end = sent + SEND_BURST / 2;

		while (sent < burst_end && sent < t->packets)
			produce_one(&j, sent++);
		show(&j);
		while (consume_one(&j, received))
			received++;
		give_back(&j);
	}
	job_end(&j);
}
