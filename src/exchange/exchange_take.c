/* What a message leaves in its exchange: figures and marks in its half, and the texts,
 * one behind the other, until the record takes them all.
 *
 *   head --> half, texts      end --> what has grown since, and where it ended */
#include "exchange/story.h"

#include <string.h>

/* For several texts at once, and one byte more: there is a place even for nothing. */
static inline void make_room(struct buffer *b, size_t bytes)
{
    if (bytes >= b->capacity - b->len) buffer_reserve(b, bytes + 1);
}

/* Into the room that was made. Inline: most messages lack most of the texts, and that
 * is all there is to see. */
static inline void keep_text(struct exchange *e, enum exchange_text which,
                             struct bytes text)
{
    if (text.ptr == NULL) return;
    e->kept |= 1u << which;
    e->texts[which] = (struct span){
        .start = (uint32_t)e->text.len,
        .length = (uint32_t)text.len,
    };
    memcpy(e->text.ptr + e->text.len, text.ptr, text.len);
    e->text.len += text.len;
}

/* What still grows after the head. */
static inline void copy_progress(struct half *h, const struct message *m)
{
    h->framing = m->framing;
    h->body_start = moment_of(&m->body_start);
    h->body_bytes = m->body_bytes;
    h->missing_bytes = m->missing_bytes;
    h->stalled_ns = m->stalled_ns;
}

static void copy_half(struct half *h, const struct message *m)
{
    h->is_seen = true;
    h->start = m->start;
    h->head_end = moment_of(&m->head_end);
    h->version = m->version;
    h->flags = m->flags;
    h->declared = m->declared;
    h->head_bytes = m->head_bytes;
    copy_progress(h, m);
    h->is_persistent = persistence_is_declared(h);
    h->keepalive_timeout_s = m->keepalive_timeout_s;
    h->keepalive_max = m->keepalive_max;
}

static bool has_at_sign(struct bytes texts)
{
    return texts.len > 0 && memchr(texts.ptr, '@', texts.len) != NULL;
}

void exchange_take_request(struct exchange *e, const struct message *m)
{
    e->method = m->method;
    copy_half(&e->half[SIDE_CLIENT], m);
    make_room(&e->text, m->method_text.len + m->target.len + m->host.len +
                            m->user_agent.len + m->upgrade.len +
                            m->websocket_proof.len);
    keep_text(e, TEXT_METHOD, m->method_text);
    size_t places = e->text.len;
    keep_text(e, TEXT_TARGET, m->target);
    keep_text(e, TEXT_HOST, m->host);
    if (has_at_sign(bytes_from(buffer_bytes(&e->text), places)))
        e->may_have_userinfo = true;
    keep_text(e, TEXT_USER_AGENT, m->user_agent);
    keep_text(e, TEXT_UPGRADE_OFFERED, m->upgrade);
    keep_text(e, TEXT_WEBSOCKET_KEY, m->websocket_proof);
    if (m->method == METHOD_CONNECT || m->upgrade.ptr != NULL ||
        (m->flags & MESSAGE_EXPECTS_CONTINUE) != 0)
        e->is_odd = true;
}

void exchange_take_response(struct exchange *e, const struct message *m)
{
    e->is_unasked = m->is_proof;
    e->is_early = e->half[SIDE_CLIENT].is_seen && !e->half[SIDE_CLIENT].is_ended;
    e->status = m->status;
    e->confidence = m->confidence;
    copy_half(&e->half[SIDE_SERVER], m);
    make_room(&e->text, m->server.len + m->content_type.len + m->upgrade.len +
                            m->websocket_proof.len + m->websocket_extensions.len);
    keep_text(e, TEXT_SERVER, m->server);
    keep_text(e, TEXT_CONTENT_TYPE, m->content_type);
    keep_text(e, TEXT_UPGRADE_CHOSEN, m->upgrade);
    keep_text(e, TEXT_WEBSOCKET_ACCEPT, m->websocket_proof);
    keep_text(e, TEXT_WEBSOCKET_AGREED, m->websocket_extensions);
    if (m->status == 101 || m->status == 426 || m->upgrade.ptr != NULL)
        e->is_odd = true;
}

void exchange_take_end(struct half *h, const struct message *m, bool was_cut)
{
    copy_progress(h, m);
    if (was_cut) copy_half(h, m);
    h->is_ended = true;
    h->end = m->end;
    h->is_complete = m->is_complete;
}
