/* A start line there is the mark of an attack that works: one recipient sees a message
 * where the other sees a body, or the rest of one.
 *
 *   head | Content-Length bytes -->| a start line?  --> appended to the evidence
 *        | chunks ... 0 |  next message */
#include "http/overruled.h"

#include <string.h>

enum { OVERRULED_BYTES = 24 /* enough to tell a start line by */ };

struct overruled {
    uint64_t start, end;
    uint8_t length;
    uint8_t text[OVERRULED_BYTES];
};

void overruled_free(struct overruled **o)
{
    mem_free(*o);
    *o = NULL;
}

void overruled_begin(struct overruled **o, uint64_t start, uint64_t end)
{
    overruled_free(o);
    *o = mem_alloc(sizeof **o);
    (*o)->start = start;
    (*o)->end = end;
}

static struct finding *overruled_find(const struct conn *conn, enum side from,
                                      uint64_t start)
{
    struct finding_list *list = conn->findings;
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        struct finding *f = &list->rows[i];
        bool is_it = f->code == FINDING_LENGTH_WITH_CODING && f->offset == start;
        if (is_it && f->side == from) return f;
    }
    return NULL;
}

static void overruled_append(struct finding *f, struct bytes text)
{
    text = bytes_first(text, (size_t)FINDING_EVIDENCE_MAX - f->evidence_length);
    memcpy(f->evidence + f->evidence_length, text.ptr, text.len);
    f->evidence_length = (uint8_t)(f->evidence_length + text.len);
}

/* Without the empty lines before it, which most recipients pass over. */
static struct bytes overruled_line(const struct overruled *o)
{
    size_t i = 0;
    while (i < o->length && (o->text[i] == '\r' || o->text[i] == '\n')) i++;
    return bytes_from(bytes_of(o->text, o->length), i);
}

static void overruled_tell(const struct overruled *o, const struct conn *conn,
                           enum side from)
{
    struct bytes there = bytes_of(o->text, o->length);
    struct finding *f = overruled_find(conn, from, o->start);
    if (f == NULL) return; /* one of too many */
    struct bytes line = overruled_line(o);
    bool is_start = line.len > 0 && start_line_may_begin(line, from);
    overruled_append(f, bytes_of_text(is_start ? ", a start line at its end: "
                                               : ", no start line at its end"));
    if (is_start) overruled_append(f, there);
}

/* Told by the first bytes, or by the line's end. */
static bool overruled_is_enough(const struct overruled *o)
{
    struct bytes line = overruled_line(o);
    return o->length == OVERRULED_BYTES ||
           (line.len > 0 && memchr(line.ptr, '\n', line.len) != NULL);
}

void overruled_look(struct overruled **o, struct conn *conn, const struct chunk *chunk)
{
    struct overruled *own = *o;
    uint64_t next = own->end + own->length;
    if (chunk->kind == CHUNK_DATA && chunk->offset <= next) {
        if (chunk->offset + chunk->data.len <= next) return;
        struct bytes here = bytes_from(chunk->data, (size_t)(next - chunk->offset));
        here = bytes_first(here, (size_t)OVERRULED_BYTES - own->length);
        memcpy(own->text + own->length, here.ptr, here.len);
        own->length = (uint8_t)(own->length + here.len);
        if (!overruled_is_enough(own)) return;
    } else if (chunk->kind == CHUNK_GAP && chunk->offset + chunk->missing <= next) {
        return;
    }
    /* Enough of it has come, or nothing more of it will. */
    if (own->length > 0) overruled_tell(own, conn, chunk->from);
    overruled_free(o);
}
