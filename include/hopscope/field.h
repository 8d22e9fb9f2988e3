/* field: THE tables of the records' fields (part of layer record). One row = one column
 * of a view. SQL tables and views, inserts, JSON, CSV and screen columns are loops over
 * them, so that a figure is named once. */
#ifndef HOPSCOPE_FIELD_H
#define HOPSCOPE_FIELD_H

#include "hopscope/base.h"

#define RECORD_UNKNOWN INT64_MIN /* an integer that was not observed: NULL */

enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

static inline enum tri tri_of(bool b)
{
    return b ? TRI_YES : TRI_NO;
}

enum record_kind {
    RECORD_CAPTURE,
    RECORD_CONNECTION,
    RECORD_EXCHANGE,
    RECORD_TUNNEL,
    RECORD_FINDING,
    RECORD_HEADER,
    RECORD_KIND_COUNT,
};

enum field_type {
    FIELD_INTEGER,    /* int64_t; RECORD_UNKNOWN: NULL */
    FIELD_TIME,       /* int64_t, µs since the epoch */
    FIELD_DURATION,   /* int64_t, µs */
    FIELD_ENUM,       /* uint8_t, text from `names`; 0: NULL */
    FIELD_TRI,        /* uint8_t, enum tri: 1, 0, NULL */
    FIELD_TEXT,       /* struct bytes; ptr NULL: NULL */
    FIELD_ADDRESS,    /* struct endpoint: the address as text; version 0: NULL */
    FIELD_PORT,       /* struct endpoint: the port */
    FIELD_PACKET,     /* uint64_t ref: the packet's number in its capture; 0: NULL */
    FIELD_CAPTURE_ID, /* uint64_t ref (or an id made of one): its capture */
};

/* Where the store keeps it. */
enum field_place {
    PLACE_ROW,      /* a column of its own */
    PLACE_KEY,      /* `id`, the key of the table */
    PLACE_FLAGS,    /* FIELD_ENUM, _TRI, _PORT: some bits of a shared integer */
    PLACE_INTERNED, /* FIELD_TEXT, _ADDRESS: id of a shared text */
    PLACE_SIDE,     /* in `side_table`, a row only when it says something unusual */
    PLACE_DERIVED,  /* nowhere: `expression`; FIELD_CAPTURE_ID without one: from the
                       FIELD_PACKET in the row before */
};

/* PLACE_SIDE: what the value is when the side table has no row. A row is written when
 * any of its figures is something else, so no value is ever lost or made up. */
enum field_usual {
    USUALLY_NULL,
    USUALLY_ZERO,       /* with `of`: NULL unless that field is above 0 */
    USUALLY_ONE,        /* likewise */
    USUALLY_DIFFERENCE, /* `of` - `minus`; NULL where one of them is */
    USUALLY_EQUAL,      /* `of` where the enum `where` has the name `is`, else NULL */
    USUALLY_OF_KEY,     /* FIELD_PACKET: the key without its lowest 16 bits */
};

struct field {
    const char *name;  /* the view's column */
    const char *title; /* of a screen or summary column */
    enum field_type type;
    enum field_place place;
    size_t offset;            /* in the record */
    const char *const *names; /* FIELD_ENUM: by value; [0] is NULL, NULL ends it */
    /* PLACE_ROW, PLACE_INTERNED: 0, or how many bits of a shared integer hold it. What
     * needs more stands in the side table `<table>_large`, so no value is cut. */
    unsigned bits;
    /* FIELD_TIME, FIELD_PACKET: stored as difference to that integer or packet field,
     * where it is known. */
    const char *relative_to;
    const char *expression; /* PLACE_DERIVED: over the table's stored columns */
    const char *side_table; /* PLACE_SIDE */
    enum field_usual usual; /* PLACE_SIDE, with: */
    const char *of, *minus, *where, *is;
};

struct record_layout {
    const char *table, *view; /* "exchange", "exchanges" */
    const char *about;        /* one sentence for the schema */
    const struct field *fields;
    size_t field_count;
    size_t size;         /* of the struct */
    const char *time[2]; /* FIELD_TIME that says when it was: the first known one */
    /* Rows of one connection lie together: the key is (connection_id, id), and an id
     * begins with its connection's, above the lowest 16 bits. */
    bool is_clustered;
};

const struct record_layout *record_layout(enum record_kind kind);
/* By the view's column; NULL: no such field. */
const struct field *record_field(enum record_kind kind, const char *name);

/* Sets every integer of a record of that kind to RECORD_UNKNOWN, all else to NULL. */
void record_clear(enum record_kind kind, void *record);

/* The number of any field that is not a text (of FIELD_ENUM the enum's value);
 * RECORD_UNKNOWN: NULL, and always for texts. */
int64_t record_integer(const struct field *field, const void *record);
/* FIELD_PACKET, FIELD_CAPTURE_ID: capture_id << 32 | number; 0: NULL. */
uint64_t record_ref(const struct field *field, const void *record);
/* FIELD_TEXT: the bytes as captured. FIELD_ENUM: the value's name. ptr NULL: NULL, and
 * always for other types. */
struct bytes record_text(const struct field *field, const void *record);
/* The value as the views show it: integers in decimal, enums by name, texts as UTF-8
 * (record_utf8); empty: NULL. Cut to `size`, never inside a character; NUL-ended.
 * Returns the length written. */
size_t record_format(const struct field *field, const void *record, char *out,
                     size_t size);
/* Text that every reader of UTF-8 takes: bytes that are none, and NUL, become \xHH; a
 * backslash stays as it is. Returns `text` itself when nothing is to be done, else
 * borrows from `scratch`, whose former content is lost. */
struct bytes record_utf8(struct bytes text, struct buffer *scratch);

#endif
