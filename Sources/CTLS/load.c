#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "ctls.h"
#include "openssl.h"

struct ctls_api ctls_api;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char load_error[256];
static bool is_loaded;

static void load(void) {
  // Only by the plain name: the loader looks where the system keeps its libraries, and nowhere else.
  void *crypto = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  void *ssl = crypto ? dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!ssl) {
    const char *reason = dlerror();
    snprintf(load_error, sizeof load_error, "%s", reason ? reason : "libssl.so.3 cannot be opened");
    return;
  }
#define FROM(library, file, name)                                                           \
  if (!(ctls_api.name = (__typeof__(&name))dlsym(library, #name))) {                        \
    snprintf(load_error, sizeof load_error, "%s has no %s: it is too old", file, #name);     \
    return;                                                                                 \
  }
#define FROM_SSL(name) FROM(ssl, "libssl.so.3", name)
#define FROM_CRYPTO(name) FROM(crypto, "libcrypto.so.3", name)
  SSL_SYMBOLS(FROM_SSL)
  CRYPTO_SYMBOLS(FROM_CRYPTO)
  unsigned long version = OSSL(OpenSSL_version_num)();
  if (version >> 28 != 3) {
    snprintf(load_error, sizeof load_error, "libcrypto.so.3 is version %lx, not OpenSSL 3", version >> 28);
    return;
  }
  is_loaded = true;
}

int ctls_load(char *error, size_t size) {
  pthread_once(&once, load);
  if (!is_loaded && size) snprintf(error, size, "%s", load_error);
  return is_loaded ? 0 : -1;
}

size_t ctls_errors(char *text, size_t size) {
  size_t length = 0;
  unsigned long code;
  if (size) text[0] = 0;
  while ((code = OSSL(ERR_get_error)())) {
    char one[256];
    OSSL(ERR_error_string_n)(code, one, sizeof one);
    int added = snprintf(text + length, size - length, "%s%s", length ? "; " : "", one);
    if (added < 0 || (size_t)added >= size - length) {
      OSSL(ERR_clear_error)();
      return size ? size - 1 : 0;
    }
    length += (size_t)added;
  }
  return length;
}
