/* Expect: 100-continue (SEMANTICS 7; RFC 9110, section 10.1.1): who moved first after
 * the header section, and what that cost or saved. */
#include "exchange/story.h"

static int64_t earliest(int64_t a_ns, int64_t b_ns)
{
    if (a_ns == TIME_UNKNOWN) return b_ns;
    if (b_ns == TIME_UNKNOWN) return a_ns;
    return a_ns < b_ns ? a_ns : b_ns;
}

static int64_t body_start_ns(const struct half *request)
{
    if (request->body_start.offset == OFFSET_UNKNOWN) return TIME_UNKNOWN;
    return request->body_start.captured_ns;
}

/* By what the server had received when it sent the 100; by the order at the tap where
 * there is no usable ACK, and the request's end says that there was a body. */
void expect_note_interim(struct story *s, struct exchange *e, const struct message *m)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    bool was_expected = (request->flags & MESSAGE_EXPECTS_CONTINUE) != 0;
    if (m->status != 100 || !was_expected) return;
    if (e->continue_ns == TIME_UNKNOWN) e->continue_ns = m->start.captured_ns;
    if (e->is_late_told) return;
    bool has_body = request->framing == FRAMING_CHUNKED ||
                    (request->framing == FRAMING_LENGTH && request->declared > 0);
    if (!has_body || request->head_end.offset == OFFSET_UNKNOWN) return;
    bool is_late = m->start.peer_acked != OFFSET_UNKNOWN
                       ? m->start.peer_acked > request->head_end.offset
                       : request->is_ended;
    if (!is_late) return;
    e->is_late_told = true;
    story_note(s, FINDING_EXPECT_LATE_CONTINUE, SEVERITY_UNKNOWN, SIDE_SERVER,
               &m->start, exchange_text(e, TEXT_TARGET));
}

void expect_fill(const struct exchange *e, struct record_exchange *row)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *response = &e->half[SIDE_SERVER];
    if ((request->flags & MESSAGE_EXPECTS_CONTINUE) == 0) return;
    if ((request->flags & MESSAGE_HEAD_CUT) != 0) return;
    int64_t final_ns = response->is_seen ? response->start.captured_ns : TIME_UNKNOWN;
    int64_t body_ns = body_start_ns(request);
    int64_t answer_ns = earliest(e->continue_ns, final_ns);
    int64_t first_ns = earliest(answer_ns, body_ns);
    row->expect_wait_us = record_us_between(request->head_end.captured_ns, first_ns);
    if (first_ns == TIME_UNKNOWN) {
        row->expect_outcome = EXPECT_UNANSWERED;
    } else if (first_ns == e->continue_ns) {
        row->expect_outcome = EXPECT_CONTINUED;
    } else if (first_ns == body_ns) {
        bool is_meant = row->expect_wait_us > EXCHANGE_NOT_WAITED_US;
        row->expect_outcome = is_meant ? EXPECT_IMPATIENT : EXPECT_NOT_WAITED;
    } else if (body_ns == TIME_UNKNOWN) {
        row->expect_outcome = EXPECT_REJECTED;
        if (request->declared >= 0)
            row->expect_saved_bytes = request->declared - (int64_t)request->body_bytes;
    } else { /* a success before the body is no permission, and refuses nothing */
        row->expect_outcome =
            e->status >= 400 ? EXPECT_REJECTED_LATE : EXPECT_UNANSWERED;
    }
}
