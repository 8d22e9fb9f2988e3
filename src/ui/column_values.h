/* What the columns of our own say, and by what they are sorted. */
#ifndef UI_COLUMN_VALUES_H
#define UI_COLUMN_VALUES_H

#include "ui/columns.h"

#define WRITES(name)                                                  \
    void column_values_write_##name(const struct model *m,            \
                                    const struct model_connection *c, \
                                    struct buffer *out, bool is_ascii)
#define KEYS(name)                                                    \
    struct column_key column_values_key_##name(const struct model *m, \
                                               const struct model_connection *c)
#define VALUES(name) \
    WRITES(name);    \
    KEYS(name)

VALUES(state);
VALUES(client);
VALUES(server);
VALUES(host);
VALUES(protocol);
VALUES(exchanges);
VALUES(depth);
VALUES(status);
VALUES(last);
VALUES(wait);
VALUES(idle);
VALUES(bytes);
VALUES(findings);
VALUES(start);
VALUES(age);

static inline struct column_key number_key(int64_t number)
{
    return (struct column_key){.number = number};
}

static inline struct column_key text_key(struct bytes text)
{
    return (struct column_key){.text = text};
}

/* Nothing, where it is not known. */
void column_values_write_duration(struct buffer *out, int64_t us);

#endif
