/* A message while it is read: exists from its first byte to its end, so that an idle
 * connection does without. */
#ifndef HOPSCOPE_SRC_HTTP_DRAFT_H
#define HOPSCOPE_SRC_HTTP_DRAFT_H

#include "http/header.h"
#include "http/hidden.h"
#include "http/line.h"
#include "http/pace.h"

enum draft_text { /* in the order of struct message */
                  TEXT_METHOD,
                  TEXT_TARGET,
                  TEXT_HOST,
                  TEXT_USER_AGENT,
                  TEXT_SERVER,
                  TEXT_CONTENT_TYPE,
                  TEXT_UPGRADE,
                  TEXT_WEBSOCKET_PROOF,
                  TEXT_WEBSOCKET_EXTENSIONS,
                  DRAFT_TEXT_COUNT,
};

/* What every message uses stands together, in front of what few do. Between messages
 * there are no texts, and no line is begun. */
struct draft {
    struct draft *next; /* spare */
    struct message m;   /* its texts stand there from their line to the head's end */
    struct line_reader line;
    /* What findings show that have nothing else to show: as much of the start line, of
     * a simple response its body's first bytes. In the chunk, or kept. */
    struct bytes start_line;
    /* Texts that are there, bits 1 << enum draft_text, and those of them that outlive
     * their chunk: they are copied, and begin at these places. */
    uint32_t present, outliving;
    bool is_over;      /* its message has ended; draft_reset is due */
    bool is_announced; /* the head went out before its section was complete */
    bool has_lf_note;
    enum severity extension_told; /* the gravest so far */
    struct pace pace;             /* of a request */
    struct header header;
    struct hidden hidden; /* of a request */
    struct evidence kept_line;
    uint32_t places[DRAFT_TEXT_COUNT];
    struct buffer copied;
};

/* Ready for a message of this side; give it back with draft_drop. */
struct draft *draft_take(struct http_drafts *spare, enum side from);
void draft_drop(struct http_drafts *spare, struct draft *d); /* NULL is allowed */
/* Ready for another message, after one has ended; keeps the memory. */
void draft_reset(struct draft *d, enum side from);
/* Connections that take drafts from `spare`: when the last is gone, so are they. */
void draft_join(struct http_drafts *spare);
void draft_leave(struct http_drafts *spare);

void draft_copy_texts(struct draft *d, uint32_t texts); /* out of the chunk */
/* The first text of a kind wins. `is_in_place`: it stands in the chunk being read. */
static inline void draft_set_text(struct draft *d, enum draft_text which,
                                  struct bytes text, bool is_in_place)
{
    if (d->present & 1u << which) return;
    d->present |= 1u << which;
    /* An empty text is present: its ptr must not be NULL, and may outlive the chunk. */
    d->m.texts[which] =
        text.len > 0 ? bytes_first(text, HTTP_TEXT_MAX) : bytes_of("", 0);
    if (!is_in_place) draft_copy_texts(d, 1u << which);
}
/* Texts that the message carries upwards, by field: enum draft_text + 1; 0: none. */
extern const uint8_t draft_field_texts[FIELD_ROUTING_OR_AUTH + 1];
static inline bool draft_takes(enum field_name name)
{
    return draft_field_texts[name] != 0;
}
static inline void draft_take_field(struct draft *d, const struct field *f,
                                    bool is_in_place)
{
    uint8_t text = draft_field_texts[f->known];
    if (text != 0)
        draft_set_text(d, (enum draft_text)(text - 1), f->value,
                       is_in_place && !f->is_folded);
}
/* Appends to what is kept of the start line, as far as evidence goes. */
void draft_keep_line(struct draft *d, struct bytes more);
static inline void draft_set_line(struct draft *d, struct bytes text, bool is_in_place)
{
    if (is_in_place)
        d->start_line = bytes_first(text, FINDING_EVIDENCE_MAX);
    else
        draft_keep_line(d, text);
}
void draft_outlive_chunk(struct draft *d); /* before the chunk goes */
/* Nobody asks for them any more, and the message has none. */
static inline void draft_forget_texts(struct draft *d)
{
    struct message *m = &d->m;
    if (d->present == 0) return;
    m->method_text = bytes_of(NULL, 0);
    m->target = bytes_of(NULL, 0);
    m->host = bytes_of(NULL, 0);
    m->user_agent = bytes_of(NULL, 0);
    m->server = bytes_of(NULL, 0);
    m->content_type = bytes_of(NULL, 0);
    m->upgrade = bytes_of(NULL, 0);
    m->websocket_proof = bytes_of(NULL, 0);
    m->websocket_extensions = bytes_of(NULL, 0);
    d->present = d->outliving = 0;
    d->copied.len = 0;
}

#endif
