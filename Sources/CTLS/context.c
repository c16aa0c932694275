#define _GNU_SOURCE  // memmem
#include "context.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

ctls_context *ctls_context_new(bool server) {
  SSL_CTX *raw = OSSL(SSL_CTX_new)(server ? OSSL(TLS_server_method)() : OSSL(TLS_client_method)());
  ctls_context *context = raw ? calloc(1, sizeof *context) : NULL;
  if (!context) {
    if (raw) OSSL(SSL_CTX_free)(raw);
    return NULL;
  }
  context->raw = raw;
  context->is_server = server;
  OSSL(SSL_CTX_ctrl)(raw, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL);
  OSSL(SSL_CTX_set_options)(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  OSSL(SSL_CTX_ctrl)(raw, SSL_CTRL_MODE, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, NULL);
  if (server) {
    OSSL(SSL_CTX_set_session_id_context)(raw, (const unsigned char *)"hbcat", 5);
  } else {
    OSSL(SSL_CTX_ctrl)(raw, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL, NULL);
    OSSL(SSL_CTX_sess_set_new_cb)(raw, ctls_new_session);
    ctls_context_verify(context, true);
  }
  return context;
}

void ctls_context_free(ctls_context *context) {
  if (!context) return;
  for (size_t i = 0; i < CTLS_SESSION_MAX; i++) {
    free(context->sessions[i].key);
    OSSL(SSL_SESSION_free)(context->sessions[i].session);
  }
  OSSL(SSL_CTX_free)(context->raw);
  free(context);
}

void ctls_context_verify(ctls_context *context, bool on) {
  int mode = SSL_VERIFY_PEER | (context->is_server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
  OSSL(SSL_CTX_set_verify)(context->raw, on ? mode : SSL_VERIFY_NONE, on ? ctls_verified : NULL);
}

void ctls_context_only_13(ctls_context *context) {
  OSSL(SSL_CTX_ctrl)(context->raw, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_3_VERSION, NULL);
}

static int status(long result) { return result == 1 ? 0 : -1; }

int ctls_context_trust_system(ctls_context *context) {
  return status(OSSL(SSL_CTX_set_default_verify_paths)(context->raw));
}

int ctls_context_trust_folder(ctls_context *context, const char *path) {
  return status(OSSL(SSL_CTX_load_verify_locations)(context->raw, NULL, path));
}

static BIO *reader(const void *bytes, size_t count) {
  return count > INT_MAX ? NULL : OSSL(BIO_new_mem_buf)(bytes, (int)count);
}

// The end of a PEM text is an error like another: what was read says whether it was all.
static bool is_end_of_pem(void) {
  unsigned long code = OSSL(ERR_peek_last_error)();
  bool is_end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
  if (is_end) OSSL(ERR_clear_error)();
  return is_end;
}

int ctls_context_trust_pem(ctls_context *context, const void *pem, size_t count) {
  OSSL(ERR_clear_error)();
  BIO *bio = reader(pem, count);
  if (!bio) return -1;
  X509_STORE *store = OSSL(SSL_CTX_get_cert_store)(context->raw);
  int added = 0;
  X509 *one;
  while ((one = OSSL(PEM_read_bio_X509)(bio, NULL, NULL, NULL))) {
    if (OSSL(X509_STORE_add_cert)(store, one) == 1) added++;
    OSSL(X509_free)(one);
  }
  OSSL(BIO_free)(bio);
  return is_end_of_pem() ? added : -1;
}

int ctls_context_revoke_pem(ctls_context *context, const void *pem, size_t count) {
  OSSL(ERR_clear_error)();
  BIO *bio = reader(pem, count);
  if (!bio) return -1;
  X509_STORE *store = OSSL(SSL_CTX_get_cert_store)(context->raw);
  int added = 0;
  X509_CRL *one;
  while ((one = OSSL(PEM_read_bio_X509_CRL)(bio, NULL, NULL, NULL))) {
    if (OSSL(X509_STORE_add_crl)(store, one) == 1) added++;
    OSSL(X509_CRL_free)(one);
  }
  OSSL(BIO_free)(bio);
  if (added) OSSL(X509_VERIFY_PARAM_set_flags)(OSSL(SSL_CTX_get0_param)(context->raw), X509_V_FLAG_CRL_CHECK);
  return is_end_of_pem() ? added : -1;
}

int ctls_context_ciphers(ctls_context *context, const char *list) {
  static const char refused[] = ":!aNULL:!eNULL:!EXPORT:!LOW";
  size_t length = strlen(list);
  char *all = malloc(length + sizeof refused);
  if (!all) return -1;
  memcpy(all, list, length);
  memcpy(all + length, refused, sizeof refused);
  int result = status(OSSL(SSL_CTX_set_cipher_list)(context->raw, all));
  free(all);
  return result;
}

int ctls_context_suites(ctls_context *context, const char *list) {
  return status(OSSL(SSL_CTX_set_ciphersuites)(context->raw, list));
}

int ctls_context_curves(ctls_context *context, const char *list) {
  return status(OSSL(SSL_CTX_ctrl)(context->raw, SSL_CTRL_SET_GROUPS_LIST, 0, (void *)list));
}

int ctls_context_signatures(ctls_context *context, const char *list) {
  return status(OSSL(SSL_CTX_ctrl)(context->raw, SSL_CTRL_SET_SIGALGS_LIST, 0, (void *)list));
}

typedef struct {
  const char *text;
  bool was_asked;
} password;

static int give_password(char *out, int size, int writes, void *argument) {
  (void)writes;
  password *known = argument;
  known->was_asked = true;
  size_t length = known->text ? strlen(known->text) : 0;
  if (!known->text || length > (size_t)size) return -1;
  memcpy(out, known->text, length);
  return (int)length;
}

static ctls_identity use(ctls_context *context, X509 *leaf, EVP_PKEY *key) {
  if (OSSL(SSL_CTX_use_certificate)(context->raw, leaf) != 1) return CTLS_IDENTITY_UNREADABLE;
  if (OSSL(SSL_CTX_use_PrivateKey)(context->raw, key) != 1 || OSSL(SSL_CTX_check_private_key)(context->raw) != 1)
    return CTLS_IDENTITY_MISMATCH;
  return CTLS_IDENTITY_OK;
}

static bool add_to_chain(ctls_context *context, X509 *one) {
  return OSSL(SSL_CTX_ctrl)(context->raw, SSL_CTRL_CHAIN_CERT, 1, one) == 1;
}

static ctls_identity use_chain(ctls_context *context, BIO *chain, EVP_PKEY *key) {
  X509 *leaf = OSSL(PEM_read_bio_X509)(chain, NULL, NULL, NULL);
  if (!leaf) return is_end_of_pem() ? CTLS_IDENTITY_NO_CERTIFICATE : CTLS_IDENTITY_UNREADABLE;
  ctls_identity result = use(context, leaf, key);
  OSSL(X509_free)(leaf);
  X509 *one;
  while (result == CTLS_IDENTITY_OK && (one = OSSL(PEM_read_bio_X509)(chain, NULL, NULL, NULL))) {
    if (!add_to_chain(context, one)) result = CTLS_IDENTITY_UNREADABLE;
    OSSL(X509_free)(one);
  }
  if (result == CTLS_IDENTITY_OK && !is_end_of_pem()) result = CTLS_IDENTITY_UNREADABLE;
  return result;
}

ctls_identity ctls_context_use_pem(ctls_context *context, const void *chain, size_t chain_count, const void *key,
                                   size_t key_count, const char *text) {
  OSSL(ERR_clear_error)();
  BIO *chain_bio = reader(chain, chain_count), *key_bio = reader(key, key_count);
  password known = {.text = text};
  EVP_PKEY *pkey = key_bio ? OSSL(PEM_read_bio_PrivateKey)(key_bio, NULL, give_password, &known) : NULL;
  ctls_identity result = CTLS_IDENTITY_UNREADABLE;
  if (chain_bio && pkey) {
    OSSL(ERR_clear_error)();
    result = use_chain(context, chain_bio, pkey);
  } else if (known.was_asked) {
    result = text ? CTLS_IDENTITY_PASSWORD_WRONG : CTLS_IDENTITY_PASSWORD_MISSING;
  } else if (!pkey) {
    static const char word[] = "PRIVATE KEY-----";
    result = memmem(key, key_count, word, sizeof word - 1) ? CTLS_IDENTITY_KEY_UNREADABLE : CTLS_IDENTITY_NO_KEY;
  }
  OSSL(EVP_PKEY_free)(pkey);
  OSSL(BIO_free)(chain_bio);
  OSSL(BIO_free)(key_bio);
  return result;
}

ctls_identity ctls_context_use_pkcs12(ctls_context *context, const void *der, size_t count, const char *text) {
  OSSL(ERR_clear_error)();
  BIO *bio = reader(der, count);
  PKCS12 *store = bio ? OSSL(d2i_PKCS12_bio)(bio, NULL) : NULL;
  EVP_PKEY *key = NULL;
  X509 *leaf = NULL;
  STACK_OF(X509) *others = NULL;
  ctls_identity result = CTLS_IDENTITY_UNREADABLE;
  if (store && OSSL(PKCS12_parse)(store, text, &key, &leaf, &others) == 1) {
    if (!leaf) {
      result = CTLS_IDENTITY_NO_CERTIFICATE;
    } else if (!key) {
      result = CTLS_IDENTITY_NO_KEY;
    } else {
      result = use(context, leaf, key);
      int chain_count = others ? OSSL(OPENSSL_sk_num)((OPENSSL_STACK *)others) : 0;
      for (int i = 0; result == CTLS_IDENTITY_OK && i < chain_count; i++)
        if (!add_to_chain(context, OSSL(OPENSSL_sk_value)((OPENSSL_STACK *)others, i))) result = CTLS_IDENTITY_UNREADABLE;
    }
  } else if (store) {
    unsigned long code = OSSL(ERR_peek_error)();
    if (ERR_GET_LIB(code) == ERR_LIB_PKCS12 && ERR_GET_REASON(code) == PKCS12_R_MAC_VERIFY_FAILURE)
      result = text ? CTLS_IDENTITY_PASSWORD_WRONG : CTLS_IDENTITY_PASSWORD_MISSING;
  }
  if (others) OSSL(OPENSSL_sk_pop_free)((OPENSSL_STACK *)others, (OPENSSL_sk_freefunc)OSSL(X509_free));
  OSSL(X509_free)(leaf);
  OSSL(EVP_PKEY_free)(key);
  if (store) OSSL(PKCS12_free)(store);
  OSSL(BIO_free)(bio);
  return result;
}
