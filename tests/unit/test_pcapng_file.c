/* capture: pcapng files, each property in both byte orders. */
#include "pcapng_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SECOND = 1000000000 };

static void reads_interfaces_that_differ(void **state)
{
    (void)state;
    for (int little = 0; little < 2; little++) {
        struct image im = {.is_little = little};
        image_section(&im);
        image_interface(&im, 1, 262144, 0);
        image_interface(&im, 113, 65535, 9);
        image_enhanced(&im, 0, 1700000000000001, 61, 90);
        image_enhanced(&im, 1, 1700000000000000002, 33, 33);
        image_interface(&im, 12, 0, 0); /* declared late; DLT_RAW */
        image_old_packet(&im, 2, 1700000001000000, 22, 22);
        image_enhanced(&im, 0, 1700000000000003, 74, 60);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.opened, STATUS_OK);
        assert_string_equal(a.info.damage.text, "");
        assert_string_equal(a.info.format, "pcapng");
        assert_int_equal(a.count, 4);
        assert_true(a.is_content_right);
        assert_int_equal(a.frames[0].captured_ns, 1700000000000001000);
        assert_int_equal(a.frames[0].captured, 61);
        assert_int_equal(a.frames[0].length, 90);
        assert_int_equal(a.frames[1].captured_ns, 1700000000000000002);
        assert_int_equal(a.frames[1].link_type, 113);
        assert_int_equal(a.frames[2].link_type, 101);
        assert_int_equal(a.frames[2].captured_ns, 1700000001000000000);
        assert_int_equal(a.frames[3].length, 74);
        assert_int_equal(a.info.link_type_count, 3);
        assert_int_equal(a.info.snaplen, 262144);
        assert_int_equal(a.info.truncated, 1);
        image_done(&im);
    }
}

static void reads_simple_packets(void **state)
{
    (void)state;
    for (int little = 0; little < 2; little++) {
        struct image im = {.is_little = little};
        image_section(&im);
        image_interface(&im, 1, 30, 0);
        image_simple(&im, 7, 7);
        image_enhanced(&im, 0, 5000000, 9, 9);
        image_simple(&im, 30, 90); /* snaplen 30: two bytes of padding are no frame */
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_string_equal(a.info.damage.text, "");
        assert_int_equal(a.count, 3);
        assert_true(a.is_content_right);
        assert_int_equal(a.frames[0].captured, 7);
        assert_int_equal(a.frames[0].captured_ns, 0);
        assert_int_equal(a.frames[2].captured, 30);
        assert_int_equal(a.frames[2].length, 90);
        assert_int_equal(a.frames[2].captured_ns, 5 * (int64_t)SECOND);
        assert_int_equal(a.info.odd_times, 2);
        image_done(&im);
    }
}

static void reads_every_resolution(void **state)
{
    (void)state;
    static const struct {
        uint8_t resolution;
        uint64_t ticks;
        int64_t ns; /* -1: impossible, that of the frame before */
    } cases[] = {
        {0, 1700000000123456, 1700000000123456000},
        {6, 1700000000123456, 1700000000123456000},
        {3, 1700000000123, 1700000000123000000},
        {9, 1700000000123456789, 1700000000123456789},
        {12, 1700000000123456789, 1700000000123456},
        {30, UINT64_MAX, 0},
        {127, UINT64_MAX, 0},
        {0x80, 1700000000, 1700000000000000000},
        {0x80 | 1, 3, 1500000000},
        {0x80 | 20, (1700000000ull << 20) + 524288, 1700000000500000000},
        {0x80 | 32, (1700000000ull << 32) + (1u << 30), 1700000000250000000},
        {0x80 | 63, (1ull << 63) + (1ull << 62), 1500000000},
        {0x80 | 64, 1ull << 63, 500000000},
        {0x80 | 66, 1ull << 63, 125000000},
        {0xff, UINT64_MAX, 0},
        {0, UINT64_MAX, -1},
        {0x80, UINT64_MAX, -1},
    };
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
        size_t row = i / 2;
        struct image im = {.is_little = i % 2};
        image_section(&im);
        image_interface(&im, 1, 0, 0);
        image_interface(&im, 1, 0, cases[row].resolution);
        image_enhanced(&im, 0, 42, 4, 4);
        image_enhanced(&im, 1, cases[row].ticks, 4, 4);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.count, 2);
        assert_int_equal(a.frames[1].captured_ns,
                         cases[row].ns < 0 ? 42000 : cases[row].ns);
        assert_int_equal(a.info.odd_times, cases[row].ns < 0);
        image_done(&im);
    }
}

static void image_interface_with_offset(struct image *im, int64_t offset_s)
{
    size_t at = image_block(im, 1);
    image_put(im, 2, 1);
    image_put(im, 2, 0);
    image_put(im, 4, 0);
    image_option_number(im, 14, 8, (uint64_t)offset_s);
    image_block_end(im, at, false); /* without opt_endofopt */
}

static void moves_times_by_offset(void **state)
{
    (void)state;
    static const struct {
        int64_t offset_s, ns;
    } cases[] = {
        {0, 50000000},  {1700000000, 1700000000050000000},
        {-1, 0},        {INT64_MAX, 0},
        {INT64_MIN, 0}, {4611686019, 0},
    };
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
        struct image im = {.is_little = i % 2};
        image_section(&im);
        image_interface_with_offset(&im, cases[i / 2].offset_s);
        image_enhanced(&im, 0, 50000, 4, 4);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.count, 1);
        assert_int_equal(a.frames[0].captured_ns, cases[i / 2].ns);
        assert_int_equal(a.info.odd_times, cases[i / 2].ns == 0);
        image_done(&im);
    }
}

static void reads_sections_of_either_order(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct image im = {.is_little = first};
        image_section(&im);
        image_interface(&im, 1, 0, 9);
        image_interface(&im, 113, 0, 9);
        image_enhanced(&im, 1, 11, 10, 10);
        im.is_little = !first;
        image_section(&im);
        image_interface(&im, 276, 0, 0);
        image_enhanced(&im, 0, 12, 10, 10);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_string_equal(a.info.damage.text, "");
        assert_int_equal(a.count, 2);
        assert_true(a.is_content_right);
        assert_int_equal(a.frames[0].link_type, 113);
        assert_int_equal(a.frames[1].link_type, 276);
        assert_int_equal(a.frames[1].captured_ns, 12000);
        image_done(&im);
    }
}

static void passes_over_what_it_needs_not(void **state)
{
    (void)state;
    for (int little = 0; little < 2; little++) {
        struct image im = {.is_little = little};
        image_section(&im);
        for (uint32_t type = 4; type < 0x80000000; type = type * 3 + 7) {
            if (type == 6 || type == 10) continue;
            size_t at = image_block(&im, type);
            image_put_content(&im, type % 64);
            image_block_end(&im, at, false);
        }
        size_t at = image_block(&im, 0x0bad0bad);
        for (int i = 0; i < 300000; i++) image_put(&im, 8, 0);
        image_block_end(&im, at, false);
        image_interface(&im, 1, 0, 0);
        image_enhanced(&im, 0, 1, 10, 10);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_string_equal(a.info.damage.text, "");
        assert_int_equal(a.count, 1);
        assert_true(a.is_content_right);
        image_done(&im);
    }
}

static void counts_drops_of_all_interfaces(void **state)
{
    (void)state;
    for (int little = 0; little < 2; little++) {
        struct image im = {.is_little = little};
        image_section(&im);
        image_interface(&im, 1, 0, 0);
        image_interface(&im, 1, 0, 0);
        image_statistics(&im, 0, 1, 10);
        image_statistics(&im, 1, 2, 20);
        image_statistics(&im, 0, 5, 15);    /* counters run on */
        image_statistics(&im, 7, 100, 100); /* no such interface */
        image_statistics(&im, 1, UINT64_MAX, UINT64_MAX);
        image_section(&im);
        image_interface(&im, 1, 0, 0);
        image_statistics(&im, 0, 0, 100);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_string_equal(a.info.damage.text, "");
        assert_int_equal(a.info.interface_dropped, 7);
        assert_int_equal(a.info.kernel_dropped, 135);
        image_done(&im);
    }
}

static void keeps_secrets_up_to_a_cap(void **state)
{
    (void)state;
    struct image im = {.is_little = true};
    image_section(&im);
    image_secrets(&im, 0x544c534b, bytes_of_text("CLIENT_RANDOM 01 02\n"));
    uint8_t *big = mem_alloc(CAPTURE_SECRETS_BYTES_MAX);
    image_secrets(&im, 0x544c534b, bytes_of(big, CAPTURE_SECRETS_BYTES_MAX - 400));
    image_secrets(&im, 0x544c534b, bytes_of(big, CAPTURE_SECRETS_BYTES_MAX));
    image_secrets(&im, 0x57474b4c, bytes_of_text("x"));
    mem_free(big);
    struct image_account a;
    image_account(image_bytes(&im), &a);
    assert_string_equal(a.info.damage.text, "");
    assert_int_equal(a.info.secrets, 4);
    assert_int_equal(a.secrets, 3);
    assert_int_equal(a.secret_bytes, 20 + CAPTURE_SECRETS_BYTES_MAX - 400 + 1);
    struct capture_set *set = NULL;
    assert_int_equal(capture_set_open_memory(image_bytes(&im), NULL, &set, NULL),
                     STATUS_OK);
    struct capture_secret first = capture_set_secret(set, 0);
    assert_int_equal(first.type, 0x544c534b);
    assert_true(bytes_are(first.data, "CLIENT_RANDOM 01 02\n"));
    capture_set_close(set);
    image_done(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_interfaces_that_differ),
        cmocka_unit_test(reads_simple_packets),
        cmocka_unit_test(reads_every_resolution),
        cmocka_unit_test(moves_times_by_offset),
        cmocka_unit_test(reads_sections_of_either_order),
        cmocka_unit_test(passes_over_what_it_needs_not),
        cmocka_unit_test(counts_drops_of_all_interfaces),
        cmocka_unit_test(keeps_secrets_up_to_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
