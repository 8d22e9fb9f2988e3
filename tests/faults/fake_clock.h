/* Time that passes when a test says so: the program's monotonic clock and its pauses
 * (and SQLite's, which disk_vfs hands on) take no time but are seen to have passed. */
#ifndef FAULTS_FAKE_CLOCK_H
#define FAULTS_FAKE_CLOCK_H

#include <stdint.h>

void fake_clock_advance(int64_t ns);

#endif
