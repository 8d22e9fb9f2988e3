/* tcp: any sequence of segments of two connections. Whatever comes in, each side's
 * chunks follow each other without a hole, nothing follows an END, and every connection
 * is opened, closed and expired once.
 *
 *   input: { which side | flags | seq, ack deltas | time | length, payload }... */
#include "hopscope/tcp.h"
#include "story_rest.h"

#include <stdlib.h>
#include <string.h>

struct watch {
    uint64_t next[2]; /* by direction: offset that the next chunk must have */
    bool is_ended[2], is_closed;
};

struct fuzz {
    uint64_t open; /* connections not expired yet */
};

static void must(bool holds)
{
    if (!holds) abort();
}

static void on_opened(void *context, struct conn *conn)
{
    ((struct fuzz *)context)->open++;
    conn->story = mem_alloc(sizeof(struct watch));
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    (void)context;
    struct watch *w = conn->story;
    int direction = (int)chunk->from ^ (conn->is_flipped ? 1 : 0);
    must(!w->is_closed && !w->is_ended[direction]);
    must(chunk->offset == w->next[direction]);
    if (chunk->kind == CHUNK_DATA) must(chunk->data.len > 0);
    if (chunk->kind == CHUNK_GAP) must(chunk->missing > 0);
    if (chunk->kind == CHUNK_END) w->is_ended[direction] = true;
    w->next[direction] += chunk->data.len + chunk->missing;
    if (chunk->offset == 0 && chunk->data.len == 3) conn_flip(conn, ROLE_REQUEST);
}

static void on_closed(void *context, struct conn *conn)
{
    (void)context;
    struct watch *w = conn->story;
    must(!w->is_closed && w->is_ended[0] && w->is_ended[1]);
    w->is_closed = true;
}

static void on_expired(void *context, struct conn *conn)
{
    must(((struct watch *)conn->story)->is_closed);
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

static struct endpoint endpoint_of(int side, int connection)
{
    struct endpoint e = {.address = {10, 0, 0, (uint8_t)(1 + side)}, .version = 4};
    e.port = side == 0 ? (uint16_t)(40000 + connection) : 80;
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz f = {0};
    struct tcp_settings settings = {
        .key = {.k0 = 1, .k1 = 2},
        .rests_at_once = size % 2 != 0, /* a byte that is no step's */
        .sink = {&f, on_opened, on_chunk, on_closed, on_expired, story_can_rest,
                 on_rest, on_resume},
    };
    struct tcp *t = tcp_new(&settings);
    struct cursor in = cursor_of(bytes_of(data, size));
    struct frame frame = {.ref = 1ull << 32};
    while (cursor_left(&in) >= 8) {
        uint8_t head = cursor_8(&in), flags = cursor_8(&in);
        uint8_t seq = cursor_8(&in), ack = cursor_8(&in);
        uint8_t far = cursor_8(&in), time = cursor_8(&in);
        uint8_t length = cursor_8(&in), cut = cursor_8(&in);
        int side = head & 1, connection = head >> 1 & 1;
        frame.ref++;
        frame.captured_ns += (int64_t)(int8_t)time * time * 100000;
        struct packet p = {
            .frame = &frame,
            .from = endpoint_of(side, connection),
            .to = endpoint_of(1 - side, connection),
            .seq = 0xffffff80u + seq + ((far & 15) == 15 ? (uint32_t)far << 20 : 0),
            .ack = 0xffffff80u + ack,
            .window = (uint16_t)(head << 4),
            .urgent = (uint16_t)(cut >> 6),
            .ip_id = (uint16_t)frame.ref,
            .flags = flags & 0x3f,
            .ttl = (uint8_t)(64 + (cut >> 5 & 1)),
        };
        p.payload = cursor_take(&in, length % 32);
        p.payload_length = (uint32_t)p.payload.len + ((cut & 31) == 1 ? cut : 0);
        enum checksum sum = (head & 0x38) == 0x38 ? CHECKSUM_BAD : CHECKSUM_GOOD;
        tcp_packet(t, &p, sum);
    }
    tcp_finish(t);
    tcp_free(t);
    must(f.open == 0);
    return 0;
}
