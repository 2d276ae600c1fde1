#ifndef TCPWB_LIST_H
#define TCPWB_LIST_H

/* `tcpwb-capture list`: one JSON array of the network interfaces on standard output. Returns the exit status. */
int list_interfaces(void);

#endif
