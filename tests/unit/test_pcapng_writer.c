/* capture: a file of packets, read again by our own reader. */
#include "hopscope/live_capture.h"

#include "store_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FRAMES = 20000, FRAME_BYTES_MAX = 1600 };

static struct frame frame_of(uint32_t i, uint8_t *bytes)
{
    uint32_t captured = i * 7919 % FRAME_BYTES_MAX;
    for (uint32_t k = 0; k < captured; k++) bytes[k] = (uint8_t)(i + k);
    return (struct frame){
        .captured_ns = 1700000000123456789LL + (int64_t)i * 1001,
        .link_type = i % 5 == 4 ? 276 : 1,
        .captured = captured,
        .length = captured + i % 3,
        .data = bytes_of(bytes, captured),
    };
}

static struct pcapng_writer *open_writer(const char *path)
{
    const struct pcapng_writer_options options = {
        .path = path,
        .interface = "eth0",
        .filter = "tcp port 80",
        .program = "hopscope 1",
        .link_type = 1,
        .snaplen = 2000,
    };
    struct pcapng_writer *w = NULL;
    struct problem why = {.text = ""};
    if (pcapng_writer_open(&options, &w, &why) != STATUS_OK) fail_msg("%s", why.text);
    return w;
}

static void frames_come_out_as_they_went_in(void **state)
{
    (void)state;
    static const char *const paths[] = {"a.pcapng"};
    uint8_t bytes[FRAME_BYTES_MAX];
    struct pcapng_writer *w = open_writer(paths[0]);
    for (uint32_t i = 0; i < FRAMES; i++) {
        struct frame frame = frame_of(i, bytes);
        assert_int_equal(pcapng_writer_frame(w, &frame), STATUS_OK);
    }
    const struct live_capture_drops drops = {.kernel = 5000000000, .interface = 3};
    assert_int_equal(pcapng_writer_close(w, &drops, NULL), STATUS_OK);
    struct capture_set *set = NULL;
    struct problem why = {.text = ""};
    assert_int_equal(capture_set_open(paths, 1, NULL, &set, &why), STATUS_OK);
    struct frame got;
    for (uint32_t i = 0; i < FRAMES; i++) {
        struct frame frame = frame_of(i, bytes);
        assert_int_equal(capture_set_next(set, &got), CAPTURE_FRAME);
        assert_int_equal(got.captured_ns, frame.captured_ns);
        assert_int_equal(got.link_type, frame.link_type);
        assert_int_equal(got.length, frame.length);
        assert_true(bytes_equal(got.data, frame.data));
    }
    assert_int_equal(capture_set_next(set, &got), CAPTURE_END);
    const struct capture_info *info = capture_set_info(set, 0);
    assert_string_equal(info->damage.text, "");
    assert_int_equal(info->snaplen, 2000);
    assert_int_equal(info->kernel_dropped, 5000000000);
    assert_int_equal(info->interface_dropped, 3);
    capture_set_close(set);
}

static void what_is_flushed_can_be_read_meanwhile(void **state)
{
    (void)state;
    static const char *const paths[] = {"b.pcapng"};
    uint8_t bytes[FRAME_BYTES_MAX];
    struct pcapng_writer *w = open_writer(paths[0]);
    struct frame frame = frame_of(1, bytes);
    pcapng_writer_frame(w, &frame);
    assert_int_equal(pcapng_writer_flush(w), STATUS_OK);
    struct capture_set *set = NULL;
    assert_int_equal(capture_set_open(paths, 1, NULL, &set, NULL), STATUS_OK);
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_FRAME);
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_END);
    capture_set_close(set);
    assert_int_equal(pcapng_writer_close(w, NULL, NULL), STATUS_OK);
}

static void nobodys_file_is_written_over(void **state)
{
    (void)state;
    struct pcapng_writer *w = open_writer("c.pcapng");
    pcapng_writer_close(w, NULL, NULL);
    const struct pcapng_writer_options options = {.path = "c.pcapng"};
    struct problem why;
    assert_int_equal(pcapng_writer_open(&options, &w, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "is there already"));
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    uint8_t bytes[FRAME_BYTES_MAX];
    const struct pcapng_writer_options options = {
        .path = "/dev/full", .link_type = 1, .replaces = true};
    struct pcapng_writer *w = NULL;
    struct problem why = {.text = ""};
    struct frame frame = frame_of(1, bytes);
    (void)frame;
    assert_int_equal(pcapng_writer_open(&options, &w, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "cannot be written"));
}

/* A part of another capture is whole or not there; what was captured live stays. */
static void what_is_given_up_is_removed(void **state)
{
    (void)state;
    uint8_t bytes[FRAME_BYTES_MAX];
    for (int is_part = 0; is_part < 2; is_part++) {
        const struct pcapng_writer_options options = {.path = "given-up.pcapng",
                                                      .link_type = 1,
                                                      .replaces = true,
                                                      .is_part = is_part != 0};
        struct pcapng_writer *w = NULL;
        struct problem why = {.text = ""};
        struct frame frame = frame_of(1, bytes);
        assert_int_equal(pcapng_writer_open(&options, &w, &why), STATUS_OK);
        assert_int_equal(pcapng_writer_frame(w, &frame), STATUS_OK);
        pcapng_writer_give_up(w, "stopped");
        pcapng_writer_give_up(w, "stopped once more");
        assert_int_not_equal(pcapng_writer_frame(w, &frame), STATUS_OK);
        assert_int_equal(pcapng_writer_close(w, NULL, &why), STATUS_FAILED);
        assert_string_equal(why.text, "stopped");
        assert_int_equal(store_folder_count_files("given-up.pcapng"), 1 - is_part);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_out_as_they_went_in),
        cmocka_unit_test(what_is_flushed_can_be_read_meanwhile),
        cmocka_unit_test(nobodys_file_is_written_over),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(what_is_given_up_is_removed),
    };
    return cmocka_run_group_tests(tests, store_folder_enter, store_folder_leave);
}
