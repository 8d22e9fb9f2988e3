/* websocket: frames as bytes in, the account as a line out; each case whole, cut in two
 * at every byte, and byte by byte, flush against a guard page. */
#include "hopscope/websocket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "guard_page.h"

enum { PIECES_MAX = 8, ROOM = 1 << 17 };

enum piece_kind { PIECE_NONE, PIECE_DATA, PIECE_GAP, PIECE_FIN };

struct piece {
    enum piece_kind kind;
    enum side from;
    const char *bytes;
    size_t length; /* of the bytes or of the gap */
};

/* clang-format off */
#define C(t)    { PIECE_DATA, SIDE_CLIENT, t, sizeof(t) - 1 }
#define S(t)    { PIECE_DATA, SIDE_SERVER, t, sizeof(t) - 1 }
#define SGAP(n) { PIECE_GAP, SIDE_SERVER, NULL, n }
#define CFIN    { PIECE_FIN, SIDE_CLIENT, NULL, 0 }

struct frames_case {
    const char *name;
    uint8_t reserved_bits;
    struct piece pieces[PIECES_MAX];
    const char *account; /* frames, messages, payload: client/server; close; RTTs */
    const char *findings;
};

#define M "\x80\0\0\0\0" /* an empty mask, behind "\x8?": masked, so many bytes */

static const struct frames_case cases[] = {
    { "nothing at all", 0, { CFIN }, "0/0 0/0 0/0 1006? 0", "C:ws_no_close@0 " },
    { "nothing, and no end", 0, { SGAP(0) }, "0/0 0/0 0/0 0? 0", "" },
    { "one each", 0, { C("\x81\x82\1\2\3\4ab"), S("\x82\x01x") }, "1/1 1/1 2/1 0? 0", "" },
    { "empty ones", 0, { C("\x81\x80\1\2\3\4"), S("\x82\0\x81\0") }, "1/2 1/2 0/0 0? 0", "" },
    { "pieces of a message", 0, { S("\x01\1a\x00\1b\x89\1p\x80\1c\x81\1d") }, "0/5 0/2 0/5 0? 0", "" },
    { "16 bits of length", 0, { S("\x82\x7e\0\x7f"), SGAP(127), S("\x81\0") }, "0/2 0/2 0/127 0? 0", "" },
    { "64 bits of length", 0, { S("\x82\x7f\0\0\0\0\0\1\0\0"), SGAP(65536), S("\x81\0") }, "0/2 0/2 0/65536 0? 0", "" },
    { "16 bits where 7 do", 0, { S("\x82\x7e\0\x02hi") }, "0/1 0/1 0/2 0? 0", "S:ws_frame_invalid@0 " },
    { "64 bits where 16 do", 0, { S("\x82\x7f\0\0\0\0\0\0\0\x02hi\x81\0") }, "0/2 0/2 0/2 0? 0", "S:ws_frame_invalid@0 " },
    { "a length without end", 0, { S("\x82\x7f\x80\0\0\0\0\0\0\0hi") }, "0/1 0/0 0/0 0? 0", "S:ws_frame_invalid@0 " },
    { "a length of exabytes", 0, { S("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffhi") }, "0/1 0/0 0/2 0? 0", "" },
    { "unmasked client", 0, { C("\x81\2hi") }, "1/0 1/0 2/0 0? 0", "C:ws_mask_wrong@0 " },
    { "masked server", 0, { S("\x81\x82\1\2\3\4hi") }, "0/1 0/1 0/2 0? 0", "S:ws_mask_wrong@0 " },
    { "opcodes nobody has", 0, { S("\x83\1x\x8b\1y") }, "0/2 0/1 0/2 0? 0", "S:ws_frame_invalid@0 S:ws_frame_invalid@3 " },
    { "bits without extension", 0, { S("\xc1\1x\xa1\1x\x91\1x") }, "0/3 0/3 0/3 0? 0", "S:ws_frame_invalid@0 S:ws_frame_invalid@3 S:ws_frame_invalid@6 " },
    { "compressed", 0x40, { S("\xc1\1x\x41\1y\x80\1z") }, "0/3 0/2 0/3 0? 0", "" },
    { "compressed where it may not", 0x40, { S("\x01\1x\xc0\1y\xc9\1z\xa1\1w") }, "0/4 0/2 0/4 0? 0", "S:ws_frame_invalid@3 S:ws_frame_invalid@6 S:ws_frame_invalid@9 " },
    { "an extension we do not know", 0x70, { S("\xf1\1x\xb0\1y") }, "0/2 0/2 0/2 0? 0", "S:ws_frame_invalid@3 " },
    { "control in pieces", 0, { S("\x09\1x") }, "0/1 0/0 0/1 0? 0", "S:ws_frame_invalid@0 " },
    { "control too long", 0, { S("\x8a\x7e\0\x7e"), SGAP(126), S("\x81\0") }, "0/2 0/1 0/126 0? 0", "S:ws_frame_invalid@0 " },
    { "a continuation of nothing", 0, { S("\x80\1x") }, "0/1 0/1 0/1 0? 0", "S:ws_frame_invalid@0 " },
    { "a message within one", 0, { S("\x01\1x\x81\1y") }, "0/2 0/1 0/2 0? 0", "S:ws_frame_invalid@3 " },
    { "close, echoed", 0, { C("\x88\x82\1\1\1\1\2\xe9"), S("\x88\2\3\xe8"), CFIN }, "1/1 0/0 2/2 1000C 0", "" },
    { "close without a code", 0, { S("\x88\0"), C("\x88" M) }, "1/1 0/0 0/0 1005S 0", "" },
    { "close with half a code", 0, { S("\x88\1\3") }, "0/1 0/0 0/1 1005S 0", "S:ws_frame_invalid@0 " },
    { "close by a code never sent", 0, { S("\x88\2\3\xee") }, "0/1 0/0 0/2 1006S 0", "S:ws_frame_invalid@0 " },
    { "close by a code of nobody's", 0, { S("\x88\2\7\xd0") }, "0/1 0/0 0/2 2000S 0", "S:ws_frame_invalid@0 " },
    { "close by a private code", 0, { S("\x88\4\x0f\xa0no") }, "0/1 0/0 0/4 4000S 0", "" },
    { "data after close", 0, { S("\x88\0\x8a\0\x81\0") }, "0/3 0/1 0/0 1005S 0", "S:ws_frame_invalid@4 " },
    { "the first code counts", 0, { S("\x88\2\3\xe9\x88\2\3\xe8") }, "0/2 0/0 0/4 1001S 0", "" },
    { "ping and pong", 0, { S("\x89\2hi"), C("\x8a\x82\1\2\3\4ik") }, "1/1 0/0 2/2 0? 1", "" },
    { "pong of something else", 0, { S("\x89\2hi"), C("\x8a\x82\0\0\0\0ho") }, "1/1 0/0 2/2 0? 0", "" },
    { "pong before its ping", 0, { C("\x8a" M), S("\x89\0") }, "1/1 0/0 0/0 0? 0", "" },
    { "pong of one's own", 0, { S("\x89\0\x8a\0") }, "0/2 0/0 0/0 0? 0", "" },
    { "empty ones both ways", 0, { S("\x89\0"), C("\x89" M "\x8a" M), S("\x8a\0") }, "2/2 0/0 0/0 0? 2", "" },
    { "the latest of several", 0, { S("\x89\1" "1\x89\1" "2\x89\1" "3"), C("\x8a\x81\0\0\0\0" "2\x8a\x81\0\0\0\0" "1") }, "2/3 0/0 2/3 0? 1", "" },
    { "a gap in a payload", 0, { S("\x82\x0a" "ab"), SGAP(6), S("cd\x81\0") }, "0/2 0/2 0/10 0? 0", "" },
    { "a gap to a payload's end", 0, { S("\x82\x0a" "ab"), SGAP(8), S("\x81\0") }, "0/2 0/2 0/10 0? 0", "" },
    { "a gap in a ping", 0, { S("\x89\4ab"), SGAP(1), S("d"), C("\x8a\x84\0\0\0\0abcd") }, "1/1 0/0 4/4 0? 0", "" },
    { "a gap in a code", 0, { S("\x88\2"), SGAP(2) }, "0/1 0/0 0/2 0S 0", "" },
    { "a gap over a header", 0, { S("\x82\2" "ab"), SGAP(2), S("no frames"), CFIN }, "0/1 0/1 0/2 0? 0", "" },
    { "a gap over more than the payload", 0, { S("\x82\2" "a"), SGAP(9), S("no frames"), CFIN }, "0/1 0/1 0/2 0? 0", "" },
};
/* clang-format on */

struct run {
    struct conn conn;
    struct websocket_setup setup;
    struct websocket_account account;
    uint32_t closed;
};

static void *run_open(void *context, struct conn *conn, struct websocket_setup *setup)
{
    struct run *r = context;
    assert_ptr_equal(conn, &r->conn);
    *setup = r->setup;
    return r;
}

static void run_closed(void *opened, const struct websocket_account *account)
{
    struct run *r = opened;
    r->account = *account;
    r->closed++;
}

/* How the bytes of a side are cut: at one place of all the data, or everywhere. */
enum { CUT_NOWHERE = -1, CUT_EVERYWHERE = -2 };

struct player {
    const struct protocol *protocol;
    void *instance;
    struct guard_page *guard;
    uint64_t offset[2];
    long at, cut; /* bytes of data so far; see above */
};

static void play_data(struct player *p, struct chunk *chunk, struct bytes data)
{
    bool is_first = true;
    while (data.len > 0 || is_first) {
        size_t length = data.len;
        if (p->cut == CUT_EVERYWHERE && length > 1) length = 1;
        if (p->cut > p->at && (size_t)(p->cut - p->at) < length)
            length = (size_t)(p->cut - p->at);
        chunk->data = guard_page_place(p->guard, bytes_first(data, length));
        chunk->offset = p->offset[chunk->from];
        chunk->starts_segment = is_first;
        p->protocol->feed(p->instance, chunk);
        p->offset[chunk->from] += length;
        p->at += (long)length;
        data = bytes_from(data, length);
        is_first = false;
    }
}

static void play(struct player *p, const struct piece *piece)
{
    struct chunk chunk = {.from = piece->from,
                          .captured_ns = 1000,
                          .ref = 1,
                          .offset = p->offset[piece->from],
                          .peer_acked = p->offset[side_other(piece->from)]};
    switch (piece->kind) {
    case PIECE_NONE: return;
    case PIECE_DATA:
        play_data(p, &chunk, bytes_of(piece->bytes, piece->length));
        return;
    case PIECE_GAP:
        chunk.kind = CHUNK_GAP;
        chunk.missing = piece->length;
        if (piece->length > 0) p->protocol->feed(p->instance, &chunk);
        p->offset[piece->from] += piece->length;
        return;
    case PIECE_FIN:
        chunk.kind = CHUNK_END;
        chunk.end = CHUNK_END_FIN;
        p->protocol->feed(p->instance, &chunk);
        return;
    }
}

static void describe(const struct run *r, struct buffer *account,
                     struct buffer *findings)
{
    static const char by[] = {'?', 'C', 'S', 'B'};
    const struct websocket_account *a = &r->account;
    const struct websocket_side *c = &a->side[0], *s = &a->side[1];
    buffer_print(account, "%llu/%llu %llu/%llu %llu/%llu %u%c %llu",
                 (unsigned long long)c->frames, (unsigned long long)s->frames,
                 (unsigned long long)c->messages, (unsigned long long)s->messages,
                 (unsigned long long)c->payload_bytes,
                 (unsigned long long)s->payload_bytes, a->close_code, by[a->close_by],
                 (unsigned long long)a->rtt_count);
    const struct finding_list *list = r->conn.findings;
    for (uint32_t i = 0; list != NULL && i < list->count; i++)
        buffer_print(findings, "%c:%s@%llu ", list->rows[i].side == 0 ? 'C' : 'S',
                     finding_describe(list->rows[i].code)->name,
                     (unsigned long long)list->rows[i].offset);
}

static long run_case(const struct frames_case *c, struct guard_page *guard, long cut)
{
    struct run r = {.setup = {.reserved_bits = c->reserved_bits}};
    struct websocket_sink sink = {&r, run_open, run_closed};
    struct protocol protocol = websocket_protocol(&sink);
    struct player p = {.protocol = &protocol, .guard = guard, .cut = cut};
    struct buffer account = {.ptr = NULL}, findings = {.ptr = NULL};
    p.instance = protocol.open(protocol.context, NULL, &r.conn);
    for (size_t i = 0; i < PIECES_MAX; i++) play(&p, &c->pieces[i]);
    protocol.close(p.instance);
    describe(&r, &account, &findings);
    if (r.closed != 1 || !bytes_are(buffer_bytes(&account), c->account) ||
        !bytes_are(buffer_bytes(&findings), c->findings))
        fail_msg("%s, cut %ld: %.*s | %.*s", c->name, cut, (int)account.len,
                 (const char *)account.ptr, (int)findings.len,
                 (const char *)findings.ptr);
    buffer_done(&account);
    buffer_done(&findings);
    finding_list_free(r.conn.findings);
    return p.at;
}

static void frames_are_counted_however_they_are_cut(void **state)
{
    struct guard_page guard;
    (void)state;
    guard_page_init(&guard, ROOM);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        long length = run_case(&cases[i], &guard, CUT_NOWHERE);
        for (long cut = 1; cut < length; cut++) run_case(&cases[i], &guard, cut);
        run_case(&cases[i], &guard, CUT_EVERYWHERE);
    }
    guard_page_done(&guard);
}

/* After a loss, frames are looked for where segments begin; that depends on the cuts.
 */
static void frames_are_found_again(void **state)
{
    /* clang-format off */
    static const struct frames_case found[] = {
        { "two whole frames", 0, { S("\x81\1x"), SGAP(3), S("rest"), S("\x81\1y\x88\0") }, "0/3 0/2 0/2 1005S 0", "" },
        { "masked ones", 0, { C("\x81\x81\0\0\0\0x"), { PIECE_GAP, SIDE_CLIENT, NULL, 3 }, C("\x81\x81\0\0\0\0y") }, "2/0 2/0 2/0 0? 0", "" },
        { "half a frame is none", 0, { S("\x81\1x"), SGAP(3), S("\x81\2y") }, "0/1 0/1 0/1 0? 0", "" },
        { "nor is a masked one of a server", 0, { S("\x81\1x"), SGAP(3), S("\x81\x81\0\0\0\0y") }, "0/1 0/1 0/1 0? 0", "" },
        { "a continuation may go on", 0, { S("\x01\1x"), SGAP(3), S("\x80\1y"), S("\x81\0") }, "0/3 0/2 0/2 0? 0", "" },
    };
    /* clang-format on */
    struct guard_page guard;
    (void)state;
    guard_page_init(&guard, ROOM);
    for (size_t i = 0; i < ARRAY_LENGTH(found); i++)
        run_case(&found[i], &guard, CUT_NOWHERE);
    guard_page_done(&guard);
}

static void round_trips_are_measured(void **state)
{
    struct run r = {.setup = {.reserved_bits = 0}};
    struct websocket_sink sink = {&r, run_open, run_closed};
    struct protocol protocol = websocket_protocol(&sink);
    void *w = protocol.open(protocol.context, NULL, &r.conn);
    static const uint8_t ping[] = {0x89, 0}, pong[] = {0x8a, 0x80, 0, 0, 0, 0};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct chunk chunk = {.from = SIDE_SERVER,
                              .captured_ns = i * 1000,
                              .data = bytes_of(ping, sizeof ping)};
        protocol.feed(w, &chunk);
        chunk = (struct chunk){.from = SIDE_CLIENT,
                               .captured_ns = i * 1000 + 100 * (i + 1),
                               .data = bytes_of(pong, sizeof pong)};
        protocol.feed(w, &chunk);
    }
    protocol.close(w);
    assert_int_equal(r.account.rtt_count, 3);
    assert_int_equal(r.account.rtt_min_ns, 100);
    assert_int_equal(r.account.rtt_max_ns, 300);
    assert_int_equal(r.account.rtt_sum_ns, 600);
}

static void pings_without_end_are_bounded(void **state)
{
    struct run r = {.setup = {.reserved_bits = 0}};
    struct websocket_sink sink = {&r, run_open, run_closed};
    struct protocol protocol = websocket_protocol(&sink);
    void *w = protocol.open(protocol.context, NULL, &r.conn);
    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        uint8_t ping[] = {0x89, 1, (uint8_t)i};
        struct chunk chunk = {.from = SIDE_SERVER, .data = bytes_of(ping, 3)};
        protocol.feed(w, &chunk);
    }
    for (unsigned i = 0; i < 100; i++) {
        uint8_t pong[] = {0x8a, 0x81, 0, 0, 0, 0, (uint8_t)i};
        struct chunk chunk = {.from = SIDE_CLIENT, .data = bytes_of(pong, 7)};
        protocol.feed(w, &chunk);
    }
    protocol.close(w);
    assert_int_equal(r.account.side[SIDE_SERVER].by_opcode[WEBSOCKET_PING], 100);
    assert_int_equal(r.account.rtt_count, WEBSOCKET_PINGS_MAX);
}

static void accept_keys(void **state)
{
    /* The key of RFC 6455, section 1.3. */
    static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
    static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    char longest[4096];
    (void)state;
    memset(longest, 'k', sizeof longest);
    struct bytes k = bytes_of_text(key), a = bytes_of_text(accept);
    assert_true(websocket_accepts(k, a));
    assert_true(websocket_accepts(bytes_of_text(" \tdGhlIHNhbXBsZSBub25jZQ== "), a));
    assert_false(websocket_accepts(k, k));
    assert_false(websocket_accepts(k, bytes_of_text("S3PPLMBITXAQ9KYGZZHZRBK+XOO=")));
    assert_false(websocket_accepts(k, bytes_of(NULL, 0)));
    assert_false(websocket_accepts(bytes_of(NULL, 0), a));
    assert_false(websocket_accepts(bytes_of(longest, sizeof longest), a));
    for (size_t i = 0; i < sizeof longest; i += 37)
        assert_false(websocket_accepts(bytes_of(longest, i), a));
}

static void extensions_give_bits_a_meaning(void **state)
{
    /* clang-format off */
    static const struct { const char *text; uint8_t bits; } lists[] = {
        { "", 0 },
        { "permessage-deflate", WEBSOCKET_BIT_DEFLATE },
        { " Permessage-Deflate ; client_max_window_bits=15", WEBSOCKET_BIT_DEFLATE },
        { ", permessage-deflate;a, ,", WEBSOCKET_BIT_DEFLATE },
        { "x-webkit-deflate-frame", WEBSOCKET_BITS_RESERVED },
        { "mux, permessage-deflate", WEBSOCKET_BITS_RESERVED },
        { ";", 0 }, { ",", 0 },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++)
        assert_int_equal(websocket_setup_of(bytes_of_text(lists[i].text)).reserved_bits,
                         lists[i].bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_counted_however_they_are_cut),
        cmocka_unit_test(frames_are_found_again),
        cmocka_unit_test(round_trips_are_measured),
        cmocka_unit_test(pings_without_end_are_bounded),
        cmocka_unit_test(accept_keys),
        cmocka_unit_test(extensions_give_bits_a_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
