#ifndef TCPWB_CAPTURE_H
#define TCPWB_CAPTURE_H

#include <stdbool.h>

#include "device.h"

struct capture_options {
	struct device_options device;
	const char *filter; /* NULL for none */
	bool stop_on_stdin_eof;
};

/* `tcpwb-capture capture`: pcapng on standard output until asked to stop. Returns the exit status. */
int capture(const struct capture_options *options);

#endif
