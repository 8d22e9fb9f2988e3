/* One direction of an HTTP/1 dialogue: chunks in, heads and ends of messages out. Used
 * twice per connection; what differs between requests and responses is the start line,
 * one branch of the framing rules, and what its owner answers.
 *
 *            .--------------------------- message end <----------------------------.
 *            v                                                                     |
 *   START_LINE --line--> FIELDS --empty line--> BODY_LENGTH | BODY_CLOSE ----------+
 *      |   ^                |                   CHUNK_LINE > CHUNK_DATA > CHUNK_CR |
 *  garbage |              fault, gap             ^            > CHUNK_LF ----.     |
 *      v   |                |                    '---------------------------'     |
 *     RESYNC <--------------'<-- fault, gap --   CHUNK_LINE (size 0) > TRAILERS ---' */
#ifndef HOPSCOPE_SRC_HTTP_PARSER_H
#define HOPSCOPE_SRC_HTTP_PARSER_H

#include "http/draft.h"
#include "http/overruled.h"
#include "http/start_line.h"

enum parser_state {
    PARSER_START_LINE,
    PARSER_FIELDS,
    PARSER_BODY_LENGTH,
    PARSER_BODY_CLOSE,
    PARSER_CHUNK_LINE,
    PARSER_CHUNK_DATA,
    PARSER_CHUNK_CR, /* the CRLF after a chunk's data is due */
    PARSER_CHUNK_LF, /* its LF is due */
    PARSER_TRAILERS,
    PARSER_RESYNC, /* looks for a start line at a segment's beginning */
    PARSER_DONE,   /* nothing follows, or what follows is not ours */
};

/* What stood before the start line that is due. */
enum parser_before {
    BEFORE_NOTHING, /* the stream's beginning */
    BEFORE_MESSAGE, /* a message without body */
    BEFORE_BODY,
    BEFORE_BODILESS, /* a response that had no body by rule, whatever its fields said */
    BEFORE_INVALID,  /* a request whose framing was invalid */
    BEFORE_LOSS,
};

enum { HEAD_END = 0x0d0a0d0a }; /* CRLFCRLF */

enum parser_loss {
    LOSS_OF_HEAD,    /* the head of at least one message was not seen */
    LOSS_OF_GARBAGE, /* bytes that some recipient may have taken for a message */
    LOSS_BEHIND,     /* heads may have been lost behind a message that was seen */
    LOSS_OF_LINE,    /* bytes that hardly anybody takes for a message */
};

struct parser_loss_place {
    enum side from;
    uint64_t start, end; /* offsets of what was lost or unreadable */
    uint64_t missing;    /* bytes of it that were never captured */
};

/* What the parser tells and asks. */
struct parser_owner {
    /* Whether the response that begins now answers an HTTP/0.9 request. */
    bool (*expects_simple)(void *context);
    /* A response's header section is complete: which request does it answer? Sets
     * answers, confidence and is_interim, and returns that request's method. */
    enum method (*pair)(void *context, struct message *response);
    void (*field)(void *context, const struct header_field *field);
    void (*head)(void *context, const struct message *message);
    void (*end)(void *context, const struct message *message);
    void (*lost)(void *context, enum parser_loss loss,
                 const struct parser_loss_place *place);
    void (*resync)(void *context, enum side from);
};

struct parser {
    const struct parser_owner *owner;
    void *context;
    struct conn *conn;
    struct http_drafts *drafts;
    struct draft *draft;         /* NULL while idle */
    struct overruled *overruled; /* NULL mostly */
    uint64_t offset;             /* of the next byte */
    uint64_t number;             /* messages so far */
    uint64_t body_left;          /* of the body or chunk */
    int64_t stalled_ns;          /* of the chunk being read */
    enum side from;
    enum parser_state state;
    enum parser_before before;
    uint32_t last_bytes; /* the four before the next one; 0 behind a gap */
    uint8_t empty_lines; /* before this start line; stops counting at its maximum */
    bool wants_fields;   /* the owner's to set */
    bool is_behind_head; /* HEAD_END stood before the segment that begins the line */
    bool is_end_guessed; /* of the last response: it may have had no body */
    bool is_paused;      /* the owner takes the rest of the chunk */
    bool is_aligned;     /* RESYNC: a start line may begin here */
    bool takes_lines;    /* RESYNC: it may also begin at the next line */
};

/* `p` is all zero. */
void parser_init(struct parser *p, enum side from, struct conn *conn,
                 const struct parser_owner *owner, void *context,
                 struct http_drafts *drafts);
void parser_done(struct parser *p); /* forgets the message in progress */

/* Takes a chunk of this parser's side. Returns the bytes not used, which are none
 * unless parser_pause was called. */
struct bytes parser_feed(struct parser *p, const struct chunk *chunk);
/* From within a callback: leaves the rest of the chunk to the owner. */
void parser_pause(struct parser *p);
/* Nothing follows: a message in progress ends as incomplete, unless it is delimited by
 * close and `end` is a FIN. */
void parser_finish(struct parser *p, enum chunk_end end);
/* Tells the head of a request that is still incomplete, because its response has begun:
 * its header section, or a start line that names method and target. */
void parser_announce(struct parser *p); /* unfinished.c */

/* Between messages, and nothing read of the next. */
static inline bool parser_is_at_boundary(const struct parser *p)
{
    return p->state == PARSER_DONE || (p->state == PARSER_START_LINE &&
                                       (p->draft == NULL || !p->draft->line.is_begun));
}

/* What was read last may belong to a message that was not told yet. */
static inline bool parser_is_amid_head(const struct parser *p)
{
    return p->state == PARSER_FIELDS || p->state == PARSER_RESYNC ||
           (p->state == PARSER_START_LINE && !parser_is_at_boundary(p));
}

/* ---- among the parser's own files ---- */

/* The capture began within the connection, and no start line was seen yet: what is
 * there is the rest of something, and no fault. */
static inline bool parser_is_entering(const struct parser *p)
{
    return p->number == 0 && p->before == BEFORE_NOTHING &&
           p->conn->open_kind != OPEN_HANDSHAKE;
}

/* The state's step: takes at least one byte off `s`, or ends its state. */
void head_step(struct parser *p, struct source *s);        /* START_LINE, FIELDS */
void body_step_length(struct parser *p, struct source *s); /* BODY_LENGTH */
void body_step(struct parser *p, struct source *s); /* BODY_..., CHUNK_..., TRAILERS */
void resync_step(struct parser *p, struct source *s); /* RESYNC */

void head_begin(struct parser *p, struct source *s, const struct line *line);
/* The message has begun: its number and texts; */
void head_take_parts(struct parser *p, const struct start_line *l, struct bytes text,
                     bool is_in_place);
/* and its start, which the line reader knows. */
void head_take_start(struct parser *p, const struct start_line *l, struct bytes text,
                     bool is_in_place);
void head_take_field(struct parser *p, const struct line *line);
/* To the owner, who wants to see each. */
void head_tell_field(struct parser *p, const struct field *f);
/* The meaning and the text of a field; `n` shows its line. */
static inline void head_use_field(struct parser *p, const struct field *f,
                                  const struct notes *n, bool is_in_place)
{
    header_read(&p->draft->header, f, n);
    if (draft_takes(f->known)) draft_take_field(p->draft, f, is_in_place);
    if (p->wants_fields) head_tell_field(p, f);
}
void head_note_line(const struct parser *p, const struct line *line);
/* Bytes that are no start line where one is due; `text` is the begun line. */
void head_note_garbage(const struct parser *p, struct bytes text);
/* Nothing more comes of a begun start line: junk that waited for one behind it is
 * refused. */
void head_leave_line(struct parser *p);

/* A start line that is not whole begins the message. False: it does not say enough. */
bool unfinished_take_line(struct parser *p);
/* The header section will not be completed. Tells of the message if its start line says
 * enough; false: it did not, and nothing was told. */
bool unfinished_cut(struct parser *p);
/* The start line that was announced is none, now that it is whole. */
void unfinished_refuse(struct parser *p, const struct source *s, struct bytes text);
void body_begin(struct parser *p, const struct mark *at);
void body_begin_simple(struct parser *p, const struct mark *at);
/* Bytes that a gap took out of the body. */
void body_skip(struct parser *p, const struct chunk *gap);
/* A segment begins within a line. */
void resync_mark_segment(struct parser *p, const struct chunk *chunk);
/* Before each chunk: where a segment begins, a start line may begin. */
static inline void resync_align(struct parser *p, const struct chunk *chunk)
{
    if (!chunk->starts_segment) return;
    if (p->state == PARSER_RESYNC) p->is_aligned = true;
    if (p->draft->line.is_begun)
        resync_mark_segment(p, chunk);
    else
        p->is_behind_head = p->last_bytes == HEAD_END;
}
/* Whether a line that an earlier segment began is a start line only from where the last
 * segment began, and there without a flaw. */
bool resync_has_junk(const struct parser *p, const struct line *line);
/* Whether, where a start line is looked for, the line is one only from there on. */
bool resync_is_behind_junk(const struct parser *p, const struct line *line);
void resync_drop_junk(struct parser *p, struct line *line);
/* Whether a request's method and target are such as the middle of something else hardly
 * has; any status line's are. Where bytes before it were not seen, an upper-case word
 * may be the rest of one ("ET /"): only a registered method counts there, unless a
 * head's end is seen before it. */
bool resync_is_likely(const struct parser *p, const struct start_line *l);
/* The same of a line whose end has not come; an empty one's beginning may begin too. */
bool resync_may_begin(const struct parser *p, struct bytes text);
void resync_enter(struct parser *p, bool takes_lines);
void resync_end(struct parser *p); /* a start line was found */
void parser_end_message(struct parser *p, const struct mark *end, bool is_complete);
/* For findings of the message, whose start line shows them if nothing else does. */
static inline struct notes parser_notes(const struct parser *p, const struct mark *at)
{
    return (struct notes){
        .conn = p->conn, .from = p->from, .at = at, .line = p->draft->start_line};
}
void parser_tell_loss(struct parser *p, enum parser_loss loss, uint64_t start,
                      uint64_t end, uint64_t missing);

#endif
