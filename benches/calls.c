/* The calls of `securescan-bench-calls` through the C interface: calls BASE HEAD RUNS. Prints `NAME SECONDS` a line, medians of wall time. */
#include <securescan.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STEPS = 5, MOST = 99 };

static double clock_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static securescan_str read_file(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) exit(1);
  fseek(file, 0, SEEK_END);
  const size_t len = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = (uint8_t *)malloc(len + 1);
  if (bytes == NULL || fread(bytes, 1, len, file) != len) exit(1);
  fclose(file);
  const securescan_str out = {bytes, len};
  return out;
}

static int rising(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void must(securescan_status status) {
  if (status != SECURESCAN_STATUS_OK) exit(1);
}

int main(int argc, char **argv) {
  static const char *const names[STEPS] = {"parse", "process", "diff", "render", "summary"};
  static double seconds[STEPS][MOST];
  if (argc != 4) return 2;
  const securescan_str base = read_file(argv[1]), head = read_file(argv[2]), none = {NULL, 0};
  const int wanted = atoi(argv[3]), runs = wanted < 1 ? 1 : wanted > MOST ? MOST : wanted;
  for (int run = 0; run < runs; run++) {
    securescan_findings *before = NULL, *now = NULL, *done = NULL;
    securescan_difference *difference = NULL;
    securescan_bytes text = {NULL, 0}, counts = {NULL, 0};
    double at[STEPS + 1];
    at[0] = clock_seconds();
    must(securescan_parse(base, none, none, &before, NULL));
    at[1] = clock_seconds();
    seconds[0][run] = at[1] - at[0];
    must(securescan_parse(head, none, none, &now, NULL));
    at[1] = clock_seconds();
    must(securescan_process(now, none, NULL, NULL, NULL, &done, NULL));
    at[2] = clock_seconds();
    must(securescan_diff(before, now, &difference, NULL));
    at[3] = clock_seconds();
    must(securescan_render(done, securescan_cstr("sarif"), none, &text, NULL));
    at[4] = clock_seconds();
    must(securescan_summary(done, &counts, NULL));
    at[5] = clock_seconds();
    for (int step = 1; step < STEPS; step++) seconds[step][run] = at[step + 1] - at[step];
    securescan_bytes_free(&text);
    securescan_bytes_free(&counts);
    securescan_difference_free(difference);
    securescan_findings_free(before);
    securescan_findings_free(now);
    securescan_findings_free(done);
  }
  for (int step = 0; step < STEPS; step++) {
    qsort(seconds[step], (size_t)runs, sizeof seconds[step][0], rising);
    printf("%s %.6f\n", names[step], seconds[step][runs / 2]);
  }
  free((void *)(size_t)base.ptr);
  free((void *)(size_t)head.ptr);
  return 0;
}
