/* A mapping says how a view's rows become another program's: one row per field, its
 * name there, the SQL expression over the view's columns that it is made of, and the
 * shape that program wants. The SELECT is made of the same rows, so a cell's number is
 * its field's.
 *
 *   mapping --> SELECT --> rows --shape--> JSON object | line of columns */
#ifndef EXPORT_MAPPING_H
#define EXPORT_MAPPING_H

#include "hopscope/export.h"

enum mapping_shape {
    SHAPE_PLAIN,       /* as it is */
    SHAPE_ID,          /* 64 bits: a string in JSON, whatever its size */
    SHAPE_FLOW_ID,     /* its lower 51 bits, a number, as Suricata does it */
    SHAPE_UID,         /* an id in Zeek's manner: C and eleven digits of base 62 */
    SHAPE_SECONDS,     /* µs as seconds with six decimals */
    SHAPE_MS,          /* µs as milliseconds with three decimals */
    SHAPE_NANOSECONDS, /* µs as nanoseconds, a string in JSON */
    SHAPE_UTC,         /* µs as 2026-01-31T12:00:00.000000Z */
    SHAPE_UTC_OFFSET,  /* the same with +0000 */
    SHAPE_BOOL,        /* an integer; not 0 is true */
    SHAPE_LIST,        /* JSON: an array of this one */
    SHAPE_SPECIAL,     /* JSON: the format's own */
    SHAPE_NONE,        /* left out */
};

struct mapping_field {
    /* JSON: a / puts what follows into an object; fields of one object stand together.
     */
    const char *name;
    const char *source; /* NULL cells are absent */
    enum mapping_shape shape;
    const char *type; /* Zeek's */
};

struct mapping {
    const char *part; /* of the format; NULL: it has none */
    const char *from; /* the view, and what else stands behind the columns */
    const struct mapping_field *fields;
    size_t field_count;
    /* Without fields: these columns, under their own names, in the shape that
     * `shape_of` (NULL: plain) gives them. */
    const char *columns;
    enum mapping_shape (*shape_of)(const struct mapping *mapping, const char *column);
    /* JSON: writes the value of SHAPE_SPECIAL. */
    void (*special)(void *context, const struct mapping_field *field,
                    const struct cell *cell, struct buffer *out);
    void *context;
};

/* What a format does with each row. */
struct mapping_job {
    const struct mapping *mapping;
    const struct export_order *order;
    /* Appends what stands before the first row; NULL: nothing. */
    void (*head)(const struct mapping *mapping, struct buffer *out);
    /* Appends one row. */
    enum status (*put)(void *context, const struct mapping *mapping,
                       const struct cell *cells, struct buffer *out,
                       struct problem *why);
    void *context;
};

/* Asks for the rows and hands the bytes on, a block at a time. `out` may hold a
 * beginning; it is empty afterwards. */
enum status mapping_run(const struct mapping_job *job, struct buffer *out,
                        struct problem *why);
/* Hands on what is there, and empties it. */
enum status mapping_flush(const struct export_order *order, struct buffer *out,
                          struct problem *why);
/* Whether the order wants this part. */
bool mapping_is_wanted(const struct export_order *order, const char *part);

/* The row as one JSON object. */
void mapping_write_json(const struct mapping *mapping, const struct cell *cells,
                        struct buffer *out);
/* A cell in its shape, bare; false: it is absent. */
bool mapping_write_bare(const struct mapping_field *field, const struct cell *cell,
                        struct buffer *out);
/* A `put` for one JSON object a line. */
enum status mapping_put_json_line(void *context, const struct mapping *mapping,
                                  const struct cell *cells, struct buffer *out,
                                  struct problem *why);
/* All mappings, one after the other, into one part of JSON lines. */
enum status mapping_run_lines(const struct mapping *mappings, size_t count,
                              const struct export_order *order, struct problem *why);

#endif
