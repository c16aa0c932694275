#include "ccurl.h"

// The checks of options' types would call the functions that are opened later.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define SYMBOLS(X)                                                                                            \
  X(curl_global_init)                                                                                         \
  X(curl_easy_init)                                                                                           \
  X(curl_easy_setopt)                                                                                         \
  X(curl_easy_getinfo)                                                                                        \
  X(curl_easy_perform)                                                                                        \
  X(curl_easy_cleanup)                                                                                        \
  X(curl_easy_strerror)                                                                                       \
  X(curl_slist_append)                                                                                        \
  X(curl_slist_free_all)
#define DECLARE(name) __typeof__(&name) name;
static struct {
  SYMBOLS(DECLARE)
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char load_error[256];
static bool is_loaded;

static void load(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
  void *handle = NULL;
  for (size_t i = 0; i < sizeof names / sizeof *names && !handle; i++)
    handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(load_error, sizeof load_error, "%s; install the package libcurl4 (Debian 13: libcurl4t64)", dlerror());
    return;
  }
#define RESOLVE(name)                                                                                         \
  if (!(library.name = (__typeof__(&name))dlsym(handle, #name))) {                                            \
    snprintf(load_error, sizeof load_error, "libcurl.so.4 has no " #name);                                    \
    return;                                                                                                   \
  }
  SYMBOLS(RESOLVE)
  if (library.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    snprintf(load_error, sizeof load_error, "curl_global_init failed");
    return;
  }
  is_loaded = true;
}

struct sink {
  ccurl_response *response;
  size_t max;
  bool is_over;
};

static size_t take(char *data, size_t size, size_t count, void *user) {
  struct sink *sink = user;
  ccurl_response *response = sink->response;
  size_t more = size * count;
  if (more > sink->max - response->body_count) {
    sink->is_over = true;
    return 0;
  }
  char *grown = realloc(response->body, response->body_count + more + 1);
  if (!grown) return 0;
  memcpy(grown + response->body_count, data, more);
  response->body = grown;
  response->body_count += more;
  return more;
}

static CURLcode configure(CURL *easy, const ccurl_request *request, struct curl_slist *headers) {
  CURLcode bad = CURLE_OK;
#define SET(option, value) (bad = bad == CURLE_OK ? library.curl_easy_setopt(easy, option, value) : bad)
  SET(CURLOPT_URL, request->url);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_PROTOCOLS_STR, request->allows_plain_text ? "http,https" : "https");
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  // What is not encrypted stays on this machine.
  if (request->allows_plain_text) SET(CURLOPT_NOPROXY, "*");
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_CUSTOMREQUEST, request->method);
  if (request->body) {
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_count);
    SET(CURLOPT_POSTFIELDS, request->body);
  }
  if (headers) SET(CURLOPT_HTTPHEADER, headers);
  SET(CURLOPT_TIMEOUT_MS, request->timeout_ms);
  SET(CURLOPT_USERAGENT, "hbcat");
  struct stat status;
  if (request->ca_path && stat(request->ca_path, &status) == 0 && S_ISDIR(status.st_mode))
    SET(CURLOPT_CAPATH, request->ca_path);
  else if (request->ca_path)
    SET(CURLOPT_CAINFO, request->ca_path);
  if (request->ca_pem) {
    struct curl_blob blob = {(void *)request->ca_pem, request->ca_pem_count, CURL_BLOB_COPY};
    SET(CURLOPT_CAINFO_BLOB, &blob);
  }
  SET(CURLOPT_WRITEFUNCTION, take);
  return bad;
}

int ccurl_perform(const ccurl_request *request, ccurl_response *response) {
  memset(response, 0, sizeof *response);
  pthread_once(&once, load);
  if (!is_loaded) {
    snprintf(response->error, sizeof response->error, "libcurl cannot be opened: %s", load_error);
    return -1;
  }
  CURL *easy = library.curl_easy_init();
  struct curl_slist *headers = NULL;
  struct sink sink = {response, request->answer_max, false};
  char detail[CURL_ERROR_SIZE] = "";
  CURLcode code = easy ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  for (const char *const *header = request->headers; header && *header && code == CURLE_OK; header++) {
    struct curl_slist *longer = library.curl_slist_append(headers, *header);
    if (longer) headers = longer;
    else code = CURLE_OUT_OF_MEMORY;
  }
  if (code == CURLE_OK) code = configure(easy, request, headers);
  if (code == CURLE_OK) code = library.curl_easy_setopt(easy, CURLOPT_WRITEDATA, &sink);
  if (code == CURLE_OK) code = library.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
  if (code == CURLE_OK) code = library.curl_easy_perform(easy);
  long status = 0;
  if (code == CURLE_OK) code = library.curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response->status = (int)status;
  if (sink.is_over)
    snprintf(response->error, sizeof response->error, "the answer has more than %zu bytes", request->answer_max);
  else if (code != CURLE_OK)
    snprintf(response->error, sizeof response->error, "%s", detail[0] ? detail : library.curl_easy_strerror(code));
  library.curl_slist_free_all(headers);
  if (easy) library.curl_easy_cleanup(easy);
  return response->error[0] ? -1 : 0;
}

void ccurl_free(ccurl_response *response) {
  free(response->body);
  response->body = NULL;
  response->body_count = 0;
}
