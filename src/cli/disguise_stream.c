/* A stream is covered with x, and only what stands where the HTTP parser has seen a
 * message's head or framing comes out from under it.
 *
 *   head          body        chunk sizes    frame headers    TLS hellos
 *   line by line  xxxxxxxxxx  as they are    as they are      without names */
#include "cli/disguise_stream.h"

void disguise_stream_init(struct disguise_stream *s)
{
    *s = (struct disguise_stream){.websocket_at = OFFSET_UNKNOWN,
                                  .tunnel_at = OFFSET_UNKNOWN};
}

void disguise_stream_done(struct disguise_stream *s)
{
    buffer_done(&s->bytes);
    mem_free(s->messages);
    mem_free(s->gaps);
}

bool disguise_stream_has(const struct disguise_stream *s, uint64_t offset,
                         uint64_t length)
{
    if (offset > s->bytes.len || length > s->bytes.len - offset) return false;
    for (size_t i = 0; i < s->gap_count; i++) {
        const struct disguise_gap *g = &s->gaps[i];
        if (offset < g->offset + g->length && g->offset < offset + length) return false;
    }
    return true;
}

/* Line ends stay where no body is, so that what is no message keeps its lines. */
static void cover(const struct disguise_stream *s, uint8_t *out)
{
    for (size_t i = 0; i < s->bytes.len; i++) {
        uint8_t c = s->bytes.ptr[i];
        out[i] = c == '\r' || c == '\n' ? c : 'x';
    }
}

static void hide_message(struct disguise_walk *w, const struct disguise_message *m)
{
    uint64_t len = w->stream->bytes.len;
    uint64_t end = m->end < len ? m->end : len;
    uint64_t head_end = m->head_end < end ? m->head_end : end;
    if (m->start >= head_end) return;
    w->at = m->start;
    w->end = head_end;
    disguise_head(w);
    memset(w->out + head_end, 'x', end - head_end);
    w->at = head_end;
    w->end = end;
    if (m->is_chunked) disguise_chunks(w);
}

static bool looks_like_tls(const struct disguise_stream *s, uint64_t at)
{
    if (!disguise_stream_has(s, at, 3)) return false;
    const uint8_t *b = s->bytes.ptr + at;
    return b[0] >= 20 && b[0] <= 23 && b[1] == 3;
}

static void hide_rest(struct disguise_walk *w, uint64_t at,
                      void (*walk)(struct disguise_walk *))
{
    if (at >= w->stream->bytes.len) return;
    w->at = at;
    w->end = w->stream->bytes.len;
    memset(w->out + at, 'x', w->end - at);
    walk(w);
}

void disguise_stream_hide(struct disguise_stream *s, struct pseudonym *p)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    size_t len = s->bytes.len;
    if (len == 0) return;
    struct disguise_walk w = {.stream = s, .pseudonym = p, .in = s->bytes.ptr};
    w.out = mem_alloc(len);
    cover(s, w.out);
    uint64_t first = s->message_count > 0 ? s->messages[0].start : len;
    if (first > 0 && looks_like_tls(s, 0)) hide_rest(&w, 0, disguise_tls);
    if (s->tunnel_at != OFFSET_UNKNOWN && looks_like_tls(s, s->tunnel_at))
        hide_rest(&w, s->tunnel_at, disguise_tls);
    if (s->websocket_at != OFFSET_UNKNOWN)
        hide_rest(&w, s->websocket_at, disguise_frames);
    for (size_t i = 0; i < s->message_count; i++) hide_message(&w, &s->messages[i]);
    uint64_t h2 = s->tunnel_at == OFFSET_UNKNOWN ? 0 : s->tunnel_at;
    if (disguise_stream_has(s, h2, sizeof preface - 1) &&
        memcmp(s->bytes.ptr + h2, preface, sizeof preface - 1) == 0)
        disguise_keep(&w, h2, sizeof preface - 1);
    mem_free(s->bytes.ptr);
    s->bytes = (struct buffer){.ptr = w.out, .len = len, .capacity = len};
}
