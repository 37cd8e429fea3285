/* Scans a folder and prints what is high or above; exit code 1 when there is any, 3 when the scan is incomplete. */
#include <securescan.h>

#include <stdio.h>
#include <string.h>

static int fail(securescan_error *error) {
  securescan_str message = {NULL, 0};
  securescan_error_message(error, &message);
  fprintf(stderr, "error: %.*s\n", (int)message.len, (const char *)message.ptr);
  securescan_error_free(error);
  return 2;
}

static int32_t on_event(void *user_data, securescan_str event) {
  (void)user_data;
  fprintf(stderr, "%.*s\n", (int)event.len, (const char *)event.ptr);
  return 0; /* anything else stops the scan */
}

int main(int argc, char **argv) {
  if (securescan_abi_version() != SECURESCAN_ABI_VERSION) {
    fprintf(stderr, "the library is not the one this program was built for\n");
    return 2;
  }
  char options[4096];
  snprintf(options, sizeof options, "{\"target\":\"%s\",\"online\":false,\"scanners\":[\"secrets\",\"dockerfile\"]}", argc > 1 ? argv[1] : ".");

  securescan_findings *all = NULL, *serious = NULL;
  securescan_error *error = NULL;
  securescan_bytes text = {NULL, 0};
  if (securescan_scan(securescan_cstr(options), NULL, NULL, NULL, on_event, NULL, NULL, &all, &error) != SECURESCAN_STATUS_OK) return fail(error);
  if (securescan_findings_filter(all, securescan_cstr("{\"min_severity\":\"high\",\"suppressed\":false}"), &serious, &error) != SECURESCAN_STATUS_OK) return fail(error);
  if (securescan_render(serious, securescan_cstr("text"), securescan_cstr(NULL), &text, &error) != SECURESCAN_STATUS_OK) return fail(error);
  fwrite(text.ptr, 1, text.len, stdout);

  size_t count = 0;
  securescan_findings_len(serious, &count, NULL);
  securescan_bytes_free(&text);
  securescan_findings_free(serious);
  securescan_findings_free(all);
  return count > 0 ? 1 : 0;
}
