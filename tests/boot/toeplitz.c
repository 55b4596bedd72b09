// SPDX-License-Identifier: GPL-2.0
/*
 * toeplitz - the queues that receive side scaling is to choose for flows:
 *
 *	toeplitz KEY QUEUES SRC DST DPORT SPORT...
 *
 * prints a queue per source port, with a table that names all in turn.  With
 * DPORT 0 only the addresses are hashed.
 */
#include <arpa/inet.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <drb/drb_toeplitz.h>

static void parse_key(uint8_t *key, const char *text)
{
	unsigned int i;

	if (strlen(text) != 3 * DRB_RSS_KEY_LEN - 1)
		error(2, 0, "a key has %u bytes", DRB_RSS_KEY_LEN);
	for (i = 0; i < DRB_RSS_KEY_LEN; i++)
		key[i] = strtoul(text + 3 * i, NULL, 16);
}

int main(int argc, char **argv)
{
	uint8_t key[DRB_RSS_KEY_LEN], data[12];
	unsigned int queues, dport, len;
	int i;

	if (argc < 7)
		error(2, 0, "see the head of toeplitz.c");
	parse_key(key, argv[1]);
	queues = atoi(argv[2]);
	dport = atoi(argv[5]);
	len = dport ? 12 : 8;
	if (!queues || inet_pton(AF_INET, argv[3], data) != 1 ||
	    inet_pton(AF_INET, argv[4], data + 4) != 1)
		error(2, 0, "no queues, or no addresses");
	for (i = 6; i < argc; i++) {
		unsigned int sport = atoi(argv[i]);

		data[8] = sport >> 8;
		data[9] = sport;
		data[10] = dport >> 8;
		data[11] = dport;
		printf("%u\n", drb_toeplitz(key, data, len) %
		       DRB_RSS_TABLE_LEN % queues);
	}
	return 0;
}
