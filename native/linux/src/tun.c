#include "tun.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int tun_open(char name[IFNAMSIZ])
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	memcpy(request.ifr_name, name, IFNAMSIZ);
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		int error = -errno;
		close(fd);
		return error;
	}
	memcpy(name, request.ifr_name, IFNAMSIZ);
	return fd;
}

int tun_read(int fd, uint8_t *octets, size_t room, uint32_t *lengths, size_t most)
{
	size_t count = 0;
	size_t at = 0;
	while (count < most && room - at >= TUN_MAX_PACKET) {
		ssize_t length = read(fd, octets + at, TUN_MAX_PACKET);
		if (length < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN || count > 0)
				break; /* what is wrong will still be wrong next time */
			return -errno;
		}
		lengths[count++] = (uint32_t)length;
		at += (size_t)length;
	}
	return (int)count;
}

int tun_write(int fd, const uint8_t *octets, const uint32_t *lengths, size_t count)
{
	int taken = 0;
	for (size_t i = 0; i < count; octets += lengths[i++]) {
		ssize_t written;
		do
			written = write(fd, octets, lengths[i]);
		while (written < 0 && errno == EINTR);
		if (written >= 0)
			taken++;
		else if (errno == EBADFD)
			return -errno;
	}
	return taken;
}
