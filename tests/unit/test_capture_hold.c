/* capture: what is held stays what it is, however far reading goes on, after the end of
 * the set, and until the last release. A file that is cut meanwhile just ends. */
#include "capture_samples.h"
#include "hopscope/fault_guard.h"
#include "own_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FRAMES = 40000 /* some fifty blocks, more than are kept */, FRAME_BYTES = 700 };

struct held {
    struct frame frames[CAPTURE_BATCH_MAX];
    size_t count;
    struct capture_block *block;
};

static void make_file(const char *path)
{
    struct image im = {.is_little = true};
    image_pcap_begin(&im, (struct image_pcap){.link_type = 1});
    for (uint32_t n = 1; n <= FRAMES; n++) {
        image_pcap_record(&im, 1700000000 + n, 0, FRAME_BYTES, FRAME_BYTES);
        im.end_count = 0;
        /* Full of its own number. */
        memset(im.data.ptr + im.data.len - FRAME_BYTES, (int)(n & 0xff), FRAME_BYTES);
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(im.data.ptr, 1, im.data.len, file), im.data.len);
    assert_int_equal(fclose(file), 0);
    image_done(&im);
}

static void check(struct held *h)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct frame *f = &h->frames[i];
        assert_int_equal(f->data.len, FRAME_BYTES);
        uint8_t expected[FRAME_BYTES];
        memset(expected, (int)(frame_number(f->ref) & 0xff), sizeof expected);
        assert_memory_equal(f->data.ptr, expected, sizeof expected);
    }
    capture_block_release(h->block);
}

/* Holds every `one_in`th batch; checks some as it goes, the others when the set is
 * gone.
 */
static void hold_and_check(const char *path, size_t one_in)
{
    struct capture_set *set = NULL;
    assert_int_equal(capture_set_open(&path, 1, NULL, &set, NULL), STATUS_OK);
    struct held *held = mem_alloc_array(FRAMES, sizeof *held);
    struct held now;
    size_t held_count = 0, first = 0, batches = 0, frames = 0;
    while ((now.count = capture_set_next_batch(set, now.frames)) > 0) {
        frames += now.count;
        if (batches++ % one_in != 0) continue;
        now.block = capture_set_hold(set);
        assert_non_null(now.block);
        held[held_count++] = now;
        if (held_count % 3 == 0)
            check(&held[first++]); /* so that some are used again */
    }
    assert_int_equal(frames, FRAMES);
    capture_set_close(set);
    while (first < held_count) check(&held[first++]);
    mem_free(held);
}

static void held_blocks_stay(void **state)
{
    make_file(*state);
    hold_and_check(*state, 1);
    hold_and_check(*state, 7);
    hold_and_check(*state, 100);
}

static size_t count_mappings(const char *path)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[1024];
    size_t count = 0;
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) count += strstr(line, path) != NULL;
    assert_int_equal(fclose(maps), 0);
    return count;
}

/* Nor by the one who reads, who is the last to let them go. */
static void blocks_that_nobody_holds_are_not_kept(void **state)
{
    const char *path = *state;
    struct capture_set *set = NULL;
    struct held before = {.block = NULL}, now;
    make_file(path);
    assert_int_equal(capture_set_open(&path, 1, NULL, &set, NULL), STATUS_OK);
    while ((now.count = capture_set_next_batch(set, now.frames)) > 0) {
        now.block = capture_set_hold(set);
        if (before.block != NULL) check(&before);
        before = now;
        assert_true(count_mappings(path) <= 2);
    }
    check(&before);
    capture_set_close(set);
    assert_int_equal(count_mappings(path), 0);
}

/* As a ring of capture files does it when its turn comes round. */
static void file_that_is_cut_meanwhile_ends(void **state)
{
    enum { LEFT_BYTES = 1 << 20 };
    const char *path = *state;
    struct capture_set *set = NULL;
    struct frame frames[CAPTURE_BATCH_MAX];
    size_t count = 1, taken = 0;
    fault_guard_fill_lost_pages();
    make_file(path);
    assert_int_equal(capture_set_open(&path, 1, NULL, &set, NULL), STATUS_OK);
    while (taken * FRAME_BYTES < 3 * LEFT_BYTES) {
        count = capture_set_next_batch(set, frames);
        taken += count;
    }
    assert_int_equal(truncate(path, LEFT_BYTES), 0);
    /* What is lost is no frame, not even an empty one. */
    while ((count = capture_set_next_batch(set, frames)) > 0) taken += count;
    assert_true(taken * FRAME_BYTES < 4 * LEFT_BYTES);
    assert_non_null(
        strstr(capture_set_info(set, 0)->damage.text, "was cut to 1048576"));
    capture_set_close(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(held_blocks_stay, own_file_make,
                                        own_file_remove),
        cmocka_unit_test_setup_teardown(blocks_that_nobody_holds_are_not_kept,
                                        own_file_make, own_file_remove),
        cmocka_unit_test_setup_teardown(file_that_is_cut_meanwhile_ends, own_file_make,
                                        own_file_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
