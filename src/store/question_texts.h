/* The files of src/store/sql, put into the program when it is built (embed.cmake). */
#ifndef STORE_QUESTION_TEXTS_H
#define STORE_QUESTION_TEXTS_H

#include "hopscope/store.h"

struct question_text {
    const char *name;
    struct bytes text;
};

extern const struct question_text question_texts[];
extern const size_t question_text_count;

/* Appends the SELECT of a question with its parameters in line; no final NUL. */
void question_text_write(const struct question *q, struct buffer *out);

#endif
