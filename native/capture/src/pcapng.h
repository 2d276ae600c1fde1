/* Writes pcapng (draft-ietf-opsawg-pcapng) in this machine's byte order to standard output, through one buffer. */
#ifndef TCPWB_PCAPNG_H
#define TCPWB_PCAPNG_H

#include <stdint.h>

#define PCAPNG_MAX_SNAPSHOT 262144

struct pcapng_interface {
	const char *name;
	const char *filter; /* NULL for none */
	int linktype;
	uint32_t snapshot_length;
	uint8_t decimals; /* 9 for nanoseconds, 6 for microseconds */
};

struct pcapng_statistics {
	uint64_t received;             /* by the interface, after the filter, dropped ones included */
	uint64_t dropped_by_interface;
	uint64_t dropped_by_kernel;    /* for want of room in the capture buffer */
	uint64_t delivered;            /* written to standard output */
};

/* Section header and interface description; flushed, so that the reader knows the capture has begun. */
void pcapng_begin(const struct pcapng_interface *interface);

/* `time` is in units of the interface's resolution since 1970. `flags` is an epb_flags word, 0 for none. */
void pcapng_packet(uint64_t time, uint32_t captured, uint32_t original, const uint8_t *octets, uint32_t flags);

void pcapng_statistics(uint64_t time, const struct pcapng_statistics *statistics);

/* Writes out what is buffered. Ends the program in silence when nobody reads any more. */
void pcapng_flush(void);

#endif
