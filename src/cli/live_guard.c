#include "cli/live_guard.h"

#include "cli/output.h"
#include "cli/view.h"

static void add_places(const struct options *o, bool has_view, struct live_guard *g)
{
    struct confine *c = &g->confine;
    confine_add(c, o->output, SANDBOX_MAKE);
    confine_add(c, o->packets, SANDBOX_MAKE);
    if (o->interface != NULL) { /* libpcap asks the driver there for what it dropped */
        problem_set(&g->statistics, STATUS_OK, "/sys/class/net/%.64s/statistics",
                    o->interface);
        confine_wish(c, g->statistics.text, SANDBOX_READ);
    }
    if (!has_view) return;
    c->settings = view_settings_path(&g->settings);
    confine_add(c, ".", SANDBOX_FOLDER); /* what is saved */
}

enum status live_guard_begin(const struct options *options, bool has_view,
                             struct live_guard *guard, struct problem *why)
{
    struct supervisor_end end = {.code = 0};
    *guard = (struct live_guard){.code = 0};
    confine_init(&guard->confine, options);
    guard->confine.memory_max = options->memory_max;
    add_places(options, has_view, guard);
    struct sandbox_options sandbox = confine_options(&guard->confine);
    enum status rc = sandbox_reduce(&sandbox, why);
    if (rc != STATUS_OK || !options->reopens) return rc;
    rc = supervisor_start(&sandbox, &end, why);
    guard->is_supervisor = !end.is_worker;
    guard->is_again = end.is_worker && end.attempt > 0;
    guard->code = end.code;
    if (guard->is_supervisor && end.talk.text[0] != '\0')
        output_complain(end.talk.text);
    return rc;
}

enum status live_guard_enter(struct live_guard *guard, struct problem *why)
{
    return confine_enter(&guard->confine, why);
}

void live_guard_done(struct live_guard *guard)
{
    confine_done(&guard->confine);
    buffer_done(&guard->settings);
}
