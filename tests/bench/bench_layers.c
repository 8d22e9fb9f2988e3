/* bench_layers CAPTURE [PACKETS]: what each layer costs, on the first 300,000 packets.
 *
 *   frames in memory --> net --> + checksum --> + tcp --> + http --> + exchange
 *                            each run goes one layer further than the one before
 *
 * A layer's figure is the difference of two runs, each the fastest of some that take
 * turns. The file's own reading and the database are measured by themselves. */
#include "hopscope/capture.h"
#include "hopscope/exchange.h"
#include "hopscope/http.h"
#include "hopscope/net.h"
#include "hopscope/store.h"
#include "hopscope/tcp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PACKETS_DEFAULT = 300000, ROUNDS = 5 };

enum depth {
    DEPTH_NET,
    DEPTH_CHECKSUM,
    DEPTH_TCP,
    DEPTH_HTTP,
    DEPTH_EXCHANGE,
    DEPTH_COUNT
};

/* The frames, and what was made of them. */
struct bench {
    struct frame *frames;
    size_t count;
    struct record_block **blocks; /* of the last run to DEPTH_EXCHANGE */
    size_t block_count;
    uint64_t messages, rows;
    enum depth depth;
    struct protocol protocol;
    struct streams *streams;
    struct tracker *tracker;
};

/* Time on the processor: what else the machine does is not ours. */
static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void print_figure(const char *layer, double ns, uint64_t units, const char *unit)
{
    printf("%-26s %9.1f ns per %-8s (%llu)\n", layer, ns / (double)units, unit,
           (unsigned long long)units);
}

/* ---- the file ---- */

static enum status open_file(const char *path, struct capture_set **set)
{
    struct capture_options options = {.first_capture_id = 1};
    struct problem why = {.text = ""};
    enum status status = capture_set_open(&path, 1, &options, set, &why);
    if (status != STATUS_OK) fprintf(stderr, "bench_layers: %s\n", why.text);
    return status;
}

static enum status load(struct bench *b, const char *path, size_t packets)
{
    struct capture_set *set = NULL;
    struct frame frame;
    if (open_file(path, &set) != STATUS_OK) return STATUS_FAILED;
    b->frames = mem_alloc_array(packets, sizeof *b->frames);
    while (b->count < packets && capture_set_next(set, &frame) == CAPTURE_FRAME) {
        uint8_t *copy = mem_alloc(frame.data.len + 1);
        if (frame.data.len > 0) memcpy(copy, frame.data.ptr, frame.data.len);
        frame.data.ptr = copy;
        b->frames[b->count++] = frame;
    }
    capture_set_close(set);
    return b->count > 0 ? STATUS_OK : STATUS_FAILED;
}

static double read_file(const char *path, size_t packets)
{
    struct capture_set *set = NULL;
    struct frame frame;
    double start = now_ns();
    if (open_file(path, &set) != STATUS_OK) return 0;
    for (size_t i = 0; i < packets; i++)
        if (capture_set_next(set, &frame) != CAPTURE_FRAME) break;
    double ns = now_ns() - start;
    capture_set_close(set);
    return ns;
}

/* ---- sinks of each depth ---- */

static void *message_open(void *context, struct conn *conn)
{
    (void)conn;
    return context;
}
static void message_head(void *opened, const struct message *message)
{
    struct bench *b = opened;
    (void)message;
    b->messages++;
}
static void message_end(void *opened, const struct message *message)
{
    (void)opened, (void)message;
}
static void message_lost(void *opened, uint64_t first, uint64_t count, uint64_t missing)
{
    (void)opened, (void)first, (void)count, (void)missing;
}
static void message_resync(void *opened, enum side from)
{
    (void)opened, (void)from;
}
static void message_switched(void *opened, const struct message *response,
                             const uint64_t offsets[2])
{
    (void)opened, (void)response, (void)offsets;
}

static void on_opened(void *context, struct conn *conn)
{
    (void)context, (void)conn;
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct bench *b = context;
    if (b->depth < DEPTH_HTTP) return;
    if (conn->stream == NULL) {
        if (chunk->kind == CHUNK_END) return;
        conn->stream = stream_new(b->streams, conn);
    }
    stream_feed(conn->stream, chunk);
}

static void on_closed(void *context, struct conn *conn)
{
    struct bench *b = context;
    if (conn->stream != NULL) stream_close(conn->stream);
    if (b->depth >= DEPTH_EXCHANGE) tracker_closed(b->tracker, conn);
}

static void on_expired(void *context, struct conn *conn)
{
    struct bench *b = context;
    if (b->depth >= DEPTH_EXCHANGE) tracker_expired(b->tracker, conn);
    stream_free(conn->stream);
    finding_list_free(conn->findings);
}

static enum status on_record(void *context, enum record_kind kind, const void *record)
{
    struct bench *b = context;
    if (b->block_count == 0 || record_block_is_full(b->blocks[b->block_count - 1])) {
        b->blocks = mem_resize(b->blocks, (b->block_count + 1) * sizeof(void *));
        b->blocks[b->block_count++] = record_block_new();
    }
    record_block_put(b->blocks[b->block_count - 1], kind, record);
    b->rows++;
    return STATUS_OK;
}

static void forget_records(struct bench *b)
{
    for (size_t i = 0; i < b->block_count; i++) record_block_free(b->blocks[i]);
    b->block_count = 0;
    b->rows = 0;
}

/* ---- runs ---- */

static void walk(struct bench *b, struct net *net, struct tcp *tcp)
{
    struct packet packet;
    for (size_t i = 0; i < b->count; i++) {
        if (net_decode(net, &b->frames[i], &packet) != NET_TCP) continue;
        if (b->depth < DEPTH_CHECKSUM) continue;
        enum checksum checksum = net_checksum(&packet);
        if (b->depth >= DEPTH_TCP) tcp_packet(tcp, &packet, checksum);
    }
    tcp_finish(tcp);
}

/* All frames through the layers up to that depth: nanoseconds. */
static double run_to(struct bench *b, enum depth depth)
{
    struct message_sink messages = {.context = b,
                                    .open = message_open,
                                    .head = message_head,
                                    .end = message_end,
                                    .lost = message_lost,
                                    .resync = message_resync,
                                    .switched = message_switched};
    struct tracker_options tracking = {.sink = {.context = b, .put = on_record},
                                       .first_capture_id = 1};
    struct tcp_settings settings = {.key = {.k0 = 1, .k1 = 2},
                                    .sink = {.context = b,
                                             .opened = on_opened,
                                             .chunk = on_chunk,
                                             .closed = on_closed,
                                             .expired = on_expired}};
    if (depth == DEPTH_HTTP) b->messages = 0;
    if (depth == DEPTH_EXCHANGE) forget_records(b);
    b->depth = depth;
    b->tracker = tracker_new(&tracking);
    b->protocol = http_protocol(depth == DEPTH_EXCHANGE ? tracker_messages(b->tracker)
                                                        : &messages);
    b->streams = streams_new(&b->protocol, 1);
    struct net *net = net_new();
    struct tcp *tcp = tcp_new(&settings);
    double start = now_ns();
    walk(b, net, tcp);
    double ns = now_ns() - start;
    tcp_free(tcp);
    streams_free(b->streams);
    net_free(net);
    tracker_free(b->tracker);
    return ns;
}

/* The rows of the last run into a new database; nanoseconds until it is whole. */
static double fill_store(struct bench *b, double *finish_ns)
{
    char path[] = "/tmp/bench_layers.XXXXXX";
    struct problem why = {.text = ""};
    struct store *store = NULL;
    int file = mkstemp(path);
    if (file >= 0) close(file);
    unlink(path);
    double start = now_ns();
    enum status status = store_open(path, &store, &why);
    if (status == STATUS_OK) {
        struct record_sink sink = store_sink(store);
        for (size_t i = 0; i < b->block_count && status == STATUS_OK; i++)
            status = record_block_replay(b->blocks[i], &sink);
    }
    double filled = now_ns();
    if (store != NULL) status = store_finish(store, &why);
    *finish_ns = now_ns() - filled;
    if (status != STATUS_OK) fprintf(stderr, "bench_layers: %s\n", why.text);
    store_free(store);
    unlink(path);
    return filled - start;
}

static void keep_least(double *least, double ns)
{
    if (*least == 0 || ns < *least) *least = ns;
}

static void print_layers(struct bench *b, const char *path)
{
    double least[DEPTH_COUNT] = {0}, file = 0, fill = 0, finish = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double finish_ns = 0;
        keep_least(&file, read_file(path, b->count));
        for (int depth = 0; depth < DEPTH_COUNT; depth++)
            keep_least(&least[depth], run_to(b, (enum depth)depth));
        keep_least(&fill, fill_store(b, &finish_ns));
        keep_least(&finish, finish_ns);
    }
    print_figure("capture: read the file", file, b->count, "packet");
    print_figure("net: decode", least[DEPTH_NET], b->count, "packet");
    print_figure("net: checksum", least[DEPTH_CHECKSUM] - least[DEPTH_NET], b->count,
                 "packet");
    print_figure("tcp", least[DEPTH_TCP] - least[DEPTH_CHECKSUM], b->count, "packet");
    if (b->messages == 0 || b->rows == 0) return;
    print_figure("http, stream", least[DEPTH_HTTP] - least[DEPTH_TCP], b->messages,
                 "message");
    print_figure("exchange, record", least[DEPTH_EXCHANGE] - least[DEPTH_HTTP],
                 b->messages, "message");
    print_figure("store: insert", fill, b->rows, "row");
    print_figure("store: finish", finish, b->rows, "row");
}

int main(int argc, char **argv)
{
    struct bench b = {.count = 0};
    size_t packets = argc > 2 ? strtoul(argv[2], NULL, 10) : PACKETS_DEFAULT;
    if (argc < 2 || packets == 0) {
        fprintf(stderr, "usage: bench_layers CAPTURE [PACKETS]\n");
        return 2;
    }
    if (load(&b, argv[1], packets) != STATUS_OK) return 1;
    print_layers(&b, argv[1]);
    forget_records(&b);
    mem_free(b.blocks);
    for (size_t i = 0; i < b.count; i++) mem_free((void *)b.frames[i].data.ptr);
    mem_free(b.frames);
    return 0;
}
