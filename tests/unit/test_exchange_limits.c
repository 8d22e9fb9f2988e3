/* exchange: caps, a sink that fails, rows of what is unfinished, kept header fields. */
#include "tracker_bench.h"

/* ---- caps ---- */

/* More unanswered requests than are kept: the oldest goes out as it is. */
static void the_oldest_leaves_at_the_cap(void **state)
{
    enum { MORE = 3 };
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    struct message open = bench_message(&b, SIDE_CLIENT, 0);
    bench_head(&b, &open); /* its end comes when it is gone */
    struct message answered = bench_message(&b, SIDE_SERVER, 0);
    bench_head(&b, &answered);
    for (int i = 1; i < EXCHANGE_PENDING_MAX + MORE; i++) bench_request(&b, 0);
    assert_int_equal(b.exchange_count, MORE);
    assert_int_equal(b.exchanges[0].row.state, EXCHANGE_REQUEST_INCOMPLETE);
    assert_int_equal(b.exchanges[1].row.state, EXCHANGE_NO_RESPONSE);
    bench_end(&b, &answered);
    assert_int_equal(b.exchange_count, MORE);
    bench_over(&b, CLOSE_OPEN);
    assert_int_equal(b.exchange_count, EXCHANGE_PENDING_MAX + MORE);
    assert_int_equal(b.connection.exchanges, EXCHANGE_PENDING_MAX + MORE);
    bench_done(&b);
}

/* Finished ones are used again, up to a number and a size; each starts empty. */
static void used_again_exchanges_start_empty(void **state)
{
    enum { DEEP = 300 };
    static char target[6000];
    struct bench b;
    (void)state;
    memset(target, 'a', sizeof target - 1);
    bench_init(&b, NULL);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < DEEP / 2; i++) {
            struct message m = bench_message(&b, SIDE_CLIENT, 0);
            if (turn == 0 && i == 0) m.target = bytes_of_text(target);
            if (turn == 0) m.host = bytes_of_text("first");
            bench_head(&b, &m);
            bench_end(&b, &m);
        }
        for (int i = 0; i < DEEP / 2; i++) bench_response(&b, b.offset[SIDE_CLIENT]);
    }
    assert_int_equal(b.exchange_count, DEEP);
    for (int i = 0; i < DEEP; i++)
        assert_string_equal(b.exchanges[i].host, i < DEEP / 2 ? "first" : "");
    for (int i = 0; i < DEEP; i++) bench_request(&b, 0);
    for (int i = 0; i < DEEP; i++) bench_response(&b, b.offset[SIDE_CLIENT]);
    assert_int_equal(b.exchange_count, 2 * DEEP);
    bench_expect(&b, CLOSE_OPEN, "");
    tracker_free(NULL); /* allowed */
}

/* ---- what the sink refuses ---- */

static void tell_a_little(struct bench *b)
{
    bench_request(b, 0);
    bench_response(b, 100);
    struct message m = bench_message(b, SIDE_CLIENT, 0);
    m.method = METHOD_CONNECT;
    bench_head(b, &m);
    const struct header_field field = {
        .message = &m, .position = 1, .name = bytes_of_text("A"), .value = m.target};
    if (tracker_messages(b->tracker)->field != NULL)
        tracker_messages(b->tracker)->field(b->story, &field);
    bench_end(b, &m);
    tracker_update(b->tracker, &b->conn);
    struct message r = bench_message(b, SIDE_SERVER, 200);
    r.framing = FRAMING_TUNNEL;
    if (tracker_messages(b->tracker)->field != NULL) {
        const struct header_field answer = {.message = &r, .position = 1};
        tracker_messages(b->tracker)->field(b->story, &answer);
        tracker_messages(b->tracker)->field(b->story, &answer);
    }
    bench_head(b, &r);
    bench_end(b, &r);
    const uint64_t offsets[2] = {b->offset[SIDE_CLIENT], b->offset[SIDE_SERVER]};
    tracker_messages(b->tracker)->switched(b->story, &r, offsets);
    struct chunk at = {.from = SIDE_CLIENT, .ref = 1};
    for (int i = 0; i < 2; i++)
        conn_note(&b->conn, FINDING_LINE_LF, SEVERITY_UNKNOWN, &at,
                  i == 0 ? 20 : OFFSET_UNKNOWN, bytes_of_text("x"));
    tracker_update(b->tracker, &b->conn);
}

/* From the record on that it refuses, the sink gets none. */
static void nothing_follows_a_refused_record(void **state)
{
    int puts = 0;
    (void)state;
    for (bool is_all_taken = false; !is_all_taken; puts++) {
        const struct tracker_options options = {.sink = {.update = bench_update},
                                                .wants_headers = true};
        struct bench b;
        bench_init(&b, &options);
        b.puts_left = puts;
        tell_a_little(&b);
        bench_over(&b, CLOSE_KIND_UNKNOWN);
        is_all_taken = tracker_status(b.tracker) == STATUS_OK;
        assert_int_equal(b.refused, 0);
        bench_done(&b);
    }
    assert_in_range(puts, 10, 20);
}

/* ---- what is unfinished (live) ---- */

static void only_the_first_unfinished_are_shown(void **state)
{
    const struct tracker_options options = {.sink = {.update = bench_update}};
    struct bench b;
    (void)state;
    bench_init(&b, &options);
    for (int i = 0; i < EXCHANGE_UPDATES_MAX + 6; i++) bench_request(&b, 0);
    tracker_update(b.tracker, &b.conn);
    assert_int_equal(b.updates, EXCHANGE_UPDATES_MAX);
    bench_expect(&b, CLOSE_OPEN, "");
}

/* A finding goes out once nothing can claim it any more: its exchange is over, or none
 * is pending, and it is old, or the connection is over. */
static void findings_wait_for_their_exchange(void **state)
{
    const struct tracker_options options = {.sink = {.update = bench_update}};
    struct bench b;
    (void)state;
    bench_init(&b, &options);
    struct chunk at = {.from = SIDE_CLIENT, .ref = 7, .captured_ns = b.now_ns};
    conn_note(&b.conn, FINDING_LINE_LF, SEVERITY_UNKNOWN, &at, 0, bytes_of(NULL, 0));
    b.conn.end_ns = b.now_ns;
    tracker_update(b.tracker, &b.conn);
    assert_int_equal(b.findings.len, 0); /* a message may still begin before it */
    bench_request(&b, 0);
    b.conn.end_ns = b.now_ns + 10 * 1000000000LL;
    tracker_update(b.tracker, &b.conn);
    assert_int_equal(b.findings.len, 0); /* its exchange is pending */
    bench_response(&b, 100);
    tracker_update(b.tracker, &b.conn);
    assert_int_equal(b.findings.len, strlen("line_lf@0 "));
    tracker_update(b.tracker, &b.conn); /* once */
    at.captured_ns = b.conn.end_ns;
    conn_note(&b.conn, FINDING_LINE_CR, SEVERITY_UNKNOWN, &at, 5000, bytes_of(NULL, 0));
    tracker_update(b.tracker, &b.conn); /* young, and in no exchange */
    assert_int_equal(b.findings.len, strlen("line_lf@0 "));
    b.conn.end_ns += 10 * 1000000000LL;
    tracker_update(b.tracker, &b.conn);
    assert_int_equal(b.findings.len, strlen("line_lf@0 line_cr@5000 "));
    at.captured_ns = b.conn.end_ns;
    conn_note(&b.conn, FINDING_LINE_LF, SEVERITY_UNKNOWN, &at, 6000, bytes_of(NULL, 0));
    b.conn.close_kind = CLOSE_RST;
    tracker_update(b.tracker, &b.conn);
    bench_expect(&b, CLOSE_OPEN, "line_lf@0 line_cr@5000 line_lf@6000 ");
}

/* A connection without messages has no story, and its row none of its figures. */
static void a_connection_without_messages(void **state)
{
    const struct tracker_options options = {.sink = {.update = bench_update}};
    struct bench b;
    (void)state;
    for (int is_live = 0; is_live < 2; is_live++) {
        bench_init(&b, is_live ? &options : NULL);
        struct conn other = b.conn;
        other.story = NULL;
        other.protocol = is_live ? PROTOCOL_HTTP : PROTOCOL_OTHER;
        tracker_update(b.tracker, &other);
        tracker_closed(b.tracker, &other);
        tracker_expired(b.tracker, &other);
        assert_true(b.is_connection_there);
        assert_int_equal(b.connection.exchanges, 0);
        assert_true(bytes_are(b.connection.protocol, is_live ? "http/1.1" : "other"));
        bench_expect(&b, CLOSE_OPEN, "");
    }
}

/* ---- numbers that are not pending ---- */

static void only_the_pending_are_answered_or_given_up(void **state)
{
    struct bench b;
    (void)state;
    bench_init(&b, NULL);
    for (int i = 0; i < 3; i++) bench_request(&b, 0);
    tracker_messages(b.tracker)->lost(b.story, 2, 1, 40);
    assert_int_equal(b.exchange_count, 0); /* the first one still waits */
    struct message strange = bench_message(&b, SIDE_SERVER, 300);
    strange.answers = 99;
    bench_head(&b, &strange);
    bench_end(&b, &strange);
    bench_over(&b, CLOSE_OPEN);
    assert_int_equal(b.exchange_count, 4);
    assert_int_equal(b.exchanges[0].row.state, EXCHANGE_NO_REQUEST);
    assert_true(b.exchanges[0].row.message[0].missing_bytes == RECORD_UNKNOWN);
    for (int i = 1; i < 4; i++)
        assert_int_equal(b.exchanges[i].row.status, RECORD_UNKNOWN);
    assert_int_equal(b.exchanges[2].row.message[1].missing_bytes, 40);
    bench_done(&b);
}

/* Memory ran out, or the capture ended: what was unfinished is open, not cut. */
static void unfinished_is_open_when_we_stop_looking(void **state)
{
    static const enum close_kind kinds[] = {CLOSE_OPEN, CLOSE_IDLE, CLOSE_RST};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        struct bench b;
        bench_init(&b, NULL);
        bench_request(&b, 0);
        bench_over(&b, kinds[i]);
        assert_int_equal(b.exchanges[0].row.state,
                         kinds[i] == CLOSE_RST ? EXCHANGE_NO_RESPONSE : EXCHANGE_OPEN);
        bench_done(&b);
    }
}

/* ---- header fields ---- */

struct kept_fields {
    struct buffer text; /* "side position name: value, " */
};

static enum status keep_field(void *context, enum record_kind kind, const void *record)
{
    struct kept_fields *kept = context;
    const struct record_header *row = record;
    if (kind != RECORD_HEADER) return STATUS_OK;
    buffer_print(&kept->text, "%d %lld %.*s: %.*s, ", row->side,
                 (long long)row->position, (int)row->name.len,
                 (const char *)row->name.ptr, (int)(row->value.len % 1000),
                 (const char *)row->value.ptr);
    return STATUS_OK;
}

/* Fields of a request and its response, "name: value". */
static void play_fields(struct tracker *t, struct conn *conn, struct bench *b)
{
    /* clang-format off */
    static const struct { enum side from; const char *name, *value; } fields[] = {
        { SIDE_CLIENT, "Host", "a" },
        { SIDE_CLIENT, "Authorization", "Basic c2VjcmV0" },
        { SIDE_CLIENT, "COOKIE", "id=secret" },
        { SIDE_CLIENT, "Proxy-Authorization", "" },
        { SIDE_SERVER, "Set-Cookie", "id=secret" },
        { SIDE_SERVER, "Cookies", "public" },
    };
    /* clang-format on */
    struct message_sink *sink = tracker_messages(t);
    void *story = sink->open(sink->context, conn);
    struct message head[2] = {bench_message(b, SIDE_CLIENT, 0),
                              bench_message(b, SIDE_SERVER, 100)};
    for (int side = 0; side < 2; side++) {
        uint32_t position = 1;
        for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
            if ((int)fields[i].from != side) continue;
            const struct header_field field = {.message = &head[side],
                                               .position = position++,
                                               .name = bytes_of_text(fields[i].name),
                                               .value = bytes_of_text(fields[i].value)};
            sink->field(story, &field);
        }
        sink->head(story, &head[side]);
        sink->end(story, &head[side]);
    }
    conn->close_kind = CLOSE_OPEN;
    tracker_closed(t, conn);
    tracker_expired(t, conn);
}

static void secrets_are_kept_only_when_asked_for(void **state)
{
    static const char *const wanted[] = {
        "1 1 Host: a, 1 2 Authorization: (14 bytes), 1 3 COOKIE: (9 bytes), "
        "1 4 Proxy-Authorization: (0 bytes), 2 1 Set-Cookie: (9 bytes), "
        "2 2 Cookies: public, ",
        "1 1 Host: a, 1 2 Authorization: Basic c2VjcmV0, 1 3 COOKIE: id=secret, "
        "1 4 Proxy-Authorization: , 2 1 Set-Cookie: id=secret, 2 2 Cookies: public, "};
    (void)state;
    for (int wants_secrets = 0; wants_secrets < 2; wants_secrets++) {
        struct kept_fields kept = {.text = {.ptr = NULL}};
        const struct tracker_options options = {
            .sink = {.context = &kept, .put = keep_field},
            .first_capture_id = 1,
            .wants_headers = true,
            .wants_secrets = wants_secrets != 0,
        };
        struct bench b;
        bench_init(&b, NULL);
        struct conn conn = b.conn;
        conn.story = NULL;
        struct tracker *t = tracker_new(&options);
        play_fields(t, &conn, &b);
        tracker_free(t);
        buffer_append(&kept.text, bytes_of("", 1));
        assert_string_equal((const char *)kept.text.ptr, wanted[wants_secrets]);
        buffer_done(&kept.text);
        bench_expect(&b, CLOSE_OPEN, "");
    }
}

/* Of a message, 256 KiB of fields are kept; an interim response's are not. */
static void kept_fields_have_a_cap(void **state)
{
    enum { VALUE = 8000, FIELDS = 40 };
    static char value[VALUE];
    struct kept_fields kept = {.text = {.ptr = NULL}};
    const struct tracker_options options = {
        .sink = {.context = &kept, .put = keep_field},
        .first_capture_id = 1,
        .wants_headers = true,
    };
    (void)state;
    struct bench b;
    bench_init(&b, NULL);
    struct conn conn = b.conn;
    conn.story = NULL;
    struct tracker *t = tracker_new(&options);
    struct message_sink *sink = tracker_messages(t);
    void *story = sink->open(sink->context, &conn);
    struct message m = bench_message(&b, SIDE_CLIENT, 0);
    struct header_field field = {
        .message = &m, .name = bytes_of_text("n"), .value = bytes_of(value, VALUE)};
    for (field.position = 1; field.position <= FIELDS; field.position++)
        sink->field(story, &field);
    sink->head(story, &m);
    sink->end(story, &m);
    size_t count = 0;
    for (size_t i = 0; i < kept.text.len; i++) count += kept.text.ptr[i] == ':';
    assert_int_equal(count, (256 << 10) / (VALUE + 13));
    buffer_clear(&kept.text);
    struct message interim = bench_message(&b, SIDE_SERVER, 100);
    interim.status = 103;
    interim.is_interim = true;
    field = (struct header_field){.message = &interim, .position = 1};
    sink->field(story, &field);
    sink->head(story, &interim);
    sink->end(story, &interim);
    struct message r = bench_message(&b, SIDE_SERVER, 100);
    r.answers = 1;
    sink->head(story, &r);
    sink->end(story, &r);
    assert_int_equal(kept.text.len, 0);
    tracker_closed(t, &conn);
    tracker_expired(t, &conn);
    tracker_free(t);
    buffer_done(&kept.text);
    bench_expect(&b, CLOSE_OPEN, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_leaves_at_the_cap),
        cmocka_unit_test(used_again_exchanges_start_empty),
        cmocka_unit_test(nothing_follows_a_refused_record),
        cmocka_unit_test(only_the_first_unfinished_are_shown),
        cmocka_unit_test(findings_wait_for_their_exchange),
        cmocka_unit_test(a_connection_without_messages),
        cmocka_unit_test(only_the_pending_are_answered_or_given_up),
        cmocka_unit_test(unfinished_is_open_when_we_stop_looking),
        cmocka_unit_test(secrets_are_kept_only_when_asked_for),
        cmocka_unit_test(kept_fields_have_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
