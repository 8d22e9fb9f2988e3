/* Fuzzes tls behind the stream layer. The first byte seeds the cuts. Then steps: 0xfe
 * and a control byte begin one (bit 0: the side; bit 1: a gap of as many bytes as bits
 * 2 to 7 say), other bytes are its data. What the hellos say must not depend on how a
 * step is cut. */
#include "hopscope/tls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 64, PIECE_BYTES_MAX = 40, STEP_MARK = 0xfe };

struct fuzz_run {
    struct conn conn;
    struct stream *stream;
    struct tls_account account;
    uint32_t opened, closed;
    uint64_t offset[2];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *fuzz_open(void *context, struct conn *conn)
{
    (void)conn;
    ((struct fuzz_run *)context)->opened++;
    return context;
}

static void fuzz_closed(void *opened, const struct tls_account *account)
{
    struct fuzz_run *r = opened;
    r->account = *account;
    r->closed++;
}

static void check(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void feed_data(struct fuzz_run *r, struct chunk *chunk, struct bytes data,
                      uint32_t *seed)
{
    while (data.len > 0) {
        *seed = *seed * 1103515245u + 12345u;
        size_t length = 1 + (*seed >> 16) % PIECE_BYTES_MAX;
        if (length > data.len) length = data.len;
        uint8_t *copy = malloc(length);
        check(copy != NULL, "no memory");
        memcpy(copy, data.ptr, length);
        chunk->data = bytes_of(copy, length);
        chunk->offset = r->offset[chunk->from];
        stream_feed(r->stream, chunk);
        free(copy);
        r->offset[chunk->from] += length;
        data = bytes_from(data, length);
    }
}

static void feed_step(struct fuzz_run *r, struct cursor *in, uint32_t *seed,
                      size_t index)
{
    uint8_t control = cursor_8(in);
    enum side from = control & 1 ? SIDE_SERVER : SIDE_CLIENT;
    struct bytes rest = cursor_rest(in);
    const uint8_t *next = rest.len ? memchr(rest.ptr, STEP_MARK, rest.len) : NULL;
    struct bytes own = cursor_take(in, next ? (size_t)(next - rest.ptr) : rest.len);
    if (next) cursor_skip(in, 1);
    struct chunk chunk = {
        .from = from, .ref = index + 1, .captured_ns = (int64_t)index};
    if ((control & 2) == 0) {
        feed_data(r, &chunk, own, seed);
        return;
    }
    chunk.kind = CHUNK_GAP;
    chunk.offset = r->offset[from];
    chunk.missing = 1 + (control >> 2);
    stream_feed(r->stream, &chunk);
    r->offset[from] += chunk.missing;
}

static void play(struct fuzz_run *r, struct cursor in, uint32_t seed)
{
    struct tls_sink sink = {r, fuzz_open, fuzz_closed};
    struct protocol p = tls_protocol(&sink);
    memset(r, 0, sizeof *r);
    r->conn = (struct conn){.open_kind = OPEN_HANDSHAKE, .role_basis = ROLE_SYN};
    struct streams *all = streams_new(&p, 1);
    r->stream = stream_new(all, &r->conn);
    for (size_t i = 0; i < STEPS_MAX && cursor_left(&in) > 0; i++)
        feed_step(r, &in, &seed, i);
    stream_close(r->stream);
    stream_free(r->stream);
    streams_free(all);
    check(r->opened == r->closed && r->opened <= 1, "opened and closed once");
}

static bool are_same(const struct tls_account *a, const struct tls_account *b)
{
    return bytes_equal(tls_text_bytes(&a->sni), tls_text_bytes(&b->sni)) &&
           bytes_equal(tls_text_bytes(&a->alpn), tls_text_bytes(&b->alpn)) &&
           a->version == b->version && a->is_cut == b->is_cut &&
           a->has_ech == b->has_ech && a->handshake_ns == b->handshake_ns;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    uint32_t seed = cursor_8(&in);
    if (in.is_short) return 0;
    struct fuzz_run pieces, others;
    play(&pieces, in, seed);
    play(&others, in, seed + 1000);
    /* What is held until the other side speaks has a cap, which cuts may meet. */
    bool is_held = pieces.offset[0] > STREAM_PROBE_BYTES_MAX ||
                   pieces.offset[1] > STREAM_PROBE_BYTES_MAX;
    check(pieces.opened == others.opened, "the cuts made a protocol of it");
    check(is_held || are_same(&pieces.account, &others.account),
          "the cuts made a difference");
    return 0;
}
