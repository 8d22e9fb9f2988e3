/* certain: conditions of which it is proven, where they stand, that they have only one
 * outcome. They stay in the code because the proof is elsewhere and may break.
 *
 *   if (ALWAYS(p != NULL) && ...)       if (NEVER(length > cap)) return false;
 *
 *   release         the condition itself: a proof that was wrong costs nothing
 *   debug           also an assertion, so that the tests find a wrong proof
 *   coverage build  the outcome itself: nobody can test the other one
 *
 * For our own invariants only. What the network, a file or the machine decides is
 * tested. */
#ifndef HOPSCOPE_CERTAIN_H
#define HOPSCOPE_CERTAIN_H

#include <assert.h>
#include <stdbool.h>

#if defined HOPSCOPE_COVERAGE
#define ALWAYS(condition) true
#define NEVER(condition)  false
#elif defined HOPSCOPE_DEBUG
static inline bool certain_was_wrong(bool outcome)
{
    assert(false && "it is proven where it stands that this cannot be");
    return outcome;
}
#define ALWAYS(condition) ((condition) ? true : certain_was_wrong(false))
#define NEVER(condition)  ((condition) ? certain_was_wrong(true) : false)
#else
#define ALWAYS(condition) (condition)
#define NEVER(condition)  (condition)
#endif

#endif
