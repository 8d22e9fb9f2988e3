/* The rights of hopscope live: whom they are taken from, and when. */
#ifndef CLI_LIVE_GUARD_H
#define CLI_LIVE_GUARD_H

#include "cli/confine.h"

struct live_guard {
    struct confine confine;
    struct buffer settings;    /* of the screens */
    struct problem statistics; /* a path */
    bool is_supervisor; /* the workers have ended: `code` is what is left to do */
    bool is_again;      /* a worker, and not the first: the interface had gone */
    int code;
};

/* Before the interface is opened: becomes an ordinary user who can capture; with
 * --reopen the process is two from then on. STATUS_FAILED: `why` says it. */
enum status live_guard_begin(const struct options *options, bool has_view,
                             struct live_guard *guard, struct problem *why);
/* After it: closes the gate. */
enum status live_guard_enter(struct live_guard *guard, struct problem *why);
void live_guard_done(struct live_guard *guard);

#endif
