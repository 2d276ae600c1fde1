#include "failure.h"

#include <stdio.h>
#include <stdlib.h>

#include "json.h"

static const char *name_of(enum failure kind)
{
	switch (kind) {
	case INTERNAL: return "internal";
	case USAGE: return "usage";
	case NO_SUCH_INTERFACE: return "no-such-interface";
	case NO_PERMISSION: return "no-permission";
	case INTERFACE_DOWN: return "interface-down";
	case BAD_FILTER: return "bad-filter";
	case INTERFACE_LOST: return "interface-lost";
	}
	return "internal";
}

int report(enum failure kind, const char *message, const char *help)
{
	fputs("{\"error\":", stderr);
	json_string(stderr, name_of(kind));
	fputs(",\"message\":", stderr);
	json_string(stderr, message);
	if (help) {
		fputs(",\"help\":", stderr);
		json_string(stderr, help);
	}
	fputs("}\n", stderr);
	return kind;
}

_Noreturn void fail(enum failure kind, const char *message, const char *help)
{
	exit(report(kind, message, help));
}
