#include <limits.h>

#include "ctls.h"
#include "openssl.h"

static const EVP_MD *algorithm(ctls_digest digest) {
  return digest == CTLS_SHA512 ? OSSL(EVP_sha512)() : OSSL(EVP_sha256)();
}

int ctls_hash(ctls_digest digest, const void *bytes, size_t count, uint8_t *out) {
  return OSSL(EVP_Digest)(bytes, count, out, NULL, algorithm(digest), NULL) == 1 ? 0 : -1;
}

int ctls_hmac(ctls_digest digest, const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *out) {
  // OpenSSL takes a null key for "the key of the last call".
  if (key_count > INT_MAX) return -1;
  unsigned length = 0;
  const void *given = key ? key : "";
  return OSSL(HMAC)(algorithm(digest), given, (int)key_count, bytes, count, out, &length) ? 0 : -1;
}

int ctls_pbkdf2(ctls_digest digest, const void *password, size_t password_count, const void *salt,
                size_t salt_count, int iterations, uint8_t *out, size_t out_count) {
  if (password_count > INT_MAX || salt_count > INT_MAX || out_count > INT_MAX || iterations < 1) return -1;
  // A null password would have its length ignored.
  const void *given = password ? password : "";
  return OSSL(PKCS5_PBKDF2_HMAC)(given, (int)password_count, salt, (int)salt_count, iterations, algorithm(digest),
                                 (int)out_count, out) == 1
             ? 0
             : -1;
}

int ctls_random(void *out, size_t count) {
  if (count > INT_MAX) return -1;
  return OSSL(RAND_bytes)(out, (int)count) == 1 ? 0 : -1;
}

bool ctls_equal(const void *a, const void *b, size_t count) { return OSSL(CRYPTO_memcmp)(a, b, count) == 0; }
