/* base: stopwatch; engine: the account of a run's time. */
#include "engine/stats.h"
#include "hopscope/stopwatch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { LOOP, OUTER, INNER, WAIT };

static void spin_us(uint64_t us)
{
    uint64_t end_ns = stopwatch_now_ns() + us * 1000;
    while (stopwatch_now_ns() < end_ns) continue;
}

static uint64_t sum_of(const struct stopwatch_times *t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < STOPWATCH_STAGES_MAX; i++) sum += t->stage_ns[i];
    return sum;
}

/* Whoever has the machine meanwhile can make a span longer, never shorter. */
static void assert_at_least_us(uint64_t ns, uint64_t us)
{
    assert_in_range(ns, us * 1000 * 9 / 10, UINT64_MAX);
}

static void stages_are_charged_their_own_time(void **state)
{
    struct stopwatch w;
    (void)state;
    stopwatch_init(&w, 1);
    stopwatch_start(&w);
    for (int i = 0; i < 10; i++) {
        stopwatch_begin(&w, LOOP);
        uint8_t before = stopwatch_turn_to(&w, OUTER);
        assert_int_equal(before, LOOP);
        spin_us(100);
        before = stopwatch_turn_to(&w, INNER);
        assert_int_equal(before, OUTER);
        spin_us(300);
        stopwatch_turn_to(&w, before);
        spin_us(100);
        stopwatch_end(&w);
    }
    stopwatch_stop(&w);
    struct stopwatch_times t = stopwatch_times(&w);
    assert_at_least_us(t.stage_ns[OUTER], 2000);
    assert_at_least_us(t.stage_ns[INNER], 3000);
    assert_in_range(sum_of(&t), t.wall_ns - STOPWATCH_STAGES_MAX, t.wall_ns);
    assert_true(t.cpu_ns > 0);
}

static void samples_speak_for_the_rest(void **state)
{
    struct stopwatch w;
    (void)state;
    stopwatch_init(&w, 16);
    stopwatch_start(&w);
    unsigned samples = 0;
    for (int i = 0; i < 3200; i++) {
        stopwatch_begin(&w, LOOP);
        samples += w.is_sampling;
        stopwatch_turn_to(&w, OUTER);
        spin_us(2);
        stopwatch_turn_to(&w, INNER);
        spin_us(6);
        stopwatch_end(&w);
    }
    stopwatch_stop(&w);
    struct stopwatch_times t = stopwatch_times(&w);
    assert_in_range(samples, 150, 250);
    assert_in_range(sum_of(&t), t.wall_ns - STOPWATCH_STAGES_MAX, t.wall_ns);
    /* Which is more, whoever takes the machine in a sample decides. */
    assert_true(t.stage_ns[INNER] > 0 && t.stage_ns[OUTER] > 0);
}

static void exact_spans_are_charged_once(void **state)
{
    struct stopwatch w;
    (void)state;
    stopwatch_init(&w, 1);
    stopwatch_start(&w);
    stopwatch_begin(&w, LOOP);
    uint64_t outer = stopwatch_exact_begin(&w);
    spin_us(500);
    uint64_t inner = stopwatch_exact_begin(&w);
    spin_us(2000);
    stopwatch_exact_end(&w, WAIT, inner);
    stopwatch_exact_end(&w, OUTER, outer);
    stopwatch_end(&w);
    stopwatch_stop(&w);
    struct stopwatch_times t = stopwatch_times(&w);
    assert_at_least_us(t.stage_ns[WAIT], 2000);
    assert_at_least_us(t.stage_ns[OUTER], 500);
    assert_in_range(sum_of(&t), t.wall_ns - STOPWATCH_STAGES_MAX, t.wall_ns);
}

static void no_stopwatch_is_allowed(void **state)
{
    (void)state;
    stopwatch_start(NULL);
    stopwatch_begin(NULL, LOOP);
    assert_int_equal(stopwatch_turn_to(NULL, OUTER), 0);
    stopwatch_exact_end(NULL, WAIT, stopwatch_exact_begin(NULL));
    stopwatch_set_units(NULL, 1);
    stopwatch_end(NULL);
    stopwatch_stop(NULL);
    assert_null(stats_watch(NULL, STATS_READER));
    stats_count_records(NULL, 1, 1);
    stats_begin_phase(NULL, STATS_READING);
    stats_free(NULL);
}

static void the_account_names_every_stage(void **state)
{
    static const char *const sinks[] = {"summary", "database"};
    static const char *const words[] = {"reading", "7 packets, 3 exchanges, 5 records",
                                        "reader",  "wait for a shard",
                                        "shard 1", "wait for the writer",
                                        "writer",  "database",
                                        "all",     "ns/exchange"};
    struct buffer text = {.ptr = NULL};
    struct stats *s = stats_new(sinks, ARRAY_LENGTH(sinks));
    (void)state;
    stats_begin_phase(s, STATS_READING);
    stopwatch_set_units(stats_watch(s, STATS_READER), 7);
    assert_non_null(stats_watch(s, STATS_SHARD));
    assert_non_null(stats_watch(s, STATS_WRITER));
    stats_count_records(s, 5, 3);
    stats_format(s, &text);
    buffer_append(&text, bytes_of("", 1));
    for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
        if (strstr((const char *)text.ptr, words[i]) == NULL)
            fail_msg("no '%s' in:\n%s", words[i], (const char *)text.ptr);
    }
    buffer_done(&text);
    stats_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_are_charged_their_own_time),
        cmocka_unit_test(samples_speak_for_the_rest),
        cmocka_unit_test(exact_spans_are_charged_once),
        cmocka_unit_test(no_stopwatch_is_allowed),
        cmocka_unit_test(the_account_names_every_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
