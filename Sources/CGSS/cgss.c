#include "cgss.h"

#include <dlfcn.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOLS(X)                                                                                            \
  X(gss_import_name)                                                                                          \
  X(gss_release_name)                                                                                         \
  X(gss_acquire_cred_from)                                                                                    \
  X(gss_release_cred)                                                                                         \
  X(gss_init_sec_context)                                                                                     \
  X(gss_delete_sec_context)                                                                                   \
  X(gss_wrap)                                                                                                 \
  X(gss_unwrap)                                                                                               \
  X(gss_release_buffer)                                                                                       \
  X(gss_display_status)
#define DECLARE(name) __typeof__(&name) name;
static struct {
  SYMBOLS(DECLARE)
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char load_error[256];
static bool is_loaded;

static void load(void) {
  // Kept open for good: its threads and exit handlers do not like to be unloaded.
  void *handle = dlopen("libgssapi_krb5.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(load_error, sizeof load_error,
             "GSSAPI cannot be used: %s; install the package libgssapi-krb5-2, or choose another "
             "sasl.mechanism",
             dlerror());
    return;
  }
#define RESOLVE(name)                                                                                         \
  if (!(library.name = (__typeof__(&name))dlsym(handle, #name))) {                                            \
    snprintf(load_error, sizeof load_error, "libgssapi_krb5.so.2 has no " #name);                             \
    return;                                                                                                   \
  }
  SYMBOLS(RESOLVE)
  is_loaded = true;
}

struct cgss_context {
  gss_ctx_id_t context;
  gss_cred_id_t credential;
  gss_name_t target;
};

// {1 2 840 113554 1 2 2}: Kerberos 5; and {… 1 2 1 4}: a service at a host. The library's own symbols for
// them would be variables, which cannot be had before it is opened.
static gss_OID_desc krb5 = {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
static gss_OID_desc service_name = {10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"};
static gss_OID_desc krb5_name = {10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01"};

static int fail(const char *what, OM_uint32 major, OM_uint32 minor, char *error, size_t size) {
  size_t used = (size_t)snprintf(error, size, "%s", what);
  const struct {
    OM_uint32 code;
    int type;
  } codes[] = {{major, GSS_C_GSS_CODE}, {minor, GSS_C_MECH_CODE}};
  for (size_t i = 0; i < 2; i++) {
    OM_uint32 more = 0, ignored;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    if (codes[i].code == 0 || used >= size) continue;
    if (library.gss_display_status(&ignored, codes[i].code, codes[i].type, &krb5, &more, &text) != GSS_S_COMPLETE)
      continue;
    used += (size_t)snprintf(error + used, size - used, ": %.*s", (int)text.length, (const char *)text.value);
    library.gss_release_buffer(&ignored, &text);
  }
  return -1;
}

static int import(const char *text, gss_OID type, gss_name_t *out, char *error, size_t size) {
  OM_uint32 minor, major;
  gss_buffer_desc buffer = {strlen(text), (void *)text};
  major = library.gss_import_name(&minor, &buffer, type, out);
  return GSS_ERROR(major) ? fail(text, major, minor, error, size) : 0;
}

static int acquire(cgss_context *it, const char *principal, const char *keytab, char *error, size_t size) {
  OM_uint32 minor, major, ignored;
  gss_name_t name = GSS_C_NO_NAME;
  if (!principal && !keytab) return 0;
  if (principal && import(principal, &krb5_name, &name, error, size)) return -1;
  gss_OID_set_desc mechanisms = {1, &krb5};
  gss_key_value_element_desc element = {"client_keytab", keytab};
  gss_key_value_set_desc store = {keytab ? 1 : 0, &element};
  major = library.gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms, GSS_C_INITIATE,
                                        keytab ? &store : NULL, &it->credential, NULL, NULL);
  if (name != GSS_C_NO_NAME) library.gss_release_name(&ignored, &name);
  return GSS_ERROR(major) ? fail("no credentials", major, minor, error, size) : 0;
}

int cgss_new(const char *service, const char *principal, const char *keytab, cgss_context **out, char *error,
             size_t size) {
  pthread_once(&once, load);
  if (!is_loaded) {
    snprintf(error, size, "%s", load_error);
    return -1;
  }
  cgss_context *it = calloc(1, sizeof *it);
  if (!it) {
    snprintf(error, size, "out of memory");
    return -1;
  }
  it->context = GSS_C_NO_CONTEXT;
  it->credential = GSS_C_NO_CREDENTIAL;
  if (import(service, &service_name, &it->target, error, size) || acquire(it, principal, keytab, error, size)) {
    cgss_free(it);
    return -1;
  }
  *out = it;
  return 0;
}

static void give(const gss_buffer_desc *buffer, cgss_bytes *out) {
  out->data = buffer->value;
  out->count = buffer->length;
}

int cgss_step(cgss_context *it, const void *token, size_t count, bool *complete, cgss_bytes *out, char *error,
              size_t size) {
  OM_uint32 minor, major;
  gss_buffer_desc input = {count, (void *)token};
  gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
  major = library.gss_init_sec_context(&minor, it->credential, &it->context, it->target, &krb5,
                                       GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_SEQUENCE_FLAG, 0,
                                       GSS_C_NO_CHANNEL_BINDINGS, count ? &input : GSS_C_NO_BUFFER, NULL, &output,
                                       NULL, NULL);
  give(&output, out);
  if (GSS_ERROR(major)) return fail("Kerberos", major, minor, error, size);
  *complete = major == GSS_S_COMPLETE;
  return 0;
}

int cgss_unwrap(cgss_context *it, const void *message, size_t count, cgss_bytes *out, char *error, size_t size) {
  OM_uint32 minor, major;
  gss_buffer_desc input = {count, (void *)message};
  gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
  major = library.gss_unwrap(&minor, it->context, &input, &output, NULL, NULL);
  give(&output, out);
  return GSS_ERROR(major) ? fail("the broker's message", major, minor, error, size) : 0;
}

int cgss_wrap(cgss_context *it, const void *message, size_t count, cgss_bytes *out, char *error, size_t size) {
  OM_uint32 minor, major;
  gss_buffer_desc input = {count, (void *)message};
  gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
  major = library.gss_wrap(&minor, it->context, 0, GSS_C_QOP_DEFAULT, &input, NULL, &output);
  give(&output, out);
  return GSS_ERROR(major) ? fail("wrapping", major, minor, error, size) : 0;
}

void cgss_release(cgss_bytes *bytes) {
  OM_uint32 minor;
  gss_buffer_desc buffer = {bytes->count, bytes->data};
  if (bytes->data && is_loaded) library.gss_release_buffer(&minor, &buffer);
  bytes->data = NULL;
  bytes->count = 0;
}

void cgss_free(cgss_context *it) {
  OM_uint32 minor;
  if (!it) return;
  if (it->context != GSS_C_NO_CONTEXT) library.gss_delete_sec_context(&minor, &it->context, GSS_C_NO_BUFFER);
  if (it->credential != GSS_C_NO_CREDENTIAL) library.gss_release_cred(&minor, &it->credential);
  if (it->target != GSS_C_NO_NAME) library.gss_release_name(&minor, &it->target);
  free(it);
}
