/* Counting what holds, for the C tests. */
#ifndef SECURESCAN_TESTS_CHECK_H
#define SECURESCAN_TESTS_CHECK_H

#include <stdio.h>

static int passed, failed;

static void check(int holds, const char *what) {
  if (holds) {
    passed++;
  } else {
    failed++;
    printf("FAILED %s\n", what);
  }
}

#endif
