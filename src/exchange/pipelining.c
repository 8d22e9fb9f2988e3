/* Depth, head-of-line blocking and service time (SEMANTICS 4 and 5).
 *
 * Exchanges leave the queue in order, so that of all earlier responses the end is known
 * by then. Kept are the ends that the latest request did not know of:
 *
 *   request k --drops the ends its ACK covers--> depth(k) = 1 + those left
 *             '--its own response's end joins them */
#include "exchange/story.h"

#include "hopscope/span.h"

#include <string.h>

/* Whether the client had received that response when it sent the request. */
static bool is_known(const struct moment *end, const struct mark *request)
{
    if (request->peer_acked != OFFSET_UNKNOWN)
        return request->peer_acked >= end->offset;
    return end->captured_ns <= request->captured_ns;
}

void pipelining_done(struct story *s)
{
    if (s->unknown_ends != &s->unknown_end) mem_free(s->unknown_ends);
}

void pipelining_moved(struct story *s)
{
    if (s->unknown_capacity == 1) s->unknown_ends = &s->unknown_end;
}

/* Without pipelining there is never more than one, and it has its place in the story.
 * Not merged, like what follows a depth of one: pipelining_account needs no room then.
 */
__attribute__((noinline)) static void grow(struct story *s)
{
    if (s->unknown_capacity == 0) {
        s->unknown_ends = &s->unknown_end;
        s->unknown_capacity = 1;
        return;
    }
    uint32_t capacity = s->unknown_capacity * 4;
    struct moment *ends = mem_alloc_array(capacity, sizeof *ends);
    for (uint32_t i = 0; i < s->unknown_count; i++)
        ends[i] = s->unknown_ends[(s->unknown_first + i) & (s->unknown_capacity - 1)];
    pipelining_done(s);
    s->unknown_ends = ends;
    s->unknown_capacity = capacity;
    s->unknown_first = 0;
}

static inline void push_end(struct story *s, struct moment end)
{
    if (s->unknown_count == EXCHANGE_DEPTH_MAX) return; /* the depth stays there */
    if (s->unknown_count == s->unknown_capacity) grow(s);
    uint32_t at = (s->unknown_first + s->unknown_count) & (s->unknown_capacity - 1);
    s->unknown_ends[at] = end;
    s->unknown_count++;
}

static void drop_known(struct story *s, const struct mark *request)
{
    while (s->unknown_count > 0 &&
           is_known(&s->unknown_ends[s->unknown_first], request)) {
        s->unknown_first = (s->unknown_first + 1) & (s->unknown_capacity - 1);
        s->unknown_count--;
    }
}

/* How long it stood complete while earlier responses owned the line, and how long the
 * server then took for it alone. */
static void account_blocking(struct story *s, const struct exchange *e,
                             struct record_exchange *row)
{
    int64_t asked_us = row->request_end_us, before_us = s->previous_end_us;
    if (!e->half[SIDE_CLIENT].is_ended || before_us == RECORD_UNKNOWN) return;
    row->hol_us = record_us_apart(asked_us, before_us);
    span_add(&s->hol_us, row->hol_us);
    if (!e->half[SIDE_SERVER].is_seen) return;
    int64_t free_us = asked_us > before_us ? asked_us : before_us;
    row->service_us = record_us_apart(free_us, row->response_start_us);
}

/* RFC 9112, section 9.3.2: a client should not pipeline behind a request whose effect
 * it could not repeat. */
static void note_unsafe(struct story *s, const struct exchange *e)
{
    if (method_is_idempotent(s->previous_method)) return;
    story_note(s, FINDING_PIPELINED_UNSAFE, SEVERITY_UNKNOWN, SIDE_CLIENT,
               &e->half[SIDE_CLIENT].start, exchange_text(e, TEXT_TARGET));
}

/* Where its response ended. One that was lost ended somewhere behind the one before
 * it; one that never ended is never known. */
static struct moment end_of_unended(const struct story *s, const struct exchange *e)
{
    if (!e->is_given_up)
        return (struct moment){.offset = OFFSET_UNKNOWN, .captured_ns = INT64_MAX};
    return (struct moment){.offset = s->highest_end + 1,
                           .captured_ns = e->half[SIDE_CLIENT].start.captured_ns};
}

__attribute__((noinline)) static void
account_behind(struct story *s, const struct exchange *e, struct record_exchange *row)
{
    s->pipelined_requests++;
    account_blocking(s, e, row);
    note_unsafe(s, e);
}

void pipelining_account(struct story *s, const struct exchange *e,
                        struct record_exchange *row)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    bool is_server_seen = s->conn->side[SIDE_SERVER].packets > 0;
    if (request->is_seen && is_server_seen) {
        drop_known(s, &request->start);
        row->depth = 1 + (int64_t)s->unknown_count;
        row->depth_basis =
            request->start.peer_acked != OFFSET_UNKNOWN ? DEPTH_BY_ACK : DEPTH_BY_TIME;
        if (row->depth > s->max_depth) s->max_depth = row->depth;
        if (row->depth >= 2) account_behind(s, e, row);
    }
    /* The request of an answer that was seen alone was lost, or sent before. */
    if (!is_server_seen || e->is_unasked) return;
    const struct half *response = &e->half[SIDE_SERVER];
    if (response->is_ended) s->highest_end = response->end.offset;
    push_end(s, response->is_ended ? moment_of(&response->end) : end_of_unended(s, e));
}
