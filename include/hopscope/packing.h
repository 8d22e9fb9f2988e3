/* packing: objects that nobody looks at for a while, in fewer bytes (part of layer
 * base). What most members of a struct say is 0, "unknown", a small number, or a time
 * not long before another: such words take one byte or a few. An object comes back
 * byte by byte as it was, so that pointers to what stays where it is may be among its
 * members; those to objects that are packed too are their owners' to set again. */
#ifndef HOPSCOPE_PACKING_H
#define HOPSCOPE_PACKING_H

#include "hopscope/base.h"

struct packing {
    struct buffer out;  /* what was packed; buffer_done is its owner's to call */
    uint64_t reference; /* a value that many words are close to, such as a time */
};

struct unpacking {
    const uint8_t *at; /* of the object that is next */
    uint64_t reference;
};

enum { PACKING_SLACK_BYTES = 8 }; /* read, and not used, behind what was packed */

/* Adds an object to those packed so far. */
void packing_put(struct packing *p, const void *object, size_t bytes);
/* The next object, in the order they were put; its size must be what it was. */
void packing_take(struct unpacking *u, void *object, size_t bytes);

#endif
