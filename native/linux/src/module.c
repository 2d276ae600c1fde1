/*
 * The door to JavaScript: takes arguments apart, hands them on, and gives numbers back, where a negative one is an errno.
 * `main/kernel/linux-native.ts` has the same functions as types.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "link.h"
#include "socket-door.h"
#include "tun.h"
#include "watch.h"

/* What JavaScript holds of an open interface. */
struct device {
	int fd; /* -1 once closed */
	struct watch *watch;
	char name[IFNAMSIZ];
};

/* So that no other object can be passed off as a device. */
static const napi_type_tag DEVICE_TAG = { 0x7463707762000001, 0x74756e0000000001 };

static bool device_of(napi_env env, napi_value value, struct device **device)
{
	return unwrapped(env, value, &DEVICE_TAG, (void **)device);
}

/* A name that does not fit is none. */
static bool name_of(napi_env env, napi_value value, char name[IFNAMSIZ])
{
	size_t length = 0;
	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok || length >= IFNAMSIZ)
		return false;
	memset(name, 0, IFNAMSIZ);
	return napi_get_value_string_utf8(env, value, name, IFNAMSIZ, &length) == napi_ok;
}

static void shut(struct device *device)
{
	if (device->watch)
		watch_stop(device->watch);
	device->watch = NULL;
	if (device->fd >= 0)
		close(device->fd);
	device->fd = -1;
}

static void forget(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	shut(data);
	free(data);
}

/* tunOpen(name): device | -errno */
static napi_value tun_open_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	char name[IFNAMSIZ];
	if (!arguments(env, info, given, 1) || !name_of(env, given[0], name))
		return misuse(env);
	struct device *device = calloc(1, sizeof *device);
	if (!device)
		return number(env, -ENOMEM);
	int fd = tun_open(name);
	if (fd < 0) {
		free(device);
		return number(env, fd);
	}
	device->fd = fd;
	memcpy(device->name, name, IFNAMSIZ);
	return wrapped(env, device, &DEVICE_TAG, forget);
}

/* tunName(device): string */
static napi_value tun_name_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct device *device;
	if (!arguments(env, info, given, 1) || !device_of(env, given[0], &device))
		return misuse(env);
	napi_value name = NULL;
	napi_create_string_utf8(env, device->name, NAPI_AUTO_LENGTH, &name);
	return name;
}

/* tunWatch(device, onReadable): 0 | -errno. Watches one at a time. */
static napi_value tun_watch_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct device *device;
	if (!arguments(env, info, given, 2) || !device_of(env, given[0], &device))
		return misuse(env);
	if (device->fd < 0)
		return number(env, -EBADF);
	return number(env, device->watch ? -EBUSY : watch_start(env, device->fd, given[1], &device->watch));
}

/* tunArm(device): 0 | -errno */
static napi_value tun_arm_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct device *device;
	if (!arguments(env, info, given, 1) || !device_of(env, given[0], &device))
		return misuse(env);
	if (!device->watch)
		return number(env, -EBADF);
	watch_arm(device->watch);
	return number(env, 0);
}

/* tunRead(device, octets, lengths): packets read | -errno */
static napi_value tun_read_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct device *device;
	uint8_t *octets;
	uint32_t *lengths;
	size_t room;
	size_t most;
	if (!arguments(env, info, given, 3) || !device_of(env, given[0], &device) ||
	    !array_of(env, given[1], napi_uint8_array, (void **)&octets, &room) ||
	    !array_of(env, given[2], napi_uint32_array, (void **)&lengths, &most))
		return misuse(env);
	return number(env, device->fd < 0 ? -EBADF : tun_read(device->fd, octets, room, lengths, most));
}

/* tunWrite(device, octets, lengths, count): packets taken | -errno */
static napi_value tun_write_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct device *device;
	uint8_t *octets;
	uint32_t *lengths;
	size_t room;
	size_t most;
	uint32_t count;
	if (!arguments(env, info, given, 4) || !device_of(env, given[0], &device) ||
	    !array_of(env, given[1], napi_uint8_array, (void **)&octets, &room) ||
	    !array_of(env, given[2], napi_uint32_array, (void **)&lengths, &most) ||
	    napi_get_value_uint32(env, given[3], &count) != napi_ok || count > most)
		return misuse(env);
	size_t total = 0;
	for (uint32_t i = 0; i < count; i++)
		total += lengths[i];
	if (total > room)
		return misuse(env);
	return number(env, device->fd < 0 ? -EBADF : tun_write(device->fd, octets, lengths, count));
}

/* tunClose(device): 0. Idempotent; onReadable is not called afterwards. */
static napi_value tun_close_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct device *device;
	if (!arguments(env, info, given, 1) || !device_of(env, given[0], &device))
		return misuse(env);
	shut(device);
	return number(env, 0);
}

/* linkUp(name, mtu, queueLength): 0 | -errno */
static napi_value link_up_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	char name[IFNAMSIZ];
	int32_t mtu;
	int32_t queue_length;
	if (!arguments(env, info, given, 3) || !name_of(env, given[0], name) || napi_get_value_int32(env, given[1], &mtu) != napi_ok ||
	    napi_get_value_int32(env, given[2], &queue_length) != napi_ok)
		return misuse(env);
	return number(env, link_up(name, mtu, queue_length));
}

typedef int (*prefix_function)(const char *name, const uint8_t *octets, size_t length, unsigned prefix);

static napi_value with_prefix(napi_env env, napi_callback_info info, prefix_function act)
{
	napi_value given[MOST_ARGUMENTS];
	char name[IFNAMSIZ];
	uint8_t *octets;
	size_t length;
	uint32_t prefix;
	if (!arguments(env, info, given, 3) || !name_of(env, given[0], name) || !address_of(env, given[1], &octets, &length) ||
	    napi_get_value_uint32(env, given[2], &prefix) != napi_ok || prefix > 8 * length)
		return misuse(env);
	return number(env, act(name, octets, length, prefix));
}

/* linkAddAddress(name, octets, prefixLength): 0 | -errno */
static napi_value link_add_address_js(napi_env env, napi_callback_info info)
{
	return with_prefix(env, info, link_add_address);
}

/* linkAddRoute(name, octets, prefixLength): 0 | -errno */
static napi_value link_add_route_js(napi_env env, napi_callback_info info)
{
	return with_prefix(env, info, link_add_route);
}

NAPI_MODULE_INIT()
{
	static const struct door DOORS[] = {
		{ "tunOpen", tun_open_js },	{ "tunName", tun_name_js },
		{ "tunWatch", tun_watch_js },	{ "tunArm", tun_arm_js },
		{ "tunRead", tun_read_js },	{ "tunWrite", tun_write_js },
		{ "tunClose", tun_close_js },	{ "linkUp", link_up_js },
		{ "linkAddAddress", link_add_address_js }, { "linkAddRoute", link_add_route_js },
	};
	return open_doors(env, exports, DOORS, sizeof DOORS / sizeof *DOORS) && open_socket_doors(env, exports) ? exports : NULL;
}
