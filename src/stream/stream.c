/* Which protocol takes a connection's chunks: told by the first bytes of either side.
 * Until one says yes, chunks are held, in the order they came; then they are given to
 * it as if they came now.
 *
 *   UNDECIDED --a parser says yes--> FED --hand-over--> UNDECIDED (CONNECT)
 *       |                             '--announced--> FED (WebSocket)
 *       '--both sides: no, or only a name--> COUNTED <--hand-over, or seen enough--'
 *
 * A row that yields waits for the other side too: it is opened where others end up
 * counted. */
#include "hopscope/stream.h"

#include "stream/first_bytes.h"
#include "stream/preamble.h"
#include "stream/stream_state.h"

enum { STREAM_NESTING_MAX = 8 }; /* hand-overs of one connection, probed again */

struct stream *stream_new(struct conn *conn, const struct protocol *protocols,
                          size_t count)
{
    struct stream *s = mem_alloc(sizeof *s);
    s->conn = conn;
    s->protocols = protocols;
    s->protocol_count = count;
    return s;
}

static void drop_waiting(struct stream *s)
{
    while (s->waiting != NULL) {
        struct waiting *next = s->waiting->next;
        mem_free(s->waiting);
        s->waiting = next;
    }
    s->waiting_last = NULL;
    memset(s->waiting_bytes, 0, sizeof s->waiting_bytes);
    for (int i = 0; i < 2; i++) buffer_done(&s->first[i]);
}

/* Bytes that nobody can use are as good as lost. */
static void make_gap(struct chunk *c)
{
    c->kind = CHUNK_GAP;
    c->missing += c->data.len;
    c->data = bytes_of(NULL, 0);
}

/* Drops what waits of a side; of a connection seen from its beginning, one gap stands
 * for all of it. */
static void drop_waiting_of(struct stream *s, enum side from)
{
    struct waiting **link = &s->waiting, *last = NULL, *gap = NULL;
    bool keeps_gap = s->conn->open_kind == OPEN_HANDSHAKE;
    while (*link != NULL) {
        struct waiting *w = *link;
        bool is_bytes = w->chunk.from == from && w->chunk.kind != CHUNK_END;
        if (is_bytes) make_gap(&w->chunk);
        if (!is_bytes || (keeps_gap && gap == NULL)) {
            if (is_bytes) gap = w;
            last = w;
            link = &w->next;
            continue;
        }
        if (gap != NULL) gap->chunk.missing += w->chunk.missing;
        *link = w->next;
        mem_free(w);
    }
    s->waiting_last = last;
    s->waiting_bytes[from] = 0;
}

void stream_free(struct stream *s)
{
    if (s == NULL) return;
    drop_waiting(s);
    mem_free(s);
}

static void keep_waiting(struct stream *s, const struct chunk *chunk)
{
    uint32_t *held = &s->waiting_bytes[chunk->from];
    if (chunk->kind == CHUNK_DATA) {
        if (*held >= STREAM_PROBE_BYTES_MAX) return; /* nobody's beginning */
        *held += (uint32_t)chunk->data.len;
    }
    struct waiting *w = mem_alloc(sizeof *w + chunk->data.len);
    w->chunk = *chunk;
    if (chunk->data.len > 0) memcpy(w->data, chunk->data.ptr, chunk->data.len);
    w->chunk.data = bytes_of(w->data, chunk->data.len);
    if (s->waiting_last == NULL)
        s->waiting = w;
    else
        s->waiting_last->next = w;
    s->waiting_last = w;
}

/* ---- feeding ---- */

static void feed_instance(struct stream *s, const struct chunk *chunk)
{
    const struct protocol *protocol = s->fed;
    void *instance = s->instance;
    protocol->feed(instance, chunk);
    if (s->instance != instance) protocol->close(instance); /* it has handed over */
}

static void count_from_now(struct stream *s)
{
    s->state = STREAM_COUNTED;
    drop_waiting(s);
}

/* SEMANTICS 0: without a handshake the bytes decide who the client is. */
static void take_roles(struct stream *s, bool is_client, enum side from)
{
    if (s->conn->role_basis != ROLE_PORT) return;
    enum role_basis basis = is_client ? ROLE_REQUEST : ROLE_STATUS;
    if (is_client == (from == SIDE_CLIENT)) {
        s->conn->role_basis = basis;
        return;
    }
    conn_flip(s->conn, basis);
    for (struct waiting *w = s->waiting; w != NULL; w = w->next)
        w->chunk.from = side_other(w->chunk.from);
}

static void start_feeding(struct stream *s, const struct protocol *protocol)
{
    s->state = STREAM_FED;
    s->fed = protocol;
    s->yielding = NULL;
    s->is_named[0] = s->is_named[1] = false;
    if (s->nesting == 0) s->conn->protocol = protocol->protocol;
    s->named = protocol->protocol;
    s->instance = protocol->open(protocol->context, s, s->conn);
}

static void open_protocol(struct stream *s, const struct protocol *protocol)
{
    struct waiting *w = s->waiting;
    s->waiting = NULL;
    drop_waiting(s);
    start_feeding(s, protocol);
    while (w != NULL) {
        struct waiting *next = w->next;
        if (s->preamble_bytes > 0) preamble_cut(s, &w->chunk);
        bool is_used_up = w->chunk.kind == CHUNK_DATA && w->chunk.data.len == 0;
        if (!is_used_up) stream_feed(s, &w->chunk);
        mem_free(w);
        w = next;
    }
}

static void open_yielding(struct stream *s)
{
    const struct protocol *protocol = s->yielding;
    take_roles(s, s->yielding_is_client, s->yielding_side);
    open_protocol(s, protocol);
}

/* ---- probing ---- */

static bool roles_allow(const struct stream *s, enum probe verdict, enum side from)
{
    if (verdict != PROBE_CLIENT && verdict != PROBE_SERVER) return false;
    bool is_as_expected = (verdict == PROBE_CLIENT) == (from == SIDE_CLIENT);
    return is_as_expected || s->conn->role_basis == ROLE_PORT;
}

/* What the protocols say of one side's first bytes. */
struct opinion {
    const struct protocol *yes;   /* takes them; NULL: nobody, so far */
    const struct protocol *named; /* knows them, but does not take them (yet) */
    bool is_client;               /* what either says */
    bool wants_more;
};

static struct opinion ask(const struct stream *s, enum side from, struct bytes first,
                          bool is_all)
{
    struct opinion o = {.yes = NULL};
    for (size_t i = 0; i < s->protocol_count; i++) {
        const struct protocol *protocol = &s->protocols[i];
        if (protocol->probe == NULL) continue;
        enum probe verdict = protocol->probe(first, is_all);
        if (verdict == PROBE_MORE && !is_all) o.wants_more = true;
        if (!roles_allow(s, verdict, from)) continue;
        o.is_client = verdict == PROBE_CLIENT;
        if (protocol->open != NULL && !protocol->yields)
            o.yes = protocol;
        else
            o.named = protocol;
        return o;
    }
    return o;
}

static void take_name(struct stream *s, const struct opinion *o, enum side from)
{
    if (s->named == PROTOCOL_NONE) s->named = o->named->protocol;
    if (!o->named->yields) return;
    s->is_named[from] = true;
    if (s->yielding != NULL) return;
    s->yielding = o->named;
    s->yielding_side = from;
    s->yielding_is_client = o->is_client;
}

/* Where a message may begin that is not the first of its side. */
static bool is_entered(const struct stream *s)
{
    return s->conn->open_kind == OPEN_MIDSTREAM || s->has_lost;
}

/* Nobody parses it: settled when both sides have spoken, unless the connection was
 * entered midstream or after a loss, where a message may still begin. */
static void settle_denied(struct stream *s)
{
    bool both = s->side[0] == SIDE_DENIED && s->side[1] == SIDE_DENIED;
    enum conn_protocol now = s->named == PROTOCOL_NONE ? PROTOCOL_OTHER : s->named;
    if (s->nesting == 0) s->conn->protocol = now;
    bool both_named = s->is_named[0] && s->is_named[1];
    if ((both || both_named) && s->yielding != NULL)
        open_yielding(s);
    else if (both && !is_entered(s))
        count_from_now(s);
}

static void probe_side(struct stream *s, enum side from, struct bytes first,
                       bool is_all)
{
    struct opinion o = ask(s, from, first, is_all);
    if (o.yes != NULL) {
        take_roles(s, o.is_client, from);
        open_protocol(s, o.yes);
        return;
    }
    bool is_open = o.named == NULL && o.wants_more;
    s->side[from] = is_open ? SIDE_PENDING : SIDE_DENIED;
    if (is_open) return;
    if (o.named != NULL) take_name(s, &o, from);
    buffer_clear(&s->first[from]);
    /* Entered midstream, these were the rest of something whose beginning is lost. */
    if (is_entered(s) && !s->is_named[from]) drop_waiting_of(s, from);
    settle_denied(s);
}

static void probe_data(struct stream *s, const struct chunk *chunk)
{
    enum side from = chunk->from;
    struct buffer *held = &s->first[from];
    struct bytes first = chunk->data;
    bool is_held = s->side[from] == SIDE_PENDING, is_all = false;
    bool may_begin =
        s->side[from] == SIDE_SILENT || (chunk->starts_segment && is_entered(s));
    if (is_held) {
        bool is_news = first_bytes_have_news(buffer_bytes(held), chunk->data);
        buffer_append(held, chunk->data);
        first = buffer_bytes(held);
        is_all = held->len > STREAM_PROBE_BYTES_MAX;
        if (!is_news && !is_all) return;
    } else if (!may_begin) {
        return;
    }
    s->side[from] = SIDE_PENDING;
    if (preamble_skip(s, chunk, &first) || is_all) {
        if (is_held && first.len < held->len) {
            memmove(held->ptr, first.ptr, first.len);
            held->len = first.len;
            first = buffer_bytes(held);
        }
        probe_side(s, from, first, is_all);
    }
    bool wants_more = s->state == STREAM_UNDECIDED && s->side[from] == SIDE_PENDING;
    if (wants_more && !is_held) buffer_append(held, first);
}

static bool is_sure(const struct stream *s, enum side from, struct bytes first)
{
    return ask(s, from, first, true).yes != NULL;
}

/* Midstream, what was taken for the beginning of something may have been the last bytes
 * of a message: it does not go on with this segment, which begins one for sure. */
static void forget_false_beginning(struct stream *s, const struct chunk *chunk)
{
    enum side from = chunk->from;
    if (!is_entered(s) || s->side[from] != SIDE_PENDING) return;
    if (chunk->kind != CHUNK_DATA || !chunk->starts_segment) return;
    if (!is_sure(s, from, chunk->data)) return;
    struct buffer both = {0};
    buffer_append(&both, buffer_bytes(&s->first[from]));
    buffer_append(&both, chunk->data);
    bool goes_on = is_sure(s, from, buffer_bytes(&both));
    buffer_done(&both);
    if (goes_on) return;
    drop_waiting_of(s, from);
    buffer_clear(&s->first[from]);
    s->side[from] = SIDE_SILENT;
}

static void feed_undecided(struct stream *s, const struct chunk *chunk)
{
    enum side from = chunk->from;
    forget_false_beginning(s, chunk);
    keep_waiting(s, chunk);
    switch (chunk->kind) {
    case CHUNK_DATA: probe_data(s, chunk); return;
    case CHUNK_GAP:
        s->has_lost = true;
        s->side[from] = SIDE_SILENT;
        buffer_clear(&s->first[from]);
        return;
    case CHUNK_END:
        if (s->side[from] == SIDE_PENDING)
            probe_side(s, from, buffer_bytes(&s->first[from]), true);
        return;
    }
}

/* ---- public ---- */

void stream_feed(struct stream *s, const struct chunk *chunk)
{
    switch (s->state) {
    case STREAM_UNDECIDED: feed_undecided(s, chunk); return;
    case STREAM_FED: feed_instance(s, chunk); return;
    case STREAM_COUNTED: return;
    }
}

void stream_hand_over(struct stream *s, bool probe_again)
{
    s->instance = NULL;
    s->fed = NULL;
    s->named = PROTOCOL_NONE;
    s->side[0] = s->side[1] = SIDE_SILENT;
    s->nesting++;
    bool is_probed = probe_again && s->nesting <= STREAM_NESTING_MAX;
    const struct protocol *announced = s->announced;
    s->announced = NULL;
    s->state = is_probed ? STREAM_UNDECIDED : STREAM_COUNTED;
    if (announced != NULL) start_feeding(s, announced);
}

void stream_announce(struct stream *s, const char *name)
{
    for (size_t i = 0; i < s->protocol_count; i++) {
        const struct protocol *row = &s->protocols[i];
        if (strcmp(row->name, name) == 0 && row->open != NULL) s->announced = row;
    }
}

void stream_count_rest(struct stream *s)
{
    s->instance = NULL;
    s->fed = NULL;
    s->state = STREAM_COUNTED;
}

enum conn_protocol stream_inner_protocol(const struct stream *s)
{
    return s == NULL || s->nesting == 0 ? PROTOCOL_NONE : s->named;
}

void stream_close(struct stream *s)
{
    if (s->state == STREAM_UNDECIDED && s->yielding != NULL) open_yielding(s);
    if (s->state == STREAM_FED) {
        const struct protocol *protocol = s->fed;
        void *instance = s->instance;
        s->instance = NULL;
        s->fed = NULL;
        protocol->close(instance);
    }
    count_from_now(s);
}
