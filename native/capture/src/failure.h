/*
 * Every way this program can fail. A failure is one JSON line on standard error and an exit status of its own:
 *
 *   status  "error"             meaning
 *   ------  ------------------  -------------------------------------------------------------
 *   1       internal            anything this table does not name (out of memory, a bug, a driver's refusal)
 *   2       usage               unusable arguments
 *   3       no-such-interface   no interface of that name
 *   4       no-permission       this user may not capture there; "help" says what would allow it
 *   5       interface-down      the interface exists but is not up
 *   6       bad-filter          the filter is not valid for this interface
 *   7       interface-lost      the interface disappeared while capturing; the last statistics were written
 */
#ifndef TCPWB_FAILURE_H
#define TCPWB_FAILURE_H

enum failure {
	INTERNAL = 1,
	USAGE = 2,
	NO_SUCH_INTERFACE = 3,
	NO_PERMISSION = 4,
	INTERFACE_DOWN = 5,
	BAD_FILTER = 6,
	INTERFACE_LOST = 7,
};

/* Writes the JSON line. `help` may be NULL. Returns the exit status. */
int report(enum failure kind, const char *message, const char *help);

/* Writes the JSON line and ends the program. */
_Noreturn void fail(enum failure kind, const char *message, const char *help);

#endif
