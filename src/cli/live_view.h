/* hopscope live on a terminal: the screens instead of lines. */
#ifndef CLI_LIVE_VIEW_H
#define CLI_LIVE_VIEW_H

#include "cli/options.h"
#include "hopscope/engine_live.h"

struct live_view;

/* On a terminal at both ends, unless lines, JSON or silence are asked for. */
bool live_view_is_wanted(const struct options *options);
/* `packets` NULL: they are not kept, or not in one file per thread. STATUS_FAILED:
 * `why` says it. */
enum status live_view_open(const struct options *options, const char *packets,
                           struct live_view **out, struct problem *why);
/* For engine_live_options.shown. */
struct record_sink live_view_sink(struct live_view *v);
/* A sink like `inner`, which must outlive it, but without the header fields that only
 * the screens asked for. */
struct record_sink live_view_without_headers(struct record_sink *inner);
/* A sentence for the screen; any thread. */
void live_view_talk(struct live_view *v, const char *sentence);
/* `end` is called when the user leaves; `*is_ending` becomes true when somebody else
 * wants the end. */
struct live_view_ending {
    const _Atomic bool *is_ending;
    void (*end)(void *context);
    void *context;
};
/* Serves the screens until the engine has ended. */
void live_view_run(struct live_view *v, struct engine_live *engine,
                   uint32_t first_capture_id, struct engine_live_statistics *now,
                   const struct live_view_ending *ending);
void live_view_close(struct live_view *v); /* NULL is allowed */

#endif
