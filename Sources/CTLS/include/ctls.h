#ifndef HBCAT_CTLS_H
#define HBCAT_CTLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Opens OpenSSL 3 (libssl.so.3, libcrypto.so.3) once; every other function needs it. Any thread.
///
/// 0, or -1 with what is missing in `error`.
int ctls_load(char *error, size_t size);

/// All errors that OpenSSL noted on this thread, "; " between them, which forgets them; its length.
size_t ctls_errors(char *text, size_t size);

/* Hashes: 0, or -1 where OpenSSL refuses. `out` has room for the hash: 32 or 64 bytes. */
typedef enum { CTLS_SHA256, CTLS_SHA512 } ctls_digest;
int ctls_hash(ctls_digest digest, const void *bytes, size_t count, uint8_t *out);
int ctls_hmac(ctls_digest digest, const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *out);
int ctls_pbkdf2(ctls_digest digest, const void *password, size_t password_count, const void *salt,
                size_t salt_count, int iterations, uint8_t *out, size_t out_count);
int ctls_random(void *out, size_t count);
/// Whether the bytes are the same, in a time that does not depend on them.
bool ctls_equal(const void *a, const void *b, size_t count);

/* What all connections of a client share. To be used by one thread at a time. */
typedef struct ctls_context ctls_context;

/// A context for TLS 1.2 and later that verifies the peer; of a server (for tests) where `server`.
ctls_context *ctls_context_new(bool server);
void ctls_context_free(ctls_context *context);
/// Asks for the peer's certificate and verifies it, or not; a server is without it at first.
void ctls_context_verify(ctls_context *context, bool on);
/// Trusts what the system trusts: 0 or -1.
int ctls_context_trust_system(ctls_context *context);
/// Trusts the certificates of a folder, whose names are their hashes: 0 or -1.
int ctls_context_trust_folder(ctls_context *context, const char *path);
/// Trusts the certificates of a PEM text: how many, or -1.
int ctls_context_trust_pem(ctls_context *context, const void *pem, size_t count);
/// Takes the revocation lists of a PEM text, which are used from then on: how many, or -1.
int ctls_context_revoke_pem(ctls_context *context, const void *pem, size_t count);
/// The cipher list of TLS 1.2 in OpenSSL's words; anonymous, unencrypted and export ciphers are left out: 0 or -1.
int ctls_context_ciphers(ctls_context *context, const char *list);
/// The cipher suites of TLS 1.3: 0 or -1.
int ctls_context_suites(ctls_context *context, const char *list);
int ctls_context_curves(ctls_context *context, const char *list);
int ctls_context_signatures(ctls_context *context, const char *list);
/// Refuses everything older than TLS 1.3.
void ctls_context_only_13(ctls_context *context);

/// Why a certificate or its key cannot be used.
typedef enum {
  CTLS_IDENTITY_OK = 0,
  CTLS_IDENTITY_NO_CERTIFICATE,
  CTLS_IDENTITY_NO_KEY,
  CTLS_IDENTITY_PASSWORD_MISSING,
  CTLS_IDENTITY_PASSWORD_WRONG,
  CTLS_IDENTITY_MISMATCH,
  CTLS_IDENTITY_UNREADABLE,
  CTLS_IDENTITY_KEY_UNREADABLE,
} ctls_identity;
/// Our own certificate, with what leads to its root, and its key. `password` may be null.
ctls_identity ctls_context_use_pem(ctls_context *context, const void *chain, size_t chain_count, const void *key,
                                   size_t key_count, const char *password);
/// The same from a PKCS#12 file.
ctls_identity ctls_context_use_pkcs12(ctls_context *context, const void *der, size_t count, const char *password);

/* One connection, over memory. */
typedef struct ctls_engine ctls_engine;
typedef enum {
  CTLS_OK = 0,
  /// More of the peer's bytes are needed.
  CTLS_WANT,
  /// The peer ended the connection in order.
  CTLS_CLOSED,
  CTLS_FAILED,
} ctls_status;

/// A connection to `host`; null where there is no memory or the name cannot be one.
///
/// `host` is sent as SNI unless it `is_address`; where `check_host`, the certificate must name it. Sessions are
/// resumed among connections of the same `key`.
ctls_engine *ctls_engine_new(ctls_context *context, const char *key, const char *host, bool is_address,
                             bool check_host);
void ctls_engine_free(ctls_engine *engine);
ctls_status ctls_engine_handshake(ctls_engine *engine);
/// Takes bytes of the peer; `count` at most INT_MAX.
ctls_status ctls_engine_feed(ctls_engine *engine, const void *bytes, size_t count);
/// How many bytes are for the peer.
size_t ctls_engine_pending(ctls_engine *engine);
/// Moves up to `count` bytes that are for the peer to `out`: how many.
size_t ctls_engine_take(ctls_engine *engine, void *out, size_t count);
ctls_status ctls_engine_read(ctls_engine *engine, void *out, size_t count, size_t *got);
ctls_status ctls_engine_write(ctls_engine *engine, const void *bytes, size_t count, size_t *put);
/// Tells the peer that nothing more will come.
void ctls_engine_shutdown(ctls_engine *engine);
/// Whether an earlier session was resumed.
bool ctls_engine_resumed(ctls_engine *engine);

/// The number of the alert by which the peer ended the connection; -1 if there was none.
int ctls_engine_alert(ctls_engine *engine);
/// OpenSSL's number (X509_V_ERR_…) for why the peer's certificate was refused; 0 if it was not.
int ctls_engine_refusal(ctls_engine *engine);
/// How far the refused certificate is from the peer's own, which is 0.
int ctls_engine_refusal_depth(ctls_engine *engine);

typedef enum {
  /// "TLSv1.3"
  CTLS_VERSION,
  CTLS_CIPHER,
  /// OpenSSL's reason for the failure, or "".
  CTLS_FAILURE,
  /// OpenSSL's sentence for the refusal.
  CTLS_REFUSAL,
  /* Of the refused certificate, or, where none was, the peer's. */
  CTLS_SUBJECT,
  CTLS_ISSUER,
  /// Alternative names: "DNS:a, DNS:b, IP:127.0.0.1"
  CTLS_NAMES,
} ctls_field;
/// Writes a text about the connection, cut to `size` with its terminator: its length.
size_t ctls_engine_text(ctls_engine *engine, ctls_field field, char *text, size_t size);
/// From when and until when the certificate (as in `ctls_engine_text`) holds, in seconds since 1970; false if there is none.
bool ctls_engine_validity(ctls_engine *engine, int64_t *not_before, int64_t *not_after);
#endif
