/*
 * tcpwb-capture: lists the network interfaces, and captures from one of them. The only part of TCP Workbench that
 * may need privileges, so it is small, and gives them up as soon as the interface is open. failure.h lists how it fails.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "failure.h"
#include "list.h"
#include "pcapng.h"

static const char USAGE_TEXT[] = "tcpwb-capture list | tcpwb-capture capture -i INTERFACE [-f FILTER] [-s OCTETS] [-p] [-B KIB] [--stop-on-stdin-eof]";

/*
 * How long the kernel may hold packets back. Immediate mode would show each at once, but makes libpcap use the older
 * ring (TPACKET_V2), where every packet takes a slot of the full snapshot length: some 250 packets in 16 MiB on a
 * loopback of 64 KiB frames, which a burst overruns. The newer ring packs them by size and hands over a block when it is
 * full or this old. 20 ms is under what a person sees, and 50 wake-ups a second cost nothing.
 */
#define BLOCK_TIMEOUT_MS 20

static int number(const char *option, const char *text, int least, int most)
{
	char *end;
	long value = strtol(text, &end, 10);
	if (*text == '\0' || *end != '\0' || value < least || value > most) {
		char message[160];
		snprintf(message, sizeof message, "%s takes a whole number from %d to %d, not \"%.32s\".", option, least, most, text);
		fail(USAGE, message, USAGE_TEXT);
	}
	return (int)value;
}

static struct capture_options parse_capture(int argc, char **argv)
{
	static const struct option long_options[] = { { "stop-on-stdin-eof", no_argument, NULL, 'E' }, { 0 } };
	struct capture_options options = {
		.device = { .snapshot_length = PCAPNG_MAX_SNAPSHOT, .buffer_kib = 16 * 1024, .timeout_ms = BLOCK_TIMEOUT_MS, .promiscuous = true },
	};
	opterr = 0;
	for (int option; (option = getopt_long(argc, argv, "+i:f:s:pB:", long_options, NULL)) != -1;) {
		switch (option) {
		case 'i': options.device.name = optarg; break;
		case 'f': options.filter = optarg[0] ? optarg : NULL; break;
		case 's': options.device.snapshot_length = number("-s", optarg, 1, PCAPNG_MAX_SNAPSHOT); break;
		case 'p': options.device.promiscuous = false; break;
		case 'B': options.device.buffer_kib = number("-B", optarg, 64, 1024 * 1024); break;
		case 'E': options.stop_on_stdin_eof = true; break;
		default: fail(USAGE, "Unknown option, or an option without its value.", USAGE_TEXT);
		}
	}
	if (optind < argc)
		fail(USAGE, "A filter of several words goes in quotes, after -f.", USAGE_TEXT);
	if (!options.device.name || !options.device.name[0])
		fail(USAGE, "Which interface? Give one with -i.", USAGE_TEXT);
	return options;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list_interfaces();
	if (argc >= 2 && strcmp(argv[1], "capture") == 0) {
		struct capture_options options = parse_capture(argc - 1, argv + 1);
		return capture(&options);
	}
	fail(USAGE, "A command is needed: list or capture.", USAGE_TEXT);
}
