/* The same as `securescan-bench-facade`, through the C interface: facade BASE HEAD. */
#include <securescan.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 5, STEPS = 4 };

static double cpu(void) {
  struct timespec spent;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
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
  static const char *const names[STEPS] = {"parse", "process", "diff", "render"};
  double seconds[STEPS][RUNS];
  if (argc != 3) return 2;
  const securescan_str base = read_file(argv[1]), head = read_file(argv[2]), none = {NULL, 0};
  for (int run = 0; run < RUNS; run++) {
    securescan_findings *raw_base = NULL, *raw = NULL, *before = NULL, *now = NULL;
    securescan_difference *difference = NULL;
    securescan_bytes text = {NULL, 0};
    must(securescan_parse(base, none, none, &raw_base, NULL));
    const double start = cpu();
    must(securescan_parse(head, none, none, &raw, NULL));
    const double parsed = cpu();
    must(securescan_process(raw, none, NULL, NULL, NULL, &now, NULL));
    const double processed = cpu();
    must(securescan_process(raw_base, none, NULL, NULL, NULL, &before, NULL));
    securescan_findings_free(raw);
    securescan_findings_free(raw_base);
    const double again = cpu();
    must(securescan_diff(before, now, &difference, NULL));
    const double compared = cpu();
    must(securescan_render(now, securescan_cstr("sarif"), none, &text, NULL));
    const double rendered = cpu();
    seconds[0][run] = parsed - start;
    seconds[1][run] = processed - parsed;
    seconds[2][run] = compared - again;
    seconds[3][run] = rendered - compared;
    securescan_bytes_free(&text);
    securescan_difference_free(difference);
    securescan_findings_free(before);
    securescan_findings_free(now);
  }
  for (int step = 0; step < STEPS; step++) {
    qsort(seconds[step], RUNS, sizeof seconds[step][0], rising);
    printf("%s %.6f\n", names[step], seconds[step][RUNS / 2]);
  }
  free((void *)(size_t)base.ptr);
  free((void *)(size_t)head.ptr);
  return 0;
}
