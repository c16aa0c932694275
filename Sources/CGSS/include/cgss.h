// GSSAPI (RFC 2744) for a client, by the system's libgssapi_krb5, opened at first use.
//
// Functions return 0, or -1 and a text in `error`. All of them may block.
#ifndef CGSS_H
#define CGSS_H
#include <stdbool.h>
#include <stddef.h>

typedef struct cgss_context cgss_context;

/// Bytes that the library has allocated; cgss_release gives them back.
typedef struct {
  void *data;
  size_t count;
} cgss_bytes;

/// Begins a context with service `name@host`. principal and keytab may be NULL: then the tickets that are
/// there are used.
int cgss_new(const char *service, const char *principal, const char *keytab, cgss_context **out, char *error,
             size_t size);
/// Takes the peer's token (count 0 at first) and gives the next; *complete once both sides agree.
int cgss_step(cgss_context *, const void *token, size_t count, bool *complete, cgss_bytes *out, char *error,
              size_t size);
/// Checks and unwraps a message.
int cgss_unwrap(cgss_context *, const void *message, size_t count, cgss_bytes *out, char *error, size_t size);
/// Wraps a message, signed and not encrypted.
int cgss_wrap(cgss_context *, const void *message, size_t count, cgss_bytes *out, char *error, size_t size);
void cgss_release(cgss_bytes *);
void cgss_free(cgss_context *);

#endif
