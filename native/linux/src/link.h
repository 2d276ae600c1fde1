/* The kernel's side of an interface. Every function gives 0 or a negative errno: EPERM when CAP_NET_ADMIN is missing, ENODEV
 * when there is no such interface. */
#ifndef TCPWB_LINK_H
#define TCPWB_LINK_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

/* Sets the MTU and how many packets may wait to be read, and brings the interface up. */
int link_up(const char name[IFNAMSIZ], int mtu, int queue_length);

/* Gives the interface an address, of 4 or 16 octets, with the route its prefix makes. One that is there already is fine. */
int link_add_address(const char name[IFNAMSIZ], const uint8_t *address, size_t length, unsigned prefix);

/* Routes a prefix to the interface. A route that is there already is replaced. */
int link_add_route(const char name[IFNAMSIZ], const uint8_t *destination, size_t length, unsigned prefix);

#endif
