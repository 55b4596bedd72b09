// SPDX-License-Identifier: GPL-2.0
/*
 * Runs commands in a guest over xenstore, so that no measured interface
 * carries control traffic and an idle guest has nothing to do.
 *
 * Below /local/domain/ID/data, which the guest may write:
 *
 *   drb-agent        present once the agent serves
 *   drb-cmd/JOB      a command, written by dom0, removed by the agent;
 *                    the empty command terminates the running JOB
 *   drb-out/JOB/N    chunk N of the output, removed by dom0 when read
 *   drb-out/JOB/rc   the exit code, written after the last chunk
 *
 * At most WINDOW unread chunks of a job stand in xenstore: the guest has a
 * quota of 1000 nodes, and its vifs need some of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenstore.h>

#define CHUNK		1900	/* xenstored refuses values above 2048 bytes */
#define WINDOW		64
#define JOBS		8
#define OUTPUT_MAX	(1 << 20)
#define PATH_LEN	192
/* Not the command's: lib.sh's fails_on takes no code from 124 on for one. */
#define EXIT_TIMEOUT	124	/* the time was up */
#define EXIT_AGENT	125	/* the command could not be run or followed */

struct job {
	char id[32];
	pid_t pid;
	int fd;			/* -1: the command has exited */
	bool eof;		/* ... or has at least closed its output */
	int rc;
	char *out;
	size_t len, sent;
	unsigned int chunk;
};

static struct xs_handle *xs;
static struct job jobs[JOBS];
static bool waiting;		/* commands stand in xenstore for want of a job */

static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("agent: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(EXIT_AGENT);
}

static char *node(char *path, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(path, PATH_LEN, fmt, ap) >= PATH_LEN)
		die("path too long");
	va_end(ap);
	return path;
}

static void drain_watches(void)
{
	char **event;

	while ((event = xs_check_watch(xs)))
		free(event);
}

/* The guest's side. */

static struct job *find_job(const char *id)
{
	for (int i = 0; i < JOBS; i++)
		if (jobs[i].id[0] && !strcmp(jobs[i].id, id))
			return &jobs[i];
	return NULL;
}

static struct job *free_job(void)
{
	for (int i = 0; i < JOBS; i++)
		if (!jobs[i].id[0])
			return &jobs[i];
	return NULL;
}

static void exec_shell(const char *cmd, int out)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	execl("/bin/sh", "sh", "-c", cmd, NULL);
	_exit(EXIT_AGENT);
}

static void start_job(struct job *job, const char *id, const char *cmd)
{
	int fds[2];

	memset(job, 0, sizeof(*job));
	job->out = malloc(OUTPUT_MAX);
	if (!job->out || pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		die("out of resources for %s", id);
	fcntl(fds[1], F_SETFL, 0);
	snprintf(job->id, sizeof(job->id), "%s", id);
	job->fd = fds[0];
	job->pid = fork();
	if (!job->pid)
		exec_shell(cmd, fds[1]);
	close(fds[1]);
}

static int job_output(const struct job *job)
{
	return job->id[0] && !job->eof ? job->fd : -1;
}

/* Output above the limit is read, so that the command goes on, and dropped. */
static void read_output(struct job *job)
{
	char rest[4096];
	ssize_t n;

	do {
		size_t room = OUTPUT_MAX - job->len;

		n = room ? read(job->fd, job->out + job->len, room) :
			   read(job->fd, rest, sizeof(rest));
		if (n > 0 && room)
			job->len += n;
	} while (n > 0);
	job->eof = !n;
}

/*
 * A job ends with its shell, not with the last holder of the pipe, so that a
 * command may leave a process in the background.
 */
static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < JOBS; i++) {
			struct job *job = &jobs[i];

			if (!job->id[0] || job->fd < 0 || job->pid != pid)
				continue;
			read_output(job);
			close(job->fd);
			job->fd = -1;
			job->rc = WIFEXITED(status) ? WEXITSTATUS(status) :
						      128 + WTERMSIG(status);
		}
	}
}

static unsigned int unread_chunks(const struct job *job)
{
	char path[PATH_LEN];
	unsigned int n = 0;

	free(xs_directory(xs, XBT_NULL,
			  node(path, "data/drb-out/%s", job->id), &n));
	return n;
}

static bool send_chunk(struct job *job)
{
	size_t n = job->len - job->sent;
	char path[PATH_LEN];

	if (n > CHUNK)
		n = CHUNK;
	node(path, "data/drb-out/%s/%u", job->id, job->chunk);
	if (!xs_write(xs, XBT_NULL, path, job->out + job->sent, n))
		return false;
	job->sent += n;
	job->chunk++;
	return true;
}

static void send_output(struct job *job)
{
	char path[PATH_LEN], rc[8];
	unsigned int room = WINDOW;

	/* Small outputs, the usual case, need no look at what is unread. */
	if (job->chunk)
		room -= unread_chunks(job);
	while (job->sent < job->len && room && room <= WINDOW) {
		if (!send_chunk(job))
			return;
		room--;
	}
	if (job->fd >= 0 || job->sent < job->len)
		return;
	snprintf(rc, sizeof(rc), "%d", job->rc);
	xs_write(xs, XBT_NULL, node(path, "data/drb-out/%s/rc", job->id), rc,
		 strlen(rc));
	free(job->out);
	job->id[0] = '\0';
}

static void take_command(const char *id)
{
	struct job *job = find_job(id);
	char path[PATH_LEN];
	unsigned int len;
	char *cmd;

	node(path, "data/drb-cmd/%s", id);
	cmd = xs_read(xs, XBT_NULL, path, &len);
	if (!cmd)
		return;
	if (job && !len)
		kill(-job->pid, SIGTERM);
	else if (!job && len)
		job = free_job();
	if (!job && len) {
		waiting = true;
		free(cmd);
		return;
	}
	xs_rm(xs, XBT_NULL, path);
	if (job && len && !job->id[0])
		start_job(job, id, cmd);
	free(cmd);
}

static void take_all_commands(void)
{
	unsigned int n = 0;
	char **ids, *ready;

	/* A restored or migrated guest finds its data directory empty. */
	ready = xs_read(xs, XBT_NULL, "data/drb-agent", &n);
	if (!ready)
		xs_write(xs, XBT_NULL, "data/drb-agent", "1", 1);
	free(ready);
	waiting = false;
	ids = xs_directory(xs, XBT_NULL, "data/drb-cmd", &n);
	for (unsigned int i = 0; ids && i < n; i++)
		take_command(ids[i]);
	free(ids);
}

/*
 * Every request to xenstored costs a trip to dom0, so an event leads to no more
 * of them than it must. The event of a new watch, also after a resume, names
 * the watched directory itself.
 */
static void take_events(void)
{
	static const char dir[] = "data/drb-cmd";
	const size_t len = sizeof(dir) - 1;
	char **event;

	while ((event = xs_check_watch(xs))) {
		const char *path = event[XS_WATCH_PATH];

		if (!strcmp(path, dir))
			take_all_commands();
		else if (!strncmp(path, dir, len) && path[len] == '/')
			take_command(path + len + 1);
		free(event);
	}
}

static int child_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void serve(void)
{
	struct pollfd fds[JOBS + 2] = {
		{ .fd = xs_fileno(xs), .events = POLLIN },
		{ .fd = child_signals(), .events = POLLIN },
	};
	struct signalfd_siginfo info;

	if (!xs_watch(xs, "data/drb-cmd", "cmd") ||
	    !xs_watch(xs, "data/drb-out", "out"))
		die("cannot watch xenstore");
	for (;;) {
		for (int i = 0; i < JOBS; i++) {
			fds[i + 2].fd = job_output(&jobs[i]);
			fds[i + 2].events = POLLIN;
		}
		if (poll(fds, JOBS + 2, -1) < 0 && errno != EINTR)
			die("poll: %s", strerror(errno));
		if (fds[0].revents)
			take_events();
		for (int i = 0; i < JOBS; i++)
			if (job_output(&jobs[i]) >= 0)
				read_output(&jobs[i]);
		while (read(fds[1].fd, &info, sizeof(info)) > 0)
			;
		reap();
		for (int i = 0; i < JOBS; i++)
			if (jobs[i].id[0])
				send_output(&jobs[i]);
		if (waiting && free_job())
			take_all_commands();
	}
}

/* Dom0's side. */

static bool domain_named(unsigned int domid, const char *name)
{
	char path[PATH_LEN];
	unsigned int len;
	char *value;
	bool same;

	value = xs_read(xs, XBT_NULL,
			node(path, "/local/domain/%u/name", domid), &len);
	same = value && !strcmp(value, name);
	free(value);
	return same;
}

static unsigned int find_domain(const char *name)
{
	unsigned int n = 0, domid;
	char *end, **ids;

	domid = strtoul(name, &end, 10);
	if (!*end)
		return domid;
	ids = xs_directory(xs, XBT_NULL, "/local/domain", &n);
	for (unsigned int i = 0; ids && i < n; i++) {
		domid = strtoul(ids[i], NULL, 10);
		if (domain_named(domid, name)) {
			free(ids);
			return domid;
		}
	}
	die("no domain %s", name);
	return 0;
}

/* Not to get an answer says nothing about the domain: the time limit will. */
static bool domain_runs(xc_interface *xch, unsigned int domid)
{
	xc_domaininfo_t info;
	int nr = xc_domain_getinfolist(xch, domid, 1, &info);

	if (nr < 0) {
		fprintf(stderr, "agent: asking for domain %u: %s\n", domid,
			strerror(errno));
		return true;
	}
	return nr == 1 && info.domain == domid &&
	       !(info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying));
}

static bool has_crashed(const xc_domaininfo_t *info)
{
	unsigned int reason = (info->flags >> XEN_DOMINF_shutdownshift) &
			      XEN_DOMINF_shutdownmask;

	return (info->flags & XEN_DOMINF_shutdown) && reason == SHUTDOWN_crash;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Sleeps until something watched has changed; false: the time is over. */
static bool wait_event(double deadline)
{
	struct pollfd fd = { .fd = xs_fileno(xs), .events = POLLIN };
	double left = deadline - now();

	if (left <= 0 || poll(&fd, 1, left * 1000 + 1) <= 0)
		return false;
	drain_watches();
	return true;
}

static void wait_agent(unsigned int domid, double deadline)
{
	char path[PATH_LEN];
	unsigned int len;
	char *value;

	node(path, "/local/domain/%u/data/drb-agent", domid);
	value = xs_read(xs, XBT_NULL, path, &len);
	if (!value && !xs_watch(xs, path, "agent"))
		die("cannot watch xenstore");
	while (!value) {
		if (!wait_event(deadline))
			die("no agent in domain %u", domid);
		value = xs_read(xs, XBT_NULL, path, &len);
	}
	free(value);
}

static void send_command(unsigned int domid, const char *id, const char *cmd)
{
	char path[PATH_LEN];

	node(path, "/local/domain/%u/data/drb-cmd/%s", domid, id);
	if (!xs_write(xs, XBT_NULL, path, cmd, strlen(cmd)))
		die("cannot send to domain %u: %s", domid, strerror(errno));
}

/* The exit code, or -1 while the command runs. */
static int collect(const char *dir, unsigned int *chunk)
{
	char path[PATH_LEN], *rc, *out;
	unsigned int len;
	int code;

	/* Read before the chunks: it was written after all of them. */
	rc = xs_read(xs, XBT_NULL, node(path, "%s/rc", dir), &len);
	while ((out = xs_read(xs, XBT_NULL,
			      node(path, "%s/%u", dir, *chunk), &len))) {
		fwrite(out, 1, len, stdout);
		free(out);
		xs_rm(xs, XBT_NULL, path);
		++*chunk;
	}
	fflush(stdout);
	if (!rc)
		return -1;
	code = atoi(rc);
	free(rc);
	xs_rm(xs, XBT_NULL, dir);
	return code;
}

static int wait_job(unsigned int domid, const char *id, double deadline)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	unsigned int chunk = 0;
	char dir[PATH_LEN];
	int rc;

	node(dir, "/local/domain/%u/data/drb-out/%s", domid, id);
	if (!xch || !xs_watch(xs, dir, "out") ||
	    !xs_watch(xs, "@releaseDomain", "gone"))
		die("cannot follow domain %u", domid);
	while ((rc = collect(dir, &chunk)) < 0) {
		if (!domain_runs(xch, domid))
			die("domain %u stopped running", domid);
		if (!wait_event(deadline)) {
			send_command(domid, id, "");
			fprintf(stderr, "agent: %s timed out\n", id);
			return EXIT_TIMEOUT;
		}
	}
	xc_interface_close(xch);
	return rc;
}

static const char *join(char **words)
{
	static char line[CHUNK];
	size_t len = 0;

	for (; *words; words++) {
		len += snprintf(line + len, sizeof(line) - len, "%s%s",
				len ? " " : "", *words);
		if (len >= sizeof(line))
			die("command longer than %zu bytes", sizeof(line) - 1);
	}
	return line;
}

/* One line for each domain that crashes, as soon as it does. */
static int report_deaths(void)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	static bool told[DOMID_FIRST_RESERVED];
	xc_domaininfo_t info[64];
	char path[PATH_LEN];
	unsigned int len;
	int n;

	if (!xch || !xs_watch(xs, "@releaseDomain", "gone"))
		die("cannot watch the domains");
	while (wait_event(now() + 1e6)) {
		n = xc_domain_getinfolist(xch, 0, 64, info);
		for (int i = 0; i < n; i++) {
			unsigned int id = info[i].domain;
			char *name;

			if (told[id] || !has_crashed(&info[i]))
				continue;
			told[id] = true;
			node(path, "/local/domain/%u/name", id);
			name = xs_read(xs, XBT_NULL, path, &len);
			printf("%s\n", name ? name : "unknown");
			fflush(stdout);
			free(name);
		}
	}
	return 0;
}

static void usage(void)
{
	fputs("usage: agent serve\n"
	      "       agent [-t SECONDS] run DOMAIN COMMAND...\n"
	      "       agent [-t SECONDS] start DOMAIN JOB COMMAND...\n"
	      "       agent [-t SECONDS] wait DOMAIN JOB\n"
	      "       agent stop DOMAIN JOB\n"
	      "       agent [-t SECONDS] ready DOMAIN\n"
	      "       agent deaths\n", stderr);
	exit(EXIT_AGENT);
}

static int dom0_command(int argc, char **argv, double deadline)
{
	unsigned int domid;
	char id[32];

	if (argc < 2)
		usage();
	domid = find_domain(argv[1]);
	if (!strcmp(argv[0], "ready")) {
		wait_agent(domid, deadline);
	} else if (!strcmp(argv[0], "run") && argc > 2) {
		snprintf(id, sizeof(id), "run-%d", getpid());
		wait_agent(domid, deadline);
		send_command(domid, id, join(argv + 2));
		return wait_job(domid, id, deadline);
	} else if (!strcmp(argv[0], "start") && argc > 3) {
		wait_agent(domid, deadline);
		send_command(domid, argv[2], join(argv + 3));
	} else if (!strcmp(argv[0], "wait") && argc == 3) {
		return wait_job(domid, argv[2], deadline);
	} else if (!strcmp(argv[0], "stop") && argc == 3) {
		send_command(domid, argv[2], "");
	} else {
		usage();
	}
	return 0;
}

int main(int argc, char **argv)
{
	double seconds = 60;
	int opt;

	while ((opt = getopt(argc, argv, "+t:")) != -1) {
		if (opt != 't')
			usage();
		seconds = atof(optarg);
	}
	argc -= optind;
	argv += optind;
	xs = xs_open(0);
	if (!xs)
		die("no xenstore: %s", strerror(errno));
	xs_fileno(xs);		/* from now on watch events make it readable */
	if (argc == 1 && !strcmp(argv[0], "serve"))
		serve();
	if (argc == 1 && !strcmp(argv[0], "deaths"))
		return report_deaths();
	return dom0_command(argc, argv, now() + seconds);
}
