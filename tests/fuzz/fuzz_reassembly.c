/* Fuzzes the reassembly of tcp: the input is a byte of settings and a list of segments
 * of one connection, eight bytes each, whose bytes are known by their place. Whatever
 * is delivered must be bytes that were sent, at their places, each once and in order;
 * and of a direction that nobody sent other bytes in, the true ones alone.
 *
 *   settings   bit 0 without handshake, bit 1 sequence numbers near 2^32, bit 2 IP ids,
 *              bit 3 it rests wherever it may
 *   flags      bit 0 direction, 1 other bytes, 2-3 data, FIN, RST, pure ACK, 4 bad
 *              checksum, 5 no ACK, 6 an earlier time, 7 cut by the snaplen
 *   offset     two bytes    length   one, times 4 where its lowest bit is set
 *   acked      two bytes    time     10 ms each       ttl */
#include "hopscope/tcp.h"
#include "story_rest.h"

#include "fuzz_common.h"

enum {
    STEP_BYTES = 8,
    OTHER = 1 << 1,
    BAD_CHECKSUM = 1 << 4,
    NO_ACK = 1 << 5,
    EARLIER = 1 << 6,
    CUT = 1 << 7,
    PAYLOAD_BYTES_MAX = 1024,
};

static const int64_t step_ns = INT64_C(10000000);

struct watch {
    uint64_t next[2]; /* by direction: offset that the next chunk must have */
    bool is_ended[2], is_closed;
};

struct fuzz {
    struct tcp *tcp;
    struct frame frame;
    uint32_t isn[2];
    bool has_handshake, has_ids;
    bool had_others[2]; /* by direction */
    uint64_t open;      /* connections not expired yet */
};

/* ---- what comes out ---- */

static uint8_t true_byte(int direction, uint64_t offset)
{
    return (uint8_t)((offset * 7 + offset / 256 + (direction ? 64 : 0)) & 0x7f);
}

static void check_bytes(const struct fuzz *f, int direction, const struct chunk *chunk)
{
    for (size_t i = 0; i < chunk->data.len; i++) {
        uint8_t difference =
            chunk->data.ptr[i] ^ true_byte(direction, chunk->offset + i);
        must((difference & 0x7f) == 0, "a byte stands at its place");
        must(difference == 0 || f->had_others[direction], "it is the true one");
    }
}

static void on_opened(void *context, struct conn *conn)
{
    ((struct fuzz *)context)->open++;
    conn->story = mem_alloc(sizeof(struct watch));
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    const struct fuzz *f = context;
    struct watch *w = conn->story;
    int direction = (int)chunk->from ^ (conn->is_flipped ? 1 : 0);
    must(!w->is_closed && !w->is_ended[direction], "nothing follows an end");
    must(chunk->offset == w->next[direction], "chunks follow each other");
    must(chunk->kind != CHUNK_DATA || chunk->data.len > 0, "data are not empty");
    must(chunk->kind != CHUNK_GAP || chunk->missing > 0, "nor is a gap");
    w->is_ended[direction] = chunk->kind == CHUNK_END;
    w->next[direction] += chunk->data.len + chunk->missing;
    if (f->has_handshake && conn->open_kind == OPEN_HANDSHAKE)
        check_bytes(f, direction, chunk);
}

static void on_closed(void *context, struct conn *conn)
{
    (void)context;
    struct watch *w = conn->story;
    must(!w->is_closed && w->is_ended[0] && w->is_ended[1], "both sides have ended");
    w->is_closed = true;
}

static void on_expired(void *context, struct conn *conn)
{
    must(((struct watch *)conn->story)->is_closed, "closed before it expires");
    mem_free(conn->story);
    finding_list_free(conn->findings);
    ((struct fuzz *)context)->open--;
}

static void on_rest(void *context, struct conn *conn, struct packing *out)
{
    (void)context;
    story_rest(conn, out, sizeof(struct watch));
}

static void on_resume(void *context, struct conn *conn, struct unpacking *in)
{
    (void)context;
    story_resume(conn, in, sizeof(struct watch));
}

/* ---- what goes in ---- */

static void send_segment(struct fuzz *f, int direction, struct packet p,
                         enum checksum checksum)
{
    static const struct endpoint ends[] = {
        {.address = {10, 0, 0, 1}, .version = 4, .port = 40000},
        {.address = {10, 0, 0, 2}, .version = 4, .port = 80},
    };
    f->frame.ref++;
    p.frame = &f->frame;
    p.from = ends[direction];
    p.to = ends[1 - direction];
    p.window = 64000;
    p.ip_id = f->has_ids ? (uint16_t)f->frame.ref : 0;
    tcp_packet(f->tcp, &p, checksum);
}

static void shake_hands(struct fuzz *f)
{
    struct packet syn = {.flags = TCP_SYN, .ttl = 64, .seq = f->isn[0] - 1};
    struct packet answer = {
        .flags = TCP_SYN | TCP_ACK, .ttl = 64, .seq = f->isn[1] - 1, .ack = f->isn[0]};
    struct packet ack = {
        .flags = TCP_ACK, .ttl = 64, .seq = f->isn[0], .ack = f->isn[1]};
    send_segment(f, 0, syn, CHECKSUM_GOOD);
    send_segment(f, 1, answer, CHECKSUM_GOOD);
    send_segment(f, 0, ack, CHECKSUM_GOOD);
}

static void send_step(struct fuzz *f, struct cursor *in)
{
    static const uint8_t kinds[] = {TCP_PSH, TCP_FIN, TCP_RST, 0};
    uint8_t flags = cursor_8(in), payload[PAYLOAD_BYTES_MAX];
    uint32_t offset = cursor_be16(in), length = cursor_8(in);
    uint32_t acked = cursor_be16(in);
    int64_t later_ns = cursor_8(in) * step_ns;
    int direction = flags & 1;
    uint8_t kind = kinds[flags >> 2 & 3];
    if ((length & 1) != 0) length *= 4;
    if (kind == 0 || kind == TCP_RST) length = 0;
    for (uint32_t i = 0; i < length; i++) {
        payload[i] = true_byte(direction, offset + i);
        if ((flags & OTHER) != 0) payload[i] |= 0x80;
    }
    struct packet p = {
        .flags = kind,
        .seq = f->isn[direction] + offset,
        .ttl = (uint8_t)(64 + (cursor_8(in) & 1)),
        .payload = bytes_of(payload, length),
        .payload_length = length,
    };
    if ((flags & NO_ACK) == 0) {
        p.flags |= TCP_ACK;
        p.ack = f->isn[1 - direction] + acked;
    }
    if ((flags & CUT) != 0) p.payload.len /= 2;
    f->had_others[direction] |= (flags & OTHER) != 0 && length > 0;
    f->frame.captured_ns += (flags & EARLIER) != 0 ? -later_ns : later_ns;
    send_segment(f, direction, p,
                 (flags & BAD_CHECKSUM) != 0 ? CHECKSUM_BAD : CHECKSUM_GOOD);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_of(bytes_of(data, size));
    uint8_t settings_byte = cursor_8(&in);
    struct fuzz f = {.frame = {.ref = UINT64_C(1) << 32},
                     .has_handshake = (settings_byte & 1) == 0,
                     .isn = {1000, 500000},
                     .has_ids = (settings_byte & 4) != 0};
    if ((settings_byte & 2) != 0) f.isn[0] = f.isn[1] = UINT32_MAX - 90;
    struct tcp_settings settings = {
        .key = {.k0 = 1, .k1 = 2},
        .rests_at_once = (settings_byte & 8) != 0,
        .sink = {&f, on_opened, on_chunk, on_closed, on_expired, story_can_rest,
                 on_rest, on_resume},
    };
    f.tcp = tcp_new(&settings);
    if (f.has_handshake) shake_hands(&f);
    while (cursor_left(&in) >= STEP_BYTES) send_step(&f, &in);
    tcp_finish(f.tcp);
    tcp_free(f.tcp);
    must(f.open == 0, "every connection has expired");
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    struct fuzz_steps steps = {.data = data,
                               .head = 1,
                               .step = STEP_BYTES,
                               .size = size,
                               .max_size = max_size};
    return fuzz_mutate_steps(steps, seed);
}
