#include "socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int result(ssize_t given)
{
	return given < 0 ? -errno : (int)given;
}

static socklen_t address_of_end(const struct end *end, union address *address)
{
	memset(address, 0, sizeof *address);
	if (end->length == 4) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(end->port);
		memcpy(&address->v4.sin_addr, end->octets, 4);
		return sizeof address->v4;
	}
	if (end->length == 16) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(end->port);
		memcpy(&address->v6.sin6_addr, end->octets, 16);
		return sizeof address->v6;
	}
	address->any.sa_family = AF_UNSPEC;
	return sizeof address->any;
}

static void end_of_address(const union address *address, struct end *end)
{
	memset(end, 0, sizeof *end);
	if (address->any.sa_family == AF_INET) {
		end->length = 4;
		end->port = ntohs(address->v4.sin_port);
		memcpy(end->octets, &address->v4.sin_addr, 4);
	} else if (address->any.sa_family == AF_INET6) {
		end->length = 16;
		end->port = ntohs(address->v6.sin6_port);
		memcpy(end->octets, &address->v6.sin6_addr, 16);
	}
}

int socket_open(int domain, int type)
{
	return result(socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int netlink_open(int protocol)
{
	return result(socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

int socket_bind(int fd, const struct end *to)
{
	union address address;
	socklen_t length = address_of_end(to, &address);
	return result(bind(fd, &address.any, length));
}

int socket_connect(int fd, const struct end *to)
{
	union address address;
	socklen_t length = address_of_end(to, &address);
	return result(connect(fd, &address.any, length));
}

int socket_accept(int fd)
{
	return result(accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

int socket_send(int fd, const uint8_t *octets, size_t length, int flags, const struct end *to)
{
	union address address;
	socklen_t size = address_of_end(to, &address);
	flags |= MSG_NOSIGNAL | MSG_DONTWAIT;
	return result(to->length == 0 ? send(fd, octets, length, flags) : sendto(fd, octets, length, flags, &address.any, size));
}

int socket_receive(int fd, uint8_t *octets, size_t room, int flags, struct end *from)
{
	union address address;
	socklen_t size = sizeof address;
	memset(&address, 0, sizeof address);
	int length = result(recvfrom(fd, octets, room, flags | MSG_DONTWAIT, &address.any, &size));
	if (size == 0)
		address.any.sa_family = AF_UNSPEC;
	end_of_address(&address, from);
	return length;
}

int socket_name(int fd, int of_peer, struct end *end)
{
	union address address;
	socklen_t size = sizeof address;
	memset(&address, 0, sizeof address);
	int status = result(of_peer ? getpeername(fd, &address.any, &size) : getsockname(fd, &address.any, &size));
	end_of_address(&address, end);
	return status;
}

int socket_poll(int fd, int events)
{
	struct pollfd on = { .fd = fd, .events = (short)events };
	int count = poll(&on, 1, 0);
	return count < 0 ? -errno : on.revents;
}

int ready_open(void)
{
	return result(epoll_create1(EPOLL_CLOEXEC));
}

int ready_add(int set, int fd)
{
	struct epoll_event changes = { .events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET };
	return result(epoll_ctl(set, EPOLL_CTL_ADD, fd, &changes));
}

void ready_drain(int set)
{
	struct epoll_event changes[64];
	while (epoll_wait(set, changes, 64, 0) == 64)
		continue;
}
