/* engine: saved captures into sinks, with whatever the caller leaves out; sinks that
 * fail at any record, runs that are stopped, limits; the line of progress, and where
 * the time went. labels: threads */
#include "hopscope/engine.h"

#include "build_packet.h"
#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EXCHANGES = 200, NEVER_FAILS = -1 };

struct seen {
    uint64_t records[RECORD_KIND_COUNT];
    long left; /* records before the sink fails; NEVER_FAILS */
    volatile int stop;
    char damage[200];
    struct buffer said;
    int told; /* calls of progress */
    struct engine_progress progress;
};

static enum status see(void *context, enum record_kind kind, const void *record)
{
    struct seen *s = context;
    if (s->left != NEVER_FAILS && s->left-- == 0) return STATUS_FAILED;
    s->records[kind]++;
    if (kind == RECORD_CAPTURE) {
        const struct record_capture *row = record;
        snprintf(s->damage, sizeof s->damage, "%.*s", (int)row->damage.len,
                 row->damage.ptr ? (const char *)row->damage.ptr : "");
    }
    return STATUS_OK;
}

static void talk(void *context, const char *sentence)
{
    struct seen *s = context;
    buffer_append_text(&s->said, sentence);
    buffer_append_text(&s->said, "\n");
}

static void tell(void *context, const struct engine_progress *progress)
{
    struct seen *s = context;
    s->told++;
    s->progress = *progress;
}

static void add_32(struct buffer *out, uint32_t value)
{
    buffer_append(out, bytes_of(&value, sizeof value));
}

static void add_half(struct buffer *out, uint32_t number, int half)
{
    struct build_segment s = build_request(4);
    struct buffer wire = {.ptr = NULL};
    uint16_t port = (uint16_t)(1024 + number);
    s.from_port = port;
    s.seq = 100;
    s.ack = 500;
    if (half == 1) {
        const char *client = s.from;
        s.from = s.to;
        s.to = client;
        s.from_port = 80;
        s.to_port = port;
        s.ack = s.seq + (uint32_t)s.payload.len;
        s.seq = 500;
        s.payload = bytes_of_text("HTTP/1.1 204 No Content\r\n\r\n");
    }
    build_ethernet(&wire, &s);
    add_32(out, 1000 + number);
    add_32(out, half == 0 ? 1000 : 2000);
    add_32(out, (uint32_t)wire.len);
    add_32(out, (uint32_t)wire.len);
    buffer_append(out, buffer_bytes(&wire));
    buffer_done(&wire);
}

/* A capture of exchanges, each on a connection of its own; `cut` bytes are missing at
 * its end. */
static void write_capture(const char *path, uint32_t exchanges, size_t cut)
{
    struct buffer out = {.ptr = NULL};
    static const uint32_t head[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
    for (size_t i = 0; i < ARRAY_LENGTH(head); i++) add_32(&out, head[i]);
    for (uint32_t i = 0; i < exchanges; i++) {
        add_half(&out, i, 0);
        add_half(&out, i, 1);
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(out.ptr, 1, out.len - cut, file), out.len - cut);
    assert_int_equal(fclose(file), 0);
    buffer_done(&out);
}

static int enter(void **state)
{
    int rc = store_folder_enter(state);
    write_capture("whole.pcap", EXCHANGES, 0);
    write_capture("cut.pcap", EXCHANGES, 5);
    return rc;
}

static enum status read_one(struct seen *s, const char *path, size_t threads,
                            bool is_talkative)
{
    const char *const paths[] = {path};
    const struct record_sink sink = {.context = s, .put = see};
    struct engine_options options = {
        .paths = paths,
        .path_count = 1,
        .first_capture_id = 1,
        .threads = threads,
        .program_version = "test",
        .sinks = &sink,
        .sink_count = 1,
    };
    struct problem why = {.text = ""};
    if (is_talkative) {
        options.progress = tell;
        options.talk = talk;
        options.context = s;
        options.stop = &s->stop;
    }
    return engine_read(&options, &why);
}

/* ---- what a caller may leave out ---- */

static void callers_may_be_silent(void **state)
{
    (void)state;
    for (size_t threads = 0; threads < 4; threads++) {
        for (int is_talkative = 0; is_talkative < 2; is_talkative++) {
            struct seen s = {.left = NEVER_FAILS};
            assert_int_equal(read_one(&s, "whole.pcap", threads, is_talkative != 0),
                             STATUS_OK);
            assert_int_equal(s.records[RECORD_EXCHANGE], EXCHANGES);
            assert_int_equal(s.records[RECORD_CAPTURE], 1);
            assert_string_equal(s.damage, "");
            assert_int_equal(s.told > 0, is_talkative);
            if (is_talkative) assert_int_equal(s.progress.packets, 2 * EXCHANGES);
            assert_int_equal(s.progress.done_bytes, s.progress.total_bytes);
            buffer_done(&s.said);
        }
    }
}

static void damage_is_told_to_who_listens(void **state)
{
    (void)state;
    for (int is_talkative = 0; is_talkative < 2; is_talkative++) {
        struct seen s = {.left = NEVER_FAILS};
        assert_int_equal(read_one(&s, "cut.pcap", 1, is_talkative != 0),
                         STATUS_DAMAGED);
        assert_true(s.records[RECORD_EXCHANGE] >= EXCHANGES - 1);
        assert_true(s.damage[0] != '\0');
        assert_int_equal(s.said.len > 0, is_talkative);
        buffer_done(&s.said);
    }
}

/* ---- sinks that fail ---- */

/* At any record, on one thread and on several: no row follows, and the run says so. */
static void a_failing_sink_ends_the_run(void **state)
{
    static const long places[] = {0, 1, EXCHANGES, 2 * EXCHANGES, 2 * EXCHANGES + 1};
    (void)state;
    for (size_t threads = 1; threads < 4; threads += 2) {
        struct seen all = {.left = NEVER_FAILS};
        assert_int_equal(read_one(&all, "whole.pcap", threads, false), STATUS_OK);
        uint64_t records = 0;
        for (int i = 0; i < RECORD_KIND_COUNT; i++) records += all.records[i];
        for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
            bool is_last = i + 1 == ARRAY_LENGTH(places);
            struct seen s = {.left = is_last ? (long)records - 1 : places[i]};
            long taken = s.left;
            assert_int_equal(read_one(&s, "whole.pcap", threads, false), STATUS_FAILED);
            uint64_t seen = 0;
            for (int k = 0; k < RECORD_KIND_COUNT; k++) seen += s.records[k];
            assert_int_equal(seen, taken);
        }
    }
}

/* ---- limits and stops ---- */

static void limits_are_told(void **state)
{
    static const char *const path = "whole.pcap";
    struct engine_options options = {.paths = &path, .path_count = 1};
    struct problem why = {.text = ""};
    (void)state;
    options.threads = ENGINE_THREADS_MAX + 1;
    assert_int_equal(engine_read(&options, &why), STATUS_USAGE);
    assert_non_null(strstr(why.text, "--threads takes 1 to 64, not 65"));
    options.threads = 1;
    options.first_capture_id = ENGINE_CAPTURES_MAX;
    assert_int_equal(engine_read(&options, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "more than 32767 captures"));
}

/* Stopped before the first packet, or amid the file; with somebody who listens or not.
 */
static void a_stopped_run_says_where(void **state)
{
    (void)state;
    for (size_t threads = 1; threads < 4; threads += 2) {
        struct seen s = {.left = NEVER_FAILS, .stop = 1};
        assert_int_equal(read_one(&s, "whole.pcap", threads, true), STATUS_OK);
        assert_int_equal(s.records[RECORD_EXCHANGE], 0);
        assert_string_equal(s.damage, "stopped by a signal after 0 packets");
        buffer_append(&s.said, bytes_of("", 1));
        assert_string_equal((const char *)s.said.ptr,
                            "whole.pcap: stopped by a signal after 0 packets\n");
        buffer_done(&s.said);
    }
}

/* ---- the line of progress ---- */

static void progress_in_one_line(void **state)
{
    /* clang-format off */
    static const struct {
        double seconds;
        struct engine_progress at;
        const char *line;
    } cases[] = {
        { 7,      { 3500, 7000, 12 },
          " 50 % [##########..........]  12 packets  500 B/s  0:07 left" },
        { 10,     { 0, 7000, 0 },
          "  0 % [....................]  0 packets  0 B/s  ? left" },
        { 1,      { 8000, 7000, 9 },
          "100 % [####################]  9 packets  8000 B/s  0:00 left" },
        { 100,    { 1000000, 100000000, 5 },
          "  1 % [....................]  5 packets  10 kB/s  2:45:00 left" },
        { 1e9,    { 1, 4000000000, 5 },
          "  0 % [....................]  5 packets  0 B/s  0:00 left" },
        { 0,      { 1, 0, 1 },          "1 packets  1 B  0 B/s  0:00" },
        { 3599.9, { 99999, 0, 1 },      "1 packets  100 kB  28 B/s  1:00:00" },
        { 1,      { 9000000000000000, 0, 1 }, "1 packets  9000 TB  9000 TB/s  0:01" },
        { 1,      { UINT64_MAX, 0, 1 }, "1 packets  18446744 TB  18446744 TB/s  0:01" },
    };
    /* clang-format on */
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char line[PROGRESS_LINE_MAX];
        struct progress p;
        progress_init(&p, 5);
        int64_t now_ns = 5 + (int64_t)(cases[i].seconds * 1e9);
        size_t length = progress_format(&p, &cases[i].at, now_ns, line);
        assert_string_equal(line, cases[i].line);
        assert_int_equal(length, strlen(line));
    }
}

/* ---- where the time went ---- */

static void stats_name_every_thread(void **state)
{
    static const char *const names[] = {"first", "second"};
    static const char *const path = "whole.pcap";
    (void)state;
    for (size_t threads = 1; threads < 4; threads += 2) {
        struct seen s[2] = {{.left = NEVER_FAILS}, {.left = NEVER_FAILS}};
        const struct record_sink sinks[] = {{.context = &s[0], .put = see},
                                            {.context = &s[1], .put = see}};
        struct buffer text = {.ptr = NULL};
        struct problem why;
        const struct engine_options options = {
            .paths = &path,
            .path_count = 1,
            .first_capture_id = 1,
            .threads = threads,
            .program_version = "test",
            .sinks = sinks,
            .sink_count = 2,
            .stats = stats_new(names, 2),
        };
        stats_begin_phase(options.stats, STATS_READING);
        assert_int_equal(engine_read(&options, &why), STATUS_OK);
        stats_begin_phase(options.stats, STATS_FINISHING);
        stats_format(options.stats, &text);
        buffer_append(&text, bytes_of("", 1));
        const char *all = (const char *)text.ptr;
        assert_non_null(strstr(all, "400 packets, 200 exchanges"));
        assert_non_null(strstr(all, "first "));
        assert_non_null(strstr(all, "second "));
        assert_int_equal(strstr(all, "shard 3, ") != NULL, threads == 3);
        assert_null(strstr(all, "shard 4, "));
        stats_free(options.stats);
        buffer_done(&text);
    }
    stats_begin_phase(NULL, STATS_READING);
    stats_free(NULL); /* allowed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callers_may_be_silent),
        cmocka_unit_test(damage_is_told_to_who_listens),
        cmocka_unit_test(a_failing_sink_ends_the_run),
        cmocka_unit_test(limits_are_told),
        cmocka_unit_test(a_stopped_run_says_where),
        cmocka_unit_test(progress_in_one_line),
        cmocka_unit_test(stats_name_every_thread),
    };
    return cmocka_run_group_tests(tests, enter, store_folder_leave);
}
