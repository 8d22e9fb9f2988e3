/* Rows in batches that can be told from each other, and what is there of them. */
#ifndef FAULTS_FAULT_ROWS_H
#define FAULTS_FAULT_ROWS_H

#include "hopscope/record.h"

enum { FAULT_ROWS_BATCH = 20 }; /* connections, and as many exchanges */

/* The batch with that number, from 0 on; each of its rows an update before it is put.
 */
enum status fault_rows_put(const struct record_sink *sink, int64_t batch);
/* How many whole batches `path` has, or it and `other` (NULL, or not there: only it),
 * from the first on without a hole. STATUS_FAILED: one is damaged, or has a part of a
 * batch; `why` says what. */
enum status fault_rows_count(const char *path, const char *other, int64_t *batches,
                             struct problem *why);

#endif
