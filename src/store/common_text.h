/* Texts that nearly every capture has: they get the first numbers of a database. */
#ifndef STORE_COMMON_TEXT_H
#define STORE_COMMON_TEXT_H

enum {
    /* A field of six bits holds the numbers of all of them: see table_plan.h. */
    COMMON_TEXT_MAX = (1 << 6) - 3,
    COMMON_TEXT_COUNT = 54,
};

extern const char *const common_texts[COMMON_TEXT_COUNT];

#endif
