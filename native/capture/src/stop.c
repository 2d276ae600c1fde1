#include "stop.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "failure.h"

static volatile sig_atomic_t asked;
static int wake[2];

static void on_signal(int number)
{
	(void)number;
	asked = 1;
	/* A reader that has stopped reading keeps us in write(); SIGALRM's default action then ends us all the same. */
	alarm(2);
	if (write(wake[1], "", 1) < 0) {
		/* the pipe is full of earlier requests: one is enough */
	}
}

int stop_watch(void)
{
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		fail(INTERNAL, "Cannot make a pipe.", 0);
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	sigaction(SIGTERM, &action, 0);
	sigaction(SIGINT, &action, 0);
	sigaction(SIGHUP, &action, 0);
	signal(SIGPIPE, SIG_IGN); /* write() then says EPIPE, and we leave in silence */
	return wake[0];
}

bool stop_asked(void)
{
	return asked != 0;
}
