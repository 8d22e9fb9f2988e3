/* cli: amounts of the live options, names of parts, lines of the log. */
#include "cli/live_amount.h"
#include "cli/live_log.h"

#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int64_t ns;     /* 0: no time */
    uint64_t bytes; /* 0: no size */
} amounts[] = {
    {"90s", 90000000000, 0},
    {"30m", 1800000000000, 0},
    {"12h", 43200000000000, 0},
    {"7d", 604800000000000, 0},
    {"1K", 0, 1024},
    {"100M", 0, 104857600},
    {"2G", 0, 2147483648},
    {"0s", 0, 0},
    {"5", 0, 0},
    {"5x", 0, 0},
    {"5ms", 0, 0},
    {"-5s", 0, 0},
    {" 5s", 0, 0},
    {"", 0, 0},
    {"99999999999999999999d", 0, 0},
    {"9223372036854775807d", 0, 0},
};

static void amounts_have_a_unit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(amounts); i++) {
        int64_t ns = 0;
        uint64_t bytes = 0;
        bool is_time = live_amount_time(amounts[i].text, &ns);
        bool is_size = live_amount_size(amounts[i].text, &bytes);
        if (is_time != (amounts[i].ns > 0) || (is_time && ns != amounts[i].ns))
            fail_msg("'%s' as a time", amounts[i].text);
        if (is_size != (amounts[i].bytes > 0) || (is_size && bytes != amounts[i].bytes))
            fail_msg("'%s' as a size", amounts[i].text);
    }
}

static void parts_are_named_after_their_beginning(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"live.db", "live-20231114T221320Z.db"},
        {"/a.b/live", "/a.b/live-20231114T221320Z"},
        {"a.b/x.pcapng", "a.b/x-20231114T221320Z.pcapng"},
        {"./.hidden", "./.hidden-20231114T221320Z"},
    };
    char out[LIVE_AMOUNT_PATH_MAX];
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        live_amount_name(names[i][0], 1700000000, out);
        assert_string_equal(out, names[i][1]);
    }
    fclose(fopen("live-20231114T221320Z.db", "w"));
    live_amount_name("live.db", 1700000000, out);
    assert_string_equal(out, "live-20231114T221320Z-2.db");
}

static void a_line_is_one_line_whatever_is_in_it(void **state)
{
    (void)state;
    struct buffer out = {.ptr = NULL};
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.connection_id = 4294967297;
    e.ordinal = 3;
    live_log_write(&e, &out);
    e.endpoint[SIDE_CLIENT] = (struct endpoint){{10, 0, 0, 1}, 4000, 4};
    e.endpoint[SIDE_SERVER] = (struct endpoint){{10, 0, 0, 2}, 80, 4};
    e.request_start_us = 1700000000000042;
    e.method = bytes_of_text("GET");
    e.host = bytes_of_text("a b\x1b[2J");
    e.target = bytes_of_text("/x\r\ny");
    e.status = 200;
    e.wait_us = 12034;
    e.message[SIDE_SERVER].body_bytes = 7;
    live_log_write(&e, &out);
    buffer_append(&out, bytes_of("", 1));
    assert_string_equal((const char *)out.ptr,
                        "- - - - - - - - - 4294967297#3\n"
                        "2023-11-14T22:13:20.000042Z 10.0.0.1:4000 10.0.0.2:80 GET "
                        "a\\x20b\\x1b[2J /x\\r\\ny 200 12.034ms 7B 4294967297#3\n");
    buffer_done(&out);
}

static void a_threads_file_has_its_number_before_the_ending(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t thread;
        const char *expected;
    } cases[] = {
        {"a.pcapng", 0, "a.pcapng"},
        {"a.pcapng", 1, "a-t2.pcapng"},
        {"/x.d/packets", 2, "/x.d/packets-t3"},
        {".hidden", 1, ".hidden-t2"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[LIVE_AMOUNT_PATH_MAX];
        live_amount_of_thread(cases[i].path, cases[i].thread, out);
        assert_string_equal(out, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_have_a_unit),
        cmocka_unit_test(parts_are_named_after_their_beginning),
        cmocka_unit_test(a_line_is_one_line_whatever_is_in_it),
        cmocka_unit_test(a_threads_file_has_its_number_before_the_ending),
    };
    return cmocka_run_group_tests(tests, store_folder_enter, store_folder_leave);
}
