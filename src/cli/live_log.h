/* Finished exchanges as lines:
 *
 *   2026-11-22T06:34:04.123456Z 10.0.0.1:43120 10.0.0.2:80 GET host /path 200 1.204ms
 *   512B 4294967301#3
 *
 * time of the request, client, server, method, host, target, status, wait, size of the
 * response's body, connection and the exchange's number on it; "-" what is not known.
 */
#ifndef CLI_LIVE_LOG_H
#define CLI_LIVE_LOG_H

#include "hopscope/engine_live.h"
#include "hopscope/record.h"

/* Appends the line, with its end; bytes of the wire are escaped, blanks too. */
void live_log_write(const struct record_exchange *e, struct buffer *out);
/* Writes out what waits, as far as the reader takes it: true. False: it has gone. What
 * was written is taken off. Waits for `wait_ms` at most where the reader is slow. */
bool live_log_flush(struct buffer *lines, int wait_ms);

/* One line on standard error: what was seen, dropped, told, and waits. */
void live_log_report(const struct engine_live_statistics *now);

#endif
