/* Fuzzes websocket with two directions. The first byte seeds the cuts, the second has
 * the bits that extensions use. Then steps: 0xfe and a control byte begin one (bit 0:
 * the side; bits 1 and 2: data, gap of so many bytes as bits 3 to 7 say, FIN, RST),
 * other bytes are its data. What is told must not depend on how a step is cut. */
#include "hopscope/websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 64, PIECE_BYTES_MAX = 24, STEP_MARK = 0xfe };

struct fuzz_run {
    struct conn conn;
    struct websocket_setup setup;
    struct websocket_account account;
    uint64_t offset[2];
    bool has_ended[2];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *fuzz_open(void *context, struct conn *conn, struct websocket_setup *setup)
{
    struct fuzz_run *r = context;
    (void)conn;
    *setup = r->setup;
    return r;
}

static void fuzz_closed(void *opened, const struct websocket_account *account)
{
    ((struct fuzz_run *)opened)->account = *account;
}

static void check(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* Data in copies of their own size, so that a read past one is seen. */
static void feed_data(const struct protocol *p, void *instance, struct chunk *chunk,
                      struct bytes data, uint32_t *seed)
{
    chunk->starts_segment = true;
    while (data.len > 0) {
        *seed = *seed * 1103515245u + 12345u;
        size_t length = *seed == 0 ? data.len : 1 + (*seed >> 16) % PIECE_BYTES_MAX;
        if (length > data.len) length = data.len;
        uint8_t *copy = malloc(length);
        check(copy != NULL, "no memory");
        memcpy(copy, data.ptr, length);
        chunk->data = bytes_of(copy, length);
        p->feed(instance, chunk);
        free(copy);
        chunk->offset += length;
        chunk->starts_segment = false;
        data = bytes_from(data, length);
    }
}

static void feed_step(struct fuzz_run *r, const struct protocol *p, void *instance,
                      struct cursor *in, uint32_t *seed, size_t index)
{
    uint8_t control = cursor_8(in);
    unsigned kind = control >> 1 & 3;
    enum side from = control & 1 ? SIDE_SERVER : SIDE_CLIENT;
    struct bytes rest = cursor_rest(in);
    const uint8_t *next = rest.len ? memchr(rest.ptr, STEP_MARK, rest.len) : NULL;
    struct bytes own = cursor_take(in, next ? (size_t)(next - rest.ptr) : rest.len);
    if (next) cursor_skip(in, 1);
    if (r->has_ended[from]) return;
    struct chunk chunk = {.from = from,
                          .ref = index + 1,
                          .captured_ns = (int64_t)index,
                          .offset = r->offset[from],
                          .peer_acked = r->offset[side_other(from)]};
    if (kind == 0) {
        feed_data(p, instance, &chunk, own, seed);
        r->offset[from] += own.len;
        return;
    }
    chunk.kind = kind == 1 ? CHUNK_GAP : CHUNK_END;
    chunk.end = kind == 2 ? CHUNK_END_FIN : CHUNK_END_RST;
    if (kind == 1) chunk.missing = UINT64_C(1) << (control >> 3);
    r->has_ended[from] = kind != 1;
    p->feed(instance, &chunk);
    r->offset[from] += chunk.missing;
}

static void play(struct fuzz_run *r, struct cursor in, uint32_t seed)
{
    struct websocket_sink sink = {r, fuzz_open, fuzz_closed};
    struct protocol p = websocket_protocol(&sink);
    memset(r, 0, sizeof *r);
    r->setup.reserved_bits = cursor_8(&in) & WEBSOCKET_BITS_RESERVED;
    void *instance = p.open(p.context, NULL, &r->conn);
    for (size_t i = 0; i < STEPS_MAX && cursor_left(&in) > 0; i++)
        feed_step(r, &p, instance, &in, &seed, i);
    p.close(instance);
}

static void check_account(const struct fuzz_run *r)
{
    for (int i = 0; i < 2; i++) {
        const struct websocket_side *side = &r->account.side[i];
        uint64_t sum = 0;
        for (size_t k = 0; k < WEBSOCKET_OPCODE_COUNT; k++) sum += side->by_opcode[k];
        check(sum == side->frames, "frames are not the sum of their opcodes");
        check(side->payload_bytes <= r->offset[i], "more payload than bytes");
        check(side->messages <= side->frames, "more messages than frames");
    }
    check(r->account.rtt_min_ns <= r->account.rtt_max_ns, "round trips");
}

static bool are_same(const struct fuzz_run *a, const struct fuzz_run *b)
{
    const struct finding_list *x = a->conn.findings, *y = b->conn.findings;
    if ((x == NULL) != (y == NULL)) return false;
    if (x != NULL && (x->total != y->total || x->count != y->count)) return false;
    for (uint32_t i = 0; x != NULL && i < x->count; i++) {
        if (x->rows[i].code != y->rows[i].code ||
            x->rows[i].offset != y->rows[i].offset)
            return false;
    }
    for (int i = 0; i < 2; i++) {
        const struct websocket_side *s = &a->account.side[i], *t = &b->account.side[i];
        if (s->frames != t->frames || s->payload_bytes != t->payload_bytes ||
            s->messages != t->messages || s->mask_breaches != t->mask_breaches)
            return false;
    }
    return a->account.close_code == b->account.close_code &&
           a->account.close_by == b->account.close_by &&
           a->account.rtt_count == b->account.rtt_count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    uint32_t seed = cursor_8(&in);
    if (in.is_short) return 0;
    struct fuzz_run pieces, others;
    play(&pieces, in, seed);
    play(&others, in, seed + 1000);
    check_account(&pieces);
    /* Where frames are looked for anew, the cuts of segments tell. */
    bool has_resync = false;
    for (int i = 0; i < 2; i++)
        has_resync = has_resync || pieces.account.side[i].resyncs > 0 ||
                     others.account.side[i].resyncs > 0;
    check(has_resync || are_same(&pieces, &others), "the cuts made a difference");
    finding_list_free(pieces.conn.findings);
    finding_list_free(others.conn.findings);
    return 0;
}
