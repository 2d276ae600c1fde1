/* Makes the socket calls it reads, one a line, and prints what each gave: "ok", or the number of the error. "case" closes
 * everything. Sockets have one-letter names. Used to hold the engine's answers against the kernel's, on loopback. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fds[128];

static socklen_t address(struct sockaddr_storage *to, const char *text, int port) {
  struct sockaddr_in *v4 = (struct sockaddr_in *)to;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
  memset(to, 0, sizeof *to);
  if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return sizeof *v4;
  }
  if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1) exit(2);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  return sizeof *v6;
}

/* What the error queue gives: octets/errno/origin/type/code/info/msg_flags of the oldest entry. */
static int print_error(int fd, size_t room) {
  char octets[64], control[512];
  struct iovec io = {octets, room};
  struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int got = recvmsg(fd, &message, MSG_ERRQUEUE);
  if (got < 0) return -1;
  struct sock_extended_err *e = (struct sock_extended_err *)CMSG_DATA(CMSG_FIRSTHDR(&message));
  printf("%.*s/-%d/%d/%d/%d/%d/%x\n", got, octets, e->ee_errno, e->ee_origin, e->ee_type, e->ee_code, e->ee_info, message.msg_flags);
  return 0;
}

/* Flags by their letters: P peek, W waitall, T trunc, D dontwait, O oob. */
static int flags_of(const char *letters) {
  int flags = 0;
  for (; *letters; letters++) flags |= *letters == 'P' ? MSG_PEEK : *letters == 'W' ? MSG_WAITALL : *letters == 'T' ? MSG_TRUNC : *letters == 'O' ? MSG_OOB : *letters == 'D' ? MSG_DONTWAIT : 0;
  return flags;
}

/* result/octets/msg_flags, and what is left where TCP_INQ is set; an octet nobody wrote to is shown as a point. */
static int print_message(int fd, size_t room, const char *letters) {
  char octets[65], control[256];
  struct iovec io = {octets, room};
  struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  memset(octets, '.', sizeof octets);
  int got = recvmsg(fd, &message, flags_of(letters));
  if (got < 0) return -1;
  printf("%d/%.*s/%x", got, got < (int)room ? got : (int)room, octets, message.msg_flags & ~MSG_CMSG_CLOEXEC);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
    if (c->cmsg_level == SOL_TCP && c->cmsg_type == TCP_CM_INQ) printf("/%d", *(int *)CMSG_DATA(c));
    else printf("/stamp");
  printf("\n");
  return 0;
}

/* The local address, and whether it has a port: "127.0.0.1:+", "0.0.0.0:0". */
static void print_name(int fd) {
  struct sockaddr_storage name;
  socklen_t n = sizeof name;
  char text[64];
  getsockname(fd, (struct sockaddr *)&name, &n);
  int is6 = name.ss_family == AF_INET6;
  inet_ntop(name.ss_family, is6 ? (void *)&((struct sockaddr_in6 *)&name)->sin6_addr : (void *)&((struct sockaddr_in *)&name)->sin_addr, text, sizeof text);
  printf("%s:%c\n", text, ((struct sockaddr_in *)&name)->sin_port ? '+' : '0');
}

static int call(const char *op, int s, const char *a, const char *b) {
  struct sockaddr_storage to;
  char octets[16] = "x";
  int on = 1;
  if (!strcmp(op, "socket")) return fds[s] = socket(*a == '6' ? AF_INET6 : AF_INET, !strcmp(b, "dgram") ? SOCK_DGRAM : SOCK_STREAM, 0);
  if (!strcmp(op, "reuseaddr")) return setsockopt(fds[s], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!strcmp(op, "reuseport")) return setsockopt(fds[s], SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (!strcmp(op, "v6only")) return setsockopt(fds[s], IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (!strcmp(op, "rcvtimeo") || !strcmp(op, "sndtimeo")) {
    struct timeval wait = {0, atoi(a) * 1000};
    return setsockopt(fds[s], SOL_SOCKET, *op == 'r' ? SO_RCVTIMEO : SO_SNDTIMEO, &wait, sizeof wait);
  }
  if (!strcmp(op, "inq")) return setsockopt(fds[s], SOL_TCP, TCP_INQ, &on, sizeof on);
  if (!strcmp(op, "stamp")) return setsockopt(fds[s], SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on);
  if (!strcmp(op, "lowat")) { on = atoi(a); return setsockopt(fds[s], SOL_SOCKET, SO_RCVLOWAT, &on, sizeof on); }
  if (!strcmp(op, "pair")) { int two[2], made = socketpair(AF_UNIX, !strcmp(b, "dgram") ? SOCK_DGRAM : SOCK_STREAM, 0, two); fds[s] = two[0]; fds[(int)*a] = two[1]; return made; }
  if (!strcmp(op, "write")) return send(fds[s], a, strlen(a), MSG_NOSIGNAL);
  if (!strcmp(op, "waitaccept")) return *a ? (fds[(int)*a] = accept(fds[s], NULL, NULL)) : accept(fds[s], NULL, NULL);
  if (!strcmp(op, "recverr")) { on = atoi(a); return setsockopt(fds[s], SOL_IP, IP_RECVERR, &on, sizeof on); }
  if (!strcmp(op, "recverr6")) { on = atoi(a); return setsockopt(fds[s], SOL_IPV6, IPV6_RECVERR, &on, sizeof on); }
  if (!strcmp(op, "bind")) { socklen_t n = address(&to, a, atoi(b)); return bind(fds[s], (struct sockaddr *)&to, n); }
  if (!strcmp(op, "connect")) { socklen_t n = address(&to, a, atoi(b)); return connect(fds[s], (struct sockaddr *)&to, n); }
  if (!strcmp(op, "sendto")) { socklen_t n = address(&to, a, atoi(b)); return sendto(fds[s], octets, 1, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, n); }
  if (!strcmp(op, "listen")) return listen(fds[s], atoi(a));
  if (!strcmp(op, "accept")) { fcntl(fds[s], F_SETFL, O_NONBLOCK); int got = accept4(fds[s], NULL, NULL, SOCK_NONBLOCK), why = errno; fcntl(fds[s], F_SETFL, 0); errno = why; return fds[(int)*a] = got; }
  if (!strcmp(op, "send")) return send(fds[s], octets, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!strcmp(op, "sendoob")) return send(fds[s], octets, 1, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!strcmp(op, "recvoob")) return recv(fds[s], octets, sizeof octets, MSG_OOB | MSG_DONTWAIT);
  if (!strcmp(op, "unspec")) { memset(&to, 0, sizeof to); return connect(fds[s], (struct sockaddr *)&to, sizeof to); }
  if (!strcmp(op, "recv")) return recv(fds[s], octets, sizeof octets, MSG_DONTWAIT);
  if (!strcmp(op, "shutdown")) return shutdown(fds[s], atoi(a));
  if (!strcmp(op, "close")) return close(fds[s]);
  if (!strcmp(op, "getpeername")) { socklen_t n = sizeof to; return getpeername(fds[s], (struct sockaddr *)&to, &n); }
  exit(2);
}

int main(void) {
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    char op[32] = "", s[8] = "", a[64] = "", b[64] = "";
    sscanf(line, "%31s %7s %63s %63s", op, s, a, b);
    if (!strcmp(op, "case")) {
      for (int i = 0; i < 128; i++) if (fds[i] > 0) { close(fds[i]); fds[i] = 0; }
      continue;
    }
    if (!strcmp(op, "poll")) {
      struct pollfd p = {fds[(int)*s], POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
      usleep(2000);
      poll(&p, 1, 0);
      printf("%d\n", p.revents);
    } else if (!strcmp(op, "recvmsg")) {
      if (print_message(fds[(int)*s], atoi(a), b) < 0) printf("-%d\n", errno);
    } else if (!strcmp(op, "name")) {
      print_name(fds[(int)*s]);
    } else if (!strcmp(op, "errq")) {
      if (print_error(fds[(int)*s], atoi(a)) < 0) printf("-%d\n", errno);
    } else if (!strcmp(op, "soerror")) {
      int error = 0;
      socklen_t n = sizeof error;
      getsockopt(fds[(int)*s], SOL_SOCKET, SO_ERROR, &error, &n);
      printf("-%d\n", error);
    } else {
      int result = call(op, *s, a, b);
      int error = errno;
      if (!strcmp(op, "sendto") || !strcmp(op, "send") || !strcmp(op, "sendoob") || !strcmp(op, "write") || !strcmp(op, "connect")) usleep(2000);
      if (result < 0) printf("-%d\n", error);
      else printf("ok\n");
    }
    fflush(stdout);
  }
  return 0;
}
