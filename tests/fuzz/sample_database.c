/* Two scripted conversations --frames--> pipeline --records--> store. */
#include "sample_database.h"

#include "../unit/build_packet.h"
#include "fuzz_common.h"
#include "hopscope/engine.h"
#include "hopscope/store.h"

#include <unistd.h>

enum { LINK_ETHERNET = 1, STEP_NS = 1000000, SAMPLE_PATH_MAX = 64 };

struct sample_segment {
    int connection, side;
    uint8_t flags;
    const char *text;
};

/* clang-format off */
static const struct sample_segment segments[] = {
    { 0, 0, TCP_SYN, "" },
    { 0, 1, TCP_SYN | TCP_ACK, "" },
    { 0, 0, TCP_ACK, "GET /one HTTP/1.1\r\nHost: a.example\r\nUser-Agent: t/1\r\nCookie: k\r\n\r\n"
                     "GET /two?x=<y> HTTP/1.1\r\nHost: a.example\r\nAccept : */*\r\n\r\n" },
    { 0, 1, TCP_ACK, "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nabc" },
    { 0, 1, TCP_ACK, "HTTP/1.1 404 Not Found\nKeep-Alive: timeout=5, max=9\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n" },
    { 0, 0, TCP_ACK | TCP_FIN, "" },
    { 0, 1, TCP_ACK | TCP_RST, "" },
    { 1, 0, TCP_SYN, "" },
    { 1, 1, TCP_SYN | TCP_ACK, "" },
    { 1, 0, TCP_ACK, "GET /chat HTTP/1.1\r\nHost: \xc3\xa9.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" },
    { 1, 1, TCP_ACK, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" },
    { 1, 0, TCP_ACK, "\x81\x82\1\1\1\1ii" },
    { 1, 1, TCP_ACK, "\x81\2hi\x88\2\3\xe8" },
    { 1, 0, TCP_ACK | TCP_FIN, "" },
    { 1, 1, TCP_ACK | TCP_FIN, "" },
};
/* clang-format on */

static void play(struct pipeline *p)
{
    uint32_t next[2][2] = {{1000, 5000}, {2000, 6000}};
    struct buffer wire = {.ptr = NULL};
    for (size_t i = 0; i < ARRAY_LENGTH(segments); i++) {
        const struct sample_segment *s = &segments[i];
        struct build_segment b = build_request(4);
        const char *client = b.from, *server = b.to;
        uint32_t *own = &next[s->connection][s->side];
        if (s->side == 1) b.from = server, b.to = client;
        b.from_port = (uint16_t)(s->side == 0 ? 40000 + s->connection : 80);
        b.to_port = (uint16_t)(s->side == 0 ? 80 : 40000 + s->connection);
        b.seq = *own;
        b.ack = (s->flags & TCP_ACK) != 0 ? next[s->connection][1 - s->side] : 0;
        b.flags = s->flags;
        b.ip_id = (uint16_t)(i + 1);
        b.payload = bytes_of_text(s->text);
        *own += (uint32_t)b.payload.len + ((s->flags & (TCP_SYN | TCP_FIN)) ? 1 : 0);
        buffer_clear(&wire);
        build_ethernet(&wire, &b);
        struct frame frame = build_frame(&wire, LINK_ETHERNET);
        frame.ref = UINT64_C(1) << 32 | (i + 1);
        frame.captured_ns = INT64_C(1700000000000000000) + (int64_t)i * STEP_NS;
        pipeline_frame(p, &frame);
    }
    buffer_done(&wire);
}

static void make(const char *path)
{
    struct store *store = NULL;
    struct problem why = {.text = ""};
    struct record_capture capture;
    unlink(path);
    must(store_open(path, &store, &why) == STATUS_OK, why.text);
    struct pipeline_options options = {.sink = store_sink(store),
                                       .key = {.k0 = 1, .k1 = 2},
                                       .first_capture_id = 1,
                                       .wants_headers = true};
    struct pipeline *p = pipeline_new(&options);
    play(p);
    must(pipeline_finish(p) == STATUS_OK, "the sample is stored");
    pipeline_free(p);
    record_clear(RECORD_CAPTURE, &capture);
    capture.id = 1;
    capture.source = bytes_of_text("sample.pcap");
    capture.packets = (int64_t)ARRAY_LENGTH(segments);
    options.sink.put(options.sink.context, RECORD_CAPTURE, &capture);
    must(store_finish(store, &why) == STATUS_OK, why.text);
    store_free(store);
}

/* libFuzzer hands no context round: what lives as long as the process stands here. */
static char sample_path[SAMPLE_PATH_MAX];

void sample_database_remove_logs(void)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        char path[SAMPLE_PATH_MAX + 16];
        snprintf(path, sizeof path, "%s%s", sample_path, endings[i]);
        unlink(path);
    }
}

static void sample_remove(void)
{
    unlink(sample_path);
    sample_database_remove_logs();
}

const char *sample_database_path(void)
{
    if (sample_path[0] != '\0') return sample_path;
    snprintf(sample_path, sizeof sample_path, "sample-%ld.db", (long)getpid());
    make(sample_path);
    must(atexit(sample_remove) == 0, "atexit");
    return sample_path;
}
