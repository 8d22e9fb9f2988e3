/* stream: which protocol gets the chunks, with a parser made of two prefixes: a client
 * begins with "ask ", a server with "ans "; "over" ends its part of the stream, "over
 * to" announces who follows, "enough" ends the looking. A second one, whose client
 * begins with "shy ", yields. */
#include "hopscope/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct toy {
    struct stream *stream;
    struct buffer *log;
};

static enum probe toy_match(struct bytes first, const char *prefix, enum probe yes)
{
    size_t len = strlen(prefix);
    if (first.len >= len) return bytes_start_with(first, prefix) ? yes : PROBE_NO;
    return memcmp(first.ptr, prefix, first.len) == 0 ? PROBE_MORE : PROBE_NO;
}

static enum probe toy_probe(struct bytes first, bool is_all)
{
    enum probe client = toy_match(first, "ask ", PROBE_CLIENT);
    enum probe verdict =
        client == PROBE_NO ? toy_match(first, "ans ", PROBE_SERVER) : client;
    return verdict == PROBE_MORE && is_all ? PROBE_NO : verdict;
}

static void *toy_open(void *context, struct stream *stream, struct conn *conn)
{
    (void)conn;
    struct toy *t = mem_alloc(sizeof *t);
    t->stream = stream;
    t->log = context;
    buffer_append_text(t->log, "open ");
    return t;
}

static void toy_feed(void *instance, const struct chunk *chunk)
{
    struct toy *t = instance;
    static const char *const kinds[] = {"", "gap", "end"};
    buffer_print(t->log, "%c%s%.*s|", chunk->from == SIDE_CLIENT ? 'C' : 'S',
                 kinds[chunk->kind], (int)chunk->data.len,
                 chunk->data.ptr == NULL ? "" : (const char *)chunk->data.ptr);
    if (chunk->data.ptr == NULL || !bytes_start_with(chunk->data, "over")) return;
    bool again = bytes_start_with(chunk->data, "over again");
    if (bytes_start_with(chunk->data, "over to shy")) stream_announce(t->stream, "shy");
    if (bytes_start_with(chunk->data, "over to h2")) stream_announce(t->stream, "h2");
    stream_hand_over(t->stream, again);
    struct chunk rest = *chunk;
    rest.data = bytes_from(rest.data, again ? 10 : 4);
    rest.offset += again ? 10 : 4;
    if (rest.data.len > 0) stream_feed(t->stream, &rest);
}

static enum probe shy_probe(struct bytes first, bool is_all)
{
    enum probe client = toy_match(first, "shy ", PROBE_CLIENT);
    enum probe verdict =
        client == PROBE_NO ? toy_match(first, "SHY ", PROBE_SERVER) : client;
    return verdict == PROBE_MORE && is_all ? PROBE_NO : verdict;
}

static void *shy_open(void *context, struct stream *stream, struct conn *conn)
{
    buffer_append_text(context, "shy:");
    return toy_open(context, stream, conn);
}

static void shy_feed(void *instance, const struct chunk *chunk)
{
    struct toy *t = instance;
    toy_feed(instance, chunk);
    if (bytes_start_with(chunk->data, "enough")) stream_count_rest(t->stream);
}

static void toy_close(void *instance)
{
    buffer_append_text(((struct toy *)instance)->log, "close ");
    mem_free(instance);
}

struct stream_case {
    const char *name;
    bool is_midstream;
    const char *chunks[8]; /* "C..." or "S..."; "C-": end, "C?": gap */
    const char *log;
    enum conn_protocol protocol;
    enum role_basis basis;
    bool is_flipped;
};

static const struct stream_case cases[] = {
    {"client first",
     false,
     {"Cask 1", "Sans 1"},
     "open Cask 1|Sans 1|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"a prefix cut in pieces",
     false,
     {"Ca", "Cs", "Ck ", "Cx"},
     "open Ca|Cs|Ck |Cx|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"server first",
     false,
     {"Sans 1", "Cask 2"},
     "open Sans 1|Cask 2|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"client's rubbish is given too when the server is sure",
     false,
     {"Crubbish", "Sans 1"},
     "open Crubbish|Sans 1|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"neither",
     false,
     {"Chello", "Shello", "Cask 1"},
     "",
     PROTOCOL_OTHER,
     ROLE_SYN,
     false},
    {"a prefix that is never whole",
     false,
     {"Cas", "C-", "S-"},
     "",
     PROTOCOL_OTHER,
     ROLE_SYN,
     false},
    {"roles from a SYN stay",
     false,
     {"Sask 1", "Cans 1"},
     "",
     PROTOCOL_OTHER,
     ROLE_SYN,
     false},
    {"midstream: the bytes decide the roles",
     true,
     {"Sask 1", "Cans 1"},
     "open Cask 1|Sans 1|close ",
     PROTOCOL_HTTP,
     ROLE_REQUEST,
     true},
    {"midstream: an answer tells too",
     true,
     {"Cans 1"},
     "open Sans 1|close ",
     PROTOCOL_HTTP,
     ROLE_STATUS,
     true},
    {"midstream: the rest of something unknown is left out",
     true,
     {"Srest", "Cask 1", "Sans 1"},
     "open Cask 1|Sans 1|close ",
     PROTOCOL_HTTP,
     ROLE_REQUEST,
     false},
    {"after a gap a message may begin",
     false,
     {"Crest", "C?", "Cask 1"},
     "open Crest|Cgap|Cask 1|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"handed over and only counted",
     false,
     {"Cask 1", "Cover.ask 2", "Cask 3"},
     "open Cask 1|Cover.ask 2|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"handed over and probed again",
     false,
     {"Cask 1", "Cover againask 2", "Sans 2"},
     "open Cask 1|Cover againask 2|open Cask 2|close Sans 2|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"TLS is named",
     false,
     {"C\x16\x03\x01\x02\x01\x01", "S\x16\x03\x03\x01\x01\x02"},
     "",
     PROTOCOL_TLS,
     ROLE_SYN,
     false},
    {"TLS answered in clear",
     false,
     {"C\x16\x03\x01\x02\x01\x01", "Sans 400"},
     "open C\x16\x03\x01\x02\x01\x01|Sans 400|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"one that yields, and a stranger",
     false,
     {"Cshy 1", "Sother", "Cmore", "C-"},
     "shy:open Cshy 1|Sother|Cmore|Cend|close ",
     PROTOCOL_TLS,
     ROLE_SYN,
     false},
    {"one that yields to what answers it",
     false,
     {"Cshy 1", "Sans 400"},
     "open Cshy 1|Sans 400|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"one that yields, and nobody answers",
     false,
     {"Csh", "Cy 1", "C-", "S-"},
     "shy:open Csh|Cy 1|Cend|Send|close ",
     PROTOCOL_TLS,
     ROLE_SYN,
     false},
    {"one that yields, both sides known at once",
     true,
     {"SSHY 1", "Cshy 1", "Smore"},
     "shy:open SSHY 1|Cshy 1|Smore|close ",
     PROTOCOL_TLS,
     ROLE_STATUS,
     false},
    {"one that yields tells who the client is",
     true,
     {"Sshy 1", "Cother", "Smore"},
     "shy:open Cshy 1|Cmore|close ",
     PROTOCOL_TLS,
     ROLE_REQUEST,
     true},
    {"seen enough",
     false,
     {"Cshy 1", "Sother", "Cenough", "Cmore", "Smore"},
     "shy:open Cshy 1|Sother|Cenough|close ",
     PROTOCOL_TLS,
     ROLE_SYN,
     false},
    {"seen enough before the other side has spoken",
     false,
     {"Cshy 1", "Cenough", "C-"},
     "shy:open Cshy 1|Cenough|close ",
     PROTOCOL_TLS,
     ROLE_SYN,
     false},
    {"announced: whatever its bytes are",
     false,
     {"Cask 1", "Cover to shy", "Sask 2", "Cask 3"},
     "open Cask 1|Cover to shy|shy:open C to shy|close Sask 2|Cask 3|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"announced, but it is only a name",
     false,
     {"Cask 1", "Cover to h2", "Sask 2"},
     "open Cask 1|Cover to h2|close ",
     PROTOCOL_HTTP,
     ROLE_SYN,
     false},
    {"HTTP/2 is named",
     false,
     {"CPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
     "",
     PROTOCOL_H2,
     ROLE_SYN,
     false},
    {"nothing was said", false, {"C-", "S-"}, "", PROTOCOL_NONE, ROLE_SYN, false},
};

static void feed_text(struct stream *s, struct conn *conn, const char *text,
                      uint64_t offsets[2])
{
    int direction = text[0] == 'C' ? 0 : 1;
    struct chunk chunk = {
        .from = (enum side)(direction ^ (conn->is_flipped ? 1 : 0)),
        .starts_segment = true,
        .offset = offsets[direction],
        .data = bytes_of_text(text + 1),
    };
    if (text[1] == '-' || text[1] == '?') {
        chunk.kind = text[1] == '-' ? CHUNK_END : CHUNK_GAP;
        chunk.data = bytes_of(NULL, 0);
    }
    offsets[direction] += chunk.data.len;
    stream_feed(s, &chunk);
}

static void run_case(const struct stream_case *c)
{
    struct buffer log = {0};
    struct protocol protocols[] = {
        {.name = "toy",
         .protocol = PROTOCOL_HTTP,
         .probe = toy_probe,
         .open = toy_open,
         .feed = toy_feed,
         .close = toy_close,
         .context = &log},
        {.name = "h2", .protocol = PROTOCOL_H2, .probe = recognise_h2},
        {.name = "tls", .protocol = PROTOCOL_TLS, .probe = recognise_tls},
        {.name = "shy",
         .protocol = PROTOCOL_TLS,
         .probe = shy_probe,
         .open = shy_open,
         .feed = shy_feed,
         .close = toy_close,
         .context = &log,
         .yields = true},
    };
    struct conn conn = {
        .open_kind = c->is_midstream ? OPEN_MIDSTREAM : OPEN_HANDSHAKE,
        .role_basis = c->is_midstream ? ROLE_PORT : ROLE_SYN,
    };
    struct streams *all = streams_new(protocols, ARRAY_LENGTH(protocols));
    struct stream *s = stream_new(all, &conn);
    uint64_t offsets[2] = {0, 0};
    for (int i = 0; i < 8 && c->chunks[i] != NULL; i++)
        feed_text(s, &conn, c->chunks[i], offsets);
    stream_close(s);
    stream_free(s);
    streams_free(all);
    if (!bytes_are(buffer_bytes(&log), c->log))
        fail_msg("%s: got \"%.*s\"", c->name, (int)log.len, (const char *)log.ptr);
    assert_int_equal(conn.protocol, c->protocol);
    assert_int_equal(conn.role_basis, c->basis);
    assert_int_equal(conn.is_flipped, c->is_flipped);
    buffer_done(&log);
}

static void protocols_are_chosen_by_their_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) run_case(&cases[i]);
}

static void findings_are_bounded_and_counted(void **state)
{
    (void)state;
    struct conn conn = {.open_kind = OPEN_HANDSHAKE};
    struct chunk at = {.from = SIDE_SERVER, .ref = 7, .captured_ns = 9};
    char evidence[100];
    memset(evidence, 'e', sizeof evidence);
    for (int i = 0; i < 20; i++)
        conn_note(&conn, FINDING_LINE_LF, SEVERITY_UNKNOWN, &at, 5,
                  bytes_of(evidence, sizeof evidence));
    assert_int_equal(conn.findings->count, FINDING_ROWS_PER_CODE);
    assert_int_equal(conn.findings->total, 20);
    assert_int_equal(conn.findings->rows[0].evidence_length, FINDING_EVIDENCE_MAX);
    assert_int_equal(conn.findings->rows[0].severity, SEVERITY_WARNING);
    for (int code = 0; code < FINDING_CODE_COUNT; code++)
        for (int i = 0; i < 3; i++)
            conn_note(&conn, (enum finding_code)code, SEVERITY_INFO, &at, 0,
                      bytes_of(NULL, 0));
    assert_int_equal(conn.findings->count, FINDING_ROWS_MAX);
    assert_int_equal(conn.findings->total, 20 + 3 * FINDING_CODE_COUNT);
    finding_list_free(conn.findings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protocols_are_chosen_by_their_bytes),
        cmocka_unit_test(findings_are_bounded_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
