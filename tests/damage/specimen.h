/* Five small captures, each in a format of its own, and of something else. */
#ifndef SPECIMEN_H
#define SPECIMEN_H

#include "hopscope/base.h"

enum { SPECIMEN_COUNT = 5 };

/* "big-endian", ...; the index is below SPECIMEN_COUNT. */
const char *specimen_name(size_t index);
/* Appends the capture's bytes. */
void specimen_write(size_t index, struct buffer *out);

#endif
