/* One anonymizer before each sink, because each belongs to one thread at a time.
 *
 *   storing thread --> mask --> summary
 *                 '--> mask --> database
 *   main thread ----> mask --> screens, lines */
#include "cli/live_mask.h"

#include "cli/anonymize_key.h"
#include "hopscope/anonymizer.h"

#include <assert.h>

enum status live_mask_begin(const struct options *o, struct live_mask *mask,
                            struct problem *why)
{
    *mask = (struct live_mask){.is_wanted = anonymize_is_wanted(o)};
    if (mask->is_wanted && o->packets != NULL)
        return problem_set(why, STATUS_USAGE,
                           "--write keeps packets as they are, --anonymize does not: "
                           "cut them later with hopscope slice --anonymize");
    return anonymize_key_get(o, &mask->key, why);
}

void live_mask_cover(struct live_mask *mask, struct record_sink *sink)
{
    if (!mask->is_wanted || sink->put == NULL) return;
    assert(mask->count < LIVE_MASK_SINKS_MAX);
    struct anonymizer *a = anonymizer_new(mask->key, *sink);
    mask->sinks[mask->count++] = a;
    *sink = anonymizer_sink(a);
}

void live_mask_done(struct live_mask *mask)
{
    while (mask->count > 0) anonymizer_free(mask->sinks[--mask->count]);
}
