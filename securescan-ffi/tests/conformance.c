/* The conformance suite over the C ABI: packed cases in (`cargo xtask conformance pack`), bytes compared.
 * Usage: conformance <folder of packed cases>. Compiles as C11 and as C++17. */
#include "securescan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_LEN = 4096 };

typedef struct {
  char *ptr;
  size_t len;
} text;

static const char *folder;

/* Reads <folder>/<id><suffix>; ptr is NULL when there is no such file. */
static text read_part(const char *id, const char *suffix) {
  text out = {NULL, 0};
  char path[PATH_MAX_LEN];
  if (snprintf(path, sizeof path, "%s/%s%s", folder, id, suffix) >= (int)sizeof path) return out;
  FILE *file = fopen(path, "rb");
  if (file == NULL) return out;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  out.ptr = (char *)malloc((size_t)size + 1);
  if (out.ptr != NULL) {
    out.len = fread(out.ptr, 1, (size_t)size, file);
    out.ptr[out.len] = '\0';
  }
  fclose(file);
  return out;
}

static securescan_str view(text t) {
  securescan_str out = {(const uint8_t *)t.ptr, t.len};
  return out;
}

static int equal(securescan_str a, text b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Whether the error's JSON holds "name":value, as the expectation's line name=value asks. */
static int json_has(securescan_str json, const char *name, const char *value) {
  char quoted[PATH_MAX_LEN], bare[PATH_MAX_LEN];
  snprintf(quoted, sizeof quoted, "\"%s\":\"%s\"", name, value);
  snprintf(bare, sizeof bare, "\"%s\":%s", name, value);
  char *copy = (char *)malloc(json.len + 1);
  if (copy == NULL) return 0;
  memcpy(copy, json.ptr, json.len);
  copy[json.len] = '\0';
  int found = strstr(copy, quoted) != NULL || strstr(copy, bare) != NULL;
  free(copy);
  return found;
}

/* Compares status and error with the lines of <id>.err. */
static int error_matches(const char *id, securescan_status status, const securescan_error *error, char *lines) {
  securescan_str json = {NULL, 0};
  securescan_status own = SECURESCAN_STATUS_OK;
  if (securescan_error_json(error, &json) != SECURESCAN_STATUS_OK) return 0;
  if (securescan_error_status(error, &own) != SECURESCAN_STATUS_OK || own != status) return 0;
  for (char *line = strtok(lines, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char *value = strchr(line, '=');
    if (value == NULL) return 0;
    *value++ = '\0';
    int same = strcmp(line, "status") == 0 ? atoi(value) == (int)status : json_has(json, line, value);
    if (!same) {
      printf("FAILED %s: expected %s = %s, got status %d and %.*s\n", id, line, value, (int)status, (int)json.len, (const char *)json.ptr);
      return 0;
    }
  }
  return 1;
}

static int run_case(const char *id) {
  text op = read_part(id, ".op"), request = read_part(id, ".request"), ok = read_part(id, ".ok"), err = read_part(id, ".err");
  securescan_bytes out = {NULL, 0};
  securescan_error *error = NULL;
  int passed = 0;
  if (op.ptr == NULL || request.ptr == NULL || (ok.ptr == NULL) == (err.ptr == NULL)) {
    printf("FAILED %s: a part of the packed case is missing\n", id);
  } else {
    securescan_status status = securescan_call(view(op), view(request), &out, &error);
    if (status != SECURESCAN_STATUS_OK) {
      passed = err.ptr != NULL && out.ptr == NULL && error_matches(id, status, error, err.ptr);
      if (err.ptr == NULL) printf("FAILED %s: status %d\n", id, (int)status);
    } else {
      securescan_str got = {out.ptr, out.len};
      passed = ok.ptr != NULL && error == NULL && equal(got, ok);
      if (!passed) printf("FAILED %s: answered %.*s\n", id, (int)out.len, (const char *)out.ptr);
    }
  }
  securescan_bytes_free(&out);
  securescan_error_free(error);
  free(op.ptr);
  free(request.ptr);
  free(ok.ptr);
  free(err.ptr);
  return passed;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: conformance <folder of packed cases>\n");
    return 2;
  }
  folder = argv[1];
  if (securescan_abi_version() != SECURESCAN_ABI_VERSION) {
    printf("FAILED: the header is of ABI %d, the library of %u\n", SECURESCAN_ABI_VERSION, (unsigned)securescan_abi_version());
    return 1;
  }
  text index = read_part("index", "");
  if (index.ptr == NULL) {
    fprintf(stderr, "%s holds no packed cases; run `cargo xtask conformance pack`\n", folder);
    return 2;
  }
  int ran = 0, skipped = 0, failed = 0;
  char *next = index.ptr;
  while (next != NULL && *next != '\0') {
    char *line = next;
    next = strchr(line, '\n');
    if (next != NULL) *next++ = '\0';
    if (strncmp(line, "run ", 4) == 0) {
      ran++;
      failed += !run_case(line + 4);
    } else if (strncmp(line, "skip ", 5) == 0) {
      skipped++;
      printf("skipped: %s\n", line + 5);
    }
  }
  free(index.ptr);
  if (securescan_live_handles() != 0) {
    printf("FAILED: %llu handles are still alive\n", (unsigned long long)securescan_live_handles());
    failed++;
  }
  printf("conformance c: ran %d skipped %d\n", ran, skipped);
  printf("%d passed, %d failed\n", ran - failed, failed);
  return failed != 0;
}
