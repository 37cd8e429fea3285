/* Wrong use of the C ABI: every case gives a status, none an abort, a leak or a written output.
 * Compiles as C11 and as C++17. */
#include "check.h"
#include "securescan.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static securescan_str raw(const void *ptr, size_t len) {
  securescan_str out = {(const uint8_t *)ptr, len};
  return out;
}

/* A call that must be refused: the status, an error with that code, no output. */
static void refused(securescan_str op, securescan_str request, const char *what) {
  securescan_bytes out = {NULL, 0};
  securescan_error *error = NULL;
  securescan_str code = {NULL, 0};
  securescan_status status = securescan_call(op, request, &out, &error);
  check(status == SECURESCAN_STATUS_INVALID_ARGUMENT, what);
  check(out.ptr == NULL && out.len == 0, what);
  check(securescan_error_code(error, &code) == SECURESCAN_STATUS_OK, what);
  check(code.len == 16 && memcmp(code.ptr, "invalid_argument", 16) == 0, what);
  securescan_error_free(error);
}

static void arguments(void) {
  static const uint8_t not_utf8[] = {'{', 0xff, '}'};
  securescan_str version = securescan_cstr("version"), object = securescan_cstr("{}");
  refused(raw(NULL, 3), object, "a null operation with a length");
  refused(version, raw(NULL, 3), "a null request with a length");
  refused(raw(NULL, 0), object, "no operation");
  refused(version, raw(NULL, 0), "no request");
  refused(version, raw(not_utf8, sizeof not_utf8), "a request that is not UTF-8");
  refused(raw(not_utf8, sizeof not_utf8), object, "an operation that is not UTF-8");
  refused(version, raw("{}", (size_t)-1), "a length beyond memory");
  refused(securescan_cstr("no_such_operation"), object, "an unknown operation");
  refused(raw("version\0x", 9), object, "a NUL inside a name");
}

static void outputs(void) {
  securescan_str version = securescan_cstr("version"), object = securescan_cstr("{}");
  securescan_bytes out = {NULL, 0};
  securescan_error *error = NULL;
  check(securescan_call(version, object, NULL, &error) == SECURESCAN_STATUS_INVALID_ARGUMENT, "a null output");
  check(error != NULL, "a null output is explained");
  securescan_error_free(error);
  check(securescan_call(version, object, NULL, NULL) == SECURESCAN_STATUS_INVALID_ARGUMENT, "no outputs at all");
  check(securescan_call(version, securescan_cstr("{"), &out, NULL) == SECURESCAN_STATUS_INVALID_ARGUMENT, "no error slot");
  check(securescan_call(version, object, &out, NULL) == SECURESCAN_STATUS_OK, "no error slot, no error");
  check(out.len > 2 && out.ptr != NULL, "an answer");
  check(securescan_bytes_free(&out) == SECURESCAN_STATUS_OK, "given back");
  check(out.ptr == NULL && out.len == 0, "a freed buffer is empty");
  check(securescan_bytes_free(&out) == SECURESCAN_STATUS_OK, "given back twice");
  check(securescan_bytes_free(NULL) == SECURESCAN_STATUS_OK, "nothing given back");
  securescan_error_free(NULL);
}

static void errors(void) {
  securescan_bytes out = {NULL, 0};
  securescan_error *error = NULL;
  securescan_str text = {NULL, 0};
  securescan_status status = SECURESCAN_STATUS_OK;
  check(securescan_error_code(NULL, &text) == SECURESCAN_STATUS_INVALID_ARGUMENT, "the code of no error");
  check(securescan_error_message(NULL, &text) == SECURESCAN_STATUS_INVALID_ARGUMENT, "the message of no error");
  check(securescan_error_json(NULL, &text) == SECURESCAN_STATUS_INVALID_ARGUMENT, "the JSON of no error");
  check(securescan_error_status(NULL, &status) == SECURESCAN_STATUS_INVALID_ARGUMENT, "the status of no error");
  check(text.ptr == NULL && status == SECURESCAN_STATUS_OK, "nothing was written");
  check(securescan_call(securescan_cstr("version"), securescan_cstr("{"), &out, &error) != SECURESCAN_STATUS_OK, "half a request");
  check(securescan_error_message(error, NULL) == SECURESCAN_STATUS_INVALID_ARGUMENT, "a message to nowhere");
  check(securescan_error_message(error, &text) == SECURESCAN_STATUS_OK && text.len > 0, "a message");
  check(memchr(text.ptr, '\n', text.len) == NULL, "a message is one line");
  check(securescan_error_json(error, &text) == SECURESCAN_STATUS_OK && text.ptr[0] == '{', "a document");
  securescan_error_free(error);
}

static void fingerprints(void) {
  securescan_bytes out = {NULL, 0};
  securescan_str none = {NULL, 0};
  const char *v1 = "639637f248bc6067fe820d3921f59ace9501fb057532a1bc036abccc4c39038a";
  securescan_str finding = securescan_cstr("{\"scanner\":\"bandit\"}");
  check(securescan_fingerprint(finding, securescan_cstr("v1"), &out, NULL) == SECURESCAN_STATUS_OK, "a fingerprint");
  check(out.len == 64 && memcmp(out.ptr, v1, 64) == 0, "the fingerprint");
  securescan_bytes_free(&out);
  check(securescan_fingerprint(finding, none, &out, NULL) == SECURESCAN_STATUS_OK && out.len == 64, "the default scheme");
  securescan_bytes_free(&out);
  check(securescan_fingerprint(securescan_cstr("["), none, &out, NULL) == SECURESCAN_STATUS_INVALID_ARGUMENT, "half a finding");
  check(securescan_fingerprint(none, none, &out, NULL) == SECURESCAN_STATUS_INVALID_ARGUMENT, "no finding");
  check(securescan_fingerprint(finding, securescan_cstr("v9"), &out, NULL) == SECURESCAN_STATUS_INVALID_ARGUMENT, "an unknown scheme");
  check(out.ptr == NULL, "nothing was written");
}

static void *work(void *result) {
  int *wrong = (int *)result;
  for (int i = 0; i < 500; i++) {
    securescan_bytes out = {NULL, 0};
    securescan_error *error = NULL;
    securescan_str request = securescan_cstr(i % 2 == 0 ? "{}" : "{");
    securescan_status status = securescan_call(securescan_cstr("version"), request, &out, &error);
    *wrong += i % 2 == 0 ? status != SECURESCAN_STATUS_OK || error != NULL : status == SECURESCAN_STATUS_OK || error == NULL;
    securescan_bytes_free(&out);
    securescan_error_free(error);
  }
  return NULL;
}

static void threads(void) {
  pthread_t threads[8];
  int wrong[8] = {0}, sum = 0;
  for (int i = 0; i < 8; i++) check(pthread_create(&threads[i], NULL, work, &wrong[i]) == 0, "a thread");
  for (int i = 0; i < 8; i++) {
    pthread_join(threads[i], NULL);
    sum += wrong[i];
  }
  check(sum == 0, "8 threads at once");
}

int main(void) {
  check(securescan_abi_version() == SECURESCAN_ABI_VERSION, "the ABI of header and library");
  check(securescan_version().len >= 5, "the version");
  arguments();
  outputs();
  errors();
  fingerprints();
  threads();
  check(securescan_live_handles() == 0, "nothing is still alive");
  printf("%d passed, %d failed\n", passed, failed);
  return failed != 0;
}
