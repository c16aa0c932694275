// HTTP and SMTP by libcurl, opened at first use.
#ifndef CCURL_H
#define CCURL_H
#include <stdbool.h>
#include <stddef.h>

/// Which addresses a name may lead to.
typedef enum {
  ccurl_any_peer,
  ccurl_no_link_local,  // none of the link, none of a cloud's metadata service
  ccurl_loopback,       // this machine only
} ccurl_peers;

/// A request, or a mail where `mail_from` is there; texts that may be left out are NULL then.
typedef struct {
  const char *method, *url;
  const char *const *headers;  // "Name: value", NULL behind the last
  const char *mail_from;
  const char *const *mail_to;  // NULL behind the last
  const char *username, *password;
  const void *body;
  size_t body_count;
  long timeout_ms;  // for all of it
  size_t answer_max;  // bytes of the answer's body that are taken
  bool needs_body;  // otherwise an answer counts once its head is there
  bool allows_plain_text;  // http:// beside https://
  bool is_tls_optional;  // a mail's: STARTTLS is tried, and certificates are not checked
  ccurl_peers peers;
  const char *ca_path;  // a file or a folder
  const void *ca_pem;
  size_t ca_pem_count;
  bool (*is_stopping)(void *);  // true ends it; asked at least every second
  void *context;  // its argument
} ccurl_request;

/// An answer, or why there is none (`error` is not empty then). ccurl_free gives it back.
typedef struct {
  int status;  // of a mail: the last answer's, also beside an error
  void *body;
  size_t body_count;
  long long retry_after_s;  // 0 for none
  char redirect[512];  // where a redirect leads to, perhaps cut; empty for none
  char error[320];
  char reply[200];  // the last line by which a mail server refused, perhaps cut
  char refused[48];  // the address that `peers` does not allow; empty where that was not the cause
  bool may_pass;  // the error's cause may go away by itself
} ccurl_response;

/// What is kept from one request to the next: open connections. All zero at first.
typedef struct {
  void *easy;
  ccurl_peers peers;
} ccurl_session;

/// Sends a request and waits for the answer: 0, or -1 where none came. Redirects are answers.
int ccurl_perform(ccurl_session *, const ccurl_request *, ccurl_response *);
void ccurl_free(ccurl_response *);
void ccurl_close(ccurl_session *);

#endif
