/* Handles: every operation in its own function, what is refused, threads, events, cancelling, fork.
 * Compiles as C11 and as C++17. The folder of the sample project is the first argument. */
#include "check.h"
#include "securescan.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define C(text) securescan_cstr(text)
#define NONE securescan_cstr(NULL)
#define OK(call) check((call) == SECURESCAN_STATUS_OK, #call)
#define REFUSED(call) check((call) == SECURESCAN_STATUS_INVALID_ARGUMENT, #call)

static const char *TWO =
    "[{\"scanner\":\"bandit\",\"scan_type\":\"code\",\"severity\":\"high\",\"title\":\"eval\",\"rule_id\":\"B307\",\"file_path\":\"a.py\",\"line\":2},"
    "{\"scanner\":\"bandit\",\"scan_type\":\"code\",\"severity\":\"low\",\"title\":\"assert\",\"rule_id\":\"B101\",\"file_path\":\"b.py\",\"line\":5}]";

static int contains(const securescan_bytes *bytes, const char *text) {
  size_t len = strlen(text);
  for (size_t i = 0; i + len <= bytes->len; i++) {
    if (memcmp(bytes->ptr + i, text, len) == 0) return 1;
  }
  return 0;
}

/* Whether a text holds another; the buffer is given back. */
static void says(securescan_status status, securescan_bytes *bytes, const char *text) {
  check(status == SECURESCAN_STATUS_OK && contains(bytes, text), text);
  securescan_bytes_free(bytes);
}

static size_t count(const securescan_findings *findings) {
  size_t len = 0;
  securescan_findings_len(findings, &len, NULL);
  return len;
}

static void collections(void) {
  securescan_findings *two = NULL, *part = NULL, *again = NULL;
  securescan_bytes out = {NULL, 0};
  int32_t same = 9;
  OK(securescan_findings_from_json(C(TWO), &two, NULL));
  check(count(two) == 2, "two findings");
  says(securescan_findings_get(two, 1, &out, NULL), &out, "\"title\":\"assert\"");
  REFUSED(securescan_findings_get(two, 2, &out, NULL));
  OK(securescan_findings_filter(two, C("{\"severity\":\"low\"}"), &part, NULL));
  check(count(part) == 1, "one is low");
  OK(securescan_findings_concat(part, two, &again, NULL));
  check(count(again) == 3, "one and two");
  securescan_findings_free(part);
  securescan_findings_free(again);
  OK(securescan_findings_sort(two, C("severity"), 1, &part, NULL));
  says(securescan_findings_get(part, 0, &out, NULL), &out, "\"low\"");
  securescan_findings_free(part);
  OK(securescan_findings_slice(two, 1, (size_t)-1, &part, NULL));
  check(count(part) == 1, "from the second on");
  securescan_findings_free(part);
  OK(securescan_findings_slice(two, 9, 1, &part, NULL));
  check(count(part) == 0, "beyond the end");
  securescan_findings_free(part);
  OK(securescan_findings_dedup(two, &part, NULL));
  check(count(part) == 2, "nothing to merge");
  OK(securescan_findings_to_snapshot(part, &out, NULL));
  securescan_str text = {out.ptr, out.len};
  OK(securescan_findings_from_json(text, &again, NULL));
  OK(securescan_findings_equal(part, again, &same, NULL));
  check(same == 1, "equal when read again");
  OK(securescan_findings_equal(part, two, &same, NULL));
  check(same == 0, "not equal before identification");
  securescan_bytes_free(&out);
  says(securescan_findings_to_json(part, &out, NULL), &out, "\"fingerprint\": \"");
  REFUSED(securescan_findings_filter(two, C("{\"colour\":1}"), &again, NULL));
  REFUSED(securescan_findings_sort(two, C("colour"), 0, &again, NULL));
  securescan_findings_free(again);
  securescan_findings_free(part);
  securescan_findings_free(two);
}

static void pipeline(void) {
  securescan_findings *two = NULL, *done = NULL, *empty = NULL, *list = NULL;
  securescan_config *config = NULL;
  securescan_baseline *baseline = NULL;
  securescan_difference *diff = NULL;
  securescan_bytes out = {NULL, 0};
  securescan_error *error = NULL;
  double score = -1;
  size_t len = 0;
  OK(securescan_findings_from_json(C(TWO), &two, NULL));
  OK(securescan_findings_from_json(C("[]"), &empty, NULL));
  OK(securescan_config_parse(C("ignored_rules: [B101]\n"), NONE, &config, NULL));
  says(securescan_config_to_json(config, &out, NULL), &out, "\"B101\"");
  says(securescan_config_lint(C("scan_types: [cod]\n"), C("x.yml"), &out, NULL), &out, "\"error\"");
  check(securescan_config_parse(C("scan_types: [cod]\n"), C("x.yml"), &config, &error) == SECURESCAN_STATUS_CONFIG, "a wrong configuration");
  securescan_str json = {NULL, 0};
  OK(securescan_error_json(error, &json));
  securescan_bytes view = {(uint8_t *)json.ptr, json.len};
  check(contains(&view, "\"file\":\"x.yml\"") && contains(&view, "\"line\":1"), "the error says where");
  securescan_error_free(error);
  OK(securescan_process(two, C("{\"files\":{\"a.py\":\"\\neval(x)\\n\"}}"), config, NULL, &out, &done, NULL));
  says(SECURESCAN_STATUS_OK, &out, "\"config\":1");
  OK(securescan_baseline_from_findings(done, NONE, C("[\"code\"]"), &baseline, NULL));
  OK(securescan_baseline_len(baseline, &len, NULL));
  check(len == 2, "both are recorded");
  OK(securescan_baseline_to_bytes(baseline, &out, NULL));
  securescan_str written = {out.ptr, out.len};
  securescan_baseline_free(baseline);
  OK(securescan_baseline_parse(written, &baseline, NULL));
  securescan_bytes_free(&out);
  OK(securescan_compare(baseline, empty, &diff, NULL));
  OK(securescan_difference_gone(diff, &list, NULL));
  check(count(list) == 2, "both have disappeared");
  securescan_findings_free(list);
  securescan_difference_free(diff);
  OK(securescan_diff(empty, done, &diff, NULL));
  OK(securescan_difference_new(diff, &list, NULL));
  check(count(list) == 2, "both are new");
  securescan_findings_free(list);
  OK(securescan_difference_kept(diff, &list, NULL));
  check(count(list) == 0, "none is kept");
  securescan_findings_free(list);
  OK(securescan_difference_not_scanned(diff, &list, NULL));
  securescan_findings_free(list);
  says(securescan_render_difference(diff, C("github-pr-comment"), C("{\"base_ref\":\"main\"}"), &out, NULL), &out, "<!-- securescan:diff -->");
  says(securescan_render(done, C("sarif"), NONE, &out, NULL), &out, "\"2.1.0\"");
  says(securescan_render(done, C("report-pdf"), NONE, &out, NULL), &out, "%PDF-");
  REFUSED(securescan_render(done, C("sariff"), NONE, &out, NULL));
  says(securescan_summary(done, &out, NULL), &out, "\"suppressed\":1");
  says(securescan_coverage(done, &out, NULL), &out, "\"frameworks\"");
  OK(securescan_risk_score(done, &score, NULL));
  check(score > 0 && score <= 100, "a score");
  says(securescan_compliance_tags(C("{\"cwe\":\"CWE-89\"}"), &out, NULL), &out, "OWASP-A03");
  securescan_difference_free(diff);
  securescan_baseline_free(baseline);
  securescan_config_free(config);
  securescan_findings_free(done);
  securescan_findings_free(empty);
  securescan_findings_free(two);
}

static void documents(const char *shop) {
  securescan_findings *findings = NULL;
  securescan_config *config = NULL;
  securescan_bytes out = {NULL, 0};
  int32_t valid = 9;
  OK(securescan_parse(C("{\"results\":[],\"errors\":[],\"generated_at\":\"2026-01-01T00:00:00Z\",\"metrics\":{}}"), NONE, NONE, &findings, NULL));
  securescan_findings_free(findings);
  check(securescan_parse(C("[]"), NONE, C("{\"max_bytes\":1}"), &findings, NULL) == SECURESCAN_STATUS_LIMIT, "a limit");
  check(securescan_parse(C("no report"), C("bandit"), NONE, &findings, NULL) == SECURESCAN_STATUS_PARSE, "no report");
  static const uint8_t bytes[] = {0xff, 0xfe, 0x00};
  securescan_str raw = {bytes, sizeof bytes};
  check(securescan_parse(raw, C("sarif"), NONE, &findings, NULL) != SECURESCAN_STATUS_OK, "no text");
  REFUSED(securescan_parse(C("[]"), NONE, C("{\"rot\":1}"), &findings, NULL));
  OK(securescan_config_load(C(shop), &config, NULL));
  securescan_config_free(config);
  check(securescan_config_load(C("no/such/file.yml"), &config, NULL) == SECURESCAN_STATUS_IO, "no file");
  says(securescan_sbom(C(shop), NONE, C("{\"name\":\"shop\"}"), &out, NULL), &out, "\"CycloneDX\"");
  check(securescan_sbom(C("no/such/folder"), C("spdx"), NONE, &out, NULL) == SECURESCAN_STATUS_IO, "no folder");
  says(securescan_status_json(&out, NULL), &out, "\"secrets\"");
  says(securescan_fingerprint(C("{\"scanner\":\"bandit\"}"), C("v1"), &out, NULL), &out, "639637f248bc6067");
  says(securescan_normalized_line_context(C("eval( x )  # y"), NONE, C("a.py"), &out, NULL), &out, "eval(x)");
  const char *signature = "t=1700000000,v1=0dc9321a0eafaf835c61049ea5d42ba6f2dabd336ddaf825e65202f96f091d9b";
  const char *body = "{\"event\":\"scan.complete\",\"data\":{\"scan_id\":\"0f1a93cb-44c2-4c8e-9f92-0a7c5a2e1b51\",\"findings_count\":3},"
                     "\"delivered_at\":\"2026-04-29T20:11:10.001234Z\"}";
  OK(securescan_verify_webhook(C("whsecret-test"), C(signature), C(body), 300, 1700000000, &valid, NULL));
  check(valid == 1, "a right signature");
  OK(securescan_verify_webhook(C("whsecret-test"), C(signature), C(body), 300, -1, &valid, NULL));
  check(valid == 0, "an old signature");
}

static void misuse(void) {
  securescan_findings *two = NULL, *out = NULL;
  securescan_error *error = NULL;
  OK(securescan_findings_from_json(C(TWO), &two, NULL));
  size_t len = 77;
  REFUSED(securescan_findings_len(NULL, &len, NULL));
  REFUSED(securescan_findings_len(two, NULL, NULL));
  REFUSED(securescan_baseline_len((const securescan_baseline *)(const void *)two, &len, &error));
  check(len == 77, "nothing is written on failure");
  securescan_str message = {NULL, 0};
  OK(securescan_error_message(error, &message));
  securescan_bytes view = {(uint8_t *)message.ptr, message.len};
  check(contains(&view, "a handle of findings"), "the message says what it is");
  securescan_error_free(error);
  REFUSED(securescan_findings_len((const securescan_findings *)(const void *)&len, &len, NULL));
  REFUSED(securescan_diff(two, NULL, (securescan_difference **)(void *)&out, NULL));
  OK(securescan_findings_free(two));
  REFUSED(securescan_findings_free(two));
  REFUSED(securescan_findings_len(two, &len, NULL));
  REFUSED(securescan_findings_dedup(two, &out, NULL));
  OK(securescan_findings_free(NULL));
  OK(securescan_config_free(NULL));
  OK(securescan_baseline_free(NULL));
  OK(securescan_difference_free(NULL));
  OK(securescan_cancel_free(NULL));
  check(out == NULL, "no output was written");
}

struct told {
  const char *shop;
  securescan_cancel *cancel;
  int events, back, inside;
};

static int32_t on_event(void *data, securescan_str event) {
  struct told *told = (struct told *)data;
  told->inside++;
  check(told->inside == 1, "never twice at once");
  told->events++;
  if (event.len > 0 && told->back == 0) {
    /* It may call back in. */
    securescan_findings *empty = NULL;
    told->back = securescan_findings_from_json(C("[]"), &empty, NULL) == SECURESCAN_STATUS_OK;
    securescan_findings_free(empty);
  }
  told->inside--;
  return 0;
}

static int32_t refuse(void *data, securescan_str event) {
  (void)event;
  ++*(int *)data;
  return 1;
}

static void scans(const char *shop) {
  char options[4096];
  snprintf(options, sizeof options, "{\"target\":\"%s\",\"scanners\":[\"dockerfile\",\"secrets\"],\"online\":false}", shop);
  struct told told = {shop, NULL, 0, 0, 0};
  securescan_findings *found = NULL;
  securescan_bytes beside = {NULL, 0};
  OK(securescan_scan(C(options), NULL, NULL, NULL, on_event, &told, &beside, &found, NULL));
  check(count(found) > 5 && told.events >= 6 && told.back == 1, "findings and events");
  says(SECURESCAN_STATUS_OK, &beside, "\"cancelled\":false");
  securescan_findings_free(found);
  /* Stopped by the callback, and before it began. */
  int calls = 0;
  OK(securescan_scan(C(options), NULL, NULL, NULL, refuse, &calls, &beside, &found, NULL));
  says(SECURESCAN_STATUS_OK, &beside, "\"cancelled\":true");
  check(calls > 0, "the callback was asked");
  securescan_findings_free(found);
  securescan_cancel *cancel = NULL;
  int32_t before = 9;
  OK(securescan_cancel_new(&cancel, NULL));
  OK(securescan_cancel_request(cancel, &before, NULL));
  check(before == 0, "nobody asked before");
  OK(securescan_cancel_request(cancel, &before, NULL));
  check(before == 1, "somebody did");
  OK(securescan_scan(C(options), NULL, NULL, cancel, NULL, NULL, &beside, &found, NULL));
  says(SECURESCAN_STATUS_OK, &beside, "\"cancelled\":true");
  securescan_findings_free(found);
  securescan_cancel_free(cancel);
  REFUSED(securescan_scan(C("{\"target\":\".\",\"scanners\":[\"nope\"]}"), NULL, NULL, NULL, NULL, NULL, NULL, &found, NULL));
  check(securescan_scan(C("{\"target\":\"/no/such/place\"}"), NULL, NULL, NULL, NULL, NULL, NULL, &found, NULL) == SECURESCAN_STATUS_IO, "no target");
}

static void *work(void *shared) {
  const securescan_findings *two = (const securescan_findings *)shared;
  for (int i = 0; i < 200; i++) {
    securescan_findings *part = NULL, *done = NULL;
    securescan_bytes out = {NULL, 0};
    if (securescan_findings_filter(two, C("{\"min_severity\":\"high\"}"), &part, NULL) != SECURESCAN_STATUS_OK) return shared;
    if (securescan_process(part, NONE, NULL, NULL, NULL, &done, NULL) != SECURESCAN_STATUS_OK) return shared;
    if (securescan_render(done, C("sarif"), NONE, &out, NULL) != SECURESCAN_STATUS_OK) return shared;
    securescan_bytes_free(&out);
    securescan_findings_free(part);
    securescan_findings_free(done);
  }
  return NULL;
}

static void threads(void) {
  securescan_findings *two = NULL;
  pthread_t all[8];
  int wrong = 0;
  OK(securescan_findings_from_json(C(TWO), &two, NULL));
  for (int i = 0; i < 8; i++) pthread_create(&all[i], NULL, work, two);
  for (int i = 0; i < 8; i++) {
    void *answer = NULL;
    pthread_join(all[i], &answer);
    wrong += answer != NULL;
  }
  check(wrong == 0, "8 threads over one handle");
  securescan_findings_free(two);
}

static void forks(const char *shop) {
  pid_t child = fork();
  if (child == 0) {
    char options[4096];
    securescan_findings *found = NULL;
    snprintf(options, sizeof options, "{\"target\":\"%s\",\"scanners\":[\"secrets\"]}", shop);
    int ok = securescan_scan(C(options), NULL, NULL, NULL, NULL, NULL, NULL, &found, NULL) == SECURESCAN_STATUS_OK && count(found) > 0;
    _exit(ok ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a forked child scans");
}

int main(int argc, char **argv) {
  const char *shop = argc > 1 ? argv[1] : ".";
  check(securescan_abi_version() == SECURESCAN_ABI_VERSION, "the library is the one of the header");
  collections();
  pipeline();
  documents(shop);
  misuse();
  scans(shop);
  threads();
  forks(shop);
  check(securescan_live_handles() == 0, "everything was given back");
  printf("c handles: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}
