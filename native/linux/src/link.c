#include "link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int set_up(int fd, const char name[IFNAMSIZ], int mtu, int queue_length)
{
	struct ifreq request = { 0 };
	memcpy(request.ifr_name, name, IFNAMSIZ);
	request.ifr_mtu = mtu;
	if (ioctl(fd, SIOCSIFMTU, &request) < 0)
		return -errno;
	request.ifr_qlen = queue_length;
	if (ioctl(fd, SIOCSIFTXQLEN, &request) < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	request.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

int link_up(const char name[IFNAMSIZ], int mtu, int queue_length)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int status = set_up(fd, name, mtu, queue_length);
	close(fd);
	return status;
}

/* A netlink request with room for the attributes used here (netlink(7), rtnetlink(7)). */
struct request {
	struct nlmsghdr head;
	union {
		struct ifaddrmsg address;
		struct rtmsg route;
	} body;
	uint8_t attributes[64];
};

static void attribute(struct request *request, unsigned short type, const void *value, size_t length)
{
	struct rtattr *place = (struct rtattr *)((uint8_t *)request + NLMSG_ALIGN(request->head.nlmsg_len));
	place->rta_type = type;
	place->rta_len = (unsigned short)RTA_LENGTH(length);
	memcpy(RTA_DATA(place), value, length);
	request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + (unsigned)RTA_ALIGN(place->rta_len);
}

/* Sends one request and waits for the kernel's answer to it, which comes before send(2) returns. */
static int ask(struct request *request)
{
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		uint8_t original[256];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	int status = -EPROTO;
	if (send(fd, request, request->head.nlmsg_len, 0) < 0)
		status = -errno;
	else if (recv(fd, &answer, sizeof answer, 0) >= (ssize_t)NLMSG_LENGTH(sizeof answer.error) && answer.head.nlmsg_type == NLMSG_ERROR)
		status = answer.error.error;
	close(fd);
	return status;
}

static int index_of(const char name[IFNAMSIZ])
{
	unsigned index = if_nametoindex(name);
	return index == 0 ? -errno : (int)index;
}

static unsigned char family_of(size_t length)
{
	return length == 4 ? AF_INET : AF_INET6;
}

int link_add_address(const char name[IFNAMSIZ], const uint8_t *address, size_t length, unsigned prefix)
{
	int index = index_of(name);
	if (index < 0)
		return index;
	struct request request = {
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
			  .nlmsg_type = RTM_NEWADDR,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE },
		/* Nobody else is on this link: an IPv6 address need not wait for duplicates to be found. */
		.body.address = { .ifa_family = family_of(length),
				  .ifa_prefixlen = (unsigned char)prefix,
				  .ifa_flags = length == 16 ? IFA_F_NODAD : 0,
				  .ifa_index = (unsigned)index },
	};
	attribute(&request, IFA_LOCAL, address, length);
	attribute(&request, IFA_ADDRESS, address, length);
	return ask(&request);
}

int link_add_route(const char name[IFNAMSIZ], const uint8_t *destination, size_t length, unsigned prefix)
{
	int index = index_of(name);
	if (index < 0)
		return index;
	struct request request = {
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
			  .nlmsg_type = RTM_NEWROUTE,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE },
		.body.route = { .rtm_family = family_of(length),
				.rtm_dst_len = (unsigned char)prefix,
				.rtm_table = RT_TABLE_MAIN,
				.rtm_protocol = RTPROT_BOOT,
				.rtm_scope = RT_SCOPE_LINK,
				.rtm_type = RTN_UNICAST },
	};
	attribute(&request, RTA_DST, destination, length);
	attribute(&request, RTA_OIF, &index, sizeof index);
	return ask(&request);
}
