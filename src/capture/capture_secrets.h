/* The Decryption Secrets Blocks of a set of captures, kept for whoever can decrypt. */
#ifndef CAPTURE_CAPTURE_SECRETS_H
#define CAPTURE_CAPTURE_SECRETS_H

#include "hopscope/capture.h"

struct capture_secrets {
    struct capture_secret *rows; /* their data belong to this object */
    size_t count, capacity;
    size_t bytes; /* towards CAPTURE_SECRETS_BYTES_MAX */
};

void capture_secrets_done(struct capture_secrets *s);
/* Copies a secret, unless the cap is reached. */
void capture_secrets_keep(struct capture_secrets *s, uint32_t capture_id, uint32_t type,
                          struct bytes data);
/* Forgets all but the first `count`: the file they came from will be read again. */
void capture_secrets_forget(struct capture_secrets *s, size_t count);

#endif
