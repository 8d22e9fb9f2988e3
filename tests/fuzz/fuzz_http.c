/* Fuzzes http with two directions. The first byte seeds the cuts. Then steps: 0xff and
 * a control byte begin one (bit 0: the side; bits 1 to 3: data, gap, FIN, RST, end of
 * the capture; a gap is 16 << bits 4 to 7 bytes less one), other bytes are its data.
 * What is told of a conversation must not depend on how its steps are cut. */
#include "../unit/http_script.h"

enum { STEPS_MAX = 64, PIECE_BYTES_MAX = 48 };

struct fuzz_step {
    struct chunk chunk; /* but for its offset and place */
    struct bytes data;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

/* Plays the steps, whole or in pieces; the account is in r. */
static void play(struct script_run *r, struct cursor in, uint32_t seed, bool in_pieces)
{
    struct stream stream = {.run = r};
    script_run_init(r);
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
        if (step.chunk.kind != CHUNK_DATA) script_feed(r, &stream, &step.chunk);
        for (size_t at = 0; at < step.data.len;) {
            seed = seed * 1103515245u + 12345u;
            size_t length =
                in_pieces ? 1 + (seed >> 16) % PIECE_BYTES_MAX : step.data.len;
            if (length > step.data.len - at) length = step.data.len - at;
            script_feed_piece(r, &stream, &step.chunk, step.data, at, at + length);
            at += length;
        }
        r->offset[from] += step.data.len + step.chunk.missing;
    }
    if (r->instance) r->protocol.close(r->instance);
    script_print_text(&r->full, "C", buffer_bytes(&r->handed[SIDE_CLIENT]));
    script_print_text(&r->full, "S", buffer_bytes(&r->handed[SIDE_SERVER]));
    script_print_findings(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    uint32_t seed = cursor_8(&in);
    if (in.is_short || size > SCRIPT_GUARD_BYTES) return 0;
    struct script_run whole, pieces;
    play(&whole, in, seed, false);
    play(&pieces, in, seed, true);
    if (!bytes_equal(buffer_bytes(&whole.brief), buffer_bytes(&pieces.brief)) ||
        !bytes_equal(buffer_bytes(&whole.full), buffer_bytes(&pieces.full))) {
        fprintf(stderr, "whole:\n%.*s\n%.*s\npieces:\n%.*s\n%.*s\n",
                (int)whole.brief.len, (char *)whole.brief.ptr, (int)whole.full.len,
                (char *)whole.full.ptr, (int)pieces.brief.len, (char *)pieces.brief.ptr,
                (int)pieces.full.len, (char *)pieces.full.ptr);
        abort();
    }
    script_run_done(&whole);
    script_run_done(&pieces);
    return 0;
}
