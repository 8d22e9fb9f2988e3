/* capture: frames many at a time are those that come one at a time, and each stays what
 * it is while the batch lasts. The files are real ones, so that their blocks move. */
#include "capture_samples.h"
#include "own_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRAMES_MANY = 3000, SIZES = 1499 };

static void write_file(const char *path, struct image *im, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(im->data.ptr, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static struct capture_set *open_files(const char *const *paths, size_t count)
{
    struct capture_set *set = NULL;
    struct problem why = {.text = ""};
    enum status rc = capture_set_open(paths, count, NULL, &set, &why);
    if (rc != STATUS_OK) print_message("%s\n", why.text);
    assert_int_equal(rc, STATUS_OK);
    return set;
}

static void expect_same(const struct frame *a, const struct frame *b)
{
    assert_int_equal(a->ref, b->ref);
    assert_int_equal(a->captured_ns, b->captured_ns);
    assert_int_equal(a->link_type, b->link_type);
    assert_int_equal(a->length, b->length);
    assert_true(bytes_equal(a->data, b->data));
}

/* Returns the size of the largest batch. */
static size_t expect_same_frames(const char *const *paths, size_t count)
{
    struct capture_set *one = open_files(paths, count);
    struct capture_set *many = open_files(paths, count);
    struct frame frame, frames[CAPTURE_BATCH_MAX];
    size_t largest = 0, got;
    while ((got = capture_set_next_batch(many, frames)) > 0) {
        if (got > largest) largest = got;
        assert_true(got <= CAPTURE_BATCH_MAX);
        for (size_t i = 0; i < got; i++) {
            assert_int_equal(capture_set_next(one, &frame), CAPTURE_FRAME);
            expect_same(&frame, &frames[i]);
        }
    }
    assert_int_equal(capture_set_next(one, &frame), CAPTURE_END);
    assert_int_equal(capture_set_next_batch(many, frames), 0); /* and again */
    for (size_t i = 0; i < count; i++) {
        const struct capture_info *a = capture_set_info(one, i);
        const struct capture_info *b = capture_set_info(many, i);
        assert_int_equal(a->packets, b->packets);
        assert_int_equal(a->is_at_end, b->is_at_end);
        assert_int_equal(a->odd_times, b->odd_times);
        assert_string_equal(a->damage.text, b->damage.text);
    }
    capture_set_close(one);
    capture_set_close(many);
    return largest;
}

static void add_many(struct image *im, bool is_pcapng)
{
    for (uint32_t n = 0; n < FRAMES_MANY; n++) {
        uint32_t size = 1 + n * 37 % SIZES;
        im->end_count = 0;
        if (is_pcapng)
            image_enhanced(im, 0, 1700000000000000 + n, size, size);
        else
            image_pcap_record(im, 1700000000 + n, 0, n % 100 == 99 ? 0 : size, size);
    }
}

static void batches_are_the_same_frames(void **state)
{
    const char *path = *state;
    for (int is_pcapng = 0; is_pcapng < 2; is_pcapng++) {
        struct image im = {.is_little = true};
        if (is_pcapng) {
            image_section(&im);
            image_interface(&im, 1, 0, 6);
        } else {
            image_pcap_begin(&im, (struct image_pcap){.link_type = 1});
        }
        add_many(&im, is_pcapng);
        write_file(path, &im, im.data.len);
        assert_int_equal(expect_same_frames(&path, 1), CAPTURE_BATCH_MAX);
        const char *twice[] = {path, path};
        assert_int_equal(expect_same_frames(twice, 2), 1); /* they are merged */
        image_done(&im);
    }
}

/* Cut anywhere, and with another capture behind it. */
static void batches_end_where_the_data_do(void **state)
{
    const char *path = *state;
    for (int kind = 0; kind < SAMPLE_KINDS; kind++) {
        struct image im;
        sample_build(&im, kind);
        for (size_t len = 24; len <= im.data.len; len++) {
            struct capture_set *set = NULL;
            write_file(path, &im, len);
            if (capture_set_open(&path, 1, NULL, &set, NULL) != STATUS_OK) continue;
            capture_set_close(set);
            expect_same_frames(&path, 1);
        }
        image_done(&im);
    }
}

/* A block that names no interface, behind sound ones of the same batch. */
static void batches_survive_damage(void **state)
{
    const char *path = *state;
    struct image im = {.is_little = true};
    image_section(&im);
    image_interface(&im, 1, 0, 6);
    for (uint32_t n = 0; n < 5; n++) image_enhanced(&im, 0, 1700000000 + n, 60, 60);
    image_enhanced(&im, 7, 1700000009, 60, 60);
    image_enhanced(&im, 0, 1700000010, 60, 60);
    write_file(path, &im, im.data.len);
    assert_int_equal(expect_same_frames(&path, 1), 5);
    image_done(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(batches_are_the_same_frames, own_file_make,
                                        own_file_remove),
        cmocka_unit_test_setup_teardown(batches_end_where_the_data_do, own_file_make,
                                        own_file_remove),
        cmocka_unit_test_setup_teardown(batches_survive_damage, own_file_make,
                                        own_file_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
