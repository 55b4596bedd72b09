/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domain.h - domains, by number and by name.
 */
#ifndef DRB_TOOLS_DOMAIN_H
#define DRB_TOOLS_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#define DOMAIN_LAST 0x7fefu	/* numbers from 0x7ff0 on have a meaning */
#define DOMAINS_MAX 4096u
#define UUID_LEN 37		/* with its end */

/* The domain the tool runs in, and whether it is the toolstack's. */
unsigned int domain_self(void);
bool domain_is_control(void);

/* As many as xenstore shows this domain; itself at least. */
size_t domain_list(unsigned int *ids, size_t num);
bool domain_exists(unsigned int id);

/* Empty and false when this domain may not know. */
bool domain_name(unsigned int id, char *name, size_t size);
bool domain_uuid(unsigned int id, char uuid[UUID_LEN]);

/* The name as one word (text_word()), for files of them. */
bool domain_word(unsigned int id, char *word, size_t size);
bool domain_find_word(const char *word, unsigned int *id);

/* By name or number.  domain_need() ends the tool if there is none. */
bool domain_find(const char *text, unsigned int *id);
unsigned int domain_need(const char *text);

#endif
