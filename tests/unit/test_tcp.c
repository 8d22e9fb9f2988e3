/* tcp: what leaves it as chunks, against the definition. Each case is a short script of
 * packets and the stream events it must give; a random one compares with a byte map. */
#include "hopscope/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { C = 0, S = 1 }; /* who sends: client, server */

struct step {
    int from;
    uint8_t flags;
    uint32_t seq, ack; /* relative to each side's ISN */
    const char *payload;
    uint32_t cut; /* bytes that the snaplen cut off behind the payload */
};

struct bench {
    struct tcp *tcp;
    struct buffer events; /* one word each: "C0:abc", "Sgap3+20", "Cfin", ... */
    struct conn last;     /* copy of the last expired connection */
    struct conn_trouble trouble[2]; /* its directions' */
    uint32_t isn[2], number;
    uint64_t next[2]; /* per side: offset that the next chunk must have */
};

static void on_opened(void *context, struct conn *conn)
{
    struct bench *b = context;
    (void)conn;
    buffer_append_text(&b->events, "open ");
    b->next[0] = b->next[1] = 0;
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct bench *b = context;
    (void)conn;
    char side = chunk->from == SIDE_CLIENT ? 'C' : 'S';
    assert_int_equal(chunk->offset, b->next[chunk->from]);
    static const char *const ends[] = {"fin", "rst", "eof"};
    switch (chunk->kind) {
    case CHUNK_DATA:
        b->next[chunk->from] += chunk->data.len;
        buffer_print(&b->events, "%c%d:%.*s ", side, (int)chunk->offset,
                     (int)chunk->data.len, (const char *)chunk->data.ptr);
        return;
    case CHUNK_GAP:
        b->next[chunk->from] += chunk->missing;
        buffer_print(&b->events, "%cgap%d+%d ", side, (int)chunk->offset,
                     (int)chunk->missing);
        return;
    case CHUNK_END: buffer_print(&b->events, "%c%s ", side, ends[chunk->end]); return;
    }
}

static void on_closed(void *context, struct conn *conn)
{
    (void)conn;
    buffer_append_text(&((struct bench *)context)->events, "closed ");
}

static void on_expired(void *context, struct conn *conn)
{
    struct bench *b = context;
    b->last = *conn;
    for (int i = 0; i < 2; i++) b->trouble[i] = *conn_trouble(&conn->side[i]);
    buffer_append_text(&b->events, "expired ");
    finding_list_free(conn->findings);
    b->last.findings = NULL;
}

static void bench_init(struct bench *b, uint32_t client_isn, uint32_t server_isn)
{
    memset(b, 0, sizeof *b);
    b->isn[C] = client_isn;
    b->isn[S] = server_isn;
    struct tcp_settings settings = {
        .key = {.k0 = 1, .k1 = 2},
        .sink = {.context = b,
                 .opened = on_opened,
                 .chunk = on_chunk,
                 .closed = on_closed,
                 .expired = on_expired},
    };
    b->tcp = tcp_new(&settings);
}

static void bench_done(struct bench *b)
{
    tcp_free(b->tcp);
    buffer_done(&b->events);
}

static struct endpoint endpoint_of(int side)
{
    struct endpoint e = {.address = {192, 0, 2, (uint8_t)(side + 1)}, .version = 4};
    e.port = side == C ? 40000 : 80;
    return e;
}

static void send_bytes(struct bench *b, const struct step *s, struct bytes payload,
                       int64_t at_ns)
{
    struct frame frame = {.ref = 1ull << 32 | ++b->number, .captured_ns = at_ns};
    struct packet p = {
        .frame = &frame,
        .from = endpoint_of(s->from),
        .to = endpoint_of(1 - s->from),
        .seq = b->isn[s->from] + s->seq,
        .ack = b->isn[1 - s->from] + s->ack,
        .window = 1000,
        .ip_id = (uint16_t)b->number,
        .flags = s->flags,
        .payload = payload,
        .payload_length = (uint32_t)payload.len + s->cut,
    };
    if ((s->flags & TCP_ACK) == 0) p.ack = 0;
    tcp_packet(b->tcp, &p, CHECKSUM_GOOD);
}

static void send_step(struct bench *b, const struct step *s)
{
    int64_t at_ns = (int64_t)(b->number + 1) * 1000000;
    send_bytes(b, s, bytes_of_text(s->payload), at_ns);
}

/* ---- cases ---- */

enum { SYN = TCP_SYN, ACK = TCP_ACK, FIN = TCP_FIN | TCP_ACK, RST = TCP_RST };

/* clang-format off */
#define HANDSHAKE { C, SYN, 0, 0, "", 0 }, { S, SYN | ACK, 0, 1, "", 0 }, { C, ACK, 1, 1, "", 0 }
/* clang-format on */

struct tcp_case {
    const char *name;
    struct step steps[14]; /* ends with flags 0 */
    const char *events;
    enum open_result open_result;
    enum closed_by closed_by;
    enum close_kind close_kind;
    uint64_t retransmitted, out_of_order, missing, conflicts, probes; /* both sides */
};

static const struct tcp_case cases[] = {
    {"plain",
     {HANDSHAKE,
      {C, ACK, 1, 1, "abc", 0},
      {S, ACK, 1, 4, "xyz", 0},
      {C, FIN, 4, 4, "", 0},
      {S, FIN, 4, 5, "", 0},
      {C, ACK, 5, 5, "", 0}},
     "open C0:abc S0:xyz Cfin Sfin closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_CLIENT,
     CLOSE_FIN,
     .missing = 0},
    {"out of order",
     {HANDSHAKE, {C, ACK, 4, 1, "def", 0}, {C, ACK, 1, 1, "abc", 0}},
     "open C0:abc C3:def Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .out_of_order = 1},
    {"each side's first bytes acknowledge the other's",
     {HANDSHAKE, {S, ACK, 1, 4, "xyz", 0}, {C, ACK, 1, 4, "abc", 0}},
     "open C0:abc S0:xyz Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"the same, and the client's came when they were acknowledged",
     {HANDSHAKE,
      {S, ACK, 2, 4, "yz", 0},
      {S, ACK, 1, 4, "xyz", 0},
      {C, ACK, 1, 4, "abc", 0}},
     "open C0:abc S0:x S1:yz Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 2,
     .out_of_order = 1},
    {"the same, and the server's came again, but nothing was asked before",
     {HANDSHAKE,
      {C, ACK, 1, 4, "abc", 0},
      {S, ACK, 2, 4, "yz", 0},
      {S, ACK, 1, 4, "xyz", 0}},
     "open C0:abc S0:x S1:yz Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 2,
     .out_of_order = 1},
    {"the same, and the server's came again",
     {HANDSHAKE,
      {C, ACK, 1, 1, "q", 0},
      {S, ACK, 1, 2, "r", 0},
      {C, ACK, 2, 5, "abc", 0},
      {S, ACK, 3, 5, "yz", 0},
      {S, ACK, 2, 5, "xyz", 0}},
     "open C0:q S0:r S1:x C1:abc S2:yz Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 2,
     .out_of_order = 1},
    {"the same, and the client's came again",
     {HANDSHAKE,
      {S, ACK, 1, 4, "xyz", 0},
      {C, ACK, 2, 4, "bc", 0},
      {C, ACK, 1, 4, "abc", 0}},
     "open C0:a C1:bc S0:xyz Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 2,
     .out_of_order = 1},
    {"same bytes again",
     {HANDSHAKE, {C, ACK, 1, 1, "abc", 0}, {C, ACK, 1, 1, "abc", 0}},
     "open C0:abc Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 3},
    {"a retransmission that goes on",
     {HANDSHAKE, {C, ACK, 1, 1, "abc", 0}, {C, ACK, 1, 1, "abcdef", 0}},
     "open C0:abc C3:def Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 3},
    {"held bytes are the first that came",
     {HANDSHAKE, {C, ACK, 4, 1, "def", 0}, {C, ACK, 1, 1, "abcXYZghi", 0}},
     "open C0:abc C3:def C6:ghi Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 3,
     .conflicts = 1},
    {"held bytes contradicted while held",
     {HANDSHAKE, {C, ACK, 4, 1, "def", 0}, {C, ACK, 4, 1, "dXf", 0}},
     "open Cgap0+3 C3:def Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 3,
     .missing = 3,
     .conflicts = 1},
    {"a hole that the peer acknowledged",
     {HANDSHAKE,
      {C, ACK, 1, 1, "abc", 0},
      {C, ACK, 7, 1, "ghi", 0},
      {S, ACK, 1, 10, "x", 0},
      {C, ACK, 10, 2, "k", 0}},
     "open C0:abc Cgap3+3 C6:ghi S0:x C9:k Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 3},
    {"a capture that shows the reply before its request",
     {HANDSHAKE, {S, ACK, 1, 4, "xyz", 0}, {C, ACK, 1, 1, "abc", 0}},
     "open C0:abc S0:xyz Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"a lost tail that the peer acknowledged",
     {HANDSHAKE, {S, ACK, 1, 11, "x", 0}, {C, ACK, 11, 2, "k", 0}},
     "open Cgap0+10 S0:x C10:k Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 10},
    {"the snaplen cut a segment",
     {HANDSHAKE, {C, ACK, 1, 1, "abc", 7}, {C, ACK, 11, 1, "k", 0}},
     "open C0:abc Cgap3+7 C10:k Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 7},
    {"FIN before its data",
     {HANDSHAKE, {C, FIN, 4, 1, "", 0}, {C, ACK, 1, 1, "abc", 0}},
     "open C0:abc Cfin Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_CLIENT,
     CLOSE_FIN,
     .missing = 0},
    {"a FIN that was not captured is no lost byte",
     {HANDSHAKE, {C, ACK, 1, 1, "abc", 0}, {S, ACK, 1, 5, "", 0}},
     "open C0:abc Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"keep-alive probes carry no stream byte",
     {HANDSHAKE,
      {C, ACK, 1, 1, "abc", 0},
      {S, ACK, 1, 4, "", 0},
      {C, ACK, 3, 1, "", 0},
      {C, ACK, 3, 1, "?", 0}},
     "open C0:abc Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .probes = 2},
    {"refused",
     {{C, SYN, 0, 0, "", 0}, {S, RST | ACK, 0, 1, "", 0}},
     "open Srst Crst closed expired ",
     OPEN_REFUSED,
     CLOSED_BY_SERVER,
     CLOSE_RST,
     .missing = 0},
    {"unanswered",
     {{C, SYN, 0, 0, "", 0}, {C, SYN, 0, 0, "", 0}},
     "open Ceof Seof closed expired ",
     OPEN_UNANSWERED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"data on the SYN",
     {{C, SYN, 0, 0, "abc", 0}, {S, SYN | ACK, 0, 4, "", 0}, {C, ACK, 4, 1, "d", 0}},
     "open C0:abc C3:d Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"data on the SYN, refused and sent again",
     {{C, SYN, 0, 0, "abc", 0}, {S, SYN | ACK, 0, 1, "", 0}, {C, ACK, 1, 1, "abcd", 0}},
     "open C0:abc C3:d Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .retransmitted = 3},
    {"an RST the receiver must ignore",
     {HANDSHAKE, {S, RST, 900000, 0, "", 0}, {C, ACK, 1, 1, "abc", 0}},
     "open C0:abc Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"an RST that counts",
     {HANDSHAKE, {C, ACK, 1, 1, "abc", 0}, {S, RST, 1, 0, "", 0}},
     "open C0:abc Srst Crst closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_SERVER,
     CLOSE_RST,
     .missing = 0},
    {"an RST after both FINs only sweeps up",
     {HANDSHAKE, {C, FIN, 1, 1, "", 0}, {S, FIN, 1, 2, "", 0}, {C, RST, 2, 0, "", 0}},
     "open Cfin Sfin closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_CLIENT,
     CLOSE_FIN,
     .missing = 0},
    {"FINs that had not seen each other",
     {HANDSHAKE, {C, FIN, 1, 1, "", 0}, {S, FIN, 1, 1, "", 0}},
     "open Cfin Sfin closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_BOTH,
     CLOSE_FIN,
     .missing = 0},
    {"a new SYN after the close is another connection",
     {HANDSHAKE,
      {C, FIN, 1, 1, "", 0},
      {S, FIN, 1, 2, "", 0},
      {C, SYN, 5000, 0, "", 0},
      {S, SYN | ACK, 7000, 5001, "", 0},
      {C, ACK, 5001, 7001, "new", 0}},
     "open Cfin Sfin closed expired open C0:new Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"midstream",
     {{S, ACK, 1, 1, "xyz", 0}, {C, ACK, 1, 4, "abc", 0}},
     "open S0:xyz C0:abc Ceof Seof closed expired ",
     OPEN_RESULT_MIDSTREAM,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"the SYN was not captured",
     {{S, SYN | ACK, 0, 1, "", 0}, {C, ACK, 1, 1, "abc", 0}},
     "open C0:abc Ceof Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 0},
    {"one side only: what it acknowledged is one gap, at the end",
     {{C, SYN, 0, 0, "", 0},
      {C, ACK, 1, 1, "abc", 0},
      {C, ACK, 4, 501, "def", 0},
      {C, ACK, 7, 901, "", 0}},
     "open C0:abc C3:def Ceof Sgap0+900 Seof closed expired ",
     OPEN_ESTABLISHED,
     CLOSED_BY_UNKNOWN,
     CLOSE_OPEN,
     .missing = 900},
};

/* In direction order, which is not side order when the server spoke first. */
static void run_case(const struct tcp_case *c, uint32_t client_isn, uint32_t server_isn)
{
    struct bench b;
    bench_init(&b, client_isn, server_isn);
    for (const struct step *s = c->steps; s->flags != 0; s++) send_step(&b, s);
    tcp_finish(b.tcp);
    buffer_append(&b.events, bytes_of("", 1));
    const char *events = (const char *)b.events.ptr;
    char swapped[] = "Seof Ceof";
    const char *tail = strstr(events, swapped);
    if (tail != NULL) memcpy((char *)b.events.ptr + (tail - events), "Ceof Seof", 9);
    if (strcmp(events, c->events) != 0) print_message("case: %s\n", c->name);
    assert_string_equal(events, c->events);
    const struct conn_trouble *x = &b.trouble[0], *y = &b.trouble[1];
    assert_int_equal(b.last.open_result, c->open_result);
    assert_int_equal(b.last.closed_by, c->closed_by);
    assert_int_equal(b.last.close_kind, c->close_kind);
    assert_int_equal(x->retransmitted_bytes + y->retransmitted_bytes, c->retransmitted);
    assert_int_equal(x->out_of_order_segments + y->out_of_order_segments,
                     c->out_of_order);
    assert_int_equal(x->missing_bytes + y->missing_bytes, c->missing);
    assert_int_equal(x->overlap_conflicts + y->overlap_conflicts, c->conflicts);
    assert_int_equal(x->keepalive_probes + y->keepalive_probes, c->probes);
    bench_done(&b);
}

static void cases_give_their_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) run_case(&cases[i], 1000, 77000);
}

static void cases_do_not_mind_the_wrap(void **state)
{
    (void)state;
    for (uint32_t isn = 0xfffffff0u; isn != 4; isn++)
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
            run_case(&cases[i], isn, isn + 3);
}

/* ---- times ---- */

static void handshake_times_are_measured_from_the_right_packets(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {C, SYN, 0, 0, "", 0},       {C, SYN, 0, 0, "", 0}, {S, SYN | ACK, 0, 1, "", 0},
        {S, SYN | ACK, 0, 1, "", 0}, {C, ACK, 1, 1, "", 0},
    };
    struct bench b;
    bench_init(&b, 5, 6);
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) send_step(&b, &steps[i]);
    tcp_finish(b.tcp);
    assert_int_equal(b.last.syn_ns, 1000000);
    assert_int_equal(b.last.last_syn_ns, 2000000);
    assert_int_equal(b.last.synack_ns, 3000000);
    assert_int_equal(b.last.ack_ns, 5000000);
    assert_int_equal(b.last.syn_retransmits, 1);
    assert_int_equal(b.last.synack_retransmits, 1);
    assert_int_equal(b.last.side[SIDE_CLIENT].packets, 3);
    bench_done(&b);
}

static void closed_connections_linger_two_minutes(void **state)
{
    (void)state;
    static const struct step steps[] = {
        HANDSHAKE,
        {C, FIN, 1, 1, "", 0},
        {S, FIN, 1, 2, "", 0},
    };
    struct bench b;
    bench_init(&b, 5, 6);
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) send_step(&b, &steps[i]);
    struct step late = {C, ACK, 2, 2, "", 0};
    send_bytes(&b, &late, bytes_of("", 0), 119000000000);
    assert_int_equal(b.last.id, 0); /* not expired */
    send_bytes(&b, &late, bytes_of("", 0), 130000000000);
    assert_int_equal(b.last.side[SIDE_CLIENT].packets, 4); /* the one at 130 s is new */
    tcp_finish(b.tcp);
    assert_int_equal(b.last.open_result, OPEN_RESULT_MIDSTREAM);
    bench_done(&b);
}

/* ---- model: a byte map ---- */

enum { MODEL_BYTES = 300 };

/* Segments of one stream in random order, length and repetition; with `loss`, some
 * bytes never come and are acknowledged. What comes out must be the stream, each byte
 * once. */
static void run_model(unsigned seed, bool with_loss)
{
    struct bench b;
    bench_init(&b, seed * 2654435761u, 9);
    srand(seed);
    char stream[MODEL_BYTES + 1];
    for (int i = 0; i < MODEL_BYTES; i++) stream[i] = (char)('a' + i % 26);
    bool sent[MODEL_BYTES] = {false};
    static const struct step opening[] = {HANDSHAKE};
    for (size_t i = 0; i < ARRAY_LENGTH(opening); i++) send_step(&b, &opening[i]);
    for (int i = 0; i < 60; i++) {
        int at = rand() % MODEL_BYTES;
        int len = 1 + rand() % 20;
        if (at + len > MODEL_BYTES) len = MODEL_BYTES - at;
        struct step s = {C, ACK, (uint32_t)(1 + at), 1, "", 0};
        send_bytes(&b, &s, bytes_of(stream + at, (size_t)len), 1000000 * (i + 10));
        for (int k = at; k < at + len; k++) sent[k] = true;
    }
    if (!with_loss) {
        struct step all = {C, ACK, 1, 1, "", 0};
        send_bytes(&b, &all, bytes_of(stream, MODEL_BYTES), 90000000);
        memset(sent, true, sizeof sent);
    }
    struct step answer = {S, ACK, 1, 1 + MODEL_BYTES, "", 0};
    send_step(&b, &answer);
    tcp_finish(b.tcp);
    uint64_t expected = 0;
    for (int i = 0; i < MODEL_BYTES; i++) expected += sent[i] ? 1 : 0;
    assert_int_equal(b.last.side[SIDE_CLIENT].bytes, expected);
    assert_int_equal(
        b.last.side[SIDE_CLIENT].bytes + b.trouble[SIDE_CLIENT].missing_bytes,
        sent[MODEL_BYTES - 1] || !with_loss ? MODEL_BYTES
                                            : b.last.side[SIDE_CLIENT].end_offset);
    assert_int_equal(b.trouble[SIDE_CLIENT].overlap_conflicts, 0);
    buffer_append(&b.events, bytes_of("", 1));
    char *at = (char *)b.events.ptr;
    for (char *word = strtok(at, " "); word != NULL; word = strtok(NULL, " ")) {
        int offset = 0, skip = 0;
        if (sscanf(word, "C%d:%n", &offset, &skip) != 1 || skip == 0) continue;
        for (char *c = word + skip; *c != 0; c++) {
            assert_int_equal(*c, stream[offset]);
            assert_true(sent[offset]);
            offset++;
        }
    }
    bench_done(&b);
}

static void streams_equal_the_byte_map(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 2000; seed++) run_model(seed, seed % 2 == 0);
}

static void held_bytes_stay_under_the_cap(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, 1, 2);
    static const struct step opening[] = {HANDSHAKE};
    for (size_t i = 0; i < ARRAY_LENGTH(opening); i++) send_step(&b, &opening[i]);
    static const char filler[1000] = "x";
    for (uint32_t i = 0; i < 1000; i++) { /* a hole in front that is never filled */
        struct step s = {C, ACK, 11 + i * 1000, 1, "", 0};
        send_bytes(&b, &s, bytes_of(filler, sizeof filler), 1000000 * i);
    }
    tcp_finish(b.tcp);
    assert_int_equal(b.trouble[SIDE_CLIENT].missing_bytes, 10);
    assert_int_equal(b.last.side[SIDE_CLIENT].bytes, 1000000);
    bench_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_give_their_events),
        cmocka_unit_test(cases_do_not_mind_the_wrap),
        cmocka_unit_test(handshake_times_are_measured_from_the_right_packets),
        cmocka_unit_test(closed_connections_linger_two_minutes),
        cmocka_unit_test(streams_equal_the_byte_map),
        cmocka_unit_test(held_bytes_stay_under_the_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
