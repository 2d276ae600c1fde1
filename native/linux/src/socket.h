/*
 * Socket calls on the kernel that never block: every socket has O_NONBLOCK. Each gives what the system call gives, or a
 * negative errno. Addresses are 4 or 16 octets in network order.
 */
#ifndef TCPWB_SOCKET_H
#define TCPWB_SOCKET_H

#include <stddef.h>
#include <stdint.h>

/* Address and port of one end; `length` is 4, 16, or 0 for none. */
struct end {
	uint8_t octets[16];
	size_t length;
	uint16_t port;
};

int socket_open(int domain, int type);
/* A socket to the kernel itself (netlink(7)): what is sent is a request, what is received are the messages of its answer. */
int netlink_open(int protocol);
int socket_bind(int fd, const struct end *to);
/* Takes the connection apart (AF_UNSPEC) when `to` has no address. */
int socket_connect(int fd, const struct end *to);
int socket_accept(int fd);
/* Never raises SIGPIPE. To the connected peer when `to` has no address. */
int socket_send(int fd, const uint8_t *octets, size_t length, int flags, const struct end *to);
/* `from` gets the sender of a datagram. */
int socket_receive(int fd, uint8_t *octets, size_t room, int flags, struct end *from);
/* getsockname, or getpeername. */
int socket_name(int fd, int of_peer, struct end *end);
/* The conditions of poll(2) that hold now. */
int socket_poll(int fd, int events);

/* An epoll set: readable whenever something has changed about a socket in it, until drained. */
int ready_open(void);
int ready_add(int set, int fd);
void ready_drain(int set);

#endif
