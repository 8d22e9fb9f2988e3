/* A body held back for a 100 (Continue), and a final response instead (RFC 9110,
 * section 10.1.1). Framing says that the body follows; clients that were refused leave
 * it out, and their next request stands where it would begin. */
#ifndef HOPSCOPE_SRC_HTTP_WITHHELD_H
#define HOPSCOPE_SRC_HTTP_WITHHELD_H

#include "http/hold.h"
#include "http/parser.h"

enum withheld {
    WITHHELD_COMES, /* the body after all */
    WITHHELD_UNDECIDED,
    WITHHELD_NEXT, /* the next request */
};

/* The last final response that ended. */
struct withheld_answer {
    uint64_t number; /* the request it answers; 0: none */
    uint64_t end;    /* offset after it */
};

/* Whether what begins with this chunk of the client's side may be either. */
bool withheld_is_due(const struct parser *client, const struct withheld_answer *last,
                     const struct chunk *chunk);
/* Which it is, by what is held of it and the chunk that follows. */
enum withheld withheld_judge(const struct hold *held, const struct chunk *chunk);
/* The body will not come: its message ends behind its head. */
void withheld_end(struct parser *client);

#endif
