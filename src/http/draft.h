/* A message while it is read: exists from its first byte to its end, so that an idle
 * connection does without. */
#ifndef HOPSCOPE_SRC_HTTP_DRAFT_H
#define HOPSCOPE_SRC_HTTP_DRAFT_H

#include "http/header.h"
#include "http/hidden.h"
#include "http/line.h"
#include "http/pace.h"

enum draft_text {
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

struct draft {
    struct draft *next; /* spare */
    struct message m;   /* its texts stand there from their line to the head's end */
    struct line_reader line;
    struct header header;
    struct hidden hidden;       /* of a request */
    struct evidence start_line; /* of a simple response, the body's first bytes */
    /* Texts that are there, bits 1 << enum draft_text, and those of them that outlive
     * their chunk: they are copied, and begin at these places. */
    uint32_t present, outliving;
    uint32_t places[DRAFT_TEXT_COUNT];
    struct buffer copied;
    struct pace pace;  /* of a request */
    bool is_over;      /* its message has ended; draft_reset is due */
    bool is_announced; /* the head went out before its section was complete */
    enum severity extension_told; /* the gravest so far */
    bool has_lf_note;
};

/* Ready for a message of this side; give it back with draft_drop. */
struct draft *draft_take(struct http_drafts *spare, enum side from);
void draft_drop(struct http_drafts *spare, struct draft *d); /* NULL is allowed */
/* Ready for the next message of the same side; keeps the memory. */
void draft_reset(struct draft *d);
/* Connections that take drafts from `spare`: when the last is gone, so are they. */
void draft_join(struct http_drafts *spare);
void draft_leave(struct http_drafts *spare);

/* The first text of a kind wins. `is_in_place`: it stands in the chunk being read. */
void draft_set_text(struct draft *d, enum draft_text which, struct bytes text,
                    bool is_in_place);
/* Texts that the message carries upwards, by field: enum draft_text + 1; 0: none. */
extern const uint8_t draft_field_texts[FIELD_ROUTING_OR_AUTH + 1];
static inline bool draft_takes(enum field_name name)
{
    return draft_field_texts[name] != 0;
}
void draft_take_field(struct draft *d, const struct field *f, bool is_in_place);
void draft_copy_texts(struct draft *d); /* before the chunk goes */
/* Nobody asks for them any more, and the message has none. */
void draft_forget_texts(struct draft *d);

#endif
