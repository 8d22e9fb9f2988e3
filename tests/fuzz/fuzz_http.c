/* Fuzzes http with two directions. The first byte seeds the cuts. Then steps: 0xff and
 * a control byte begin one (bit 0: the side; bits 1 to 3: data, gap, FIN, RST, end of
 * the capture; a gap is 16 << bits 4 to 7 bytes less one), other bytes are its data.
 * What is told of a conversation must not depend on how its steps are cut.
 *
 *   steps --whole-----> dialogue --> sum of all that is told --.
 *        '--in pieces-> dialogue --> sum of all that is told --'--> the same?
 *
 * A sum costs little; only where two differ is the account written down to be read. */
#include "../unit/http_script.h"

enum { STEPS_MAX = 64, PIECE_BYTES_MAX = 48 };

struct fuzz_step {
    struct chunk chunk; /* but for its offset and place */
    struct bytes data;
};

/* A run whose account is a sum. */
struct fuzz_sum {
    struct script_run run;
    uint64_t sum;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- what is told, as a sum ---- */

static void add(struct fuzz_sum *f, uint64_t value)
{
    f->sum = (f->sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    f->sum ^= f->sum >> 29;
}

static void add_bytes(struct fuzz_sum *f, struct bytes b)
{
    add(f, b.ptr == NULL ? UINT64_MAX : b.len);
    if (b.ptr == NULL) return;
    for (; b.len >= 8; b = bytes_from(b, 8)) {
        uint64_t word;
        memcpy(&word, b.ptr, sizeof word);
        add(f, word);
    }
    for (size_t i = 0; i < b.len; i++) add(f, b.ptr[i]);
}

static void add_mark(struct fuzz_sum *f, const struct mark *m)
{
    add(f, m->offset);
    if (m->offset == OFFSET_UNKNOWN) return;
    add(f, m->ref);
    add(f, (uint64_t)m->captured_ns);
    add(f, m->peer_acked);
}

static void sum_field(void *opened, const struct header_field *field)
{
    add(opened, field->position);
    add_bytes(opened, field->name);
    add_bytes(opened, field->value);
    add_bytes(opened, field->message->target);
}

static void sum_head(void *opened, const struct message *m)
{
    const struct bytes texts[] = {m->method_text, m->target,         m->host,
                                  m->user_agent,  m->server,         m->content_type,
                                  m->upgrade,     m->websocket_proof};
    const uint64_t figures[] = {
        m->from,
        m->number,
        m->answers,
        m->confidence,
        (uint64_t)m->status,
        m->version,
        m->framing,
        m->flags,
        (uint64_t)m->declared,
        (uint64_t)m->keepalive_timeout_s,
        (uint64_t)m->keepalive_max,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) add_bytes(opened, texts[i]);
    for (size_t i = 0; i < ARRAY_LENGTH(figures); i++) add(opened, figures[i]);
}

static void sum_end(void *opened, const struct message *m)
{
    const uint64_t figures[] = {
        m->from,       m->number,     m->is_complete,   m->flags,
        m->head_bytes, m->body_bytes, m->missing_bytes, (uint64_t)m->stalled_ns,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(figures); i++) add(opened, figures[i]);
    add_mark(opened, &m->start);
    add_mark(opened, &m->head_end);
    add_mark(opened, &m->body_start);
    add_mark(opened, &m->end);
    if (m->target.ptr || m->host.ptr || m->server.ptr) abort(); /* absent by contract */
}

static void sum_lost(void *opened, uint64_t first, uint64_t count, uint64_t missing)
{
    add(opened, first);
    add(opened, count);
    add(opened, missing);
}

static void sum_resync(void *opened, enum side from)
{
    add(opened, 1000 + from);
}

static void sum_switched(void *opened, const struct message *response,
                         const uint64_t offsets[2])
{
    add(opened, (uint64_t)response->status);
    add(opened, offsets[0]);
    add(opened, offsets[1]);
}

static void sum_findings(struct fuzz_sum *f)
{
    const struct finding_list *l = f->run.conn.findings;
    for (uint32_t i = 0; l && i < l->count; i++) {
        const struct finding *row = &l->rows[i];
        add(f, row->code);
        add(f, row->severity);
        add(f, row->side);
        add(f, row->offset);
        add(f, row->ref);
        add(f, (uint64_t)row->captured_ns);
        add(f, row->evidence_length == 0);
    }
}

/* ---- a run ---- */

static struct fuzz_step read_step(struct cursor *in)
{
    static const enum chunk_end ends[] = {CHUNK_END_FIN, CHUNK_END_RST,
                                          CHUNK_END_CAPTURE};
    struct fuzz_step step = {.data = {.ptr = NULL}};
    uint8_t control = cursor_8(in);
    unsigned kind = control >> 1 & 7;
    step.chunk.from = control & 1 ? SIDE_SERVER : SIDE_CLIENT;
    if (kind == 4) {
        step.chunk.kind = CHUNK_GAP;
        step.chunk.missing = (UINT64_C(16) << (control >> 4)) - 15;
    } else if (kind > 4) {
        step.chunk.kind = CHUNK_END;
        step.chunk.end = ends[kind - 5];
    }
    struct bytes rest = cursor_rest(in);
    const uint8_t *next = rest.len ? memchr(rest.ptr, 0xff, rest.len) : NULL;
    struct bytes own = cursor_take(in, next ? (size_t)(next - rest.ptr) : rest.len);
    if (step.chunk.kind == CHUNK_DATA) step.data = own;
    if (next) cursor_skip(in, 1);
    return step;
}

/* A copy whose end is the end of its memory, so that a read past it is seen. */
static void feed_piece(struct script_run *r, struct stream *stream,
                       const struct chunk *step, struct bytes data)
{
    uint8_t short_place[PIECE_BYTES_MAX], *place = short_place;
    struct chunk chunk = *step;
    if (data.len == 0) return;
    if (data.len > sizeof short_place) place = malloc(data.len);
    if (place == NULL) abort();
    uint8_t *at = place == short_place ? place + sizeof short_place - data.len : place;
    memcpy(at, data.ptr, data.len);
    chunk.data = bytes_of(at, data.len);
    script_feed(r, stream, &chunk);
    if (place != short_place) free(place);
}

static void feed_data(struct script_run *r, struct stream *stream,
                      const struct fuzz_step *step, uint32_t *seed, bool in_pieces)
{
    struct chunk chunk = step->chunk;
    chunk.starts_segment = true;
    for (struct bytes left = step->data; left.len > 0;) {
        *seed = *seed * 1103515245u + 12345u;
        size_t length = in_pieces ? 1 + (*seed >> 16) % PIECE_BYTES_MAX : left.len;
        struct bytes piece = bytes_first(left, length);
        feed_piece(r, stream, &chunk, piece);
        left = bytes_from(left, piece.len);
        chunk.offset += piece.len;
        chunk.starts_segment = false;
    }
}

/* Plays the steps, whole or in pieces, to whatever r->protocol tells. */
static void play(struct script_run *r, struct cursor in, uint32_t seed, bool in_pieces)
{
    struct stream stream = {.run = r};
    if (seed & 1) r->conn.open_kind = OPEN_MIDSTREAM;
    r->instance = r->protocol.open(r->protocol.context, &stream, &r->conn);
    bool has_ended[2] = {false, false};
    for (size_t i = 0; i < STEPS_MAX && cursor_left(&in) > 0; i++) {
        struct fuzz_step step = read_step(&in);
        enum side from = step.chunk.from;
        if (has_ended[from]) continue;
        has_ended[from] = step.chunk.kind == CHUNK_END;
        step.chunk.offset = r->offset[from];
        step.chunk.peer_acked = r->offset[side_other(from)];
        step.chunk.ref = i + 1;
        step.chunk.captured_ns = (int64_t)i;
        if (step.chunk.kind == CHUNK_DATA)
            feed_data(r, &stream, &step, &seed, in_pieces);
        else
            script_feed(r, &stream, &step.chunk);
        r->offset[from] += step.data.len + step.chunk.missing;
    }
    if (r->instance) r->protocol.close(r->instance);
}

static uint64_t sum_of(struct cursor in, uint32_t seed, bool in_pieces)
{
    struct fuzz_sum f;
    struct script_run *r = &f.run;
    *r = (struct script_run){.conn = {.open_kind = OPEN_HANDSHAKE}};
    f.sum = 1;
    r->sink = (struct message_sink){.context = &f,
                                    .open = script_open,
                                    .field = sum_field,
                                    .head = sum_head,
                                    .end = sum_end,
                                    .lost = sum_lost,
                                    .resync = sum_resync,
                                    .switched = sum_switched};
    r->protocol = script_protocol(&r->sink);
    play(r, in, seed, in_pieces);
    add_bytes(&f, buffer_bytes(&r->handed[SIDE_CLIENT]));
    add_bytes(&f, buffer_bytes(&r->handed[SIDE_SERVER]));
    sum_findings(&f);
    buffer_done(&r->handed[SIDE_CLIENT]);
    buffer_done(&r->handed[SIDE_SERVER]);
    finding_list_free(r->conn.findings);
    return f.sum;
}

static void print_account(struct cursor in, uint32_t seed, bool in_pieces)
{
    struct script_run r;
    script_run_init(&r);
    play(&r, in, seed, in_pieces);
    script_print_text(&r.full, "C", buffer_bytes(&r.handed[SIDE_CLIENT]));
    script_print_text(&r.full, "S", buffer_bytes(&r.handed[SIDE_SERVER]));
    script_print_findings(&r);
    fprintf(stderr, "%s:\n%.*s\n%.*s\n", in_pieces ? "pieces" : "whole",
            (int)r.brief.len, (char *)r.brief.ptr, (int)r.full.len, (char *)r.full.ptr);
    script_run_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    uint32_t seed = cursor_8(&in);
    if (in.is_short) return 0;
    if (sum_of(in, seed, false) == sum_of(in, seed, true)) return 0;
    print_account(in, seed, false);
    print_account(in, seed, true);
    abort();
}
