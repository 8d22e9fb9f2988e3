/* cli: the packets of a connection out of the files that hold them, and what is saved
 * of a selection, by the ending of its name. Over two captures made here: seven
 * connections, of which the first goes on from one file to the other. */
#include "cli/view_save.h"

#include "cli/kept_packets.h"
#include "hopscope/capture.h"
#include "hopscope/engine.h"
#include "ui/model.h"
#include "ui/saving.h"

#include "build_packet.h"
#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CONNECTIONS = 7, PACKETS_MAX = 64 };

static const char *const paths[] = {"first.pcap", "second.pcap"};
static const struct kept_packets both = {
    .paths = paths, .path_count = 2, .first_capture_id = 1};

/* ---- captures ---- */

struct writer {
    FILE *file;
    uint32_t ms;
};

static void begin_file(struct writer *w, const char *path)
{
    struct buffer head = {.ptr = NULL};
    w->file = fopen(path, "wb");
    assert_non_null(w->file);
    build_hex(&head, "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001");
    fwrite(head.ptr, 1, head.len, w->file);
    buffer_done(&head);
}

static void write_segment(struct writer *w, const struct build_segment *s)
{
    struct buffer wire = {.ptr = NULL}, record = {.ptr = NULL};
    build_ethernet(&wire, s);
    build_32(&record, 1700000000);
    build_32(&record, ++w->ms * 1000);
    build_32(&record, (uint32_t)wire.len);
    build_32(&record, (uint32_t)wire.len);
    fwrite(record.ptr, 1, record.len, w->file);
    fwrite(wire.ptr, 1, wire.len, w->file);
    buffer_done(&wire);
    buffer_done(&record);
}

/* The segments of connection `n`: both directions. */
static struct build_segment from_client(unsigned n, uint8_t flags, uint32_t seq)
{
    struct build_segment s = build_request(4);
    s.from_port = (uint16_t)(40000 + n);
    s.flags = flags;
    s.seq = seq;
    s.ack = flags == TCP_SYN ? 0 : 501;
    s.payload = bytes_of(NULL, 0);
    return s;
}

static struct build_segment from_server(unsigned n, uint8_t flags, uint32_t seq)
{
    struct build_segment s = from_client(n, flags, seq);
    s.to_port = s.from_port;
    s.from_port = 80;
    s.from = "198.51.100.80";
    s.to = "192.0.2.10";
    s.ack = 101;
    return s;
}

static void write_opening(struct writer *w, unsigned n)
{
    struct build_segment s = from_client(n, TCP_SYN, 100);
    write_segment(w, &s);
    s = from_server(n, TCP_SYN | TCP_ACK, 500);
    write_segment(w, &s);
    s = from_client(n, TCP_ACK | TCP_PSH, 101);
    s.payload = bytes_of_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    write_segment(w, &s);
}

static void write_ending(struct writer *w, unsigned n)
{
    struct build_segment s = from_server(n, TCP_ACK | TCP_FIN, 501);
    s.ack = 128;
    s.payload = bytes_of_text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    write_segment(w, &s);
    s = from_client(n, TCP_ACK | TCP_FIN, 128);
    s.ack = 540;
    write_segment(w, &s);
    s = from_server(n, TCP_ACK, 540);
    s.ack = 129;
    write_segment(w, &s);
}

static int make_captures(void **state)
{
    struct writer w = {.ms = 0};
    struct build_segment stray = from_client(900, TCP_ACK, 1);
    if (store_folder_enter(state) != 0) return 1;
    begin_file(&w, paths[0]);
    write_opening(&w, 0);
    for (unsigned n = 1; n < CONNECTIONS; n++) {
        write_opening(&w, n);
        write_segment(&w, &stray);
        write_ending(&w, n);
    }
    fclose(w.file);
    begin_file(&w, paths[1]);
    write_ending(&w, 0);
    write_segment(&w, &stray);
    return fclose(w.file);
}

/* What the screens know after both files. */
static struct model *read_captures(void)
{
    const struct capture_options options = {.first_capture_id = 1};
    struct model *m = model_new();
    const struct pipeline_options pipeline = {.sink = model_sink(m),
                                              .first_capture_id = 1,
                                              .memory_max = 64 << 20,
                                              .wants_headers = true};
    struct pipeline *p = pipeline_new(&pipeline);
    struct capture_set *set = NULL;
    struct frame frame;
    assert_int_equal(capture_set_open(paths, 2, &options, &set, NULL), STATUS_OK);
    while (capture_set_next(set, &frame) == CAPTURE_FRAME) pipeline_frame(p, &frame);
    pipeline_finish(p);
    pipeline_free(p);
    capture_set_close(set);
    return m;
}

/* Connections by their client's port, as ids. */
static size_t choose(struct model *m, unsigned first, size_t count, int64_t *ids)
{
    size_t found = 0;
    for (struct model_connection *c = m->oldest; c != NULL; c = c->newer) {
        unsigned n = c->record->client.port - 40000u;
        if (n >= first && n < first + count) ids[found++] = c->id;
    }
    return found;
}

/* ---- packets ---- */

struct seen {
    struct ui_packet packets[PACKETS_MAX];
    size_t count, wanted;
};

static bool take(void *taker, const struct ui_packet *packet)
{
    struct seen *s = taker;
    s->packets[s->count++] = *packet;
    return s->count < s->wanted;
}

static struct seen packets_of(const struct kept_packets *kept, struct model *m,
                              unsigned n, size_t wanted)
{
    struct seen s = {.wanted = wanted};
    struct problem why = {.text = ""};
    int64_t id = 0;
    struct kept_packets copy = *kept;
    assert_int_equal(choose(m, n, 1, &id), 1);
    const struct record_connection *c = model_connection(m, id)->record;
    assert_int_equal(kept_packets_read(&copy, c, take, &s, &why), STATUS_OK);
    assert_string_equal(why.text, "");
    return s;
}

static void a_connection_has_its_packets_and_no_others(void **state)
{
    static const struct {
        enum side from;
        int64_t offset, acked;
        uint32_t length;
    } want[] = {
        {SIDE_CLIENT, 0, RECORD_UNKNOWN, 0},
        {SIDE_SERVER, 0, 0, 0},
        {SIDE_CLIENT, 0, 0, 27},
        {SIDE_SERVER, 0, 27, 38},
        {SIDE_CLIENT, 27, 39, 0},
        {SIDE_SERVER, 39, 28, 0},
    };
    struct model *m = read_captures();
    (void)state;
    for (unsigned n = 0; n < CONNECTIONS; n++) {
        struct seen s = packets_of(&both, m, n, PACKETS_MAX);
        assert_int_equal(s.count, ARRAY_LENGTH(want));
        for (size_t i = 0; i < s.count; i++) {
            assert_int_equal(s.packets[i].from, want[i].from);
            assert_int_equal(s.packets[i].offset, want[i].offset);
            assert_int_equal(s.packets[i].acked, want[i].acked);
            assert_int_equal(s.packets[i].length, want[i].length);
            assert_int_equal(s.packets[i].ref >> 32, n == 0 && i > 2 ? 2 : 1);
        }
        for (size_t few = 1; few < s.count; few++) /* whoever takes has enough */
            assert_int_equal(packets_of(&both, m, n, few).count, few);
    }
    model_free(m);
}

/* A capture that began later, a filter, one of the files: what there is. */
static void what_is_not_kept_is_not_there(void **state)
{
    struct model *m = read_captures();
    struct kept_packets filtered = both, alone = both;
    struct problem why = {.text = ""};
    struct seen s = {.wanted = PACKETS_MAX};
    int64_t id = 0;
    (void)state;
    filtered.filter = "tcp[13] & 2 = 0";
    s = packets_of(&filtered, m, 3, PACKETS_MAX);
    assert_int_equal(s.count, 4);
    assert_int_equal(s.packets[0].offset, 0); /* counted from the first that there is */
    assert_int_equal(s.packets[0].acked, 0);
    alone.path_count = 1;
    assert_int_equal(packets_of(&alone, m, 0, PACKETS_MAX).count, 3);
    static const char *const gone[] = {"gone.pcap"};
    struct kept_packets missing = {.paths = gone, .path_count = 1};
    choose(m, 1, 1, &id);
    assert_int_equal(
        kept_packets_read(&missing, model_connection(m, id)->record, take, &s, &why),
        STATUS_FAILED);
    assert_non_null(strstr(why.text, "gone.pcap"));
    /* One that is open yet is looked for to the end of the file. */
    struct record_connection open = *model_connection(m, id)->record;
    open.is_open = TRI_YES;
    open.last_ref = open.first_ref;
    struct kept_packets copy = both;
    s = (struct seen){.wanted = PACKETS_MAX};
    assert_int_equal(kept_packets_read(&copy, &open, take, &s, &why), STATUS_OK);
    assert_int_equal(s.count, 6);
    model_free(m);
}

/* ---- saving ---- */

static enum status save(const struct kept_packets *kept, struct model *m, size_t count,
                        const char *path, struct problem *said)
{
    int64_t ids[CONNECTIONS];
    struct ui_selection s = {.model = m, .ids = ids};
    struct kept_packets copy = *kept;
    s.count = choose(m, 0, count, ids);
    assert_int_equal(s.count, count);
    *said = (struct problem){.text = ""};
    return view_save_write(&copy, &s, path, said);
}

static void an_ending_says_what_is_written(void **state)
{
    static const struct {
        const char *path;
        size_t count;
        const char *said, *begins;
    } cases[] = {
        {"one.db", 1, "one.db has 1 connection", "SQLite format 3"},
        {"some.db", 7, "some.db has 7 connections", "SQLite format 3"},
        {"some.csv", 2, "some.csv has 2 connections", "id,"},
        {"some.jsonl", 2, "some.jsonl has 2 connections", "{\""},
        {"some.har", 2, "some.har has 2 connections", "{"},
        {"some.json", 2, "some.json has 2 connections", "{"},
        {"some.pcapng", 7, "some.pcapng has 7 connections", "\x0a\x0d\x0d\x0a"},
        {"some.sql", 7, "some.sql has 7 connections",
         "SELECT * FROM connections WHERE id IN ("},
    };
    struct model *m = read_captures();
    struct problem said;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char text[64] = "";
        enum status rc = save(&both, m, cases[i].count, cases[i].path, &said);
        if (rc != STATUS_OK) fail_msg("%s: %s", cases[i].path, said.text);
        assert_string_equal(said.text, cases[i].said);
        FILE *file = fopen(cases[i].path, "rb");
        assert_non_null(file);
        size_t len = strlen(cases[i].begins);
        assert_int_equal(fread(text, 1, len, file), len);
        fclose(file);
        assert_string_equal(text, cases[i].begins);
    }
    assert_int_equal(store_folder_count_files("*.rows-*"), 0);
    store_folder_answers("one.db", "SELECT count(*) FROM connections", "1");
    store_folder_answers("some.db", "SELECT count(*) FROM exchanges", "7");
    store_folder_answers("some.db", "SELECT source FROM captures WHERE id = 2",
                         paths[1]);
    model_free(m);
}

/* What is saved can be asked for, and read, again. */
static void what_was_saved_is_whole(void **state)
{
    struct model *m = read_captures();
    struct problem said;
    struct capture_set *set = NULL;
    struct frame frame;
    size_t packets = 0;
    char sql[4096] = "";
    static const char *const part[] = {"p.pcapng"};
    (void)state;
    assert_int_equal(save(&both, m, 2, part[0], &said), STATUS_OK);
    assert_int_equal(capture_set_open(part, 1, NULL, &set, NULL), STATUS_OK);
    while (capture_set_next(set, &frame) == CAPTURE_FRAME) packets++;
    capture_set_close(set);
    assert_int_equal(packets, 12);
    assert_int_equal(save(&both, m, 7, "q.sql", &said), STATUS_OK);
    assert_int_equal(save(&both, m, 7, "q.db", &said), STATUS_OK);
    FILE *file = fopen("q.sql", "rb");
    assert_non_null(file);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    fclose(file);
    *strchr(sql, ';') = '\0';
    char count[sizeof sql + 64];
    snprintf(count, sizeof count, "SELECT count(*) FROM (%s)", sql);
    store_folder_answers("q.db", count, "7");
    model_free(m);
}

static void what_cannot_be_saved_is_said(void **state)
{
    static const struct kept_packets nothing = {.first_capture_id = 1};
    static const char *const gone_paths[] = {"gone.pcap"};
    static const struct kept_packets gone = {
        .paths = gone_paths, .path_count = 1, .first_capture_id = 1};
    char far[600];
    const struct {
        const struct kept_packets *kept;
        size_t count;
        const char *path, *said;
    } cases[] = {
        {&both, 0, "x.db", "nothing to save: no connection is marked or shown"},
        {&both, 1, far, "that path is too long"},
        {&both, 1, "first.pcap", "first.pcap is there already: choose another name"},
        {&both, 1, "x.txt", "the ending says what is written"},
        {&both, 1, ".db", "the ending says what is written"},
        {&both, 1, "nowhere/x.sql",
         "cannot make nowhere/x.sql: there is no folder nowhere"},
        {&both, 1, "nowhere/x.db",
         "cannot make nowhere/x.db: there is no folder nowhere"},
        {&both, 1, "nowhere/x.csv",
         "cannot make nowhere/x.csv: there is no folder nowhere"},
        {&both, 1, "nowhere/x.pcapng",
         "cannot make nowhere/x.pcapng: there is no folder nowhere"},
        {&nothing, 1, "x.pcapng", "the packets are not kept"},
        {&gone, 1, "x.pcapng", "gone.pcap"},
    };
    struct model *m = read_captures();
    struct problem said;
    (void)state;
    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        enum status rc = save(cases[i].kept, m, cases[i].count, cases[i].path, &said);
        assert_int_not_equal(rc, STATUS_OK);
        if (strstr(said.text, cases[i].said) == NULL)
            fail_msg("%s: %s", cases[i].path, said.text);
    }
    assert_int_equal(store_folder_count_files("x*"), 0);
    assert_int_equal(store_folder_count_files("*"), 2);
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_connection_has_its_packets_and_no_others,
                                        make_captures, store_folder_leave),
        cmocka_unit_test_setup_teardown(what_is_not_kept_is_not_there, make_captures,
                                        store_folder_leave),
        cmocka_unit_test_setup_teardown(an_ending_says_what_is_written, make_captures,
                                        store_folder_leave),
        cmocka_unit_test_setup_teardown(what_was_saved_is_whole, make_captures,
                                        store_folder_leave),
        cmocka_unit_test_setup_teardown(what_cannot_be_saved_is_said, make_captures,
                                        store_folder_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
