#include "list.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "failure.h"
#include "json.h"

static const char *boolean(int value)
{
	return value ? "true" : "false";
}

static int prefix_length(const unsigned char *mask, size_t size)
{
	int length = 0;
	for (size_t i = 0; i < size * 8 && (mask[i / 8] & (0x80 >> (i % 8))); i++)
		length++;
	return length;
}

static void list_addresses(const pcap_addr_t *address)
{
	const char *comma = "";
	for (; address; address = address->next) {
		char text[INET6_ADDRSTRLEN];
		const void *octets, *mask = NULL;
		size_t size;
		if (!address->addr)
			continue;
		if (address->addr->sa_family == AF_INET) {
			octets = &((const struct sockaddr_in *)(const void *)address->addr)->sin_addr;
			size = 4;
			if (address->netmask)
				mask = &((const struct sockaddr_in *)(const void *)address->netmask)->sin_addr;
		} else if (address->addr->sa_family == AF_INET6) {
			octets = &((const struct sockaddr_in6 *)(const void *)address->addr)->sin6_addr;
			size = 16;
			if (address->netmask)
				mask = &((const struct sockaddr_in6 *)(const void *)address->netmask)->sin6_addr;
		} else {
			continue;
		}
		if (!inet_ntop(address->addr->sa_family, octets, text, sizeof text))
			continue;
		printf("%s{\"address\":\"%s\",\"prefixLength\":%d,\"family\":\"%s\"}", comma, text, mask ? prefix_length(mask, size) : (int)size * 8,
		       size == 4 ? "ipv4" : "ipv6");
		comma = ",";
	}
}

/* What libpcap would give, for a user who may not open the interface to see; -1 when that cannot be told from here. */
static int linktype_from_hardware(const char *name)
{
	char path[64 + IF_NAMESIZE];
	int hardware = -1;
	if (strcmp(name, "any") == 0)
		return linktype_of_dlt(DLT_LINUX_SLL2);
	snprintf(path, sizeof path, "/sys/class/net/%.*s/type", IF_NAMESIZE, name);
	FILE *file = fopen(path, "re");
	if (file) {
		if (fscanf(file, "%d", &hardware) != 1)
			hardware = -1;
		fclose(file);
	}
	return hardware == ARPHRD_ETHER || hardware == ARPHRD_LOOPBACK ? linktype_of_dlt(DLT_EN10MB)
	       : hardware == ARPHRD_NONE                               ? linktype_of_dlt(DLT_RAW)
	                                                               : -1;
}

static void list_one(const pcap_if_t *interface)
{
	struct refusal refusal;
	struct device_options probe = { .name = interface->name, .snapshot_length = 128, .buffer_kib = 64, .timeout_ms = 100 };
	pcap_t *pcap = device_open(&probe, &refusal); /* the only answer that is never wrong is to try */
	int linktype = pcap ? linktype_of_dlt(pcap_datalink(pcap)) : linktype_from_hardware(interface->name);
	char spare[16];

	fputs("{\"name\":", stdout);
	json_string(stdout, interface->name);
	fputs(",\"description\":", stdout);
	json_string(stdout, interface->description ? interface->description : "");
	fputs(",\"addresses\":[", stdout);
	list_addresses(interface->addresses);
	fputs("],\"linkType\":", stdout);
	if (linktype < 0) {
		fputs("null", stdout);
	} else {
		fputs("{\"name\":", stdout);
		json_string(stdout, linktype_name(linktype, spare, sizeof spare));
		printf(",\"number\":%d}", linktype);
	}
	printf(",\"up\":%s,\"running\":%s", boolean(interface->flags & PCAP_IF_UP), boolean(interface->flags & PCAP_IF_RUNNING));
	printf(",\"loopback\":%s,\"wireless\":%s", boolean(interface->flags & PCAP_IF_LOOPBACK), boolean(interface->flags & PCAP_IF_WIRELESS));
	printf(",\"capture\":{\"allowed\":%s", boolean(pcap != NULL));
	if (pcap) {
		pcap_close(pcap);
	} else {
		fputs(",\"why\":", stdout);
		json_string(stdout, refusal.message);
		if (refusal.help[0]) {
			fputs(",\"fix\":", stdout);
			json_string(stdout, refusal.help);
		}
	}
	fputs("}}", stdout);
}

int list_interfaces(void)
{
	char errors[PCAP_ERRBUF_SIZE];
	pcap_if_t *all;
	if (pcap_findalldevs(&all, errors) != 0)
		fail(INTERNAL, errors, NULL);
	const char *comma = "[";
	for (const pcap_if_t *one = all; one; one = one->next) {
		/* libpcap also lists USB buses, Bluetooth, D-Bus and netfilter queues: no place to look for TCP. */
		if (if_nametoindex(one->name) == 0 && strcmp(one->name, "any") != 0)
			continue;
		fputs(comma, stdout);
		list_one(one);
		comma = ",\n ";
	}
	fputs(comma[0] == '[' ? "[]\n" : "]\n", stdout);
	pcap_freealldevs(all);
	return fflush(stdout) == 0 ? 0 : 1;
}
