/* tcp: which packet makes which bytes leave. Each case is a script of packets and what
 * each of them delivers, between bars, so that bytes which wait too long, or go too
 * early, are seen. What the end of the capture delivers stands behind the last bar.
 *
 *   C3:def@5#4<0s+1   client's bytes from offset 3; deliverable at 5 ms, captured in
 *                     packet 4, sent when 0 had come, begin a segment; 1 ms of stall */
#include "hopscope/tcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { C = 0, S = 1 }; /* who sends: client, server */
enum { SYN = TCP_SYN, ACK = TCP_ACK, FIN = TCP_FIN | TCP_ACK, RST = TCP_RST };
enum { BAD_SUM = 1, TICK /* no packet: the clock alone */ };

struct step {
    int from;
    uint8_t flags;
    uint32_t seq, ack; /* relative to each side's ISN */
    const char *payload;
    int64_t later_ms; /* than 1 ms after the packet before */
    int how;
    uint32_t cut; /* bytes that the snaplen cut off behind the payload */
};

struct turn_case {
    const char *name;
    struct step steps[14]; /* ends with flags 0 */
    const char *events;
};

struct told {
    struct buffer events;
    bool is_full; /* times, packets, ACKs and stalls, too */
};

static void on_opened(void *context, struct conn *conn)
{
    (void)context;
    (void)conn;
}

static void print_full(struct buffer *events, const struct chunk *chunk)
{
    enum { MS_NS = 1000000 };
    buffer_print(events, "@%d#%d", (int)(chunk->captured_ns / MS_NS),
                 (int)(uint32_t)chunk->ref);
    if (chunk->peer_acked != OFFSET_UNKNOWN)
        buffer_print(events, "<%d", (int)chunk->peer_acked);
    if (chunk->kind == CHUNK_DATA && chunk->starts_segment)
        buffer_append_text(events, "s");
    if (chunk->stalled_ns != 0)
        buffer_print(events, "+%d", (int)(chunk->stalled_ns / MS_NS));
}

static void on_chunk(void *context, struct conn *conn, const struct chunk *chunk)
{
    struct told *told = context;
    struct buffer *events = &told->events;
    (void)conn;
    static const char *const ends[] = {"fin", "rst", "eof"};
    char side = chunk->from == SIDE_CLIENT ? 'C' : 'S';
    switch (chunk->kind) {
    case CHUNK_DATA:
        buffer_print(events, "%c%d:%.*s", side, (int)chunk->offset,
                     (int)chunk->data.len, (const char *)chunk->data.ptr);
        break;
    case CHUNK_GAP:
        buffer_print(events, "%cgap%d+%d", side, (int)chunk->offset,
                     (int)chunk->missing);
        break;
    case CHUNK_END: buffer_print(events, "%c%s", side, ends[chunk->end]); break;
    }
    if (told->is_full) print_full(events, chunk);
    buffer_append_text(events, " ");
}

static void on_closed(void *context, struct conn *conn)
{
    (void)context;
    (void)conn;
}

static void on_expired(void *context, struct conn *conn)
{
    (void)context;
    finding_list_free(conn->findings);
}

static struct endpoint endpoint_of(int side)
{
    struct endpoint e = {.address = {192, 0, 2, (uint8_t)(side + 1)}, .version = 4};
    e.port = side == C ? 40000 : 80;
    return e;
}

static void send_step(struct tcp *tcp, const struct step *s, uint32_t number,
                      int64_t at_ns, uint32_t isn)
{
    struct frame frame = {.ref = 1ull << 32 | number, .captured_ns = at_ns};
    const uint32_t isns[2] = {isn, isn + 5};
    struct packet p = {
        .frame = &frame,
        .from = endpoint_of(s->from),
        .to = endpoint_of(1 - s->from),
        .seq = isns[s->from] + s->seq,
        .ack = (s->flags & TCP_ACK) == 0 ? 0 : isns[1 - s->from] + s->ack,
        .window = 1000,
        .ip_id = (uint16_t)number,
        .flags = s->flags,
        .payload = bytes_of_text(s->payload),
        .payload_length = (uint32_t)strlen(s->payload) + s->cut,
    };
    tcp_packet(tcp, &p, s->how == BAD_SUM ? CHECKSUM_BAD : CHECKSUM_GOOD);
}

static void run_case(const struct turn_case *c, uint32_t isn, bool is_full)
{
    struct told told = {.is_full = is_full};
    struct tcp_settings settings = {
        .key = {.k0 = 1, .k1 = 2},
        .sink = {.context = &told,
                 .opened = on_opened,
                 .chunk = on_chunk,
                 .closed = on_closed,
                 .expired = on_expired},
    };
    struct tcp *tcp = tcp_new(&settings);
    uint32_t number = 0;
    int64_t at_ns = 0;
    for (const struct step *s = c->steps; s->flags != 0; s++) {
        at_ns += (1 + s->later_ms) * 1000000;
        if (s->how == TICK)
            tcp_tick(tcp, at_ns, NULL, NULL);
        else
            send_step(tcp, s, ++number, at_ns, isn);
        buffer_append_text(&told.events, "| ");
    }
    tcp_finish(tcp);
    buffer_append(&told.events, bytes_of("", 1));
    const char *events = (const char *)told.events.ptr;
    if (strcmp(events, c->events) != 0) print_message("case: %s\n", c->name);
    assert_string_equal(events, c->events);
    tcp_free(tcp);
    buffer_done(&told.events);
}

/* ---- cases ---- */

/* clang-format off */
#define HANDSHAKE { C, SYN, 0, 0, "", 0, 0, 0 }, { S, SYN | ACK, 0, 1, "", 0, 0, 0 }, { C, ACK, 1, 1, "", 0, 0, 0 }

#define ABC { C, ACK, 1, 1, "abc", 0, 0, 0 }, { S, ACK, 1, 4, "", 0, 0, 0 }

static const struct turn_case cases[] = {
    { "both sides' first bytes acknowledge the other's: nothing is missing, nothing is waited for",
      { HANDSHAKE, { C, ACK, 1, 4, "abc", 0, 0, 0 }, { S, ACK, 1, 4, "", 0, 0, 0 }, { S, ACK, 1, 4, "xyz", 0, 0, 0 } },
      "| | | | | C0:abc S0:xyz | Ceof Seof " },
    { "the same, seen from the server's packet on",
      { { S, ACK, 1, 1, "", 0, 0, 0 }, { C, ACK, 1, 4, "abc", 0, 0, 0 }, { S, ACK, 1, 4, "xyz", 0, 0, 0 } },
      "| | C0:abc S0:xyz | Seof Ceof " },
    { "bytes that came again with a later ACK, and then as they were first sent",
      { HANDSHAKE, { S, ACK, 1, 5, "r1", 0, 0, 0 }, { S, ACK, 1, 3, "r1", 0, 0, 0 }, { C, ACK, 1, 1, "q1", 0, 0, 0 },
        { C, ACK, 3, 3, "q2", 0, 0, 0 } },
      "| | | | | C0:q1 S0:r1 | C2:q2 | Ceof Seof " },
    { "a segment with a wrong sum whose neighbour is good is real when it is acknowledged",
      { HANDSHAKE, { C, ACK, 1, 1, "abc", 0, BAD_SUM, 0 }, { C, ACK, 4, 1, "def", 0, 0, 0 }, { S, ACK, 1, 7, "", 0, 0, 0 } },
      "| | | | | C0:abc C3:def | Ceof Seof " },
    { "the same behind its neighbour",
      { HANDSHAKE, { C, ACK, 4, 1, "def", 0, BAD_SUM, 0 }, { C, ACK, 1, 1, "abc", 0, 0, 0 }, { S, ACK, 1, 7, "", 0, 0, 0 } },
      "| | | | C0:abc | C3:def | Ceof Seof " },
};

static const struct turn_case full_cases[] = {
    { "a hole filled: what stood behind it is deliverable now",
      { HANDSHAKE, { C, ACK, 4, 1, "def", 0, 0, 0 }, { C, ACK, 1, 1, "abc", 2, 0, 0 } },
      "| | | | C0:abc@7#5<0s+3 C3:def@7#4<0s | Ceof@7#5 Seof@7#5 " },
    { "a hole filled by more than it takes",
      { HANDSHAKE, { C, ACK, 4, 1, "def", 0, 0, 0 }, { C, ACK, 1, 1, "abcdefghi", 2, 0, 0 } },
      "| | | | C0:abc@7#5<0s+3 C3:def@7#4<0s C6:ghi@7#5<0 | Ceof@7#5 Seof@7#5 " },
    { "two holes",
      { HANDSHAKE, { C, ACK, 7, 1, "g", 0, 0, 0 }, { C, ACK, 4, 1, "d", 0, 0, 0 }, { C, ACK, 1, 1, "abc", 0, 0, 0 },
        { C, ACK, 5, 1, "ef", 0, 0, 0 } },
      "| | | | | C0:abc@6#6<0s+2 C3:d@6#5<0s | C4:ef@7#7<0s+1 C6:g@7#4<0s | Ceof@7#7 Seof@7#7 " },
    { "cut by the snaplen, in order and behind a hole",
      { HANDSHAKE, { C, ACK, 1, 1, "ab", 0, 0, 3 }, { C, ACK, 9, 1, "ij", 0, 0, 2 }, { C, ACK, 6, 1, "fgh", 0, 0, 0 } },
      "| | | C0:ab@4#4<0s Cgap2+3@4#4<0 | | C5:fgh@6#6<0s+1 C8:ij@6#5<0s Cgap10+2@6#5<0 | Ceof@6#6 Seof@6#6 " },
    { "a hole that was acknowledged is given up after 200 ms",
      { HANDSHAKE, { C, ACK, 4, 1, "def", 0, 0, 0 }, { S, ACK, 1, 7, "", 5, 0, 0 }, { C, ACK, 7, 1, "g", 199, 0, 0 },
        { C, ACK, 8, 1, "h", 0, 0, 0 }, { C, ACK, 9, 1, "i", 0, 0, 0 } },
      "| | | | | | Cgap0+3@4#5+6 C3:def@4#4<0s C6:g@210#6<0s C7:h@211#7<0s | C8:i@212#8<0s | Ceof@212#8 Seof@212#8 " },
    { "of one side alone after 2 s",
      { { C, SYN, 0, 0, "", 0, 0, 0 }, { C, ACK, 1, 1, "", 0, 0, 0 }, { C, ACK, 4, 1, "def", 0, 0, 0 },
        { C, ACK, 7, 1, "g", 1999, 0, 0 }, { C, ACK, 8, 1, "h", 0, 0, 0 }, { C, ACK, 9, 1, "i", 0, 0, 0 } },
      "| | | | Cgap0+3@3#5+2001 C3:def@3#3<0s C6:g@2003#4<0s C7:h@2004#5<0s | C8:i@2005#6<0s | Ceof@2005#6 Seof@2005#6 " },
    { "of both sides never while nothing acknowledges it",
      { HANDSHAKE, { C, ACK, 4, 1, "def", 0, 0, 0 }, { S, ACK, 1, 1, "", 0, 0, 0 }, { C, ACK, 7, 1, "g", 5000, 0, 0 } },
      "| | | | | | Cgap0+3@4#6+5002 C3:def@4#4<0s C6:g@5006#6<0s Ceof@5006#6 Seof@5006#6 " },
    { "a reply waits for what it answers, and for no longer than 200 ms",
      { HANDSHAKE, { S, ACK, 1, 4, "xyz", 0, 0, 0 }, { S, ACK, 4, 4, "w", 100, 0, 0 }, { S, ACK, 5, 4, "v", 100, 0, 0 },
        { C, ACK, 1, 1, "abc", 0, 0, 0 } },
      "| | | | | Cgap0+3@4#4 S0:xyz@4#4<3s S3:w@105#5<3s S4:v@206#6<3s | | Ceof@207#7 Seof@207#7 " },
    { "a FIN waits for what it acknowledges",
      { HANDSHAKE, { C, ACK, 1, 1, "abc", 0, 0, 0 }, { S, FIN, 1, 7, "", 0, 0, 0 }, { C, ACK, 4, 2, "def", 0, 0, 0 },
        { C, FIN, 7, 2, "", 0, 0, 0 } },
      "| | | C0:abc@4#4<0s | | C3:def@6#6<1s Sfin@6#6 | Cfin@7#7 | " },
    { "a FIN behind a hole",
      { HANDSHAKE, { C, FIN, 4, 1, "d", 0, 0, 0 }, { C, ACK, 1, 1, "abc", 0, 0, 0 } },
      "| | | | C0:abc@5#5<0s+1 C3:d@5#4<0s Cfin@5#5 | Seof@5#5 " },
    { "bytes beyond the FIN",
      { HANDSHAKE, { C, FIN, 4, 1, "", 0, 0, 0 }, { C, ACK, 5, 1, "e", 0, 0, 0 }, { C, ACK, 1, 1, "abc", 0, 0, 0 } },
      "| | | | | C0:abc@6#6<0s Cfin@6#6 | Seof@6#6 " },
    { "a reset with a hole before it",
      { HANDSHAKE, { C, ACK, 4, 1, "def", 0, 0, 0 }, { C, RST, 7, 0, "", 0, 0, 0 } },
      "| | | | | Cgap0+3@4#5+1 C3:def@4#4<0s Crst@5#5 Srst@5#5 " },
    { "a segment with a wrong sum is real once acknowledged, and from when it came",
      { HANDSHAKE, { C, ACK, 1, 1, "abc", 0, BAD_SUM, 2 }, { S, ACK, 1, 6, "x", 5, 0, 0 } },
      "| | | | C0:abc@4#4<0s Cgap3+2@4#4<0 S0:x@10#5<5s | Ceof@10#5 Seof@10#5 " },
    { "two with wrong sums, of which one is acknowledged",
      { HANDSHAKE, { C, ACK, 1, 1, "abc", 0, BAD_SUM, 0 }, { C, ACK, 4, 1, "def", 0, BAD_SUM, 0 },
        { S, ACK, 1, 4, "", 0, 0, 0 }, { S, ACK, 1, 6, "", 0, 0, 0 }, { S, ACK, 1, 7, "", 0, 0, 0 } },
      "| | | | | C0:abc@4#4<0s | | C3:def@5#5<0s | Ceof@8#8 Seof@8#8 " },
    /* On a silent wire the clock does what a packet would. */
    { "a reply waits for what it answers until the clock says that it is lost",
      { HANDSHAKE, { S, ACK, 1, 4, "xyz", 0, 0, 0 }, { C, ACK, 0, 0, "", 199, TICK, 0 }, { C, ACK, 0, 0, "", 0, TICK, 0 } },
      "| | | | | Cgap0+3@4#4 S0:xyz@4#4<3s | Ceof@4#4 Seof@4#4 " },
    { "so does a FIN",
      { HANDSHAKE, { C, ACK, 1, 1, "abc", 0, 0, 0 }, { S, FIN, 1, 7, "", 0, 0, 0 }, { C, ACK, 0, 0, "", 199, TICK, 0 },
        { C, ACK, 0, 0, "", 0, TICK, 0 } },
      "| | | C0:abc@4#4<0s | | | Cgap3+3@5#5 Sfin@206#5 | Ceof@5#5 " },
    { "and both, whose connection is closed then",
      { HANDSHAKE, { C, FIN, 4, 1, "", 0, 0, 0 }, { S, FIN, 1, 5, "", 0, 0, 0 }, { C, ACK, 0, 0, "", 199, TICK, 0 },
        { C, ACK, 0, 0, "", 0, TICK, 0 } },
      "| | | | | | Cgap0+3@5#5 Cfin@206#5 Sfin@206#5 | " },
    /* Both sides lost bytes. */
    { "of two holes the one goes first that the other side's next bytes acknowledge",
      { HANDSHAKE, { C, ACK, 4, 4, "def", 0, 0, 0 }, { S, ACK, 4, 7, "", 0, 0, 0 } },
      "| | | | | Sgap0+3@4#4 Cgap0+3@4#5+1 C3:def@4#4<3s Ceof@5#5 Seof@5#5 " },
    { "the client's, if each side's next bytes acknowledge the other's",
      { HANDSHAKE, { C, ACK, 4, 4, "def", 0, 0, 0 }, { S, ACK, 4, 7, "uvw", 0, 0, 0 } },
      "| | | | | Cgap0+3@4#5+1 Sgap0+3@4#4 C3:def@4#4<3s S3:uvw@5#5<6s Ceof@5#5 Seof@5#5 " },
    { "the client's, if none acknowledges any",
      { HANDSHAKE, { S, ACK, 4, 1, "uvw", 0, 0, 0 }, { C, ACK, 4, 1, "def", 0, 0, 0 }, { S, ACK, 7, 7, "", 0, 0, 0 },
        { C, ACK, 7, 7, "", 0, 0, 0 } },
      "| | | | | | | Cgap0+3@5#6+1 C3:def@5#5<0s Sgap0+3@4#7+3 S3:uvw@4#4<0s Ceof@7#7 Seof@7#7 " },
    /* Midstream: what the other side acknowledged first tells where a side begins. */
    { "a side begins where it is acknowledged, or before, when older bytes come late",
      { { S, ACK, 1, 11, "", 0, 0, 0 }, { C, ACK, 5, 1, "efghij", 0, 0, 0 }, { S, ACK, 1, 11, "x", 0, 0, 0 } },
      "| C0:efghij@2#2<0s | S0:x@3#3<6s | Seof@3#3 Ceof@3#3 " },
    { "not when the other side's bytes have been told with what they acknowledge",
      { { S, ACK, 1, 11, "x", 0, 0, 0 }, { C, ACK, 5, 1, "efghij", 0, 0, 0 }, { C, ACK, 11, 2, "k", 0, 0, 0 } },
      "S0:x@1#1<0s | | C0:k@3#3<1s | Seof@3#3 Ceof@3#3 " },
    { "nor for one byte, which may be a probe",
      { { S, ACK, 1, 11, "", 0, 0, 0 }, { C, ACK, 10, 1, "?", 0, 0, 0 }, { C, ACK, 11, 1, "k", 0, 0, 0 } },
      "| | C0:k@3#3<0s | Seof@3#3 Ceof@3#3 " },
    { "nor for what is more than 1 MiB older",
      { { S, ACK, 1, 2000000, "", 0, 0, 0 }, { C, ACK, 2000000 - (1 << 20) - 1, 1, "ab", 0, 0, 0 },
        { C, ACK, 2000000, 1, "k", 0, 0, 0 } },
      "| | C0:k@3#3<0s | Seof@3#3 Ceof@3#3 " },
    { "but for what is 1 MiB older",
      { { S, ACK, 1, 2000000, "", 0, 0, 0 }, { C, ACK, 2000000 - (1 << 20), 1, "ab", 0, 0, 0 } },
      "| C0:ab@2#2<0s | Seof@2#2 Cgap2+1048574@2#2 Ceof@2#2 " },
    /* Which RST counts (RFC 9293, section 3.10.7.4). */
    { "an RST where the next byte should be", { HANDSHAKE, ABC, { C, RST, 4, 0, "", 0, 0, 0 } }, "| | | C0:abc@4#4<0s | | | Crst@6#6 Srst@6#6 " },
    { "an RST one before it",                 { HANDSHAKE, ABC, { C, RST, 3, 0, "", 0, 0, 0 } }, "| | | C0:abc@4#4<0s | | | Crst@6#6 Srst@6#6 " },
    { "an RST two before it",                 { HANDSHAKE, ABC, { C, RST, 2, 0, "", 0, 0, 0 } }, "| | | C0:abc@4#4<0s | | | Ceof@6#6 Seof@6#6 " },
    { "an RST at the end of any window",      { HANDSHAKE, ABC, { C, RST, 4 + 65535, 0, "", 0, 0, 0 } }, "| | | C0:abc@4#4<0s | | | Crst@6#6 Srst@6#6 " },
    { "an RST beyond it",                     { HANDSHAKE, ABC, { C, RST, 5 + 65535, 0, "", 0, 0, 0 } }, "| | | C0:abc@4#4<0s | | | Ceof@6#6 Seof@6#6 " },
    { "a FIN at the end of any window",       { HANDSHAKE, ABC, { C, FIN, 4 + 65535, 1, "", 0, 0, 0 } }, "| | | C0:abc@4#4<0s | | | Cgap3+65535@6#6 Cfin@6#6 Seof@6#6 " },
    { "a FIN beyond it",                      { HANDSHAKE, ABC, { C, FIN, 5 + 65535, 1, "", 0, 0, 0 } }, "| | | C0:abc@4#4<0s | | | Ceof@6#6 Seof@6#6 " },
    /* Bytes that no window reaches were taken only if they are acknowledged. */
    { "at the end of the largest window without scaling",
      { HANDSHAKE, { C, ACK, (4 << 20) - 2, 1, "abc", 0, 0, 0 } }, "| | | | Cgap0+4194301@4#4 C4194301:abc@4#4<0s Ceof@4#4 Seof@4#4 " },
    { "beyond it", { HANDSHAKE, { C, ACK, (4 << 20) - 1, 1, "abc", 0, 0, 0 } }, "| | | | Ceof@4#4 Seof@4#4 " },
    { "beyond it, acknowledged",
      { HANDSHAKE, { C, ACK, (4 << 20) - 1, 1, "abc", 0, 0, 0 }, { S, ACK, 1, (4 << 20) + 2, "", 0, 0, 0 } }, "| | | | | Cgap0+4194302@4#5+1 C4194302:abc@4#4<0s Ceof@5#5 Seof@5#5 " },
    { "beyond it, of which nothing is acknowledged but what stands before it",
      { HANDSHAKE, { C, ACK, (4 << 20) - 1, 1, "abc", 0, 0, 0 }, { S, ACK, 1, (4 << 20) - 1, "", 0, 0, 0 } }, "| | | | | Cgap0+4194302@5#5 Ceof@5#5 Seof@5#5 " },
};
/* clang-format on */

static void bytes_leave_in_their_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        run_case(&cases[i], 1000, false);
        run_case(&cases[i], 0xfffffffbu, false);
    }
}

static void bytes_say_when_they_came(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(full_cases); i++) {
        run_case(&full_cases[i], 1000, true);
        run_case(&full_cases[i], 0xfffffffbu, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_leave_in_their_turn),
        cmocka_unit_test(bytes_say_when_they_came),
    };
    return cmocka_run_group_tests_name("tcp: turns", tests, NULL, NULL);
}
