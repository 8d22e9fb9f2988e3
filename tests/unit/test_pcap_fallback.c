/* capture: libpcap's reader behind ours, compared with our own over the same images. */
#include "capture/pcap_fallback.h"
#include "capture/savefile_info.h"
#include "capture_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void agrees_with_own_reader(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        struct image im;
        sample_build(&im, kind);
        struct image_account own;
        image_account(image_bytes(&im), &own);
        struct block_reader in;
        const struct raw_origin origin = {.memory = image_bytes(&im)};
        assert_int_equal(block_reader_open(&in, &origin, 4096, NULL), STATUS_OK);
        struct capture_info info;
        savefile_info_begin(&info, "memory", 0);
        struct pcap_fallback *p = NULL;
        assert_int_equal(pcap_fallback_open(&in, &info, &p, NULL), STATUS_OK);
        assert_int_equal(info.link_types[0], 1);
        assert_int_equal(info.snaplen, 96);
        for (size_t i = 0; i < own.count; i++) {
            struct frame frame;
            assert_int_equal(pcap_fallback_next(p, &in, &info, &frame), RECORD_FRAME);
            assert_int_equal(frame.captured_ns, own.frames[i].captured_ns);
            assert_int_equal(frame.captured, own.frames[i].captured);
            assert_int_equal(frame.length, own.frames[i].length);
            assert_int_equal(frame.link_type, own.frames[i].link_type);
            for (size_t at = 0; at < frame.data.len; at++)
                assert_int_equal(frame.data.ptr[at], image_content(i, at));
        }
        struct frame none;
        assert_int_equal(pcap_fallback_next(p, &in, &info, &none), RECORD_END);
        pcap_fallback_free(p);
        block_reader_close(&in);
        image_done(&im);
    }
}

static void tells_what_libpcap_says_of_damage(void **state)
{
    (void)state;
    struct image im;
    sample_build(&im, 0);
    struct block_reader in;
    const struct raw_origin origin = {
        .memory = bytes_first(image_bytes(&im), im.data.len - 1)};
    assert_int_equal(block_reader_open(&in, &origin, 4096, NULL), STATUS_OK);
    struct capture_info info;
    savefile_info_begin(&info, "memory", 0);
    struct pcap_fallback *p = NULL;
    assert_int_equal(pcap_fallback_open(&in, &info, &p, NULL), STATUS_OK);
    struct frame frame;
    assert_int_equal(pcap_fallback_next(p, &in, &info, &frame), RECORD_FRAME);
    assert_int_equal(pcap_fallback_next(p, &in, &info, &frame), RECORD_FRAME);
    assert_int_equal(pcap_fallback_next(p, &in, &info, &frame), RECORD_DAMAGED);
    assert_non_null(strstr(in.reason.text, "truncated"));
    pcap_fallback_free(p);
    pcap_fallback_free(NULL);
    block_reader_close(&in);
    image_done(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_own_reader),
        cmocka_unit_test(tells_what_libpcap_says_of_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
