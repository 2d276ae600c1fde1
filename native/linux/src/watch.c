#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct watch {
	napi_env env;
	int fd;
	int bell; /* an eventfd: rung to arm, and to end */
	atomic_bool ending;
	napi_threadsafe_function tell;
	pthread_t thread;
};

static void ring(struct watch *watch)
{
	eventfd_write(watch->bell, 1); /* cannot fail: nobody rings 2^64 times */
}

static void *wait_and_tell(void *data)
{
	struct watch *watch = data;
	struct pollfd on[] = { { .fd = watch->bell, .events = POLLIN }, { .fd = watch->fd, .events = POLLIN } };
	nfds_t armed = 1; /* how many of the two to wait for: the second only while armed */
	for (;;) {
		if (poll(on, armed, -1) < 0) {
			if (errno == EINTR)
				continue;
			return NULL;
		}
		if (on[0].revents) {
			eventfd_t rings;
			eventfd_read(watch->bell, &rings);
			if (atomic_load(&watch->ending))
				return NULL;
			armed = 2;
		} else if (armed == 2 && on[1].revents) {
			armed = 1;
			napi_call_threadsafe_function(watch->tell, NULL, napi_tsfn_nonblocking);
		}
	}
}

/* The thread takes no signals: they are the program's. */
static int start_thread(struct watch *watch)
{
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&watch->thread, NULL, wait_and_tell, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

/* Ends the thread; what it used may go afterwards. */
static void end(void *data)
{
	struct watch *watch = data;
	atomic_store(&watch->ending, true);
	ring(watch);
	pthread_join(watch->thread, NULL);
	napi_release_threadsafe_function(watch->tell, napi_tsfn_abort);
	close(watch->bell);
	watch->bell = -1;
}

int watch_start(napi_env env, int fd, napi_value callback, struct watch **started)
{
	struct watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		return -ENOMEM;
	watch->env = env;
	watch->fd = fd;
	int error = 0;
	watch->bell = eventfd(0, EFD_CLOEXEC);
	if (watch->bell < 0) {
		error = -errno;
		goto no_bell;
	}
	napi_value name;
	if (napi_create_string_utf8(env, "tcpwb packets", NAPI_AUTO_LENGTH, &name) != napi_ok ||
	    napi_create_threadsafe_function(env, callback, NULL, name, 0, 1, NULL, NULL, NULL, NULL, &watch->tell) != napi_ok) {
		error = -ENOMEM;
		goto no_function;
	}
	error = start_thread(watch);
	if (error < 0)
		goto no_thread;
	/* Added after the function's own hook, so it runs before it: the thread must end first when a program does. */
	napi_add_env_cleanup_hook(env, end, watch);
	ring(watch);
	*started = watch;
	return 0;

no_thread:
	napi_release_threadsafe_function(watch->tell, napi_tsfn_abort);
no_function:
	close(watch->bell);
no_bell:
	free(watch);
	return error;
}

void watch_arm(struct watch *watch)
{
	ring(watch);
}

void watch_stop(struct watch *watch)
{
	if (watch->bell >= 0) {
		napi_remove_env_cleanup_hook(watch->env, end, watch);
		end(watch);
	}
	free(watch);
}
