// SPDX-License-Identifier: GPL-2.0
/*
 * ring_threads.c - two threads on the two ends of a ring, each asleep on an
 * eventfd whenever it has nothing to do, woken by nothing but the ring's
 * notifications.  A lost one leaves both asleep and the watchdog fails the
 * run; content is checked by a checksum over each packet.
 *
 * usage: ring_threads [seed [packets]]
 */
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "host.h"

#define WATCHDOG_SECONDS	60
#define HEAD			((uint32_t)sizeof(struct head))
#define MAX_BODY		4096u

/* The start of each packet; the checksum covers all that follows it. */
struct head {
	uint64_t seq;
	uint64_t sum;
};

struct phase {
	const char *name;
	uint32_t max_len;
	uint32_t max_burst;	/* records per publish */
	uint32_t start;		/* of the indices */
	enum layout layout;
};

static const struct phase phases[] = {
	{ "single-small", 64, 1, 0, APART },
	{ "bursts-mixed", MAX_BODY, 64, 0xffffff00, JOINED },
	{ "bursts-large", DRB_MAX_PACKET, 8, 0xfff00000, APART },
	{ "bursts-large-joined", DRB_MAX_PACKET, 8, 0xfff00000, JOINED },
};

static const char *program;		/* two builds of it are run */
static const struct phase *phase;
static struct pair q;
static uint64_t seed, packets;
static int data_bell, space_bell;
static const char *producer_broken, *consumer_broken;
static uint64_t data_rings, space_rings;

static uint64_t sum_of(const uint8_t *p, uint32_t len)
{
	uint64_t sum = len, word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum = sum * 31 + word;
	}
	while (len--)
		sum = sum * 31 + *p++;
	return sum;
}

static void ring_bell(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void sleep_on(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) != sizeof(n))
		abort();
}

/* ---- producer ------------------------------------------------------------ */

static void show(void)
{
	if (drb_ring_publish(&q.p)) {
		data_rings++;
		ring_bell(data_bell);
	}
}

/* 0 once span bytes are free, however long that takes. */
static int wait_for(uint32_t span)
{
	int ret;

	while ((ret = drb_ring_reserve(&q.p, span)) == -ENOSPC) {
		show();
		ret = drb_ring_wait_space(&q.p, span);
		if (ret < 0)
			return ret;
		if (ret == 0)
			sleep_on(space_bell);
	}
	return ret;
}

static void make_packet(uint8_t *buf, uint64_t seq, uint32_t len)
{
	struct head h = { .seq = seq };
	uint64_t s = seq;

	memset(buf + HEAD, (int)rnd(&s), len - HEAD);
	buf[len - 1] = seq;
	h.sum = sum_of(buf + HEAD, len - HEAD);
	memcpy(buf, &h, HEAD);
}

static void *produce(void *unused)
{
	static uint8_t buf[DRB_MAX_PACKET];
	uint64_t seq, s = seed;
	uint32_t burst = 1;

	for (seq = 0; seq < packets; seq++) {
		uint32_t len = rnd_in(&s, HEAD + 1, phase->max_len);

		make_packet(buf, seq, len);
		if (wait_for(drb_span(DRB_MIN_DATA_OFF, len)) ||
		    send_record(&q.p, DRB_MIN_DATA_OFF, buf, len)) {
			producer_broken = "the producer sees a violation";
			break;
		}
		if (--burst == 0) {
			show();
			burst = rnd_in(&s, 1, phase->max_burst);
		}
	}
	show();
	return unused;
}

/* ---- consumer ------------------------------------------------------------ */

static const char *check_packet(const uint8_t *buf, uint32_t len, uint64_t seq)
{
	struct head h;

	if (len <= HEAD)
		return "a packet is too short";
	memcpy(&h, buf, HEAD);
	if (h.seq != seq)
		return "a packet is missing or out of order";
	if (h.sum != sum_of(buf + HEAD, len - HEAD))
		return "a packet's content is damaged";
	return NULL;
}

static void give_back(void)
{
	if (drb_ring_publish_cons(&q.c)) {
		space_rings++;
		ring_bell(space_bell);
	}
}

/* Nothing to read: give space back, then sleep unless something came. */
static int idle(void)
{
	int ret;

	give_back();
	ret = drb_ring_arm(&q.c);
	if (ret == 0)
		sleep_on(data_bell);
	return ret;
}

static void *consume(void *unused)
{
	static uint8_t buf[DRB_MAX_PACKET];
	struct drb_record rec;
	uint64_t seq = 0, s = ~seed;
	int ret = 0;

	while (seq < packets && ret >= 0 && !consumer_broken) {
		ret = take_record(&q.c, &rec, buf);
		if (ret == 0)
			ret = idle();
		else if (ret == 1)
			consumer_broken = check_packet(buf, rec.len, seq++);
		if (rnd_in(&s, 0, 15) == 0)
			give_back();
	}
	if (ret < 0)
		consumer_broken = "the consumer sees a violation";
	/* Whatever went wrong, the producer must be able to come to its end. */
	give_back();
	return unused;
}

/* ---- one phase ----------------------------------------------------------- */

static void watchdog(int sig)
{
	static const char text[] =
		"FAIL ring_threads.terminates: both ends sleep or crawl\n";
	ssize_t done = write(STDOUT_FILENO, text, sizeof(text) - 1);

	_exit(done < 0 ? sig : EXIT_FAILURE);
}

static void run_phase(const struct phase *p)
{
	pthread_t producer, consumer;
	char name[64];

	phase = p;
	data_rings = 0;
	space_rings = 0;
	pair_alloc(&q, DRB_MIN_RING_PAGES, p->layout);
	pair_start(&q, p->start);
	if (pthread_create(&consumer, NULL, consume, NULL) ||
	    pthread_create(&producer, NULL, produce, NULL))
		abort();
	pthread_join(consumer, NULL);
	if (consumer_broken) {
		/* The producer may sleep for ever now: report and leave. */
		result(program, consumer_broken);
		exit(exit_status());
	}
	pthread_join(producer, NULL);
	pair_free(&q);
	printf("# %s: %llu packets, %llu data and %llu space notifications\n",
	       p->name, (unsigned long long)packets,
	       (unsigned long long)data_rings,
	       (unsigned long long)space_rings);
	snprintf(name, sizeof(name), "%s.%s", program, p->name);
	result(name, producer_broken);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	char name[64];
	size_t i;

	program = slash ? slash + 1 : argv[0];
	seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	packets = argc > 2 ? strtoull(argv[2], NULL, 0) : 100000;
	printf("# seed %llu\n", (unsigned long long)seed);
	data_bell = eventfd(0, 0);
	space_bell = eventfd(0, 0);
	if (data_bell < 0 || space_bell < 0)
		abort();
	signal(SIGALRM, watchdog);
	alarm(WATCHDOG_SECONDS);
	for (i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
		run_phase(&phases[i]);
	snprintf(name, sizeof(name), "%s.terminates", program);
	result(name, NULL);
	return exit_status();
}
