/* One TLS connection until its handshake is over: a hello from each side, then the
 * client's first application record. What follows is only counted.
 *
 *   client's record --handshake--> hello kept until whole --> read --.
 *   server's record --handshake--> hello kept until whole --> read --+--> account
 *   client's record --application data, after the ServerHello -------'--> seen enough
 */
#include "tls/hello.h"
#include "tls/records.h"

struct tls_side {
    struct records records;
    struct buffer hello; /* the first handshake message, until it is read */
    bool is_hello_done;  /* read, or not to be had */
    struct chunk begun;  /* where its first byte stood, without data */
    uint64_t offset;     /* of the next byte; OFFSET_UNKNOWN before the first */
};

struct tls {
    struct tls_sink *sink;
    void *opened; /* the sink's, for this connection */
    struct stream *stream;
    struct tls_side side[2];
    struct tls_account account;
    bool offers_early_data;
    bool is_over; /* nothing more is to be learnt */
};

static void tls_read_hello(struct tls *t, struct tls_side *side)
{
    struct bytes message = buffer_bytes(&side->hello);
    size_t length;
    side->is_hello_done = true;
    if (message.len < HELLO_HEADER_LENGTH) return;
    enum hello_type type = hello_type(message, &length);
    if (type != HELLO_OTHER && message.len < length) t->account.is_cut = true;
    if (type == HELLO_OF_CLIENT) {
        t->account.hello = side->begun;
        hello_read_client(bytes_first(message, length), &t->account,
                          &t->offers_early_data);
    } else if (type == HELLO_OF_SERVER) {
        hello_read_server(bytes_first(message, length), &t->account);
    }
    buffer_done(&side->hello);
}

/* Whether what is kept is the whole hello, or will not become one. */
static bool tls_is_hello_ready(const struct buffer *hello)
{
    size_t length;
    if (hello->len < HELLO_HEADER_LENGTH) return false;
    if (hello_type(buffer_bytes(hello), &length) == HELLO_OTHER) return true;
    return hello->len >= length || hello->len >= TLS_HELLO_BYTES_MAX;
}

static void tls_keep_hello(struct tls *t, struct tls_side *side,
                           const struct records_piece *piece, const struct chunk *chunk)
{
    struct bytes room = bytes_first(piece->data, TLS_HELLO_BYTES_MAX - side->hello.len);
    if (side->hello.len == 0) {
        side->begun = *chunk;
        side->begun.captured_ns = piece->begun_ns;
        side->begun.offset += (size_t)(piece->data.ptr - chunk->data.ptr);
        side->begun.data = bytes_of(NULL, 0);
    }
    buffer_append(&side->hello, room);
    if (tls_is_hello_ready(&side->hello)) tls_read_hello(t, side);
}

static void tls_take_piece(struct tls *t, const struct records_piece *piece,
                           const struct chunk *chunk)
{
    struct tls_side *side = &t->side[chunk->from];
    if (piece->type == RECORDS_HANDSHAKE && !side->is_hello_done) {
        if (piece->data.len > 0) tls_keep_hello(t, side, piece, chunk);
        return;
    }
    if (piece->type != RECORDS_APPLICATION_DATA || !piece->begins) return;
    if (chunk->from != SIDE_CLIENT) return;
    if (t->offers_early_data && !t->account.is_version_chosen) return;
    if (t->account.hello.ref != 0)
        t->account.handshake_ns = piece->begun_ns - t->account.hello.captured_ns;
    t->is_over = true;
}

/* Bytes that did not come. Of a hello that is cut, what came before counts. */
static void tls_skip(struct tls *t, struct tls_side *side, uint64_t missing)
{
    bool is_in_hello = !side->is_hello_done && side->hello.len > 0;
    records_skip(&side->records, missing);
    if (!is_in_hello) return;
    t->account.is_cut = true;
    tls_read_hello(t, side);
}

static void tls_take_data(struct tls *t, const struct chunk *chunk)
{
    struct tls_side *side = &t->side[chunk->from];
    struct cursor in = cursor_of(chunk->data);
    struct records_piece piece;
    while (!t->is_over && records_next(&side->records, &in, chunk->captured_ns, &piece))
        tls_take_piece(t, &piece, chunk);
    side->offset = chunk->offset + chunk->data.len;
}

static void tls_feed(void *instance, const struct chunk *chunk)
{
    struct tls *t = instance;
    struct tls_side *side = &t->side[chunk->from];
    switch (chunk->kind) {
    case CHUNK_DATA:
        /* More than was held for us before we were asked. */
        if (side->offset != OFFSET_UNKNOWN && chunk->offset > side->offset)
            tls_skip(t, side, chunk->offset - side->offset);
        tls_take_data(t, chunk);
        break;
    case CHUNK_GAP:
        tls_skip(t, side, chunk->missing);
        side->offset = chunk->offset + chunk->missing;
        break;
    case CHUNK_END: return;
    }
    if (t->side[0].records.is_lost && t->side[1].records.is_lost) t->is_over = true;
    if (t->is_over) stream_count_rest(t->stream);
}

/* ---- the protocol row ---- */

static void *tls_open(void *context, struct stream *stream, struct conn *conn)
{
    struct tls_sink *sink = context;
    struct tls *t = mem_alloc(sizeof *t);
    t->sink = sink;
    t->opened = sink->open(sink->context, conn);
    t->stream = stream;
    t->account.handshake_ns = TIME_UNKNOWN;
    for (int i = 0; i < 2; i++) t->side[i].offset = OFFSET_UNKNOWN;
    return t;
}

static void tls_close(void *instance)
{
    struct tls *t = instance;
    for (int i = 0; i < 2; i++) {
        if (!t->side[i].is_hello_done) tls_read_hello(t, &t->side[i]);
        buffer_done(&t->side[i].hello);
    }
    t->sink->closed(t->opened, &t->account);
    mem_free(t);
}

struct protocol tls_protocol(struct tls_sink *sink)
{
    return (struct protocol){.name = "tls",
                             .protocol = PROTOCOL_TLS,
                             .probe = recognise_tls,
                             .open = tls_open,
                             .feed = tls_feed,
                             .close = tls_close,
                             .context = sink,
                             .yields = true};
}
