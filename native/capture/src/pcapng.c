#include "pcapng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "failure.h"

enum block { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };
enum option { END = 0, SHB_OS = 3, SHB_USERAPPL = 4, IF_NAME = 2, IF_TSRESOL = 9, IF_FILTER = 11, IF_OS = 12, EPB_FLAGS = 2 };
enum statistic { ISB_IFRECV = 4, ISB_IFDROP = 5, ISB_OSDROP = 7, ISB_USRDELIV = 8 };

#define FLUSH_AT (256 * 1024)
/* Room for one more block of the largest kind beyond the mark: a packet of the longest snapshot, or an IDB with a long filter. */
#define CAPACITY (FLUSH_AT + PCAPNG_MAX_SNAPSHOT + 4096)

static uint8_t buffer[CAPACITY];
static size_t used;
static size_t block_start;

void pcapng_flush(void)
{
	size_t written = 0;
	while (written < used) {
		ssize_t count = write(STDOUT_FILENO, buffer + written, used - written);
		if (count >= 0) {
			written += (size_t)count;
		} else if (errno == EPIPE) {
			exit(0);
		} else if (errno != EINTR) {
			fail(INTERNAL, strerror(errno), "The capture is written to standard output: redirect it to a file or a pipe.");
		}
	}
	used = 0;
}

static void put(const void *octets, size_t count)
{
	memcpy(buffer + used, octets, count);
	used += count;
}

static void put16(uint16_t value) { put(&value, sizeof value); }
static void put32(uint32_t value) { put(&value, sizeof value); }

static void pad(void)
{
	while ((used - block_start) % 4 != 0)
		buffer[used++] = 0;
}

static void begin_block(enum block type)
{
	if (used >= FLUSH_AT)
		pcapng_flush();
	block_start = used;
	put32(type);
	put32(0); /* the length, known at the end */
}

static void end_block(void)
{
	uint32_t length = (uint32_t)(used - block_start + 4);
	memcpy(buffer + block_start + 4, &length, sizeof length);
	put32(length);
}

static void put_option(enum option code, const void *value, size_t length)
{
	put16((uint16_t)code);
	put16((uint16_t)length);
	put(value, length);
	pad();
}

static void put_text(enum option code, const char *text)
{
	put_option(code, text, strlen(text));
}

static void put_time(uint64_t time)
{
	put32((uint32_t)(time >> 32));
	put32((uint32_t)time);
}

void pcapng_begin(const struct pcapng_interface *interface)
{
	char os[256] = "";
	struct utsname system;
	if (uname(&system) == 0) {
		size_t length = strlen(system.sysname);
		memcpy(os, system.sysname, length + 1);
		strncat(os, " ", sizeof os - strlen(os) - 1);
		strncat(os, system.release, sizeof os - strlen(os) - 1);
	}

	begin_block(SECTION);
	put32(0x1a2b3c4d);
	put16(1);
	put16(0);
	put32(0xffffffff); /* section length: not known while it grows */
	put32(0xffffffff);
	put_text(SHB_OS, os);
	put_text(SHB_USERAPPL, "TCP Workbench");
	put32(END);
	end_block();

	begin_block(INTERFACE);
	put16((uint16_t)interface->linktype);
	put16(0);
	put32(interface->snapshot_length);
	put_text(IF_NAME, interface->name);
	put_option(IF_TSRESOL, &interface->decimals, 1);
	/* An option's length has 16 bits; a filter that needs more has no place here. */
	if (interface->filter && strlen(interface->filter) < 0xffff) {
		size_t length = strlen(interface->filter);
		put16(IF_FILTER);
		put16((uint16_t)(length + 1));
		put("", 1); /* 0: what follows is a filter expression, not a program */
		put(interface->filter, length);
		pad();
	}
	put_text(IF_OS, os);
	put32(END);
	end_block();
	pcapng_flush();
}

void pcapng_packet(uint64_t time, uint32_t captured, uint32_t original, const uint8_t *octets, uint32_t flags)
{
	begin_block(PACKET);
	put32(0);
	put_time(time);
	put32(captured);
	put32(original);
	put(octets, captured);
	pad();
	if (flags) {
		put_option(EPB_FLAGS, &flags, sizeof flags);
		put32(END);
	}
	end_block();
}

void pcapng_statistics(uint64_t time, const struct pcapng_statistics *statistics)
{
	begin_block(STATISTICS);
	put32(0);
	put_time(time);
	put_option((enum option)ISB_IFRECV, &statistics->received, 8);
	put_option((enum option)ISB_IFDROP, &statistics->dropped_by_interface, 8);
	put_option((enum option)ISB_OSDROP, &statistics->dropped_by_kernel, 8);
	put_option((enum option)ISB_USRDELIV, &statistics->delivered, 8);
	put32(END);
	end_block();
}
