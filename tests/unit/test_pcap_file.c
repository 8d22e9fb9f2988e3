/* capture: classic pcap files, each property in both byte orders. */
#include "pcap_image.h"
#include "pcapng_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SECOND = 1000000000 };

static void reads_every_kind(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        int64_t unit_ns;
    } kinds[] = {{0xa1b2c3d4, 1000}, {0xa1b23c4d, 1}};
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(kinds); i++) {
        struct image im = {.is_little = i % 2};
        image_pcap_begin(&im, (struct image_pcap){.magic = kinds[i / 2].magic,
                                                  .snaplen = 65535,
                                                  .link_type = 1});
        image_pcap_record(&im, 1700000000, 999999, 60, 60);
        image_pcap_record(&im, 4294967295, 5, 33, 1500);
        image_pcap_record(&im, 1, 0, 0, 0);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.opened, STATUS_OK);
        assert_int_equal(a.count, 3);
        assert_true(a.is_content_right);
        assert_string_equal(a.info.damage.text, "");
        assert_string_equal(a.info.format, "pcap");
        assert_string_equal(a.info.path, "memory");
        assert_int_equal(a.frames[0].captured_ns,
                         1700000000 * (int64_t)SECOND + 999999 * kinds[i / 2].unit_ns);
        assert_int_equal(a.frames[1].captured_ns,
                         4294967295 * (int64_t)SECOND + 5 * kinds[i / 2].unit_ns);
        assert_int_equal(a.frames[1].captured, 33);
        assert_int_equal(a.frames[1].length, 1500);
        assert_int_equal(a.frames[0].link_type, 1);
        assert_int_equal(frame_number(a.frames[2].ref), 3);
        assert_int_equal(frame_capture_id(a.frames[2].ref), 0);
        assert_int_equal(a.info.snaplen, 65535);
        assert_int_equal(a.info.packets, 3);
        assert_int_equal(a.info.bytes, 1560);
        assert_int_equal(a.info.truncated, 1);
        assert_int_equal(a.info.odd_times, 0);
        assert_int_equal(a.info.start_ns, SECOND);
        assert_int_equal(a.info.end_ns, a.frames[1].captured_ns);
        assert_int_equal(a.info.kernel_dropped, CAPTURE_NUMBER_UNKNOWN);
        image_done(&im);
    }
}

static void reads_modified_records(void **state)
{
    (void)state;
    for (int little = 0; little < 2; little++) {
        struct image im = {.is_little = little};
        image_pcap_begin(&im, (struct image_pcap){.magic = 0xa1b2cd34, .link_type = 1});
        for (uint32_t n = 0; n < 3; n++) {
            image_put(&im, 4, 100 + n);
            image_put(&im, 4, 7);
            image_put(&im, 4, 20);
            image_put(&im, 4, 40);
            image_put(&im, 8, 0xffffffffffffffff); /* interface, protocol, type */
            image_put_content(&im, 20);
            image_end(&im, true);
        }
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.count, 3);
        assert_true(a.is_content_right);
        assert_int_equal(a.frames[2].captured_ns, 102 * (int64_t)SECOND + 7000);
        assert_string_equal(a.info.damage.text, "");
        image_done(&im);
    }
}

static void orders_lengths_by_version(void **state)
{
    (void)state;
    static const struct {
        uint16_t major, minor;
        bool is_swapped, is_known;
    } cases[] = {
        {2, 4, false, true},  {2, 3, false, true},  {2, 3, true, true},
        {2, 2, true, true},   {543, 0, true, true}, {2, 5, false, false},
        {3, 0, false, false}, {1, 2, false, false},
    };
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
        size_t row = i / 2;
        struct image im = {.is_little = i % 2};
        image_pcap_begin(&im, (struct image_pcap){.major = cases[row].major,
                                                  .minor = cases[row].minor,
                                                  .link_type = 1});
        image_put(&im, 8, 0);
        image_put(&im, 4, cases[row].is_swapped ? 90 : 30);
        image_put(&im, 4, cases[row].is_swapped ? 30 : 90);
        image_put_content(&im, 30);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.opened, cases[row].is_known ? STATUS_OK : STATUS_FAILED);
        if (cases[row].is_known) {
            assert_int_equal(a.count, 1);
            assert_int_equal(a.frames[0].captured, 30);
            assert_int_equal(a.frames[0].length, 90);
        } else {
            assert_non_null(strstr(a.why.text, "version"));
        }
        image_done(&im);
    }
}

static void reads_link_type_word(void **state)
{
    (void)state;
    static const struct {
        uint32_t word, link_type;
    } cases[] = {
        {1, 1},
        {0x54000001, 1}, /* FCS of 10 bytes, told */
        {0xf4000071, 113},
        {12, 101},
        {14, 101},
        {101, 101},
        {276, 276},
        {9999, 9999},
    };
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
        struct image im = {.is_little = i % 2};
        image_pcap_begin(&im, (struct image_pcap){.link_type = cases[i / 2].word});
        image_pcap_record(&im, 1, 0, 4, 4);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.count, 1);
        assert_int_equal(a.frames[0].link_type, cases[i / 2].link_type);
        assert_int_equal(a.info.link_type_count, 1);
        assert_int_equal(a.info.link_types[0], cases[i / 2].link_type);
        image_done(&im);
    }
}

static void keeps_frames_longer_than_snaplen(void **state)
{
    (void)state;
    static const uint32_t snaplens[] = {60, 0, 0xffffffff, 65535};
    static const int64_t told[] = {60, 262144, 262144, 65535};
    for (size_t i = 0; i < ARRAY_LENGTH(snaplens); i++) {
        struct image im = {.is_little = true};
        image_pcap_begin(&im,
                         (struct image_pcap){.snaplen = snaplens[i], .link_type = 1});
        image_pcap_record(&im, 1, 0, 74, 74);
        image_pcap_record(&im, 1, 0, 74, 60); /* more captured than was on the wire */
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.count, 2);
        assert_true(a.is_content_right);
        assert_int_equal(a.frames[0].captured, 74);
        assert_int_equal(a.frames[1].captured, 74);
        assert_int_equal(a.frames[1].length, 74);
        assert_int_equal(a.info.snaplen, told[i]);
        image_done(&im);
    }
}

static void repairs_impossible_fractions(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic, fraction;
        int64_t ns;
        uint64_t odd;
    } cases[] = {
        {0xa1b2c3d4, 999999, 999999000, 0},
        {0xa1b2c3d4, 1000000, SECOND, 1},
        {0xa1b2c3d4, 1999999, 1999999000, 1},
        {0xa1b2c3d4, 2000000, SECOND - 1, 1},
        {0xa1b2c3d4, UINT32_MAX, SECOND - 1, 1},
        {0xa1b23c4d, 999999999, SECOND - 1, 0},
        {0xa1b23c4d, 1000000000, SECOND, 1},
        {0xa1b23c4d, UINT32_MAX, SECOND - 1, 1},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct image im = {.is_little = true};
        image_pcap_begin(&im,
                         (struct image_pcap){.magic = cases[i].magic, .link_type = 1});
        image_pcap_record(&im, 10, cases[i].fraction, 4, 4);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.count, 1);
        assert_int_equal(a.frames[0].captured_ns, 10 * (int64_t)SECOND + cases[i].ns);
        assert_int_equal(a.info.odd_times, cases[i].odd);
        image_done(&im);
    }
}

/* cat a b: the second may have another byte order, unit and link type, or be pcapng. */
static void reads_files_in_a_row(void **state)
{
    (void)state;
    for (int mix = 0; mix < 4; mix++) {
        struct image im = {.is_little = mix & 1};
        image_pcap_begin(&im, (struct image_pcap){.snaplen = 100, .link_type = 1});
        image_pcap_record(&im, 10, 5, 20, 20);
        im.is_little = mix & 2;
        image_pcap_begin(
            &im,
            (struct image_pcap){.magic = 0xa1b23c4d, .snaplen = 200, .link_type = 113});
        image_pcap_record(&im, 11, 5, 20, 20);
        image_section(&im);
        image_interface(&im, 276, 300, 0);
        image_enhanced(&im, 0, 12000000, 20, 20);
        image_pcap_begin(&im, (struct image_pcap){.snaplen = 100, .link_type = 1});
        image_pcap_record(&im, 13, 5, 20, 20);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_string_equal(a.info.damage.text, "");
        assert_int_equal(a.count, 4);
        assert_true(a.is_content_right);
        assert_int_equal(a.frames[0].captured_ns, 10 * (int64_t)SECOND + 5000);
        assert_int_equal(a.frames[1].captured_ns, 11 * (int64_t)SECOND + 5);
        assert_int_equal(a.frames[2].captured_ns, 12 * (int64_t)SECOND);
        assert_int_equal(a.frames[3].captured_ns, 13 * (int64_t)SECOND + 5000);
        assert_int_equal(a.frames[1].link_type, 113);
        assert_int_equal(a.frames[2].link_type, 276);
        assert_int_equal(frame_number(a.frames[3].ref), 4);
        assert_int_equal(a.info.link_type_count, 3);
        assert_int_equal(a.info.snaplen, 300);
        image_done(&im);
    }
}

/* A record at the second whose number is a magic is a record all the same. */
static void takes_no_record_for_a_header(void **state)
{
    (void)state;
    static const uint32_t seconds[] = {0xa1b2c3d4, 0xd4c3b2a1, 0x4d3cb2a1, 0x0a0d0d0a};
    struct image im = {.is_little = true};
    image_pcap_begin(&im, (struct image_pcap){.link_type = 1});
    for (size_t i = 0; i < ARRAY_LENGTH(seconds); i++)
        image_pcap_record(&im, seconds[i], 0x00040002, 60, 60);
    struct image_account a;
    image_account(image_bytes(&im), &a);
    assert_int_equal(a.count, ARRAY_LENGTH(seconds));
    assert_true(a.is_content_right);
    image_done(&im);
}

static void tells_damage_with_offset(void **state)
{
    (void)state;
    struct image im = {.is_little = true};
    image_pcap_begin(&im, (struct image_pcap){.link_type = 1});
    image_pcap_record(&im, 1, 0, 20, 20);
    image_put(&im, 8, 1);
    image_put(&im, 4, CAPTURE_FRAME_MAX + 1);
    image_put(&im, 4, 60);
    image_put_content(&im, 60);
    struct image_account a;
    image_account(image_bytes(&im), &a);
    assert_int_equal(a.opened, STATUS_OK);
    assert_int_equal(a.count, 1);
    assert_non_null(strstr(a.info.damage.text, "memory: damaged at byte 60:"));
    assert_non_null(strstr(a.info.damage.text, "16777217"));
    assert_non_null(strstr(a.info.damage.text, "kept"));
    image_done(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(reads_modified_records),
        cmocka_unit_test(orders_lengths_by_version),
        cmocka_unit_test(reads_link_type_word),
        cmocka_unit_test(keeps_frames_longer_than_snaplen),
        cmocka_unit_test(repairs_impossible_fractions),
        cmocka_unit_test(reads_files_in_a_row),
        cmocka_unit_test(takes_no_record_for_a_header),
        cmocka_unit_test(tells_damage_with_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
