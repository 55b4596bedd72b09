// SPDX-License-Identifier: GPL-2.0
/*
 * domain.c - domains, by number and by name, as xenstore has them.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "command.h"
#include "domain.h"
#include "store.h"
#include "text.h"

bool domain_is_control(void)
{
	char line[64] = "";
	FILE *f = fopen("/proc/xen/capabilities", "r");

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		*line = '\0';
	fclose(f);
	return strstr(line, "control_d");
}

unsigned int domain_self(void)
{
	unsigned long id;

	/* A relative path is below this domain's own directory. */
	if (store_number(&id, DOMAIN_LAST, "domid"))
		return id;
	if (domain_is_control())
		return 0;
	die(EXIT_FAIL, "xenstore does not say which domain this is");
}

size_t domain_list(unsigned int *ids, size_t num)
{
	size_t n = store_numbers(ids, num, DOMAIN_LAST, "/local/domain");

	if (!n && num) {
		ids[0] = domain_self();
		n = 1;
	}
	return n;
}

/* Elsewhere than in dom0 a domain sees no other's directory. */
bool domain_exists(unsigned int id)
{
	return !domain_is_control() || store_exists(store_path("/local/domain/%u", id));
}

bool domain_name(unsigned int id, char *name, size_t size)
{
	return store_text(name, size,
			  store_path("/local/domain/%u/name", id)) && *name;
}

static bool is_uuid(const char *s)
{
	size_t i;

	for (i = 0; i < UUID_LEN - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return !s[i];
}

bool domain_uuid(unsigned int id, char uuid[UUID_LEN])
{
	char vm[TEXT_MAX];

	*uuid = '\0';
	if (!store_text(vm, sizeof(vm),
			store_path("/local/domain/%u/vm", id)) ||
	    !is_uuid(text_base(vm)))
		return false;
	strcpy(uuid, text_base(vm));
	return true;
}

/* From the raw name: one that is escaped already would be escaped twice. */
bool domain_word(unsigned int id, char *word, size_t size)
{
	char *name = xs_read(store(), XBT_NULL,
			     store_path("/local/domain/%u/name", id), NULL);

	*word = '\0';
	if (name)
		text_word(word, size, name);
	free(name);
	return *word;
}

bool domain_find_word(const char *word, unsigned int *id)
{
	static unsigned int ids[DOMAINS_MAX];
	size_t i, num = domain_list(ids, DOMAINS_MAX);
	char name[TEXT_MAX];
	unsigned long number;

	if (text_number(word, DOMAIN_LAST, &number)) {
		*id = number;
		return domain_exists(number);
	}
	for (i = 0; i < num; i++) {
		if (!domain_word(ids[i], name, sizeof(name)) ||
		    strcmp(name, word))
			continue;
		*id = ids[i];
		return true;
	}
	return false;
}

bool domain_find(const char *text, unsigned int *id)
{
	char word[TEXT_MAX];

	text_word(word, sizeof(word), text);
	return domain_find_word(word, id);
}

unsigned int domain_need(const char *text)
{
	unsigned int id;

	if (!domain_find(text, &id))
		die(EXIT_NONE, "%s: no such domain; %s", text,
		    domain_is_control() ? "xl list shows them" :
		    "outside dom0 they are known by number only");
	return id;
}
