/* Captures with something wrong somewhere, the same for the same number. */
#ifndef MUTATION_KINDS_H
#define MUTATION_KINDS_H

#include "hopscope/base.h"

struct mutation_file {
    char *path;
    struct buffer data;
};

struct mutation_corpus {
    struct mutation_file *files;
    size_t count;
};

/* What cannot be read is left out. */
void mutation_add_file(struct mutation_corpus *c, const char *path);
/* Appends mutation `number` of the corpus; returns the path of what it was made of. */
const char *mutation_make(const struct mutation_corpus *c, uint64_t number,
                          struct buffer *out);
void mutation_done(struct mutation_corpus *c);

#endif
