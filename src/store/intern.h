/* A bounded memory of which text has which number. It may forget: the text is then
 * written once more under another number, and every row stays right. */
#ifndef STORE_INTERN_H
#define STORE_INTERN_H

#include "hopscope/base.h"

enum {
    INTERN_COUNT_MAX = 16384,     /* texts remembered */
    INTERN_BYTES_MAX = 4 << 20,   /* of them in all */
    INTERN_TEXT_BYTES_MAX = 2048, /* a longer one is not remembered */
};

struct intern;

struct intern *intern_new(void);
void intern_free(struct intern *n);                       /* NULL is allowed */
int64_t intern_find(struct intern *n, struct bytes text); /* 0: not remembered */
/* Remembers `text` under `id` (> 0); forgets everything first when it is full. */
void intern_add(struct intern *n, struct bytes text, int64_t id);
void intern_forget_all(struct intern *n);

#endif
