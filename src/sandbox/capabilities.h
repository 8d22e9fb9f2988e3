/* Capabilities (capabilities(7)) of the calling thread, by the kernel's own calls. */
#ifndef SANDBOX_CAPABILITIES_H
#define SANDBOX_CAPABILITIES_H

#include "hopscope/base.h"

enum {
    CAPABILITIES_NONE = 0,
    CAPABILITIES_CAPTURE = 1 << 0, /* CAP_NET_RAW */
    CAPABILITIES_FILES = 1 << 1,   /* CAP_DAC_OVERRIDE */
};

/* Keeps those of `kept` that it has, permitted and effective, and no other; the
 * bounding set, what is inherited and what is ambient go as far as may be. False: the
 * kernel refused. */
bool capabilities_keep(unsigned kept);
/* Whether it may become another user. */
bool capabilities_may_change_user(void);
/* Lays the effective ones aside, or takes all permitted ones up again. False: refused.
 */
bool capabilities_lay_aside(void);
bool capabilities_take_up(void);

#endif
