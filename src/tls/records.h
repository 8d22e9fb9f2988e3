/* The record layer of one direction (RFC 8446, section 5.1): where each record begins
 * and what is in it. Bodies are passed on as they lie in the chunk, or skipped. */
#ifndef HOPSCOPE_SRC_TLS_RECORDS_H
#define HOPSCOPE_SRC_TLS_RECORDS_H

#include "hopscope/tls.h"

enum { RECORDS_HEADER_LENGTH = 5 };

enum records_type {
    RECORDS_CHANGE_CIPHER_SPEC = 20,
    RECORDS_ALERT = 21,
    RECORDS_HANDSHAKE = 22,
    RECORDS_APPLICATION_DATA = 23,
    RECORDS_HEARTBEAT = 24,
};

struct records {
    int64_t begun_ns; /* when the first byte of the record came */
    uint16_t left;    /* of its body */
    uint8_t have;     /* bytes of its header; complete: in the body */
    uint8_t header[RECORDS_HEADER_LENGTH];
    bool is_lost; /* where the next record begins is not known any more */
};

struct records_piece {
    uint8_t type;
    bool begins;       /* the record's header has just been read */
    int64_t begun_ns;  /* see struct records */
    struct bytes data; /* of its body; may be empty */
};

/* Takes the next piece off `in`, whose bytes came at `now_ns`. False: all of it is used
 * up, or is_lost: these are no records. */
bool records_next(struct records *r, struct cursor *in, int64_t now_ns,
                  struct records_piece *out);
/* `missing` bytes were never captured. Within one body nothing but they is lost. */
void records_skip(struct records *r, uint64_t missing);

#endif
