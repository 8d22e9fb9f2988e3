/* From an exchange to its record: SEMANTICS 3, figure by figure. */
#include "exchange/secrets.h"
#include "exchange/tracker_state.h"
#include "hopscope/certain.h"

#include <string.h>

/* The packet that carried the first byte, and where in the stream that stood. A segment
 * has at most NET_SEGMENT_BYTES_MAX (512 KiB) and a message at least 8 bytes, so no two
 * exchanges share both, on any run. */
uint64_t exchange_id(const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *first = request->is_seen ? request : &e->half[SIDE_SERVER];
    uint64_t capture = first->start.ref >> 32, number = first->start.ref & 0xffffffffu;
    return capture << 48 | number << 16 | (first->start.offset >> 3 & 0xffffu);
}

static enum exchange_state state_of(const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *response = &e->half[SIDE_SERVER];
    if (!request->is_seen) return EXCHANGE_NO_REQUEST;
    if (e->is_open) return EXCHANGE_OPEN;
    if (!request->is_complete) return EXCHANGE_REQUEST_INCOMPLETE;
    if (!response->is_seen && e->lost_bytes == 0) return EXCHANGE_NO_RESPONSE;
    return response->is_complete ? EXCHANGE_COMPLETE : EXCHANGE_RESPONSE_INCOMPLETE;
}

static int64_t known(int64_t value) /* -1 and less: not there */
{
    return value < 0 ? RECORD_UNKNOWN : value;
}

static inline void fill_half(const struct half *h, struct record_message *row)
{
    row->framing = (uint8_t)h->framing;
    row->is_complete = (uint8_t)tri_of(h->is_complete);
    row->head_bytes = (int64_t)h->head_bytes;
    row->body_bytes = (int64_t)h->body_bytes;
    row->declared_bytes = known(h->declared);
    row->missing_bytes = (int64_t)h->missing_bytes;
}

/* SEMANTICS 10: the authority of an absolute-form target overrides Host (RFC 9112,
 * section 3.2.2). */
__attribute__((noinline)) static struct bytes authority_or(struct bytes target,
                                                           struct bytes host)
{
    size_t at = 0;
    while (at < target.len && memchr(":/?#", target.ptr[at], 4) == NULL) at++;
    if (at == 0 || !bytes_start_with(bytes_from(target, at), "://")) return host;
    size_t start = at + 3, end = start;
    for (; end < target.len && memchr("/?#", target.ptr[end], 3) == NULL; end++)
        if (target.ptr[end] == '@') start = end + 1; /* behind who asks */
    return bytes_from(bytes_first(target, end), start);
}

static void fill_request(const struct exchange *e, const uint8_t *texts,
                         struct record_exchange *row)
{
    const struct half *h = &e->half[SIDE_CLIENT];
    if (!h->is_seen) return;
    row->method = exchange_text_in(e, TEXT_METHOD, texts);
    row->target = exchange_text_in(e, TEXT_TARGET, texts);
    row->host = exchange_text_in(e, TEXT_HOST, texts);
    bool is_path = row->target.len > 0 && row->target.ptr[0] == '/'; /* most are */
    if (!is_path) row->host = authority_or(row->target, row->host);
    row->user_agent = exchange_text_in(e, TEXT_USER_AGENT, texts);
    row->request_version = (uint8_t)h->version;
    row->request_ref = h->start.ref;
    row->request_start_us = record_us(h->start.captured_ns);
    if (h->is_ended) row->request_end_us = record_us(h->end.captured_ns);
    row->request_close = (uint8_t)tri_of(!h->is_persistent);
    fill_half(h, &row->message[SIDE_CLIENT]);
}

static void fill_response(const struct exchange *e, const uint8_t *texts,
                          struct record_exchange *row)
{
    const struct half *h = &e->half[SIDE_SERVER];
    if (!h->is_seen) return;
    if (e->status > 0) row->status = e->status;
    row->server = exchange_text_in(e, TEXT_SERVER, texts);
    row->content_type = exchange_text_in(e, TEXT_CONTENT_TYPE, texts);
    row->response_version = (uint8_t)h->version;
    row->response_ref = h->start.ref;
    row->response_start_us = record_us(h->start.captured_ns);
    if (h->is_ended) row->response_end_us = record_us(h->end.captured_ns);
    row->transfer_us = record_us_apart(row->response_start_us, row->response_end_us);
    row->response_stall_us = h->stalled_ns / 1000;
    row->response_close = (uint8_t)tri_of(!h->is_persistent);
    row->keepalive_timeout_s = known(h->keepalive_timeout_s);
    row->keepalive_max = known(h->keepalive_max);
    fill_half(h, &row->message[SIDE_SERVER]);
}

/* What both halves together say. */
static void fill_pair(const struct story *s, const struct exchange *e,
                      struct record_exchange *row)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *response = &e->half[SIDE_SERVER];
    if (request->is_seen && s->previous_end_ns != TIME_UNKNOWN &&
        ALWAYS(e->ordinal > 1) && request->start.captured_ns >= s->previous_end_ns)
        row->idle_before_us =
            record_us_apart(s->previous_end_us, row->request_start_us);
    if (!request->is_seen || !response->is_seen) return;
    bool is_early =
        e->is_early || response->start.captured_ns < request->end.captured_ns;
    row->early_response = (uint8_t)tri_of(is_early);
    if (!is_early)
        row->wait_us = record_us_apart(row->request_end_us, row->response_start_us);
    bool is_persistent = request->is_persistent && response->is_persistent &&
                         response->framing != FRAMING_CLOSE &&
                         response->framing != FRAMING_INVALID;
    row->persist_declared = (uint8_t)tri_of(is_persistent);
}

static bool hides_userinfo(const struct story *s, const struct exchange *e)
{
    return e->may_have_userinfo && !s->tracker->options.wants_secrets;
}

static void hide_userinfo(struct record_exchange *row, struct buffer *scratch)
{
    secrets_room(scratch, row->target.len + row->host.len);
    row->target = secrets_hide_userinfo(row->target, scratch);
    row->host = secrets_hide_userinfo(row->host, scratch);
}

/* What only exchanges have that are odd; of the others it says nothing. */
static void fill_odd(const struct story *s, const struct exchange *e,
                     const uint8_t *texts, struct record_exchange *row)
{
    if (e->lost_bytes > 0)
        row->message[SIDE_SERVER].missing_bytes = (int64_t)e->lost_bytes;
    row->interims = e->interims;
    if (e->interims > 0) {
        row->first_interim_status = e->first_interim_status;
        row->first_interim_us = record_us(e->first_interim_ns);
    }
    expect_fill(e, row);
    upgrade_fill(e, texts, row);
    if (s->optimistic != NULL) optimistic_fill(s, e, row);
}

static void fill(const struct story *s, const struct exchange *e, const uint8_t *texts,
                 struct record_exchange *row)
{
    *row = s->tracker->blank;
    row->id = (int64_t)exchange_id(e);
    row->connection_id = (int64_t)s->conn->id;
    row->stream_id = 0;
    row->ordinal = (int64_t)e->ordinal;
    row->endpoint[SIDE_CLIENT] = s->conn->client;
    row->endpoint[SIDE_SERVER] = s->conn->server;
    fill_request(e, texts, row);
    fill_response(e, texts, row);
    fill_pair(s, e, row);
    row->interims = 0;
    row->state = (uint8_t)state_of(e);
    row->pair_confidence = (uint8_t)e->confidence;
    if (e->is_odd) fill_odd(s, e, texts, row);
}

void exchange_row_fill(const struct story *s, const struct exchange *e,
                       struct record_exchange *row)
{
    fill(s, e, exchange_texts(e), row);
    if (hides_userinfo(s, e)) hide_userinfo(row, &s->tracker->hidden);
}

/* What is hidden stands elsewhere, so such a record has to be copied. */
struct record_exchange *exchange_row_make(const struct story *s,
                                          const struct exchange *e,
                                          struct record_exchange *own)
{
    struct record_exchange *row = NULL;
    if (!hides_userinfo(s, e))
        row = tracker_room(s->tracker, RECORD_EXCHANGE, e->text.len);
    if (row == NULL) {
        exchange_row_fill(s, e, own);
        return own;
    }
    uint8_t *texts = (uint8_t *)(row + 1);
    if (e->text.len > 0) memcpy(texts, e->text.ptr, e->text.len);
    fill(s, e, texts, row);
    return row;
}
