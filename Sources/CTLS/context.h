#ifndef HBCAT_CTLS_CONTEXT_H
#define HBCAT_CTLS_CONTEXT_H
#include "ctls.h"
#include "openssl.h"

/// How many peers' sessions are kept.
#define CTLS_SESSION_MAX 64

struct ctls_context {
  SSL_CTX *raw;
  bool is_server;
  // Sessions to resume, by the key of their connection; a full table forgets in turn.
  struct { char *key; SSL_SESSION *session; } sessions[CTLS_SESSION_MAX];
  size_t session_next;
};

struct ctls_engine {
  ctls_context *context;
  SSL *raw;
  BIO *in, *out;  // the SSL's
  char *key;
  X509 *refused;
  int refusal, refusal_depth, alert;
  const char *reason;
};

/// The verification's callback: notes what was refused, and why.
int ctls_verified(int ok, X509_STORE_CTX *store);
/// The callback for a new session.
int ctls_new_session(SSL *ssl, SSL_SESSION *session);
#endif
