/* ui: the filter language, case by case over two connections. */
#include "ui/row_filter.h"

#include "ui_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Connection 1: 10.0.0.1:40001, two exchanges of api.example, 200 and 503, closed, with
 * a finding. Connection 2: 10.0.0.2:40002, one of www.example, 200, open. Connection 3:
 * without an exchange. */
static const struct {
    const char *filter, *passed; /* NULL: it is refused */
} cases[] = {
    {"", "123"},
    {"   ", "123"},
    {"status>=500", "1"},
    {"status >= 500", "1"},
    {"status>=500 and host~api", "1"},
    {"status>=500 and host~www", ""},
    {"status=200", "12"},
    {"status=200 and target=/one", "12"},
    {"status=503 and target=/one", ""}, /* of one exchange, not of two */
    {"status=5xx", "1"},
    {"status!=200", "13"}, /* what is unknown is not 200 */
    {"not status=200", "13"},
    {"!status=200", "13"},
    {"status<300", "12"},
    {"host~EXAMPLE", "12"},
    {"host=api.example", "1"},
    {"host!~api", "23"},
    {"api", "1"},
    {"10.0.0.2", "2"},
    {"40002", "2"},
    {"example 503", "1"},
    {"get", "12"},
    {"client=10.0.0.1", "1"},
    {"client=10.0.0.1:40001", "1"},
    {"address=10.1.0.1", "123"},
    {"port=40002", "2"},
    {"port=80", "123"},
    {"port>40001", "23"},
    {"finding=idle_race", "1"},
    {"finding~race", "1"},
    {"severity=warning", "1"},
    {"severity=attack", ""},
    {"findings>0", "1"},
    {"state=open", "2"},
    {"state=closed", "13"},
    {"state=fin", "13"},
    {"cause=idle_timeout", "13"},
    {"method=get or state=open", "12"},
    {"(status=503 or state=open) and host~example", "12"},
    {"not (host~api or host~www)", "3"},
    {"wait>39us", "12"},
    {"wait<1", "12"}, /* ms */
    {"wait>0.05", ""},
    {"bytes>1k", "123"},
    {"bytes>2.5k", "3"},
    {"bytes>1g", ""},
    {"close_cause=idle_timeout", "13"},
    {"wait_us>=0.04", "12"},
    {"user_agent~curl", ""},
    {"\"/two\"", "1"},
    {"url~example/one", "12"},
    {"marked=no", "123"},
    {"host = \"api.example\"", "1"},
    {"nothere=1", NULL},
    {"status>=", NULL},
    {"status>=abc", NULL},
    {"status>=500 and", NULL},
    {"(status=200", NULL},
    {"status=200)", NULL},
    {"\"open", NULL},
    {"or", NULL},
    {"not", NULL},
    {"((((((((((((((((((x))))))))))))))))))", NULL},
    {"status=99999999999999999999", ""},
};

static struct model *make_model(void)
{
    struct model *m = model_new();
    struct record_sink sink = model_sink(m);
    for (int n = 1; n <= 3; n++) {
        struct record_connection c = ui_rows_connection(n, n == 2);
        struct record_exchange e =
            ui_rows_exchange(n, 1, 200, n == 1 ? "api.example" : "www.example");
        sink.update(sink.context, RECORD_CONNECTION, &c);
        if (n < 3) sink.put(sink.context, RECORD_EXCHANGE, &e);
        e = ui_rows_exchange(n, 2, 503, "api.example");
        if (n == 1) sink.put(sink.context, RECORD_EXCHANGE, &e);
        if (n != 2) sink.put(sink.context, RECORD_CONNECTION, &c);
    }
    struct record_finding f = ui_rows_finding(1, 1, FINDING_IDLE_RACE);
    sink.put(sink.context, RECORD_FINDING, &f);
    return m;
}

static void filters_pass_what_they_say(void **state)
{
    struct model *m = make_model();
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct row_filter *f = NULL;
        struct problem why = {.text = ""};
        char passed[8] = "";
        enum status rc = row_filter_new(cases[i].filter, &f, &why);
        if ((rc == STATUS_OK) != (cases[i].passed != NULL))
            fail_msg("'%s': %s", cases[i].filter, why.text);
        if (rc != STATUS_OK) {
            assert_int_not_equal(why.text[0], '\0');
            continue;
        }
        size_t used = 0;
        for (struct model_connection *c = m->oldest; c != NULL; c = c->newer) {
            if (row_filter_connection(f, m, c))
                passed[used++] = (char)('0' + c->serial);
        }
        passed[used] = '\0';
        if (cases[i].passed == NULL || strcmp(passed, cases[i].passed) != 0)
            fail_msg("'%s' passes '%s', not '%s'", cases[i].filter, passed,
                     cases[i].passed);
        row_filter_free(f);
    }
    model_free(m);
}

/* Whatever is typed, byte by byte, is either a filter or told to be none. */
static void any_beginning_is_answered(void **state)
{
    struct model *m = make_model();
    char text[ROW_FILTER_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t len = 0; len <= strlen(cases[i].filter); len++) {
            struct row_filter *f = NULL;
            struct problem why;
            snprintf(text, sizeof text, "%.*s", (int)len, cases[i].filter);
            if (row_filter_new(text, &f, &why) != STATUS_OK) continue;
            for (struct model_connection *c = m->oldest; c != NULL; c = c->newer)
                row_filter_connection(f, m, c);
            row_filter_free(f);
        }
    }
    model_free(m);
}

static void caps_hold(void **state)
{
    char text[2 * ROW_FILTER_TEXT_MAX];
    struct row_filter *f = NULL;
    struct problem why;
    (void)state;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(row_filter_new(text, &f, &why), STATUS_USAGE);
    for (size_t i = 0; i + 2 < ROW_FILTER_TEXT_MAX; i += 2) memcpy(text + i, "a ", 3);
    assert_int_equal(row_filter_new(text, &f, &why), STATUS_USAGE); /* too many parts */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_pass_what_they_say),
        cmocka_unit_test(any_beginning_is_answered),
        cmocka_unit_test(caps_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
