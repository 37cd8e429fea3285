/* Prints the fingerprint of a finding. */
#include "securescan.h"

#include <stdio.h>

int main(void) {
  if (securescan_abi_version() != SECURESCAN_ABI_VERSION) {
    fprintf(stderr, "the library is not the one this program was built for\n");
    return 1;
  }
  securescan_str finding = securescan_cstr("{\"scanner\":\"bandit\",\"rule_id\":\"B307\",\"file_path\":\"app.py\"}");
  securescan_bytes out = {NULL, 0};
  securescan_error *error = NULL;
  if (securescan_fingerprint(finding, securescan_cstr("v2"), &out, &error) != SECURESCAN_STATUS_OK) {
    securescan_str message = {NULL, 0};
    securescan_error_message(error, &message);
    fprintf(stderr, "error: %.*s\n", (int)message.len, (const char *)message.ptr);
    securescan_error_free(error);
    return 1;
  }
  printf("%.*s\n", (int)out.len, (const char *)out.ptr);
  securescan_bytes_free(&out);
  return 0;
}
