/* Field lines (RFC 9112, section 5) and the values that framing and persistence ask
 * for. */
#ifndef HOPSCOPE_SRC_HTTP_HEADER_H
#define HOPSCOPE_SRC_HTTP_HEADER_H

#include "http/chars.h"
#include "http/line.h"
#include "http/names.h"
#include "http/notes.h"

enum header_option { /* of Connection; bits */
                     OPTION_CLOSE = MESSAGE_CONNECTION_CLOSE,
                     OPTION_KEEP_ALIVE = MESSAGE_CONNECTION_KEEP_ALIVE,
                     OPTION_UPGRADE = MESSAGE_CONNECTION_UPGRADE,
                     OPTIONS_OF_MESSAGE = /* that its flags tell, too */
                     OPTION_CLOSE | OPTION_KEEP_ALIVE | OPTION_UPGRADE,
                     OPTION_TE = 1 << 16,
                     OPTION_PROXY_CONNECTION = 1 << 17,
};

/* Fields that mean something to the section; of others nothing is asked but their text.
 * Bits 1 << enum field_name. */
enum {
    HEADER_READS = 1 << FIELD_CONNECTION | 1 << FIELD_CONTENT_LENGTH |
                   1 << FIELD_EXPECT | 1 << FIELD_HOST | 1 << FIELD_KEEP_ALIVE |
                   1 << FIELD_PROXY_CONNECTION | 1 << FIELD_TE |
                   1 << FIELD_TRANSFER_ENCODING | 1 << FIELD_UPGRADE,
};

/* Fields whose last line is kept, because only the whole section shows a fault. */
enum header_line {
    HEADER_LINE_LENGTH,
    HEADER_LINE_CODING,
    HEADER_LINE_EXPECT,
    HEADER_LINE_KEEP_ALIVE,
    HEADER_LINE_TE,
    HEADER_LINE_UPGRADE,
    HEADER_LINE_PROXY_CONNECTION,
    HEADER_LINE_COUNT,
};

/* What the field lines of one header section, read so far, amount to. */
struct header {
    uint32_t field_count;
    uint32_t seen;    /* fields of HEADER_READS that are there */
    uint32_t options; /* enum header_option */
    int64_t length;   /* Content-Length; -1: none, or none valid */
    bool is_length_bad;
    bool is_chunked;  /* an exact list of codings, and chunked is the last */
    bool has_chunked; /* it is one of them, so far */
    bool is_chunked_twice;
    bool is_coding_odd;       /* the list is not exact: it frames nothing */
    bool expects_continue;    /* exactly that */
    bool is_expect_disguised; /* something that may be taken for it */
    int64_t keepalive_timeout_s, keepalive_max; /* -1: absent */
    struct buffer unfolded;                     /* the value of a folded field */
    /* That header_judge may tell of; of fields that were seen. */
    struct evidence lines[HEADER_LINE_COUNT];
};

struct field {
    struct bytes line; /* whole, without its end */
    struct bytes name;
    struct bytes raw;   /* value as sent, white space around it apart */
    struct bytes value; /* the same, unfolded; borrows like `raw` or from the header */
    enum field_name known; /* FIELD_OTHER also for a name that is not used */
    bool is_folded;
};

void header_init(struct header *h);
void header_done(struct header *h);

static inline bool header_has(const struct header *h, enum field_name name)
{
    return (h->seen & 1u << name) != 0;
}

/* Splits any field line and notes what is odd about it. False: it is no field at all.
 */
bool header_split(struct header *h, const struct line *line, const struct notes *n,
                  struct field *out);
/* Takes the meaning of a field into the account, and notes what is odd about it; `n`
 * shows the field's line. */
void header_read(struct header *h, const struct field *f, const struct notes *n);
/* The same of a line about which there is nothing to note, as there is not of most.
 * False: it may be another one, and nothing was taken. */
bool header_read_usual(struct header *h, enum field_name known, enum side from,
                       struct bytes line, struct bytes value);
/* The last line of a field whose lines are kept, as hop-by-hop fields' are. */
const struct evidence *header_kept_line(const struct header *h, enum field_name name);
/* At the end of the section: flags and keep-alive figures into `m`, whose texts must be
 * valid, and the findings about what is missing or does not fit together. */
void header_judge(const struct header *h, struct message *m, const struct notes *n);

/* A field of a trailer section (RFC 9110, section 6.5). */
void header_note_trailer(const struct field *f, const struct notes *n);

#endif
