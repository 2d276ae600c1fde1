/*
 * Tells JavaScript when a descriptor can be read, without blocking its event loop: a thread of its own waits in poll(2). It
 * tells once and then waits to be armed again, so that a flood of packets makes one call and not a queue of them.
 */
#ifndef TCPWB_WATCH_H
#define TCPWB_WATCH_H

#include <node_api.h>

struct watch;

/*
 * Starts to watch `fd`, armed; `callback` is called in the event loop when there is something to read or the descriptor has
 * failed. Gives 0 and the watch, or a negative errno. The watch ends with `watch_stop`, and must before `fd` is closed.
 */
int watch_start(napi_env env, int fd, napi_value callback, struct watch **started);

/* Tell once more. */
void watch_arm(struct watch *watch);

/* Ends the thread and frees the watch; the callback is not called any more. */
void watch_stop(struct watch *watch);

#endif
