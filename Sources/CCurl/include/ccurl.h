// HTTP by libcurl, opened at first use.
#ifndef CCURL_H
#define CCURL_H
#include <stdbool.h>
#include <stddef.h>

/// A request; texts that may be left out are NULL then.
typedef struct {
  const char *method, *url;
  const char *const *headers;  // "Name: value", NULL behind the last
  const void *body;
  size_t body_count;
  long timeout_ms;  // for all of it
  size_t answer_max;  // bytes of the answer's body that are taken
  bool allows_plain_text;  // http:// beside https://
  const char *ca_path;  // a file or a folder
  const void *ca_pem;
  size_t ca_pem_count;
} ccurl_request;

/// An answer, or why there is none (`error` is not empty then). ccurl_free gives it back.
typedef struct {
  int status;
  void *body;
  size_t body_count;
  char error[320];
} ccurl_response;

/// Sends a request and waits for the answer: 0, or -1 where none came. Redirects are answers.
int ccurl_perform(const ccurl_request *, ccurl_response *);
void ccurl_free(ccurl_response *);

#endif
