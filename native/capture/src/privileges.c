#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "failure.h"

#define NOBODY 65534

static void must(int status, const char *what)
{
	if (status == 0)
		return;
	char message[256];
	snprintf(message, sizeof message, "Cannot drop privileges: %s: %s", what, strerror(errno));
	fail(INTERNAL, message, NULL);
}

/* An unprivileged numeric id from the environment, or nobody's. */
static unsigned id_from(const char *name)
{
	const char *text = getenv(name);
	if (!text || text[0] < '1' || text[0] > '9')
		return NOBODY;
	char *end;
	errno = 0;
	unsigned long id = strtoul(text, &end, 10);
	return errno == 0 && *end == '\0' && id < 0xffffffffUL ? (unsigned)id : NOBODY;
}

static void become_unprivileged(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	if (uid == 0) { /* really root, not a setuid bit: then the environment is root's and may be believed */
		uid = getenv("SUDO_UID") ? id_from("SUDO_UID") : id_from("PKEXEC_UID");
		gid = id_from("SUDO_GID");
	}
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(gid, gid, gid), "setresgid");
	must(setresuid(uid, uid, uid), "setresuid");
}

void drop_privileges(void)
{
	if (geteuid() == 0)
		become_unprivileged();
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };
	must((int)syscall(SYS_capset, &header, none), "capset");
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "clearing ambient capabilities");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}
