/* Being asked to stop: by SIGTERM, SIGINT or SIGHUP. */
#ifndef TCPWB_STOP_H
#define TCPWB_STOP_H

#include <stdbool.h>

/* Installs the handlers. Returns a descriptor that becomes readable once a stop is asked for. */
int stop_watch(void);

bool stop_asked(void);

#endif
