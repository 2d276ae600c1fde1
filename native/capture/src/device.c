#include "device.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Appends `text` to `out` as one word of a POSIX shell, quoted only where it must be. */
static void append_shell_word(char *out, size_t size, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-+=:@,";
	size_t used = strlen(out);
	if (text[0] != '\0' && text[0] != '-' && text[strspn(text, plain)] == '\0') {
		snprintf(out + used, size - used, "%s", text);
		return;
	}
	snprintf(out + used, size - used, "'");
	for (const char *s = text; *s; s++) {
		used = strlen(out);
		if (*s == '\'')
			snprintf(out + used, size - used, "'\\''");
		else
			snprintf(out + used, size - used, "%c", *s);
	}
	used = strlen(out);
	snprintf(out + used, size - used, "'");
}

/* CAP_NET_RAW is all that an AF_PACKET socket, its ring and promiscuous mode ask for. */
static void say_permission(struct refusal *refusal)
{
	char self[4096] = "";
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	if (length > 0)
		self[length] = '\0';
	snprintf(refusal->help, sizeof refusal->help, "sudo setcap cap_net_raw+ep ");
	append_shell_word(refusal->help, sizeof refusal->help, length > 0 ? self : "tcpwb-capture");
}

static void say_interfaces(struct refusal *refusal)
{
	char errors[PCAP_ERRBUF_SIZE];
	pcap_if_t *all;
	snprintf(refusal->help, sizeof refusal->help, "Interfaces here:");
	if (pcap_findalldevs(&all, errors) != 0)
		return;
	const char *comma = " ";
	for (pcap_if_t *one = all; one; one = one->next) {
		if (if_nametoindex(one->name) == 0 && strcmp(one->name, "any") != 0)
			continue;
		size_t used = strlen(refusal->help);
		snprintf(refusal->help + used, sizeof refusal->help - used, "%s%s", comma, one->name);
		comma = ", ";
	}
	pcap_freealldevs(all);
}

bool device_known(const char *name)
{
	char errors[PCAP_ERRBUF_SIZE];
	pcap_if_t *all;
	if (strcmp(name, "any") == 0 || if_nametoindex(name) != 0)
		return true;
	if (pcap_findalldevs(&all, errors) != 0)
		return false;
	bool found = false;
	for (pcap_if_t *one = all; one && !found; one = one->next)
		found = strcmp(one->name, name) == 0;
	pcap_freealldevs(all);
	return found;
}

static void explain(struct refusal *refusal, const char *name, int status, const char *detail)
{
	/* Without permission libpcap does not get as far as looking the name up, so ask ourselves. */
	if (status == PCAP_ERROR_NO_SUCH_DEVICE || !device_known(name)) {
		refusal->kind = NO_SUCH_INTERFACE;
		snprintf(refusal->message, sizeof refusal->message, "There is no interface \"%.64s\".", name);
		say_interfaces(refusal);
	} else if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED) {
		refusal->kind = NO_PERMISSION;
		snprintf(refusal->message, sizeof refusal->message, "This user may not capture on \"%.64s\".", name);
		say_permission(refusal);
	} else if (status == PCAP_ERROR_IFACE_NOT_UP) {
		refusal->kind = INTERFACE_DOWN;
		snprintf(refusal->message, sizeof refusal->message, "Interface \"%.64s\" is down.", name);
		snprintf(refusal->help, sizeof refusal->help, "sudo ip link set ");
		append_shell_word(refusal->help, sizeof refusal->help, name);
		size_t used = strlen(refusal->help);
		snprintf(refusal->help + used, sizeof refusal->help - used, " up");
	} else {
		refusal->kind = INTERNAL;
		snprintf(refusal->message, sizeof refusal->message, "Cannot open \"%.64s\": %s", name, detail[0] ? detail : pcap_statustostr(status));
	}
}

/* SLL2 tells which interface each packet crossed; SLL, libpcap's default on `any`, does not. */
static void prefer_sll2(pcap_t *pcap)
{
#ifdef DLT_LINUX_SLL2
	int *offered;
	int count = pcap_list_datalinks(pcap, &offered);
	for (int i = 0; i < count; i++)
		if (offered[i] == DLT_LINUX_SLL2 && pcap_datalink(pcap) == DLT_LINUX_SLL)
			pcap_set_datalink(pcap, DLT_LINUX_SLL2);
	if (count >= 0)
		pcap_free_datalinks(offered);
#else
	(void)pcap;
#endif
}

pcap_t *device_open(const struct device_options *options, struct refusal *refusal)
{
	char errors[PCAP_ERRBUF_SIZE] = "";
	memset(refusal, 0, sizeof *refusal);
	pcap_t *pcap = pcap_create(options->name, errors);
	if (!pcap) {
		explain(refusal, options->name, PCAP_ERROR, errors);
		return NULL;
	}
	pcap_set_snaplen(pcap, options->snapshot_length);
	pcap_set_buffer_size(pcap, options->buffer_kib * 1024);
	pcap_set_timeout(pcap, options->timeout_ms);
	pcap_set_promisc(pcap, options->promiscuous && strcmp(options->name, "any") != 0); /* `any` has no promiscuous mode */
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	int status = pcap_activate(pcap);
	if (status < 0) { /* above zero are warnings: the capture works */
		explain(refusal, options->name, status, pcap_geterr(pcap));
		pcap_close(pcap);
		return NULL;
	}
	prefer_sll2(pcap);
	return pcap;
}

/* Most values are the same; these few differ between systems, so files use numbers of their own. */
int linktype_of_dlt(int dlt)
{
	return dlt == DLT_RAW ? 101 : dlt == DLT_ATM_RFC1483 ? 100 : dlt;
}

const char *linktype_name(int linktype, char *spare, size_t size)
{
	switch (linktype) {
	case 0: return "NULL";
	case 1: return "ETHERNET";
	case 9: return "PPP";
	case 101: return "RAW";
	case 105: return "IEEE802_11";
	case 108: return "LOOP";
	case 113: return "LINUX_SLL";
	case 127: return "IEEE802_11_RADIOTAP";
	case 253: return "NETLINK";
	case 276: return "LINUX_SLL2";
	}
	const char *known = pcap_datalink_val_to_name(linktype);
	if (known)
		return known;
	snprintf(spare, size, "%d", linktype);
	return spare;
}
