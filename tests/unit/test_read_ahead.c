/* engine: with a thread that reads ahead, every frame is what it is without: records of
 * all lengths, cut by blocks' ends anywhere, held or not, to the end of a whole file,
 * of a cut one, and when reading stops early. */
#include "capture_samples.h"
#include "own_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/read_ahead.h"

enum { RECORDS = 12000, LENGTH_USUAL = 1500, LENGTH_MAX = 262144 };

/* Mostly packets as networks carry them, some as long as a record may be. */
static uint32_t length_of(uint32_t n)
{
    uint32_t mixed = n * 2654435761u >> 8;
    if (n % 97 == 0) return mixed % LENGTH_MAX;
    return n % 31 == 0 ? 0 : mixed % LENGTH_USUAL;
}

/* Returns the bytes of the file. */
static size_t make_file(const char *path, size_t cut)
{
    struct image im = {.is_little = true};
    image_pcap_begin(&im, (struct image_pcap){.link_type = 1, .snaplen = LENGTH_MAX});
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    size_t size = 0;
    for (uint32_t n = 1; n <= RECORDS; n++) {
        uint32_t length = length_of(n);
        image_put(&im, 4, 1700000000 + n);
        image_put(&im, 4, 0);
        image_put(&im, 4, length);
        image_put(&im, 4, length);
        assert_int_equal(fwrite(im.data.ptr, 1, im.data.len, file), im.data.len);
        size += im.data.len + length;
        im.data.len = 0;
        uint8_t *content = mem_alloc(length);
        for (uint32_t i = 0; i < length; i++) content[i] = (uint8_t)(n + i / 7);
        assert_int_equal(fwrite(content, 1, length, file), length);
        mem_free(content);
    }
    assert_int_equal(fclose(file), 0);
    image_done(&im);
    assert_int_equal(truncate(path, (off_t)(size - cut)), 0);
    return size - cut;
}

static void check_frame(const struct frame *f)
{
    uint32_t n = (uint32_t)frame_number(f->ref);
    assert_int_equal(f->data.len, length_of(n));
    for (size_t i = 0; i < f->data.len; i += 13)
        assert_int_equal(f->data.ptr[i], (uint8_t)(n + i / 7));
}

struct held {
    struct frame frames[CAPTURE_BATCH_MAX];
    size_t count;
    struct capture_block *block;
};

static void check_held(struct held *h)
{
    for (size_t i = 0; i < h->count; i++) check_frame(&h->frames[i]);
    capture_block_release(h->block);
    h->block = NULL;
}

/* Reads up to `frames_max` frames, and checks some of them only after they were held
 * for a while. */
static size_t read_file(const char *path, size_t frames_max, size_t size)
{
    struct capture_set *set = NULL;
    assert_int_equal(capture_set_open(&path, 1, NULL, &set, NULL), STATUS_OK);
    struct read_ahead *ahead = read_ahead_start(set);
    assert_non_null(ahead);
    static const size_t held_max = 40;
    struct held *held = mem_alloc_array(held_max, sizeof *held);
    size_t frames = 0, batches = 0, count;
    struct frame batch[CAPTURE_BATCH_MAX];
    while (frames < frames_max && (count = capture_set_next_batch(set, batch)) > 0) {
        frames += count;
        for (size_t i = 0; i < count; i++) check_frame(&batch[i]);
        struct held *h = &held[batches++ % held_max];
        if (h->block) check_held(h);
        if (batches % 5 != 0) continue;
        h->count = count;
        h->block = capture_set_hold(set);
        memcpy(h->frames, batch, sizeof batch);
    }
    read_ahead_end(ahead);
    uint64_t done, total;
    capture_set_progress(set, &done, &total);
    assert_int_equal(total, size);
    assert_true(frames >= frames_max || done == size);
    capture_set_close(set);
    for (size_t i = 0; i < held_max; i++) {
        if (held[i].block) check_held(&held[i]);
    }
    mem_free(held);
    return frames;
}

static void all_records_are_read(void **state)
{
    size_t size = make_file(*state, 0);
    assert_int_equal(read_file(*state, SIZE_MAX, size), RECORDS);
}

static void cut_file_is_read_up_to_the_cut(void **state)
{
    size_t size = make_file(*state, 1);
    assert_int_equal(read_file(*state, SIZE_MAX, size), RECORDS - 1);
}

static void reading_may_stop_anywhere(void **state)
{
    static const size_t places[] = {1, 2, 100, 1000, 5000};
    size_t size = make_file(*state, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++)
        assert_true(read_file(*state, places[i], size) >= places[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_records_are_read, own_file_make,
                                        own_file_remove),
        cmocka_unit_test_setup_teardown(cut_file_is_read_up_to_the_cut, own_file_make,
                                        own_file_remove),
        cmocka_unit_test_setup_teardown(reading_may_stop_anywhere, own_file_make,
                                        own_file_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
