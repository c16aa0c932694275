#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "context.h"

static ctls_engine *engine_of(SSL *ssl) { return OSSL(SSL_get_ex_data)(ssl, 0); }

int ctls_verified(int ok, X509_STORE_CTX *store) {
  SSL *ssl = OSSL(X509_STORE_CTX_get_ex_data)(store, OSSL(SSL_get_ex_data_X509_STORE_CTX_idx)());
  ctls_engine *engine = ssl ? engine_of(ssl) : NULL;
  if (!ok && engine && !engine->refusal) {
    engine->refusal = OSSL(X509_STORE_CTX_get_error)(store);
    engine->refusal_depth = OSSL(X509_STORE_CTX_get_error_depth)(store);
    X509 *refused = OSSL(X509_STORE_CTX_get_current_cert)(store);
    if (refused && OSSL(X509_up_ref)(refused) == 1) engine->refused = refused;
  }
  return ok;
}

// Sessions to resume: only used on the thread of the context's connections.
int ctls_new_session(SSL *ssl, SSL_SESSION *session) {
  ctls_engine *engine = engine_of(ssl);
  ctls_context *context = engine ? engine->context : NULL;
  if (!context) return 0;
  size_t at = context->session_next;
  for (size_t i = 0; i < CTLS_SESSION_MAX; i++)
    if (context->sessions[i].key && strcmp(context->sessions[i].key, engine->key) == 0) at = i;
  if (!context->sessions[at].key || strcmp(context->sessions[at].key, engine->key) != 0) {
    char *key = strdup(engine->key);
    if (!key) return 0;
    free(context->sessions[at].key);
    context->sessions[at].key = key;
    context->session_next = (at + 1) % CTLS_SESSION_MAX;
  }
  OSSL(SSL_SESSION_free)(context->sessions[at].session);
  context->sessions[at].session = session;
  return 1;  // we keep the reference
}

static void resume(ctls_engine *engine) {
  for (size_t i = 0; i < CTLS_SESSION_MAX; i++) {
    if (!engine->context->sessions[i].key || strcmp(engine->context->sessions[i].key, engine->key) != 0) continue;
    if (engine->context->sessions[i].session)
      OSSL(SSL_set_session)(engine->raw, engine->context->sessions[i].session);
    return;
  }
}

static bool set_names(ctls_engine *engine, const char *host, bool is_address, bool check_host) {
  if (!is_address &&
      OSSL(SSL_ctrl)(engine->raw, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, (void *)host) != 1)
    return false;
  if (!check_host) return true;
  X509_VERIFY_PARAM *names = OSSL(SSL_get0_param)(engine->raw);
  // RFC 6125: alternative names only, and a wildcard only as the whole leftmost label.
  OSSL(X509_VERIFY_PARAM_set_hostflags)(names, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return is_address ? OSSL(X509_VERIFY_PARAM_set1_ip_asc)(names, host) == 1
                    : OSSL(X509_VERIFY_PARAM_set1_host)(names, host, 0) == 1;
}

ctls_engine *ctls_engine_new(ctls_context *context, const char *key, const char *host, bool is_address,
                             bool check_host) {
  OSSL(ERR_clear_error)();
  ctls_engine *engine = calloc(1, sizeof *engine);
  if (!engine) return NULL;
  engine->context = context;
  engine->alert = -1;
  engine->key = strdup(key);
  engine->raw = OSSL(SSL_new)(context->raw);
  BIO *in = OSSL(BIO_new)(OSSL(BIO_s_mem)()), *out = OSSL(BIO_new)(OSSL(BIO_s_mem)());
  if (!engine->key || !engine->raw || !in || !out) {
    OSSL(BIO_free)(in);
    OSSL(BIO_free)(out);
    ctls_engine_free(engine);
    return NULL;
  }
  // An empty buffer means "not yet", not "the end".
  OSSL(BIO_ctrl)(in, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
  OSSL(BIO_ctrl)(out, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL);
  OSSL(SSL_set_bio)(engine->raw, in, out);
  engine->in = in;
  engine->out = out;
  OSSL(SSL_set_ex_data)(engine->raw, 0, engine);
  if (context->is_server) {
    OSSL(SSL_set_accept_state)(engine->raw);
    return engine;
  }
  OSSL(SSL_set_connect_state)(engine->raw);
  if (!set_names(engine, host, is_address, check_host)) {
    ctls_engine_free(engine);
    return NULL;
  }
  resume(engine);
  return engine;
}

void ctls_engine_free(ctls_engine *engine) {
  if (!engine) return;
  // A broken TCP connection says nothing against its session, but OpenSSL would never resume it.
  if (engine->raw && !engine->reason) OSSL(SSL_set_shutdown)(engine->raw, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  OSSL(SSL_free)(engine->raw);
  OSSL(X509_free)(engine->refused);
  free(engine->key);
  free(engine);
}

static ctls_status status(ctls_engine *engine, int result) {
  if (result == 1) return CTLS_OK;
  switch (OSSL(SSL_get_error)(engine->raw, result)) {
    case SSL_ERROR_NONE: return CTLS_OK;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return CTLS_WANT;
    case SSL_ERROR_ZERO_RETURN: return CTLS_CLOSED;
    default: break;
  }
  unsigned long code = OSSL(ERR_peek_error)();
  engine->reason = OSSL(ERR_reason_error_string)(code);
  // OpenSSL counts a received alert as the reason 1000 + its number.
  int reason = ERR_GET_REASON(code);
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256)
    engine->alert = reason - SSL_AD_REASON_OFFSET;
  OSSL(ERR_clear_error)();
  return CTLS_FAILED;
}

ctls_status ctls_engine_handshake(ctls_engine *engine) {
  OSSL(ERR_clear_error)();
  return status(engine, OSSL(SSL_do_handshake)(engine->raw));
}

ctls_status ctls_engine_feed(ctls_engine *engine, const void *bytes, size_t count) {
  if (count > INT_MAX) return CTLS_FAILED;
  return count == 0 || OSSL(BIO_write)(engine->in, bytes, (int)count) == (int)count ? CTLS_OK : CTLS_FAILED;
}

size_t ctls_engine_pending(ctls_engine *engine) { return OSSL(BIO_ctrl_pending)(engine->out); }

size_t ctls_engine_take(ctls_engine *engine, void *out, size_t count) {
  int taken = OSSL(BIO_read)(engine->out, out, count > INT_MAX ? INT_MAX : (int)count);
  return taken > 0 ? (size_t)taken : 0;
}

ctls_status ctls_engine_read(ctls_engine *engine, void *out, size_t count, size_t *got) {
  *got = 0;
  OSSL(ERR_clear_error)();
  return status(engine, OSSL(SSL_read_ex)(engine->raw, out, count, got));
}

ctls_status ctls_engine_write(ctls_engine *engine, const void *bytes, size_t count, size_t *put) {
  *put = 0;
  OSSL(ERR_clear_error)();
  return status(engine, OSSL(SSL_write_ex)(engine->raw, bytes, count, put));
}

void ctls_engine_shutdown(ctls_engine *engine) {
  OSSL(ERR_clear_error)();
  OSSL(SSL_shutdown)(engine->raw);
  OSSL(ERR_clear_error)();
}

bool ctls_engine_resumed(ctls_engine *engine) { return OSSL(SSL_session_reused)(engine->raw) == 1; }
int ctls_engine_alert(ctls_engine *engine) { return engine->alert; }
int ctls_engine_refusal(ctls_engine *engine) { return engine->refusal; }
int ctls_engine_refusal_depth(ctls_engine *engine) { return engine->refusal_depth; }

/// The certificate that texts are about, with a reference of its own; or null.
static X509 *certificate(ctls_engine *engine) {
  if (!engine->refused) return OSSL(SSL_get1_peer_certificate)(engine->raw);
  return OSSL(X509_up_ref)(engine->refused) == 1 ? engine->refused : NULL;
}

typedef struct {
  char *text;
  size_t size, length;
} line;

static void add(line *out, const char *text) {
  int added = snprintf(out->text + out->length, out->size - out->length, "%s", text);
  out->length += added < 0 ? 0 : (size_t)added;
  if (out->length >= out->size) out->length = out->size - 1;
}

static void add_name(line *out, const X509_NAME *name) {
  BIO *bio = OSSL(BIO_new)(OSSL(BIO_s_mem)());
  if (!bio) return;
  // Control characters and what is not ASCII come out escaped.
  OSSL(X509_NAME_print_ex)(bio, name, 0, XN_FLAG_RFC2253);
  char text[512];
  int length = OSSL(BIO_read)(bio, text, sizeof text - 1);
  text[length > 0 ? length : 0] = 0;
  add(out, text);
  OSSL(BIO_free)(bio);
}

/// Adds bytes from the certificate, escaping what could fool a reader.
static void add_bytes(line *out, const unsigned char *bytes, int count) {
  for (int i = 0; i < count; i++) {
    unsigned char c = bytes[i];
    char one[8];
    snprintf(one, sizeof one, c > 0x20 && c < 0x7f && c != ',' && c != '\\' ? "%c" : "\\%02X", c);
    add(out, one);
  }
}

static void add_names(line *out, const X509 *of) {
  GENERAL_NAMES *names = OSSL(X509_get_ext_d2i)(of, NID_subject_alt_name, NULL, NULL);
  if (!names) return;
  int count = OSSL(OPENSSL_sk_num)((OPENSSL_STACK *)names);
  for (int i = 0; i < count; i++) {
    const GENERAL_NAME *name = OSSL(OPENSSL_sk_value)((OPENSSL_STACK *)names, i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    const ASN1_STRING *value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
    const unsigned char *bytes = OSSL(ASN1_STRING_get0_data)(value);
    int length = OSSL(ASN1_STRING_length)(value);
    if (out->length) add(out, ", ");
    char address[INET6_ADDRSTRLEN];
    if (name->type == GEN_DNS) {
      add(out, "DNS:");
      add_bytes(out, bytes, length);
    } else if ((length == 4 || length == 16) &&
               inet_ntop(length == 4 ? AF_INET : AF_INET6, bytes, address, sizeof address)) {
      add(out, "IP:");
      add(out, address);
    }
  }
  OSSL(GENERAL_NAMES_free)(names);
}

size_t ctls_engine_text(ctls_engine *engine, ctls_field field, char *text, size_t size) {
  if (!size) return 0;
  line out = {.text = text, .size = size};
  text[0] = 0;
  const SSL_CIPHER *cipher;
  X509 *of;
  switch (field) {
    case CTLS_VERSION: add(&out, OSSL(SSL_get_version)(engine->raw)); break;
    case CTLS_CIPHER:
      cipher = OSSL(SSL_get_current_cipher)(engine->raw);
      if (cipher) add(&out, OSSL(SSL_CIPHER_get_name)(cipher));
      break;
    case CTLS_FAILURE: add(&out, engine->reason ? engine->reason : ""); break;
    case CTLS_REFUSAL: add(&out, OSSL(X509_verify_cert_error_string)(engine->refusal)); break;
    case CTLS_SUBJECT:
    case CTLS_ISSUER:
    case CTLS_NAMES:
      of = certificate(engine);
      if (!of) break;
      if (field == CTLS_SUBJECT) add_name(&out, OSSL(X509_get_subject_name)(of));
      if (field == CTLS_ISSUER) add_name(&out, OSSL(X509_get_issuer_name)(of));
      if (field == CTLS_NAMES) add_names(&out, of);
      OSSL(X509_free)(of);
      OSSL(ERR_clear_error)();
      break;
  }
  return out.length;
}

static bool seconds(const ASN1_TIME *time, int64_t *out) {
  struct tm parts;
  memset(&parts, 0, sizeof parts);
  if (!time || OSSL(ASN1_TIME_to_tm)(time, &parts) != 1) return false;
  *out = (int64_t)timegm(&parts);
  return true;
}

bool ctls_engine_validity(ctls_engine *engine, int64_t *not_before, int64_t *not_after) {
  X509 *of = certificate(engine);
  if (!of) return false;
  bool has = seconds(OSSL(X509_get0_notBefore)(of), not_before) && seconds(OSSL(X509_get0_notAfter)(of), not_after);
  OSSL(X509_free)(of);
  return has;
}
