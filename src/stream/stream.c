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
#include "stream/waiting.h"

enum { STREAM_NESTING_MAX = 8 }; /* hand-overs of one connection, probed again */

struct stream *stream_new(struct streams *all, struct conn *conn)
{
    struct stream *s = pool_take(all->memory);
    s->all = all;
    s->conn = conn;
    return s;
}

void stream_free(struct stream *s)
{
    if (s == NULL) return;
    waiting_drop(s);
    pool_give(s->all->memory, s);
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
    waiting_drop(s);
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
    waiting_drop(s);
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
    for (size_t i = 0; i < s->all->protocol_count; i++) {
        const struct protocol *protocol = &s->all->protocols[i];
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
    if (is_entered(s) && !s->is_named[from]) waiting_drop_of(s, from);
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
    waiting_drop_of(s, from);
    buffer_clear(&s->first[from]);
    s->side[from] = SIDE_SILENT;
}

/* Most connections tell with their first chunk what they are. It need not wait then:
 * what comes of waiting, a copy for the protocol, is the same. */
static bool open_at_once(struct stream *s, const struct chunk *chunk)
{
    size_t preamble;
    struct chunk own = *chunk;
    bool is_first = s->waiting == NULL && s->side[chunk->from] == SIDE_SILENT;
    if (!is_first || chunk->kind != CHUNK_DATA) return false;
    if (preamble_may_be(chunk->data) &&
        preamble_find(chunk->data, &preamble) != PREAMBLE_NONE)
        return false;
    struct opinion o = ask(s, chunk->from, chunk->data, false);
    if (o.yes == NULL) return false;
    s->side[chunk->from] = SIDE_PENDING;
    waiting_drop(s);
    bool was_flipped = s->conn->is_flipped;
    take_roles(s, o.is_client, chunk->from);
    if (s->conn->is_flipped != was_flipped) own.from = side_other(own.from);
    start_feeding(s, o.yes);
    stream_feed(s, &own);
    return true;
}

/* Not merged into stream_feed, which then needs no room of its own. */
__attribute__((noinline)) static void feed_undecided(struct stream *s,
                                                     const struct chunk *chunk)
{
    enum side from = chunk->from;
    if (open_at_once(s, chunk)) return;
    forget_false_beginning(s, chunk);
    waiting_keep(s, chunk);
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
    if (s->state == STREAM_FED)
        feed_instance(s, chunk);
    else if (s->state == STREAM_UNDECIDED)
        feed_undecided(s, chunk);
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
    for (size_t i = 0; i < s->all->protocol_count; i++) {
        const struct protocol *row = &s->all->protocols[i];
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
