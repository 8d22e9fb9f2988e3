/* The client's bytes behind a request that offers to switch, by what they acknowledge:
 *
 *   request end R ......... bytes ......... first byte sent with the response known
 *                 '-- optimistic: their ACK does not cover the end of its head --'
 *
 * The order at the tap does not matter: near the server, the response may be seen
 * before bytes that its client sent without knowing it. So the exchange waits in its
 * queue until the client has shown that it knows, and then:
 *
 *   switched --> optimistic_data       refused --> optimistic_refused; kept in mind
 *   a later exchange, after a refusal: answers what was sent ahead? connection open? */
#include "exchange/optimistic.h"

#include <string.h>

#include "exchange/story.h"
#include "hopscope/certain.h"

enum {
    OPTIMISTIC_RUNS_MAX = 8, /* different ACKs before the response is known here */
    STATUS_REQUEST_TIMEOUT = 408,
};

/* Bytes that were sent with the same knowledge. */
struct optimistic_run {
    uint64_t start; /* offset */
    uint64_t acked; /* of the server's stream; 0 without a usable ACK */
};

struct optimistic {
    const struct exchange *watched; /* NULL: none */
    struct optimistic_run runs[OPTIMISTIC_RUNS_MAX];
    uint32_t run_count;
    uint64_t end;       /* of the client's stream so far, or where the client knew */
    struct chunk first; /* where the first byte stood, without data */
    uint8_t evidence_length;
    bool is_settled; /* the client has shown that it knows of the response */
    uint8_t evidence[FINDING_EVIDENCE_MAX];
    /* The latest that was refused, with bytes sent ahead; start OFFSET_UNKNOWN: none */
    uint64_t refused_start, refused_end;
    bool is_connect, is_told_answered, is_told_open;
};

static bool is_watched(const struct story *s, const struct exchange *e)
{
    return s->optimistic->watched == e;
}

/* The offset behind the response's head, or OFFSET_UNKNOWN: it is not there. */
static uint64_t response_end(const struct exchange *e)
{
    const struct half *response = &e->half[SIDE_SERVER];
    return response->is_seen ? response->head_end.offset : OFFSET_UNKNOWN;
}

/* Once the response is known, the first run that knew of it ends the matter. */
static void settle(struct optimistic *o)
{
    uint64_t response = response_end(o->watched);
    if (response == OFFSET_UNKNOWN) return;
    for (uint32_t i = 0; i < o->run_count && !o->is_settled; i++) {
        if (o->runs[i].acked < response) continue;
        o->is_settled = true;
        o->end = o->runs[i].start;
    }
}

/* Another offer, whose request may show that the client knew of the first one's answer:
 * its bytes have not come here as a chunk yet. */
static void settle_by(struct story *s, const struct mark *request)
{
    struct optimistic *o = s->optimistic;
    settle(o);
    uint64_t response = response_end(o->watched);
    if (response == OFFSET_UNKNOWN || request->peer_acked == OFFSET_UNKNOWN) return;
    if (request->peer_acked >= response) o->is_settled = true;
    if (o->is_settled) exchange_queue_release_finished(s);
}

void optimistic_begin(struct story *s, struct exchange *e)
{
    struct optimistic *o = s->optimistic;
    if (o == NULL) {
        o = s->optimistic = mem_alloc(sizeof *o);
        o->refused_start = OFFSET_UNKNOWN;
        s->conn->is_watched = true;
    }
    if (o->watched != NULL) settle_by(s, &e->half[SIDE_CLIENT].start);
    if (o->watched != NULL) return;
    o->watched = e;
    o->run_count = 0;
    o->evidence_length = 0;
    o->is_settled = false;
    o->end = OFFSET_UNKNOWN;
}

void optimistic_free(struct optimistic *o)
{
    mem_free(o);
}

/* ---- the client's chunks ---- */

static void keep_evidence(struct optimistic *o, const struct chunk *chunk,
                          uint64_t start)
{
    struct bytes data = bytes_from(chunk->data, (size_t)(start - chunk->offset));
    if (o->run_count == 0) {
        o->first = *chunk;
        o->first.offset = start;
        o->first.data = bytes_of(NULL, 0);
    }
    if (start != o->first.offset + o->evidence_length) return;
    data = bytes_first(data, FINDING_EVIDENCE_MAX - (size_t)o->evidence_length);
    if (data.len > 0) memcpy(o->evidence + o->evidence_length, data.ptr, data.len);
    o->evidence_length = (uint8_t)(o->evidence_length + data.len);
}

static void add_run(struct optimistic *o, uint64_t start, uint64_t acked)
{
    bool is_same = o->run_count > 0 && o->runs[o->run_count - 1].acked == acked;
    if (is_same || o->run_count == OPTIMISTIC_RUNS_MAX) return;
    o->runs[o->run_count++] = (struct optimistic_run){.start = start, .acked = acked};
}

static void take_client_data(struct optimistic *o, const struct chunk *chunk)
{
    const struct half *request = &o->watched->half[SIDE_CLIENT];
    uint64_t response = response_end(o->watched), end = chunk->offset + chunk->data.len;
    uint64_t acked = chunk->peer_acked;
    if (!request->is_ended || !request->is_complete || end <= request->end.offset)
        return;
    uint64_t start =
        chunk->offset > request->end.offset ? chunk->offset : request->end.offset;
    /* Without an ACK the order at the tap decides. */
    if (acked == OFFSET_UNKNOWN && response == OFFSET_UNKNOWN) acked = 0;
    if (response == OFFSET_UNKNOWN || acked < response) keep_evidence(o, chunk, start);
    add_run(o, start, acked);
    o->end = end;
}

void optimistic_chunk(struct story *s, const struct chunk *chunk)
{
    struct optimistic *o = s->optimistic;
    if (o->watched == NULL || o->is_settled) return;
    if (chunk->from == SIDE_CLIENT && chunk->kind == CHUNK_DATA)
        take_client_data(o, chunk);
    settle(o);
    if (o->is_settled) exchange_queue_release_finished(s);
}

bool optimistic_holds_back(const struct story *s, const struct exchange *e)
{
    if (!is_watched(s, e) || s->optimistic->is_settled) return false;
    return e->half[SIDE_CLIENT].is_complete && response_end(e) != OFFSET_UNKNOWN;
}

/* ---- the account ---- */

/* After an offer that was declined, what is HTTP was not meant for the next protocol:
 * these never begin like a request. Whatever follows a CONNECT is for the tunnel. */
static bool is_pipelined(const struct optimistic *o, const struct exchange *e)
{
    static const char *const tokens[] = {"websocket", "h2c", "tls/"};
    if (e->method == METHOD_CONNECT || e->status == 101) return false;
    struct bytes offer = exchange_text(e, TEXT_UPGRADE_OFFERED);
    bool is_told_apart = false;
    for (size_t i = 0; i < ARRAY_LENGTH(tokens); i++)
        is_told_apart = is_told_apart || bytes_contain_caseless(offer, tokens[i]);
    return is_told_apart &&
           http_probe(bytes_of(o->evidence, o->evidence_length), false) != PROBE_NO;
}

static int64_t count_bytes(const struct optimistic *o, const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    if (o->end == OFFSET_UNKNOWN || o->end <= request->end.offset) return 0;
    return is_pipelined(o, e) ? 0 : (int64_t)(o->end - request->end.offset);
}

void optimistic_fill(const struct story *s, const struct exchange *e,
                     struct record_exchange *row)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    if (!is_watched(s, e) || !request->is_ended || !request->is_complete) return;
    row->optimistic_bytes = count_bytes(s->optimistic, e);
}

/* The bytes stand behind the request; the finding is the exchange's nevertheless. */
static void note_of(struct story *s, const struct exchange *e, enum finding_code code)
{
    const struct optimistic *o = s->optimistic;
    struct finding finding = {
        .code = code,
        .side = SIDE_CLIENT,
        .ordinal = (uint32_t)e->ordinal,
        .ref = o->first.ref,
        .offset = o->first.offset,
        .captured_ns = o->first.captured_ns,
        .evidence_length = o->evidence_length,
    };
    memcpy(finding.evidence, o->evidence, o->evidence_length);
    finding_list_add(&s->conn->findings, &finding);
}

static void account_own(struct story *s, const struct exchange *e)
{
    struct optimistic *o = s->optimistic;
    const struct half *request = &e->half[SIDE_CLIENT];
    o->watched = NULL;
    if (!request->is_ended || !request->is_complete || count_bytes(o, e) == 0) return;
    note_of(s, e, FINDING_OPTIMISTIC_DATA);
    bool is_connect = e->method == METHOD_CONNECT;
    bool is_switched = e->status == 101 || (is_connect && e->status / 100 == 2);
    if (is_switched || e->status == 0) return;
    note_of(s, e, FINDING_OPTIMISTIC_REFUSED);
    o->refused_start = request->end.offset;
    o->refused_end = o->end;
    o->is_connect = is_connect;
    o->is_told_answered = o->is_told_open = false;
}

/* A response to a request that stood in the bytes sent ahead, or to bytes of them that
 * could not be read as one. A 408 answers nothing. */
static bool answers_refused(const struct optimistic *o, const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *response = &e->half[SIDE_SERVER];
    if (request->is_seen)
        return ALWAYS(request->start.offset >= o->refused_start) &&
               request->start.offset < o->refused_end;
    return e->status != STATUS_REQUEST_TIMEOUT &&
           response->start.peer_acked != OFFSET_UNKNOWN &&
           response->start.peer_acked > o->refused_start;
}

static void account_earlier(struct story *s, const struct exchange *e)
{
    struct optimistic *o = s->optimistic;
    const struct half *response = &e->half[SIDE_SERVER];
    if (!response->is_seen || o->refused_start == OFFSET_UNKNOWN) return;
    struct bytes target = exchange_text(e, TEXT_TARGET);
    if (!o->is_told_answered && answers_refused(o, e)) {
        o->is_told_answered = true;
        story_note(s, FINDING_OPTIMISTIC_ANSWERED, SEVERITY_UNKNOWN, SIDE_SERVER,
                   &response->start, target);
    }
    if (!o->is_connect || o->is_told_open) return;
    o->is_told_open = true;
    story_note(s, FINDING_CONNECT_KEPT_OPEN, SEVERITY_UNKNOWN, SIDE_SERVER,
               &response->start, target);
}

void optimistic_account(struct story *s, const struct exchange *e)
{
    account_earlier(s, e);
    if (is_watched(s, e)) account_own(s, e);
}
