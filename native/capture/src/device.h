/* Opening an interface, and what to say when that is refused. Shared by `list` and `capture`. */
#ifndef TCPWB_DEVICE_H
#define TCPWB_DEVICE_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct device_options {
	const char *name;
	int snapshot_length; /* octets */
	int buffer_kib;
	int timeout_ms; /* how long the kernel may hold packets back to hand them over together */
	bool promiscuous;
};

struct refusal {
	enum failure kind;
	char message[PCAP_ERRBUF_SIZE + 256];
	char help[8192];
};

/* Opens and activates; `any` comes as LINUX_SLL2 where libpcap offers it. On failure returns NULL and fills `refusal`. */
pcap_t *device_open(const struct device_options *options, struct refusal *refusal);

/* True for `any` and for every name libpcap lists. */
bool device_known(const char *name);

/* The LINKTYPE_ value that files carry for libpcap's in-memory DLT_ value. */
int linktype_of_dlt(int dlt);

/* "ETHERNET", "LINUX_SLL2", ...: the LINKTYPE_ name without its prefix. `spare` is used for values with no name here. */
const char *linktype_name(int linktype, char *spare, size_t size);

#endif
