#include "capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "failure.h"
#include "pcapng.h"
#include "privileges.h"
#include "stop.h"

/* Packets taken per pcap_dispatch, so that statistics still come every second while packets never cease. */
#define TURN 4096

#define NANOS_PER_SECOND 1000000000ULL

struct session {
	pcap_t *pcap;
	int linktype;
	bool nanoseconds;
	struct pcapng_statistics statistics;
	struct pcap_stat last; /* libpcap counts in 32 bits, which wrap; the differences do not */
};

static uint64_t now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * NANOS_PER_SECOND + (uint64_t)time.tv_nsec;
}

/* epb_flags: bits 0-1 direction (1 in, 2 out), bits 2-4 reception (1 unicast, 2 multicast, 3 broadcast, 4 promiscuous).
 * Only the cooked headers of `any` say so. */
static uint32_t direction(const struct session *session, const uint8_t *octets, uint32_t captured)
{
	unsigned type;
	if (session->linktype == DLT_LINUX_SLL2 && captured >= SLL2_HDR_LEN)
		type = octets[10];
	else if (session->linktype == DLT_LINUX_SLL && captured >= SLL_HDR_LEN)
		type = octets[1];
	else
		return 0;
	switch (type) {
	case LINUX_SLL_HOST: return 1 | 1 << 2;
	case LINUX_SLL_BROADCAST: return 1 | 3 << 2;
	case LINUX_SLL_MULTICAST: return 1 | 2 << 2;
	case LINUX_SLL_OTHERHOST: return 1 | 4 << 2;
	case LINUX_SLL_OUTGOING: return 2;
	default: return 0;
	}
}

static void on_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *octets)
{
	struct session *session = (struct session *)(void *)user;
	/* With nanosecond precision tv_usec holds nanoseconds: that is libpcap's interface, odd as it reads. */
	uint64_t time = (uint64_t)header->ts.tv_sec * (session->nanoseconds ? NANOS_PER_SECOND : 1000000ULL) + (uint64_t)header->ts.tv_usec;
	uint32_t captured = header->caplen <= PCAPNG_MAX_SNAPSHOT ? header->caplen : PCAPNG_MAX_SNAPSHOT;
	pcapng_packet(time, captured, header->len, octets, direction(session, octets, captured));
	session->statistics.delivered++;
}

static void write_statistics(struct session *session)
{
	struct pcap_stat current;
	if (pcap_stats(session->pcap, &current) == 0) {
		session->statistics.received += (uint32_t)(current.ps_recv - session->last.ps_recv);
		session->statistics.dropped_by_kernel += (uint32_t)(current.ps_drop - session->last.ps_drop);
		session->statistics.dropped_by_interface += (uint32_t)(current.ps_ifdrop - session->last.ps_ifdrop);
		session->last = current;
	}
	uint64_t time = now(CLOCK_REALTIME);
	pcapng_statistics(session->nanoseconds ? time : time / 1000, &session->statistics);
	pcapng_flush();
}

/*
 * Without a filter one that takes everything: it tells the kernel how much of each packet is wanted, which otherwise keeps all
 * of it in its buffer, up to 64 KiB a packet with segmentation offload.
 */
static void set_filter(pcap_t *pcap, const struct capture_options *options)
{
	struct bpf_program program;
	bpf_u_int32 network, mask;
	char errors[PCAP_ERRBUF_SIZE];
	if (pcap_lookupnet(options->device.name, &network, &mask, errors) != 0)
		mask = PCAP_NETMASK_UNKNOWN;
	if (pcap_compile(pcap, &program, options->filter ? options->filter : "", 1, mask) != 0) {
		if (!options->filter)
			return; /* a link type that libpcap has no filters for */
		char message[PCAP_ERRBUF_SIZE + 256];
		snprintf(message, sizeof message, "\"%.160s\" is not a capture filter: %s.", options->filter, pcap_geterr(pcap));
		fail(BAD_FILTER, message, "Filters are written as for tcpdump (man pcap-filter), for example: tcp port 9502");
	}
	if (pcap_setfilter(pcap, &program) != 0)
		fail(INTERNAL, pcap_geterr(pcap), NULL);
	pcap_freecode(&program);
}

/* Reads and discards what stands at standard input; true once it has ended. */
static bool input_ended(void)
{
	char ignored[512];
	ssize_t count = read(STDIN_FILENO, ignored, sizeof ignored);
	return count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN);
}

/* A device error while capturing: the interface is gone, or something we have no better name for. */
static int lost(const struct session *session, const char *name)
{
	char message[PCAP_ERRBUF_SIZE + 128];
	if (!device_known(name)) {
		snprintf(message, sizeof message, "Interface \"%.64s\" disappeared while capturing.", name);
		return report(INTERFACE_LOST, message, "What was captured until then is kept.");
	}
	snprintf(message, sizeof message, "Capturing on \"%.64s\" failed: %s", name, pcap_geterr(session->pcap));
	return report(INTERNAL, message, NULL);
}

/* Returns 0 when asked to stop, -1 when the device failed. */
static int run(struct session *session, const struct capture_options *options, int stop)
{
	struct pollfd watched[] = {
		{ .fd = pcap_get_selectable_fd(session->pcap), .events = POLLIN },
		{ .fd = stop, .events = POLLIN },
		{ .fd = options->stop_on_stdin_eof ? STDIN_FILENO : -1, .events = POLLIN },
	};
	uint64_t due = now(CLOCK_MONOTONIC) + NANOS_PER_SECOND;
	while (!stop_asked()) {
		uint64_t instant = now(CLOCK_MONOTONIC);
		if (instant >= due) {
			write_statistics(session);
			due = instant + NANOS_PER_SECOND;
		}
		int wait = instant < due ? (int)((due - instant) / 1000000) + 1 : 0;
		if (poll(watched, 3, wait) < 0 && errno != EINTR)
			return -1;
		if (watched[2].revents && input_ended())
			return 0;
		/* Also when poll() only timed out: libpcap tells of a vanished interface when it is asked for packets. */
		if (pcap_dispatch(session->pcap, TURN, on_packet, (u_char *)(void *)session) < 0)
			return -1;
		pcapng_flush();
	}
	return 0;
}

/* What arrived before the stop belongs to the capture: wait until the kernel hands its open block over, then take what
 * there is. Bounded, because packets may keep coming. */
static void drain(struct session *session, int block_timeout_ms)
{
	struct pollfd packets = { .fd = pcap_get_selectable_fd(session->pcap), .events = POLLIN };
	poll(&packets, 1, 2 * block_timeout_ms);
	for (int turn = 0; turn < 64 && pcap_dispatch(session->pcap, TURN, on_packet, (u_char *)(void *)session) > 0; turn++)
		continue;
}

int capture(const struct capture_options *options)
{
	struct refusal refusal;
	char errors[PCAP_ERRBUF_SIZE];
	int stop = stop_watch();
	struct session session = { .pcap = device_open(&options->device, &refusal) };
	if (!session.pcap)
		return report(refusal.kind, refusal.message, refusal.help[0] ? refusal.help : NULL);
	drop_privileges(); /* before the filter, which is text from outside, is even parsed */
	set_filter(session.pcap, options);
	if (pcap_setnonblock(session.pcap, 1, errors) != 0)
		fail(INTERNAL, errors, NULL);
	session.linktype = pcap_datalink(session.pcap);
	session.nanoseconds = pcap_get_tstamp_precision(session.pcap) == PCAP_TSTAMP_PRECISION_NANO;
	pcapng_begin(&(struct pcapng_interface){
		.name = options->device.name,
		.filter = options->filter,
		.linktype = linktype_of_dlt(session.linktype),
		.snapshot_length = (uint32_t)options->device.snapshot_length,
		.decimals = session.nanoseconds ? 9 : 6,
	});
	int ended = run(&session, options, stop);
	if (ended == 0)
		drain(&session, options->device.timeout_ms);
	write_statistics(&session);
	int status = ended == 0 ? 0 : lost(&session, options->device.name);
	pcap_close(session.pcap);
	return status;
}
