/* SPDX-License-Identifier: MIT */
/*
 * drb_if.h - the shared-memory ABI between netfront-drb and netback-drb.
 *
 * Normative text: docs/protocol.md.  All fields are native-endian (both ends
 * run on one machine), all reserved fields are zero when written and ignored
 * when read.  "guest" is the frontend, "backend" the driver domain.
 *
 * One queue consists of guest pages, granted once and mapped once:
 *
 *	info	1 page		guest writes	backend maps read-only
 *	ctrl	1 page		both write	backend maps read-write
 *	TX	tx_pages	guest writes	backend maps read-only
 *	RX	rx_pages	backend writes	backend maps read-write
 */
#ifndef DRB_IF_H
#define DRB_IF_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#endif

#define DRB_VERSION		1u
#define DRB_PAGE_SIZE		4096u
#define DRB_PAGE_SHIFT		12

/* info.magic: "DRB1".  Reads as zero once access has been revoked. */
#define DRB_MAGIC		0x31425244u

/*
 * A ring's size in pages: a power of two within these limits.  The least one
 * still takes the largest packet while half of it is in use.
 */
#define DRB_MIN_RING_PAGES	64u
#define DRB_MAX_RING_PAGES	256u

/* Records start at multiples of this; so do both indices. */
#define DRB_ALIGN		64u

/*
 * Bounds of a packet: an Ethernet header; what fits into half of the least
 * ring, whatever its data_off, so 64 KiB and more of payload (BIG TCP).
 */
#define DRB_MIN_PACKET		14u
#define DRB_MAX_PACKET		(DRB_MIN_RING_PAGES * DRB_PAGE_SIZE / 2 - 320u)

#define DRB_MAX_QUEUES		16u

/*
 * The writer of a ring's producer line is the producer, of its consumer line
 * the consumer.  Either end trusts only its own private copy of what it
 * writes and validates what it reads.  Indices are free-running byte counts;
 * prod - cons (mod 2^32) never exceeds the ring's size in bytes.
 *
 * A peer is notified when an index crosses the event index it published:
 * moving from old to new notifies iff old <= event < new (mod 2^32).
 */
struct drb_ring_ctrl {
	/* producer line: W producer, R consumer */
	uint32_t prod;		/* end of the last complete record */
	uint32_t space_event;	/* notify when cons moves past this */
	uint32_t pad0[30];
	/* consumer line: W consumer, R producer */
	uint32_t cons;		/* start of the oldest record still in use */
	uint32_t data_event;	/* notify when prod moves past this */
	uint32_t pad1[30];
};

struct drb_ctrl {
	struct drb_ring_ctrl tx;	/* producer: guest */
	struct drb_ring_ctrl rx;	/* producer: backend */
};

/*
 * The info page: W guest, before it publishes the page's grant reference;
 * R backend, once at connect (then only magic, after each notification, and
 * filter).  gref[] holds the ctrl page, then tx_pages, then rx_pages references.
 */
#define DRB_INFO_GREFS		1008u

struct drb_info {
	uint32_t magic;		/* DRB_MAGIC */
	uint32_t version;	/* DRB_VERSION */
	uint32_t tx_pages;
	uint32_t rx_pages;
	/*
	 * Of queue 0: changes whenever the guest wants other multicast groups
	 * than it has told; 0: it never says so.
	 */
	uint32_t filter;
	uint32_t reserved[11];
	uint32_t gref[DRB_INFO_GREFS];
};

/*
 * The offload fields of a record have the values and the meaning of struct
 * virtio_net_hdr (OASIS virtio 1.2, section 5.1.6), which every kernel knows
 * how to check.
 */

/* drb_record.flags */
#define DRB_F_CSUM_PARTIAL	0x01	/* csum_start/offset valid: finish it */
#define DRB_F_CSUM_VALID	0x02	/* checksum was verified by hardware */

/* drb_record.gso_type */
#define DRB_GSO_NONE		0x00
#define DRB_GSO_TCPV4		0x01
#define DRB_GSO_TCPV6		0x04
#define DRB_GSO_UDP_L4		0x05	/* UDP payload; CSUM_PARTIAL, too */
#define DRB_GSO_ECN		0x80	/* or'ed in: TCP has ECN set */

/* drb_record.hash_type: what the hash covers */
#define DRB_HASH_NONE		0
#define DRB_HASH_L3		1	/* addresses */
#define DRB_HASH_L4		2	/* addresses and ports */

/*
 * A record: this header, room for later metadata up to data_off, then len
 * bytes of packet starting with the Ethernet header.  A record may wrap
 * around the end of the ring; its header never does.
 */
struct drb_record {
	uint32_t len;		/* bytes of packet */
	uint16_t data_off;	/* bytes from the record's start to the packet */
	uint8_t flags;		/* DRB_F_* */
	uint8_t gso_type;	/* DRB_GSO_* */
	uint16_t gso_size;	/* bytes of payload per segment */
	uint16_t hdr_len;	/* bytes of headers, a hint */
	uint16_t csum_start;	/* bytes from the packet's start */
	uint16_t csum_offset;	/* bytes from csum_start */
	uint32_t hash;		/* of the packet's flow, for steering only */
	uint8_t hash_type;	/* DRB_HASH_* */
	uint8_t reserved0[3];
	uint32_t reserved[2];
};

#define DRB_MIN_DATA_OFF	32u	/* sizeof(struct drb_record) */
#define DRB_MAX_DATA_OFF	256u

/*
 * Receive side scaling: how the guest, in xenstore, tells the backend to spread
 * packets over its queues.
 */
#define DRB_RSS_KEY_LEN		40u
#define DRB_RSS_TABLE_LEN	128u

/* drb-rss/types, or'ed: IP for addresses, TCP and UDP for their ports too */
#define DRB_RSS_IPV4		0x01u
#define DRB_RSS_TCPV4		0x02u
#define DRB_RSS_UDPV4		0x04u
#define DRB_RSS_IPV6		0x08u
#define DRB_RSS_TCPV6		0x10u
#define DRB_RSS_UDPV6		0x20u
#define DRB_RSS_ALL		0x3fu

#endif /* DRB_IF_H */
