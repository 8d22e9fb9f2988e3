/* Hazards of IP fragments (18), through the whole pipeline: a connection of which every
 * long packet comes in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "build_packet.h"
#include "hazard_trace.h"

enum { RAW_IP = 101, PIECE_BYTES = 48, PIECES_MAX = 8, V4_BYTES = 20, V6_BYTES = 40 };

static const char one_line[] = "/1 200 complete exact\n";

/* Appends a fragment of the packet: the payload bytes [start, end). */
static void build_piece(struct buffer *out, struct bytes packet, uint32_t start,
                        uint32_t end, bool has_more)
{
    size_t at = out->len;
    if (packet.ptr[0] >> 4 == 4) {
        buffer_append(out, bytes_first(packet, V4_BYTES));
        build_patch_16(out, at + 2, V4_BYTES + end - start);
        build_patch_16(out, at + 6, start / 8 | (has_more ? 0x2000 : 0));
        build_patch_16(out, at + 10, 0);
        uint32_t sum = build_sum(0, bytes_of(out->ptr + at, V4_BYTES));
        build_patch_16(out, at + 10, ~sum & 0xffff);
        buffer_append(out,
                      bytes_of(packet.ptr + V4_BYTES + start, (size_t)(end - start)));
        return;
    }
    uint32_t seq = (uint32_t)packet.ptr[44] << 24 | (uint32_t)packet.ptr[45] << 16 |
                   (uint32_t)packet.ptr[46] << 8 | packet.ptr[47];
    buffer_append(out, bytes_first(packet, V6_BYTES));
    build_patch_16(out, at + 4, 8 + end - start);
    out->ptr[at + 6] = 44;
    build_hex(out, "0600");
    build_16(out, start | (has_more ? 1 : 0));
    build_32(out, seq ^ packet.ptr[23]); /* its number: another one for each packet */
    buffer_append(out, bytes_of(packet.ptr + V6_BYTES + start, (size_t)(end - start)));
}

struct piece_list {
    struct buffer at[PIECES_MAX];
    size_t count;
};

static void cut(struct bytes packet, uint32_t each, struct piece_list *out)
{
    uint32_t header = packet.ptr[0] >> 4 == 4 ? V4_BYTES : V6_BYTES;
    uint32_t length = (uint32_t)packet.len - header;
    out->count = 0;
    for (uint32_t start = 0; start < length; start += each) {
        bool is_last = length - start <= each || out->count + 1 == PIECES_MAX;
        struct buffer *piece = &out->at[out->count++];
        buffer_clear(piece);
        build_piece(piece, packet, start, is_last ? length : start + each, !is_last);
        if (is_last) break;
    }
}

/* What is done to the pieces of the request. */
struct treatment {
    uint32_t each; /* bytes of a piece */
    bool is_reversed, is_doubled;
    /* Sent before or after the piece with this number, if `end` is not 0: */
    uint32_t start, end; /* a piece over these bytes, filled with 'x' */
    bool has_more;
    size_t before;  /* PIECES_MAX: after all */
    size_t skipped; /* a piece that never comes; PIECES_MAX: none */
};

static void send_forged(struct hazard_tap *tap, struct bytes packet, int64_t at_ns,
                        const struct treatment *how)
{
    struct buffer forged = {0}, wire = {0};
    buffer_append(&forged, packet);
    size_t header = packet.ptr[0] >> 4 == 4 ? V4_BYTES : V6_BYTES;
    while (forged.len < header + how->end) build_8(&forged, 'x');
    memset(forged.ptr + header + how->start, 'x', how->end - how->start);
    build_piece(&wire, buffer_bytes(&forged), how->start, how->end, how->has_more);
    hazard_tap_frame(tap, RAW_IP, at_ns, buffer_bytes(&wire));
    buffer_done(&forged);
    buffer_done(&wire);
}

static void send_pieces(struct hazard_tap *tap, struct bytes packet, int64_t at_ns,
                        const struct treatment *how)
{
    struct piece_list pieces = {0};
    cut(packet, how->each, &pieces);
    for (size_t i = 0; i < pieces.count; i++) {
        if (how->end != 0 && how->before == i) send_forged(tap, packet, at_ns, how);
        size_t which = how->is_reversed ? pieces.count - 1 - i : i;
        if (which == how->skipped) continue;
        struct bytes piece = buffer_bytes(&pieces.at[which]);
        hazard_tap_frame(tap, RAW_IP, at_ns, piece);
        if (how->is_doubled) hazard_tap_frame(tap, RAW_IP, at_ns + 1000, piece);
    }
    if (how->end != 0 && how->before >= pieces.count)
        send_forged(tap, packet, at_ns, how);
    for (size_t i = 0; i < PIECES_MAX; i++) buffer_done(&pieces.at[i]);
}

/* One exchange whose request comes in pieces, so treated; then another, whole. */
static void run(int version, const struct treatment *how, bool is_repeated,
                struct hazard_rows *rows)
{
    struct hazard_settings usual = {.key = {.k0 = 1, .k1 = 2}};
    struct hazard_trace t;
    struct hazard_tap tap;
    struct buffer wire = {0};
    hazard_trace_init(&t);
    t.version = version;
    hazard_open(&t);
    (void)hazard_say(&t, SIDE_CLIENT,
                     "GET /1 HTTP/1.1\r\nHost: a\r\nUser-Agent: some program of which "
                     "the name is long enough\r\nAccept: everything\r\n\r\n");
    size_t request = t.count - 1;
    if (is_repeated) { /* refused; the stack sends it again */
        struct hazard_packet again = t.at[request];
        hazard_wait(&t, HAZARD_S);
        again.at_ns = t.now_ns;
        again.ip_id = 0x5555;
        t.at[t.count++] = again;
        hazard_wait(&t, HAZARD_MS);
    }
    hazard_response(&t, 10);
    hazard_close(&t);
    hazard_tap_open(&tap, &usual, rows);
    for (size_t i = 0; i < t.count; i++) {
        buffer_clear(&wire);
        hazard_ip(&t, &t.at[i], &wire);
        if (i == request)
            send_pieces(&tap, buffer_bytes(&wire), t.at[i].at_ns, how);
        else
            hazard_tap_frame(&tap, RAW_IP, t.at[i].at_ns, buffer_bytes(&wire));
    }
    hazard_tap_close(&tap);
    hazard_trace_done(&t);
    buffer_done(&wire);
}

static void expect_request(const struct hazard_rows *rows)
{
    hazard_rows_expect_lines(rows, RECORD_EXCHANGE,
                             "target status state pair_confidence", one_line);
    hazard_rows_expect(rows, RECORD_CONNECTION, 0,
                       "client_missing_bytes=0 conn_state=SF client_bytes=107");
}

static void pieces_in_any_order(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int version = 4; version <= 6; version += 2)
        for (uint32_t each = 24; each <= 120; each += 8)
            for (unsigned how = 0; how < 4; how++) {
                struct treatment treatment = {
                    .each = each,
                    .is_reversed = (how & 1) != 0,
                    .is_doubled = (how & 2) != 0,
                    .skipped = PIECES_MAX,
                };
                run(version, &treatment, false, &rows);
                expect_request(&rows);
                hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                                   "findings=0 client_retransmitted_bytes=0 "
                                   "client_out_of_order_segments=0");
            }
    hazard_rows_done(&rows);
}

static void missing_piece(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int version = 4; version <= 6; version += 2) {
        struct treatment how = {.each = PIECE_BYTES, .skipped = 1};
        run(version, &how, false, &rows);
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "client_missing_bytes=107 client_bytes=0 server_bytes=49");
        assert_int_equal(hazard_rows_findings(&rows, "tcp_gap"), 1);
        run(version, &how, true, &rows);
        expect_request(&rows);
    }
    hazard_rows_done(&rows);
}

static const char agent[] = "some program of which the name is long enough";

/* A forged piece over bytes 56 to 72 of the TCP segment, which lie in the second piece
 * and in the name of the program; it comes before that one or after it. */
static void overlapping_pieces(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    struct treatment how = {
        .each = PIECE_BYTES,
        .start = 56,
        .end = 72,
        .has_more = true,
        .skipped = PIECES_MAX,
    };
    for (how.before = 1; how.before <= 2; how.before++) {
        run(4, &how, false, &rows); /* the first to arrive wins */
        expect_request(&rows);
        assert_int_equal(hazard_rows_findings(&rows, "net_fragment_overlap"), 1);
        const char *is = hazard_rows_value(&rows, RECORD_EXCHANGE, 0, "user_agent");
        assert_int_equal(strcmp(is, agent) == 0, how.before == 2);

        run(6, &how, false, &rows); /* RFC 5722: nobody takes any of it */
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "client_bytes=0 client_missing_bytes=107");
        assert_int_equal(hazard_rows_findings(&rows, "net_fragment_overlap"), 1);
        run(6, &how, true, &rows);
        expect_request(&rows);
        is = hazard_rows_value(&rows, RECORD_EXCHANGE, 0, "user_agent");
        assert_string_equal(is, agent);
        assert_int_equal(hazard_rows_findings(&rows, "net_fragment_overlap"), 1);
    }
    hazard_rows_done(&rows);
}

/* Teardrop: a piece inside another one, with an end before that one's. */
static void pieces_inside_pieces(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    struct treatment how = {
        .each = 96,
        .start = 24,
        .end = 28,
        .before = 1,
        .skipped = PIECES_MAX,
    };
    for (int version = 4; version <= 6; version += 2)
        for (how.before = 0; how.before <= 2; how.before++) {
            run(version, &how, true, &rows);
            hazard_rows_expect(&rows, RECORD_EXCHANGE, 0,
                               "target=/1 status=200 state=complete");
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                               "client_missing_bytes=0 conn_state=SF client_bytes=107");
        }
    hazard_rows_done(&rows);
}

/* The first piece ends inside the TCP header (RFC 1858): refused, with all of it. */
static void tiny_first_pieces(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int version = 4; version <= 6; version += 2)
        for (uint32_t each = 8; each < 20; each += 8) {
            struct treatment how = {.each = each, .skipped = PIECES_MAX};
            run(version, &how, true, &rows);
            expect_request(&rows);
            assert_int_equal(hazard_rows_findings(&rows, "net_fragment_tiny"), 1);
            hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                               "client_retransmitted_bytes=0");
        }
    hazard_rows_done(&rows);
}

/* A last piece that ends beyond 65,535 bytes. */
static void pieces_beyond_the_largest_packet(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (int version = 4; version <= 6; version += 2) {
        struct treatment how = {
            .each = PIECE_BYTES,
            .start = 65528,
            .end = 65528 + 600,
            .before = 1,
            .skipped = PIECES_MAX,
        };
        run(version, &how, true, &rows);
        hazard_rows_expect(&rows, RECORD_EXCHANGE, 0,
                           "target=/1 status=200 state=complete");
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0,
                           "client_missing_bytes=0 conn_state=SF client_bytes=107");
    }
    hazard_rows_done(&rows);
}

/* Rose: first and last pieces of datagrams that never come whole, 20,000 of them. What
 * comes whole among them is taken; what they take is bounded. */
static void flood_of_pieces(void **state)
{
    (void)state;
    enum { FLOOD = 20000 };
    struct net *n = net_new();
    struct buffer wire = {0};
    size_t whole = 0;
    for (uint32_t i = 0; i < FLOOD; i++) {
        struct build_segment s = build_request(i % 2 == 0 ? 4 : 6);
        struct buffer packet = {0};
        s.ip_id = (uint16_t)i;
        s.seq = i * 1000;
        build_ip(&packet, &s);
        bool is_real = i % 500 == 499;
        for (uint32_t k = 0; k < 2; k++) {
            struct packet out;
            buffer_clear(&wire);
            uint32_t length =
                (uint32_t)packet.len - (s.version == 4 ? V4_BYTES : V6_BYTES);
            uint32_t end = k == 0 ? 24 : length;
            build_piece(&wire, buffer_bytes(&packet), k == 0 || is_real ? 24 * k : 40,
                        end, k == 0);
            struct frame f = build_frame(&wire, RAW_IP);
            f.captured_ns = HAZARD_START + (int64_t)i * 1000;
            whole += net_decode(n, &f, &out) == NET_TCP ? 1 : 0;
        }
        buffer_done(&packet);
    }
    struct net_counters c = net_counters(n);
    assert_int_equal(whole, FLOOD / 500);
    assert_true(c.fragment_bytes <= NET_FRAGMENT_BYTES_MAX);
    assert_true(c.fragments_evicted > 0);
    net_free(n);
    buffer_done(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 18: pieces in any order", pieces_in_any_order),
        HAZARD("hazard 18: a missing piece", missing_piece),
        HAZARD("hazard 18: overlapping pieces", overlapping_pieces),
        HAZARD("hazard 18: pieces inside pieces (Teardrop)", pieces_inside_pieces),
        HAZARD("hazard 18: tiny first pieces", tiny_first_pieces),
        HAZARD("hazard 18: pieces beyond 65,535 bytes",
               pieces_beyond_the_largest_packet),
        HAZARD("hazard 18: a flood of pieces (Rose)", flood_of_pieces),
    };
    return cmocka_run_group_tests_name("hazards: IP fragments", tests, NULL, NULL);
}
