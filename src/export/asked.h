/* What an exchange asked for: owned copies, cut to what a list can show. */
#ifndef EXPORT_ASKED_H
#define EXPORT_ASKED_H

#include "hopscope/base.h"
#include "hopscope/record.h"

enum { ASKED_TEXT_MAX = 512 };

struct asked {
    struct bytes method, host, target; /* ptr NULL: not observed */
};

struct asked asked_of(const struct record_exchange *e); /* release with asked_done */
void asked_done(struct asked *a);
/* "GET host/target", or the target alone where it names the host itself; escaped. */
void asked_format(const struct asked *a, char out[ASKED_TEXT_MAX]);

#endif
