/* base: every function of hopscope/base.h, with the vectors of the standards. */
#include "hopscope/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void problem_text_is_safe_to_print(void **state)
{
    (void)state;
    struct problem p = {.text = ""};
    enum status rc = problem_set(&p, STATUS_USAGE, "no %s\x1b[2J\n%d", "file", 7);
    assert_int_equal(rc, STATUS_USAGE);
    assert_string_equal(p.text, "no file?[2J?7");
    assert_int_equal(problem_set(NULL, STATUS_FAILED, "%d", 1), STATUS_FAILED);
    char text[2 * sizeof p.text];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    problem_set(&p, STATUS_FAILED, "%s", text);
    assert_int_equal(strlen(p.text), sizeof p.text - 1);
}

static void memory_is_zeroed_and_never_null(void **state)
{
    (void)state;
    uint8_t *block = mem_alloc(64);
    for (size_t i = 0; i < 64; i++) assert_int_equal(block[i], 0);
    block = mem_resize(block, 128);
    assert_non_null(block);
    mem_free(block);
    void *nothing = mem_alloc(0);
    assert_non_null(nothing);
    mem_free(nothing);
    nothing = mem_alloc_array(0, SIZE_MAX);
    assert_non_null(nothing);
    mem_free(nothing);
    mem_free(NULL);
    char *copy = mem_copy_text("text");
    assert_string_equal(copy, "text");
    mem_free(copy);
}

static void memory_that_runs_out_ends_with_exit_1(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fclose(stderr);
        /* _exit of its own so that the child never runs the rest of the tests */
        mem_free(mem_alloc_array(SIZE_MAX / 2, 4));
        _exit(99);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), STATUS_FAILED);
}

static void bytes_compare(void **state)
{
    (void)state;
    struct bytes host = bytes_of_text("Host");
    assert_true(bytes_are(host, "Host"));
    assert_false(bytes_are(host, "host"));
    assert_false(bytes_are(host, "Hos"));
    assert_true(bytes_are_caseless(host, "hOST"));
    assert_false(bytes_are_caseless(host, "hosts"));
    assert_false(bytes_are_caseless(bytes_of_text("a["), "a{"));
    assert_true(bytes_start_with(host, "Ho"));
    assert_true(bytes_start_with(host, ""));
    assert_false(bytes_start_with(host, "Hosts"));
    assert_true(bytes_contain_caseless(bytes_of_text("gzip, CHUNKED"), "chunked"));
    assert_true(bytes_contain_caseless(host, ""));
    assert_false(bytes_contain_caseless(host, "Hosts"));
    assert_false(bytes_contain_caseless(bytes_of_text(NULL), "a"));
    assert_true(bytes_equal(bytes_of_text(NULL), bytes_of_text("")));
    assert_int_equal(bytes_from(host, 9).len, 0);
    assert_true(bytes_are(bytes_from(host, 1), "ost"));
    assert_true(bytes_are(bytes_first(host, 2), "Ho"));
    assert_true(bytes_are(bytes_first(host, 9), "Host"));
}

static void bytes_escape_stops_at_whole_escapes(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t in_len, size;
        const char *out;
    } cases[] = {
        {"a\r\n\t\0\\b", 7, 64, "a\\r\\n\\t\\0\\\\b"},
        {"\x1b\x7f\xff", 3, 64, "\\x1b\\x7f\\xff"},
        {"ab\xff", 3, 6, "ab"},
        {"ab\xff", 3, 7, "ab\\xff"},
        {"ab\xff"
         "c",
         4, 6, "ab"},
        {"abc", 3, 3, "ab"},
        {"abc", 3, 1, ""},
        {"", 0, 1, ""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[64];
        size_t len =
            bytes_escape(bytes_of(cases[i].in, cases[i].in_len), out, cases[i].size);
        assert_string_equal(out, cases[i].out);
        assert_int_equal(len, strlen(cases[i].out));
    }
    assert_int_equal(bytes_escape(bytes_of_text("a"), NULL, 0), 0);
}

static void cursor_reads_both_byte_orders(void **state)
{
    (void)state;
    static const uint8_t image[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct cursor c = cursor_of(bytes_of(image, sizeof image));
    assert_int_equal(cursor_8(&c), 1);
    assert_int_equal(cursor_be16(&c), 0x0203);
    assert_int_equal(cursor_be32(&c), 0x04050607);
    assert_true(cursor_64(&c) == 0x08090a0b0c0d0e0fu);
    assert_false(c.is_short);
    assert_int_equal(cursor_left(&c), 0);

    c = cursor_of(bytes_of(image, sizeof image));
    c.is_little = true;
    assert_int_equal(cursor_16(&c), 0x0201);
    assert_int_equal(cursor_32(&c), 0x06050403);
    assert_int_equal(cursor_be16(&c), 0x0708);
    c = cursor_of(bytes_of(image, sizeof image));
    c.is_little = true;
    assert_true(cursor_64(&c) == 0x0807060504030201u);
    assert_true(bytes_equal(cursor_take(&c, 2), bytes_of(image + 8, 2)));
    assert_int_equal(cursor_rest(&c).len, 5);
}

static void cursor_stays_short(void **state)
{
    (void)state;
    struct cursor c = cursor_of(bytes_of_text("abc"));
    assert_int_equal(cursor_be32(&c), 0);
    assert_true(c.is_short);
    assert_int_equal(cursor_8(&c), 0);
    assert_int_equal(cursor_left(&c), 0);
    assert_int_equal(cursor_take(&c, 0).len, 0);
    c = cursor_of(bytes_of_text("abcdef"));
    assert_true(cursor_64(&c) == 0);
    c = cursor_of(bytes_of_text("abc"));
    cursor_skip(&c, SIZE_MAX);
    assert_true(c.is_short);
    c = cursor_of(bytes_of(NULL, 0));
    cursor_skip(&c, 0);
    assert_false(c.is_short);
    assert_int_equal(cursor_8(&c), 0);
    assert_true(c.is_short);
}

static void buffer_grows_and_keeps(void **state)
{
    (void)state;
    struct buffer b = {.ptr = NULL};
    for (int i = 0; i < 1000; i++) buffer_print(&b, "%d,", i);
    assert_int_equal(b.len, 10 * 2 + 90 * 3 + 900 * 4);
    assert_true(bytes_start_with(buffer_bytes(&b), "0,1,2,"));
    buffer_clear(&b);
    buffer_append_text(&b, "abc");
    buffer_append(&b, bytes_of(NULL, 0));
    buffer_append(&b, bytes_of_text("def"));
    buffer_print(&b, "%s", "");
    assert_true(bytes_are(buffer_bytes(&b), "abcdef"));
    buffer_done(&b);
    assert_null(b.ptr);
    buffer_done(&b);
}

static void endpoint_prints_and_orders(void **state)
{
    (void)state;
    static const struct {
        struct endpoint e;
        const char *text;
    } cases[] = {
        {{.version = 4, .address = {10, 0, 0, 1}, .port = 80}, "10.0.0.1:80"},
        {{.version = 4, .address = {10, 0, 0, 1}, .port = 81}, "10.0.0.1:81"},
        {{.version = 4, .address = {10, 0, 0, 200}, .port = 1}, "10.0.0.200:1"},
        {{.version = 6, .port = 65535}, "[::]:65535"},
        {{.version = 6, .address = {[15] = 1}}, "[::1]:0"},
        {{.version = 6, .address = {0x20, 1, 0xd, 0xb8, [15] = 1}, .port = 80},
         "[2001:db8::1]:80"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char text[ENDPOINT_TEXT_MAX];
        endpoint_format(&cases[i].e, text);
        assert_string_equal(text, cases[i].text);
        for (size_t j = 0; j < ARRAY_LENGTH(cases); j++) {
            int order = endpoint_compare(&cases[i].e, &cases[j].e);
            assert_int_equal(order, i < j ? -1 : i > j ? 1 : 0);
            assert_int_equal(endpoint_equal(&cases[i].e, &cases[j].e), i == j);
        }
    }
    char address[ADDRESS_TEXT_MAX];
    endpoint_format_address(&(struct endpoint){.version = 0}, address);
    assert_string_equal(address, "-");
    struct endpoint longest = {.version = 6, .port = 65535};
    memset(longest.address, 0xff, sizeof longest.address);
    char text[ENDPOINT_TEXT_MAX];
    endpoint_format(&longest, text);
    assert_string_equal(text, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

/* Published vectors: key bytes 00 to 0f, message bytes 00, 01, ... of that length. */
static void hash_matches_siphash_1_3(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        uint64_t hash;
    } cases[] = {
        {0, 0xabac0158050fc4dcu},  {1, 0xc9f49bf37d57ca93u},  {7, 0xd3927d989bb11140u},
        {8, 0x369095118d299a8eu},  {15, 0xd320d86d2a519956u}, {16, 0xcc4fdd1a7d908b66u},
        {63, 0x9d199062b7bbb3a8u},
    };
    const struct hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    uint8_t message[64];
    for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)i;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
        assert_true(hash_keyed(key, bytes_of(message, cases[i].len)) == cases[i].hash);
    assert_true(hash_keyed(key, bytes_of(NULL, 0)) == cases[0].hash);
    struct hash_key a = hash_key_random(), b = hash_key_random();
    assert_true(a.k0 != b.k0 || a.k1 != b.k1);
}

static void sha1_matches_fips_180(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *digest;
    } cases[] = {
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint8_t digest[20];
        char text[41];
        sha1(bytes_of_text(cases[i].text), digest);
        for (size_t j = 0; j < 20; j++) snprintf(text + 2 * j, 3, "%02x", digest[j]);
        assert_string_equal(text, cases[i].digest);
    }
    uint8_t *million = mem_alloc(1000000);
    memset(million, 'a', 1000000);
    uint8_t digest[20];
    sha1(bytes_of(million, 1000000), digest);
    static const uint8_t expected[4] = {0x34, 0xaa, 0x97, 0x3c};
    assert_memory_equal(digest, expected, sizeof expected);
    mem_free(million);
}

static void base64_matches_rfc_4648(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfd", "//79"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char out[16];
        base64_encode(bytes_of_text(cases[i].in), out);
        assert_string_equal(out, cases[i].out);
    }
}

static void memory_that_was_never_there_is_not_reached(void **state)
{
    (void)state;
    assert_true(mem_may_reach(0));
    assert_true(mem_may_reach(1 << 12));
    assert_false(mem_may_reach(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problem_text_is_safe_to_print),
        cmocka_unit_test(memory_is_zeroed_and_never_null),
        cmocka_unit_test(memory_that_runs_out_ends_with_exit_1),
        cmocka_unit_test(bytes_compare),
        cmocka_unit_test(bytes_escape_stops_at_whole_escapes),
        cmocka_unit_test(cursor_reads_both_byte_orders),
        cmocka_unit_test(cursor_stays_short),
        cmocka_unit_test(buffer_grows_and_keeps),
        cmocka_unit_test(endpoint_prints_and_orders),
        cmocka_unit_test(hash_matches_siphash_1_3),
        cmocka_unit_test(sha1_matches_fips_180),
        cmocka_unit_test(base64_matches_rfc_4648),
        cmocka_unit_test(memory_that_was_never_there_is_not_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
