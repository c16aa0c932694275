#include "ccurl.h"

// The checks of options' types would call the functions that are opened later.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define SYMBOLS(X)                                                                                            \
  X(curl_global_init)                                                                                         \
  X(curl_easy_init)                                                                                           \
  X(curl_easy_setopt)                                                                                         \
  X(curl_easy_getinfo)                                                                                        \
  X(curl_easy_perform)                                                                                        \
  X(curl_easy_reset)                                                                                          \
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

/// One request on its way.
struct transfer {
  const ccurl_request *request;
  ccurl_response *response;
  size_t sent;  // bytes of a mail
  bool has_head, is_over;
  char refused[sizeof((ccurl_response *)0)->refused];
};

static size_t take(char *data, size_t size, size_t count, void *user) {
  struct transfer *transfer = user;
  ccurl_response *response = transfer->response;
  size_t more = size * count, room = transfer->request->answer_max - response->body_count;
  transfer->has_head = true;
  if (more > room) {
    transfer->is_over = true;
    return 0;
  }
  char *grown = realloc(response->body, response->body_count + more + 1);
  if (!grown) return 0;
  memcpy(grown + response->body_count, data, more);
  response->body = grown;
  response->body_count += more;
  return more;
}

static size_t give(char *data, size_t size, size_t count, void *user) {
  struct transfer *transfer = user;
  size_t left = transfer->request->body_count - transfer->sent, room = size * count;
  if (left > room) left = room;
  memcpy(data, (const char *)transfer->request->body + transfer->sent, left);
  transfer->sent += left;
  return left;
}

static size_t keep_reply(char *data, size_t size, size_t count, void *user) {
  ccurl_response *response = ((struct transfer *)user)->response;
  size_t kept = size * count;
  // What is said goodbye with is no news.
  if (kept == 0 || (data[0] != '4' && data[0] != '5')) return kept;
  if (kept >= sizeof response->reply) kept = sizeof response->reply - 1;
  memcpy(response->reply, data, kept);
  response->reply[kept] = 0;
  return size * count;
}

static int go_back(void *user, curl_off_t offset, int origin) {
  struct transfer *transfer = user;
  if (origin != SEEK_SET || offset < 0 || (size_t)offset > transfer->request->body_count) return CURL_SEEKFUNC_FAIL;
  transfer->sent = (size_t)offset;
  return CURL_SEEKFUNC_OK;
}

static int look(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  const ccurl_request *request = ((struct transfer *)user)->request;
  return request->is_stopping(request->context);
}

// Names are resolved by libcurl, so what is checked is the address itself, before anything is sent to it (S56).
static bool is_allowed(ccurl_peers peers, const struct sockaddr *address) {
  static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
  static const unsigned char translated[12] = {0, 0x64, 0xff, 0x9b};  // RFC 6052
  static const unsigned char metadata[16] = {0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54};
  static const unsigned char loopback[16] = {[15] = 1};
  if (peers == ccurl_any_peer) return true;
  unsigned char bytes[16];
  if (address->sa_family == AF_INET) {
    memcpy(bytes, mapped, 12);
    memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
  } else if (address->sa_family == AF_INET6) {
    memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
  } else {
    return false;
  }
  bool is_four = !memcmp(bytes, mapped, 12) || !memcmp(bytes, translated, 12);
  if (peers == ccurl_loopback) return !memcmp(bytes, loopback, 16) || (!memcmp(bytes, mapped, 12) && bytes[12] == 127);
  if (is_four) return !(bytes[12] == 169 && bytes[13] == 254);
  return !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) && memcmp(bytes, metadata, 16);
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  struct transfer *transfer = user;
  if (is_allowed(transfer->request->peers, &address->addr))
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  const void *bytes = address->family == AF_INET6
    ? (const void *)&((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr
    : (const void *)&((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr;
  if (!inet_ntop(address->family, bytes, transfer->refused, sizeof transfer->refused))
    snprintf(transfer->refused, sizeof transfer->refused, "of family %d", address->family);
  return CURL_SOCKET_BAD;
}

static bool may_pass(CURLcode code) {
  switch (code) {
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_HTTP2:
  case CURLE_PARTIAL_FILE:
  case CURLE_OPERATION_TIMEDOUT:
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_GOT_NOTHING:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
  case CURLE_HTTP2_STREAM:
  case CURLE_ABORTED_BY_CALLBACK:
  case CURLE_OUT_OF_MEMORY: return true;
  default: return false;
  }
}

#define SET(option, value) (bad = bad == CURLE_OK ? library.curl_easy_setopt(easy, option, value) : bad)

static CURLcode configure(CURL *easy, struct transfer *transfer) {
  const ccurl_request *request = transfer->request;
  CURLcode bad = CURLE_OK;
  SET(CURLOPT_URL, request->url);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_TIMEOUT_MS, request->timeout_ms);
  struct stat status;
  if (request->ca_path && stat(request->ca_path, &status) == 0 && S_ISDIR(status.st_mode))
    SET(CURLOPT_CAPATH, request->ca_path);
  else if (request->ca_path)
    SET(CURLOPT_CAINFO, request->ca_path);
  if (request->ca_pem) {
    struct curl_blob blob = {(void *)request->ca_pem, request->ca_pem_count, CURL_BLOB_COPY};
    SET(CURLOPT_CAINFO_BLOB, &blob);
  }
  if (request->username) {
    SET(CURLOPT_USERNAME, request->username);
    SET(CURLOPT_PASSWORD, request->password ? request->password : "");
  }
  SET(CURLOPT_WRITEFUNCTION, take);
  SET(CURLOPT_WRITEDATA, transfer);
  SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
  SET(CURLOPT_OPENSOCKETDATA, transfer);
  if (request->is_stopping) {
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, look);
    SET(CURLOPT_XFERINFODATA, transfer);
  }
  return bad;
}

static CURLcode configure_http(CURL *easy, const ccurl_request *request, struct curl_slist *headers) {
  CURLcode bad = CURLE_OK;
  SET(CURLOPT_PROTOCOLS_STR, request->allows_plain_text ? "http,https" : "https");
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  // What is not encrypted stays on this machine.
  if (request->allows_plain_text) SET(CURLOPT_NOPROXY, "*");
  SET(CURLOPT_CUSTOMREQUEST, request->method);
  if (request->body) {
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_count);
    SET(CURLOPT_POSTFIELDS, request->body);
  }
  if (headers) SET(CURLOPT_HTTPHEADER, headers);
  SET(CURLOPT_USERAGENT, "hbcat");
  SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
  return bad;
}

static CURLcode configure_mail(CURL *easy, struct transfer *transfer, struct curl_slist *recipients) {
  const ccurl_request *request = transfer->request;
  CURLcode bad = CURLE_OK;
  SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  SET(CURLOPT_NOPROXY, "*");
  SET(CURLOPT_USE_SSL, (long)(request->is_tls_optional ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  if (request->is_tls_optional) {
    SET(CURLOPT_SSL_VERIFYPEER, 0L);
    SET(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  // Also bounds how long the connection's end is waited for.
  SET(CURLOPT_FTP_RESPONSE_TIMEOUT, request->timeout_ms / 1000 + 1);
  SET(CURLOPT_MAIL_FROM, request->mail_from);
  SET(CURLOPT_MAIL_RCPT, recipients);
  SET(CURLOPT_UPLOAD, 1L);
  SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_count);
  SET(CURLOPT_HEADERFUNCTION, keep_reply);
  SET(CURLOPT_HEADERDATA, transfer);
  SET(CURLOPT_READFUNCTION, give);
  SET(CURLOPT_READDATA, transfer);
  SET(CURLOPT_SEEKFUNCTION, go_back);
  SET(CURLOPT_SEEKDATA, transfer);
  return bad;
}

/// Fills in what the answer was, or why there is none.
static void conclude(CURL *easy, CURLcode code, const char *detail, struct transfer *transfer) {
  const ccurl_request *request = transfer->request;
  ccurl_response *response = transfer->response;
  long status = 0;
  if (easy) library.curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response->status = (int)status;
  if (!request->needs_body && !request->mail_from && transfer->has_head) code = CURLE_OK;
  if (code == CURLE_OK) {
    curl_off_t seconds = 0;
    const char *redirect = NULL;
    if (library.curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
      response->retry_after_s = seconds;
    if (library.curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect) == CURLE_OK && redirect)
      snprintf(response->redirect, sizeof response->redirect, "%s", redirect);
  } else if (transfer->is_over) {
    snprintf(response->error, sizeof response->error, "the answer has more than %zu bytes", request->answer_max);
  } else if (code == CURLE_COULDNT_CONNECT && transfer->refused[0]) {
    snprintf(response->refused, sizeof response->refused, "%s", transfer->refused);
    snprintf(response->error, sizeof response->error, "the address %s is not allowed", transfer->refused);
  } else {
    const char *text = detail[0] ? detail : library.curl_easy_strerror(code);
    if (code == CURLE_ABORTED_BY_CALLBACK) text = "stopped";
    snprintf(response->error, sizeof response->error, "%s", text);
    response->may_pass = may_pass(code);
  }
}

int ccurl_perform(ccurl_session *session, const ccurl_request *request, ccurl_response *response) {
  memset(response, 0, sizeof *response);
  pthread_once(&once, load);
  if (!is_loaded) {
    snprintf(response->error, sizeof response->error, "libcurl cannot be opened: %s", load_error);
    return -1;
  }
  // A connection that is used again is not checked again.
  if (session->peers != request->peers) ccurl_close(session);
  session->peers = request->peers;
  if (!session->easy) session->easy = library.curl_easy_init();
  CURL *easy = session->easy;
  struct curl_slist *list = NULL;
  struct transfer transfer = {.request = request, .response = response};
  char detail[CURL_ERROR_SIZE] = "";
  CURLcode code = easy ? CURLE_OK : CURLE_OUT_OF_MEMORY;
  const char *const *text = request->mail_from ? request->mail_to : request->headers;
  for (; text && *text && code == CURLE_OK; text++) {
    struct curl_slist *longer = library.curl_slist_append(list, *text);
    if (longer) list = longer;
    else code = CURLE_OUT_OF_MEMORY;
  }
  if (code == CURLE_OK) code = configure(easy, &transfer);
  if (code == CURLE_OK)
    code = request->mail_from ? configure_mail(easy, &transfer, list) : configure_http(easy, request, list);
  if (code == CURLE_OK) code = library.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
  if (code == CURLE_OK) code = library.curl_easy_perform(easy);
  conclude(easy, code, detail, &transfer);
  // Forgets the request and keeps its connection.
  if (easy) library.curl_easy_reset(easy);
  library.curl_slist_free_all(list);
  return response->error[0] ? -1 : 0;
}

void ccurl_free(ccurl_response *response) {
  free(response->body);
  response->body = NULL;
  response->body_count = 0;
}

void ccurl_close(ccurl_session *session) {
  if (session->easy) library.curl_easy_cleanup(session->easy);
  session->easy = NULL;
}
