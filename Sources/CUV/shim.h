#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <uv.h>

/* glibc declares it for _GNU_SOURCE only, which Swift's importer does not set. */
extern int accept4(int, struct sockaddr *, socklen_t *, int);

/// Accepts one connection: its descriptor, non-blocking and closed on exec, or −1 and errno.
static inline int cuv_accept(int listener) {
  return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
