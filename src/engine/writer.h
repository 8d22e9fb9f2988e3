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

/* ---- where several threads analyse: a way in for each of them ---- */

struct writer_port;

/* How many there may be at a time, beside writer_sink. */
enum { WRITER_PORTS_MAX = 64 };

/* `watch` (NULL: none) is the thread's, and learns what it waits. */
struct writer_port *writer_port_open(struct writer *w, struct stopwatch *watch);
/* Records of a connection stay together: its tunnels and findings come right after it
 * whatever other ports bring. */
struct record_sink writer_port_sink(struct writer_port *p);
void writer_port_close(struct writer_port *p); /* hands over what is left; frees it */

#endif
