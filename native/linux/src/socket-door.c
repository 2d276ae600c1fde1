#include "socket-door.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "door.h"
#include "socket.h"
#include "watch.h"

/* What JavaScript holds of a socket, or of a set of them with the thread that watches it. */
struct held {
	int fd; /* -1 once closed */
	struct watch *watch;
};

static const napi_type_tag SOCKET_TAG = { 0x7463707762000002, 0x736f636b00000002 };
static const napi_type_tag READY_TAG = { 0x7463707762000003, 0x7265616400000003 };

static void shut(struct held *held)
{
	if (held->watch)
		watch_stop(held->watch);
	held->watch = NULL;
	if (held->fd >= 0)
		close(held->fd);
	held->fd = -1;
}

static void forget(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	shut(data);
	free(data);
}

static napi_value held_or_errno(napi_env env, int fd, const napi_type_tag *tag)
{
	if (fd < 0)
		return number(env, fd);
	struct held *held = calloc(1, sizeof *held);
	if (!held) {
		close(fd);
		return number(env, -ENOMEM);
	}
	held->fd = fd;
	return wrapped(env, held, tag, forget);
}

/* The arguments of a call whose first one is a socket. A closed socket's descriptor is -1, and the kernel says EBADF. */
static bool on_socket(napi_env env, napi_callback_info info, napi_value given[MOST_ARGUMENTS], size_t wanted, int *fd)
{
	struct held *held;
	if (!arguments(env, info, given, wanted) || !unwrapped(env, given[0], &SOCKET_TAG, (void **)&held))
		return false;
	*fd = held->fd;
	return true;
}

/* Octets of an address (none: an empty array) and a port. */
static bool end_of(napi_env env, napi_value address, napi_value port, struct end *end)
{
	uint8_t *octets;
	uint32_t value;
	memset(end, 0, sizeof *end);
	if (!array_of(env, address, napi_uint8_array, (void **)&octets, &end->length) ||
	    (end->length != 0 && end->length != 4 && end->length != 16) || napi_get_value_uint32(env, port, &value) != napi_ok ||
	    value > UINT16_MAX)
		return false;
	if (end->length > 0)
		memcpy(end->octets, octets, end->length);
	end->port = (uint16_t)value;
	return true;
}

#define END_ROOM 18

/* Writes an end as its port in network order and its octets; gives the length of the address. */
static int write_end(const struct end *end, uint8_t *out)
{
	out[0] = (uint8_t)(end->port >> 8);
	out[1] = (uint8_t)end->port;
	memcpy(out + 2, end->octets, end->length);
	return (int)end->length;
}

/* socketOpen(domain, type): socket | -errno */
static napi_value open_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	int32_t domain;
	int32_t type;
	if (!arguments(env, info, given, 2) || napi_get_value_int32(env, given[0], &domain) != napi_ok ||
	    napi_get_value_int32(env, given[1], &type) != napi_ok)
		return misuse(env);
	return held_or_errno(env, socket_open(domain, type), &SOCKET_TAG);
}

/* netlinkOpen(protocol): socket | -errno */
static napi_value netlink_open_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	int32_t protocol;
	if (!arguments(env, info, given, 1) || napi_get_value_int32(env, given[0], &protocol) != napi_ok)
		return misuse(env);
	return held_or_errno(env, netlink_open(protocol), &SOCKET_TAG);
}

/* socketAccept(socket): socket | -errno */
static napi_value accept_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	int fd;
	if (!on_socket(env, info, given, 1, &fd))
		return misuse(env);
	return held_or_errno(env, socket_accept(fd), &SOCKET_TAG);
}

typedef int (*end_function)(int fd, const struct end *to);

static napi_value with_end(napi_env env, napi_callback_info info, end_function act)
{
	napi_value given[MOST_ARGUMENTS];
	int fd;
	struct end to;
	if (!on_socket(env, info, given, 3, &fd) || !end_of(env, given[1], given[2], &to))
		return misuse(env);
	return number(env, act(fd, &to));
}

/* socketBind(socket, octets, port): 0 | -errno */
static napi_value bind_js(napi_env env, napi_callback_info info)
{
	return with_end(env, info, socket_bind);
}

/* socketConnect(socket, octets, port): 0 | -errno */
static napi_value connect_js(napi_env env, napi_callback_info info)
{
	return with_end(env, info, socket_connect);
}

static napi_value with_number(napi_env env, napi_callback_info info, int (*act)(int fd, int value))
{
	napi_value given[MOST_ARGUMENTS];
	int fd;
	int32_t value;
	if (!on_socket(env, info, given, 2, &fd) || napi_get_value_int32(env, given[1], &value) != napi_ok)
		return misuse(env);
	int status = act(fd, value);
	return number(env, status == -1 ? -errno : status);
}

/* socketListen(socket, backlog): 0 | -errno */
static napi_value listen_js(napi_env env, napi_callback_info info)
{
	return with_number(env, info, listen);
}

/* socketShutdown(socket, how): 0 | -errno */
static napi_value shutdown_js(napi_env env, napi_callback_info info)
{
	return with_number(env, info, shutdown);
}

/* socketPoll(socket, events): the conditions that hold */
static napi_value poll_js(napi_env env, napi_callback_info info)
{
	return with_number(env, info, socket_poll);
}

static int queue_of(int fd, int request)
{
	int value = 0;
	return ioctl(fd, (unsigned long)request, &value) < 0 ? -1 : value;
}

/* socketQueue(socket, request): what ioctl tells | -errno */
static napi_value queue_js(napi_env env, napi_callback_info info)
{
	return with_number(env, info, queue_of);
}

/* socketSend(socket, data, flags, octets, port): octets taken | -errno */
static napi_value send_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	int fd;
	uint8_t *data;
	size_t length;
	int32_t flags;
	struct end to;
	if (!on_socket(env, info, given, 5, &fd) || !array_of(env, given[1], napi_uint8_array, (void **)&data, &length) ||
	    napi_get_value_int32(env, given[2], &flags) != napi_ok || !end_of(env, given[3], given[4], &to))
		return misuse(env);
	return number(env, socket_send(fd, data, length, flags, &to));
}

/* socketReceive(socket, data, flags, from): octets | -errno. `from` gets the port and the address, zeros where there is none. */
static napi_value receive_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	int fd;
	uint8_t *data;
	size_t room;
	int32_t flags;
	uint8_t *out;
	size_t out_room;
	struct end from;
	if (!on_socket(env, info, given, 4, &fd) || !array_of(env, given[1], napi_uint8_array, (void **)&data, &room) ||
	    napi_get_value_int32(env, given[2], &flags) != napi_ok ||
	    !array_of(env, given[3], napi_uint8_array, (void **)&out, &out_room) || out_room < END_ROOM)
		return misuse(env);
	int length = socket_receive(fd, data, room, flags, &from);
	write_end(&from, out);
	return number(env, length);
}

/* socketName(socket, ofPeer, out): octets of the address | -errno */
static napi_value name_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	int fd;
	bool of_peer;
	uint8_t *out;
	size_t room;
	struct end end;
	if (!on_socket(env, info, given, 3, &fd) || napi_get_value_bool(env, given[1], &of_peer) != napi_ok ||
	    !array_of(env, given[2], napi_uint8_array, (void **)&out, &room) || room < END_ROOM)
		return misuse(env);
	int status = socket_name(fd, of_peer, &end);
	return number(env, status < 0 ? status : write_end(&end, out));
}

static bool option_of(napi_env env, napi_callback_info info, int *fd, int32_t *level, int32_t *name, uint8_t **value, size_t *length)
{
	napi_value given[MOST_ARGUMENTS];
	return on_socket(env, info, given, 4, fd) && napi_get_value_int32(env, given[1], level) == napi_ok &&
	       napi_get_value_int32(env, given[2], name) == napi_ok &&
	       array_of(env, given[3], napi_uint8_array, (void **)value, length);
}

/* socketSetOption(socket, level, name, value): 0 | -errno */
static napi_value set_option_js(napi_env env, napi_callback_info info)
{
	int fd;
	int32_t level;
	int32_t name;
	uint8_t *value;
	size_t length;
	if (!option_of(env, info, &fd, &level, &name, &value, &length))
		return misuse(env);
	return number(env, setsockopt(fd, level, name, value, (socklen_t)length) < 0 ? -errno : 0);
}

/* socketGetOption(socket, level, name, value): octets of the value | -errno */
static napi_value get_option_js(napi_env env, napi_callback_info info)
{
	int fd;
	int32_t level;
	int32_t name;
	uint8_t *value;
	size_t room;
	if (!option_of(env, info, &fd, &level, &name, &value, &room))
		return misuse(env);
	socklen_t length = (socklen_t)room;
	return number(env, getsockopt(fd, level, name, value, &length) < 0 ? -errno : (int)length);
}

/* socketClose(socket): 0. Idempotent. */
static napi_value close_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct held *held;
	if (!arguments(env, info, given, 1) || !unwrapped(env, given[0], &SOCKET_TAG, (void **)&held))
		return misuse(env);
	shut(held);
	return number(env, 0);
}

/* readyOpen(onReady): set | -errno. Calls once when something has changed, and again after each readyArm. */
static napi_value ready_open_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct held *held;
	if (!arguments(env, info, given, 1))
		return misuse(env);
	napi_value set = held_or_errno(env, ready_open(), &READY_TAG);
	if (!unwrapped(env, set, &READY_TAG, (void **)&held))
		return set;
	int status = watch_start(env, held->fd, given[0], &held->watch);
	return status < 0 ? number(env, status) : set;
}

static bool on_set(napi_env env, napi_callback_info info, napi_value given[MOST_ARGUMENTS], size_t wanted, struct held **set)
{
	return arguments(env, info, given, wanted) && unwrapped(env, given[0], &READY_TAG, (void **)set);
}

/* readyAdd(set, socket): 0 | -errno */
static napi_value ready_add_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct held *set;
	struct held *socket;
	if (!on_set(env, info, given, 2, &set) || !unwrapped(env, given[1], &SOCKET_TAG, (void **)&socket))
		return misuse(env);
	return number(env, ready_add(set->fd, socket->fd));
}

/* readyArm(set): 0 | -errno. What has changed up to now counts as seen. */
static napi_value ready_arm_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct held *set;
	if (!on_set(env, info, given, 1, &set))
		return misuse(env);
	if (!set->watch)
		return number(env, -EBADF);
	ready_drain(set->fd);
	watch_arm(set->watch);
	return number(env, 0);
}

/* readyClose(set): 0. Idempotent; onReady is not called afterwards. */
static napi_value ready_close_js(napi_env env, napi_callback_info info)
{
	napi_value given[MOST_ARGUMENTS];
	struct held *set;
	if (!on_set(env, info, given, 1, &set))
		return misuse(env);
	shut(set);
	return number(env, 0);
}

bool open_socket_doors(napi_env env, napi_value exports)
{
	static const struct door DOORS[] = {
		{ "socketOpen", open_js },	    { "socketAccept", accept_js },
		{ "socketBind", bind_js },	    { "socketConnect", connect_js },
		{ "socketListen", listen_js },	    { "socketShutdown", shutdown_js },
		{ "socketPoll", poll_js },	    { "socketQueue", queue_js },
		{ "socketSend", send_js },	    { "socketReceive", receive_js },
		{ "socketName", name_js },	    { "socketSetOption", set_option_js },
		{ "socketGetOption", get_option_js }, { "socketClose", close_js },
		{ "readyOpen", ready_open_js },	    { "readyAdd", ready_add_js },
		{ "readyArm", ready_arm_js },	    { "readyClose", ready_close_js },
		{ "netlinkOpen", netlink_open_js },
	};
	return open_doors(env, exports, DOORS, sizeof DOORS / sizeof *DOORS);
}
