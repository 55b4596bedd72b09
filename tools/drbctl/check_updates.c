// SPDX-License-Identifier: GPL-2.0
/*
 * check_updates.c - is the Xen that runs as recent as what the distribution has?
 * A hypervisor that was built by hand gets no security updates by itself. Told
 * where dpkg and apt are, for they know.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "run.h"
#include "text.h"

#define PATIENCE 20	/* seconds; apt reads all its lists */

struct package {
	char name[64];
	char version[128];	/* empty: there is none */
};

/* What one program says of a package, where that is a line behind a word. */
static void ask(char *const argv[], const char *word, char *to, size_t size)
{
	char all[4096], *line, *save;
	size_t used;

	*to = '\0';
	if (run_capture(argv, PATIENCE, all, sizeof(all) - 1, &used))
		return;
	all[used] = '\0';
	for (line = strtok_r(all, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " ");
		if (strncmp(line, word, strlen(word)))
			continue;
		line += strlen(word);
		if (strspn(line, "0123456789"))
			text_escape(to, size, line, strlen(line));
		return;
	}
}

static void ask_installed(struct package *p)
{
	char format[] = "-f=${db:Status-Status}: ${Version}\\n";
	char *const argv[] = { "dpkg-query", "-W", format, p->name, NULL };

	ask(argv, "installed: ", p->version, sizeof(p->version));
}

static void ask_candidate(struct package *p)
{
	char *const argv[] = { "env", "LC_ALL=C", "apt-cache", "policy", p->name,
			 NULL };

	ask(argv, "Candidate: ", p->version, sizeof(p->version));
}

static bool newer(char *a, char *b)
{
	char *const argv[] = { "dpkg", "--compare-versions", a, "gt", b, NULL };
	char said[64];

	if (!*a || !*b)
		return *a;
	return !run_program(argv, PATIENCE, said, sizeof(said));
}

/* The release of Xen that a package's version begins with: 4.17.7+13-... */
static void release_of(char *to, size_t size, const char *version)
{
	text_format(to, size, "%.*s", (int)strspn(version, "0123456789."),
		    version);
}

/* What a package of DRB's was made of; its version goes on with +drb or -0~drb. */
static void base_of(char *to, size_t size, const char *version)
{
	const char *end = strstr(version, "drb");
	size_t len = end ? (size_t)(end - version) : strlen(version);

	if (end && len >= 3 && !strncmp(end - 3, "-0~", 3))
		len -= 3;
	else if (end && len)
		len--;
	text_format(to, size, "%.*s", (int)len, version);
}

/* The source that a version of Debian's is of, without Debian's revision. */
static bool same_source(const char *debian, const char *base)
{
	const char *dash = strrchr(debian, '-');
	size_t len = dash ? (size_t)(dash - debian) : strlen(debian);

	return strlen(base) == len && !strncmp(debian, base, len);
}

static void compare(char *running, struct package *debian, struct package *drb)
{
	static const char what[] = "updates";
	char release[128], base[128];

	release_of(release, sizeof(release), debian->version);
	base_of(base, sizeof(base), drb->version);
	if (newer(release, running))
		report(what, CHECK_WARN,
		       "upgrade the hypervisor (or make xen-deb anew), and reboot",
		       "Xen %s runs, %s is %s: security updates are missing",
		       running, debian->name, debian->version);
	else if (*base && newer(debian->version, base) &&
		 !same_source(debian->version, base))
		report(what, CHECK_WARN,
		       "make deps xen-deb with the newer source, install it, and reboot",
		       "%s is made of %s, %s is %s: security updates are missing",
		       drb->name, base, debian->name, debian->version);
	else
		report(what, CHECK_OK, NULL, "Xen %s runs, %s is %s", running,
		       debian->name, debian->version);
}

void check_updates(const char *running)
{
	struct package debian, candidate, drb;
	char line[64];
	int minor = 0;

	if (sscanf(running, "%*u.%*u%n", &minor) < 0 || !minor)
		return;
	release_of(line, sizeof(line), running);
	text_format(debian.name, sizeof(debian.name),
		    "xen-hypervisor-%.*s-amd64", minor, running);
	text_format(drb.name, sizeof(drb.name), "xen-hypervisor-%.*s-drb",
		    minor, running);
	candidate = debian;
	ask_installed(&debian);
	ask_candidate(&candidate);
	ask_installed(&drb);
	if (newer(candidate.version, debian.version))
		debian = candidate;
	if (*debian.version)
		compare(line, &debian, &drb);
}
