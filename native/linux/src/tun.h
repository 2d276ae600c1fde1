/*
 * A TUN interface: what the kernel routes there comes out of a descriptor as IP packets, and what is written to it arrives in
 * the kernel. Nothing here blocks. Every function gives a negative errno when it fails.
 */
#ifndef TCPWB_TUN_H
#define TCPWB_TUN_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

/* No packet is larger than its 16-bit length can say. */
#define TUN_MAX_PACKET 65536

/*
 * Makes the interface `name`, which vanishes with the descriptor. On success `name` holds the kernel's name for it ("tun%d"
 * becomes "tun0") and the descriptor is the caller's to close.
 *   ENOENT, ENODEV: the kernel has no TUN driver; EPERM: CAP_NET_ADMIN is missing; EACCES: /dev/net/tun may not be opened;
 *   EBUSY: the name is taken; EINVAL: it belongs to an interface that is no TUN, or is no name.
 */
int tun_open(char name[IFNAMSIZ]);

/*
 * Reads packets, back to back, until there is none, `most` have come, or the rest of `room` could not hold another. Gives
 * how many, and the length of each.
 *   EBADFD: the interface is gone.
 */
int tun_read(int fd, uint8_t *octets, size_t room, uint32_t *lengths, size_t most);

/*
 * Writes `count` packets that lie back to back. Gives how many the kernel took; it refuses what is not IP, and anything
 * while the interface is down.
 *   EBADFD: the interface is gone.
 */
int tun_write(int fd, const uint8_t *octets, const uint32_t *lengths, size_t count);

#endif
