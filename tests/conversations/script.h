/* script: a conversation file as a list of steps and the account that is expected of
 * it. The format is in README.md. Everything belongs to the script and lives as long.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "variation.h"

#include "hopscope/base.h"
#include "hopscope/field.h"
#include "hopscope/stream.h"

enum step_kind {
    STEP_SEND, /* payload, or a FIN, or both; or an RST */
    STEP_WAIT,
    STEP_BLIND,  /* the side's ACK number stays where it is */
    STEP_SEES,   /* ... and follows again */
    STEP_REOPEN, /* another life of the same four-tuple */
};

enum step_flag {
    STEP_LOST = 1 << 0,   /* never captured, though the peer has received it */
    STEP_ON_SYN = 1 << 1, /* the payload rides on the SYN */
    STEP_FIN = 1 << 2,
    STEP_RST = 1 << 3,
};

struct step {
    enum step_kind kind;
    enum side side;
    unsigned flags; /* enum step_flag */
    struct bytes payload;
    size_t parts; /* segments that the payload is cut into; at least 1 */
    int64_t wait_ns;
};

enum opening {
    OPENING_HANDSHAKE,
    OPENING_NO_SYN_ACK, /* the SYN-ACK was not captured */
    OPENING_REFUSED,
    OPENING_UNANSWERED,
    OPENING_MIDSTREAM, /* the capture began later */
};

/* One asserted column. */
struct expected_column {
    const char *name, *value; /* value "": NULL */
    unsigned families;        /* bits of enum variation_family in which it holds */
};

/* One `= kind column=value ...` line, with the lines that add to it. */
struct expected_row {
    int line;
    enum record_kind kind;
    size_t connection; /* counted from 0 by the `= connection` lines */
    struct expected_column *columns;
    size_t column_count;
};

struct script {
    char *path, *title;
    char *text;           /* the file's content; columns point into it */
    struct buffer *pools; /* unescaped payloads, one each */
    size_t pool_count;
    struct step *steps;
    size_t step_count;
    enum opening opening;
    uint16_t port[2]; /* by enum side */
    bool is_one_sided;
    enum side only_side;
    unsigned families; /* bits: which variations it goes through */
    struct expected_row *rows;
    size_t row_count;
    size_t connection_count;
};

/* NULL: the file cannot be read or means nothing; `why` says where. */
struct script *script_read(const char *path, struct problem *why);
void script_free(struct script *s); /* NULL is allowed */

/* "connection", "exchange", "tunnel", "finding"; NULL: no such kind is expected. */
const char *script_kind_name(enum record_kind kind);

#endif
