/* The writer thread: takes records by blocks and gives them to every sink. */
#ifndef ENGINE_WRITER_H
#define ENGINE_WRITER_H

#include "engine/stats.h"
#include "hopscope/record.h"

struct writer;

/* `sinks` must outlive the writer; they are called on its thread only. `stats` (NULL:
 * none) learns where that thread's time goes, `reader` (NULL: none) what the analysing
 * thread waits. NULL: the thread could not be started, `why` says it. */
struct writer *writer_start(const struct record_sink *sinks, size_t count,
                            struct stats *stats, struct stopwatch *reader,
                            struct problem *why);
/* For the analysing thread. Its put fails once a sink has failed. */
struct record_sink writer_sink(struct writer *w);
/* Hands over what is left, waits for the thread to end, frees it. STATUS_FAILED: a sink
 * failed. */
enum status writer_finish(struct writer *w);

#endif
