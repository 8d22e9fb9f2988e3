/* capture: whole files cut, flipped and piped, whatever their format. */
#include "capture_samples.h"
#include "guard_page.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void check_cut(const struct image *im, size_t cut, const struct image_account *a)
{
    bool is_boundary;
    size_t frames = sample_frames_within(im, cut, &is_boundary);
    if (cut < im->ends[0]) { /* inside the first header */
        assert_int_equal(a->opened, STATUS_FAILED);
        assert_true(a->why.text[0] != '\0');
        return;
    }
    assert_int_equal(a->opened, STATUS_OK);
    assert_int_equal(a->count, frames);
    assert_true(a->is_content_right);
    assert_int_equal(a->info.damage.text[0] == '\0', is_boundary);
}

static void gives_what_precedes_a_cut(void **state)
{
    (void)state;
    struct guard_page page;
    guard_page_init(&page, SAMPLE_ROOM);
    for (int kind = 0; kind < SAMPLE_KINDS; kind++) {
        struct image im;
        sample_build(&im, kind);
        for (size_t cut = 0; cut <= im.data.len; cut++) {
            struct image_account a;
            struct bytes part = bytes_first(image_bytes(&im), cut);
            image_account(guard_page_place(&page, part), &a);
            check_cut(&im, cut, &a);
        }
        image_done(&im);
    }
    guard_page_done(&page);
}

static void survives_every_flip(void **state)
{
    (void)state;
    struct guard_page page;
    guard_page_init(&page, SAMPLE_ROOM);
    for (int kind = 0; kind < SAMPLE_KINDS; kind++) {
        struct image im;
        sample_build(&im, kind);
        for (size_t at = 0; at < im.data.len; at++) {
            for (int change = 1; change < 256; change += change < 128 ? change : 127) {
                struct bytes copy = guard_page_place(&page, image_bytes(&im));
                page.map[page.room - copy.len + at] ^= (uint8_t)change;
                struct image_account a;
                image_account(copy, &a);
                /* The frames in front of it are not touched by it. */
                bool is_boundary;
                size_t frames = sample_frames_within(&im, at, &is_boundary);
                if (at >= im.ends[0]) assert_true(a.count >= frames);
            }
        }
        image_done(&im);
    }
    guard_page_done(&page);
}

/* ---- files, pipes ---- */

static void write_file(const char *path, struct bytes content)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content.ptr, 1, content.len, f), content.len);
    assert_int_equal(fclose(f), 0);
}

static void refuses_with_a_sentence(void **state)
{
    const char *path = *state;
    static const struct {
        const char *content;
        const char *words;
    } cases[] = {
        {"", "is empty"},
        {"\xd4\xc3\xb2\xa1", "pcap header"},
        {"\x0a\x0d\x0d\x0a", "neither pcap nor pcapng"},
        {"GET / HTTP/1.1\r\n\r\n", "neither pcap nor pcapng"},
        {"\x1f\x8b\x08\x04trash", "not a capture"},
        {"\x28\xb5\x2f\xfdtrash", "zst data is damaged"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        write_file(path, bytes_of_text(cases[i].content));
        struct image_account a;
        image_account_path(path, NULL, &a);
        assert_int_equal(a.opened, STATUS_FAILED);
        assert_non_null(strstr(a.why.text, cases[i].words));
        assert_non_null(strstr(a.why.text, path));
    }
    struct image_account a;
    image_account_path("/nonexistent.pcap", NULL, &a);
    assert_int_equal(a.opened, STATUS_FAILED);
    assert_string_equal(a.why.text,
                        "/nonexistent.pcap: cannot be read: No such file or "
                        "directory; check the name");
    image_account_path("/", NULL, &a);
    assert_int_equal(a.opened, STATUS_FAILED);
    assert_non_null(strstr(a.why.text, "Is a directory"));
}

/* Frames of all sizes across many blocks, and one larger than a block. */
static void moves_records_cut_by_a_block(void **state)
{
    const char *path = *state;
    struct image im;
    sample_build_large(&im);
    write_file(path, image_bytes(&im));
    struct image_account a;
    image_account_path(path, NULL, &a);
    assert_string_equal(a.info.damage.text, "");
    assert_int_equal(a.count, 60);
    assert_true(a.is_content_right);
    image_done(&im);
}

/* Writes a byte at a time, so that every read is short. */
static pid_t write_slowly(int fd, struct bytes content)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return child;
    for (size_t i = 0; i < content.len; i++) {
        if (write(fd, content.ptr + i, 1) != 1) _exit(1);
        if (i % 16 == 0) usleep(50);
    }
    _exit(0);
}

static void reads_standard_input(void **state)
{
    (void)state;
    int kept = dup(STDIN_FILENO);
    for (int kind = 0; kind < SAMPLE_KINDS; kind++) {
        for (size_t short_by = 0; short_by < 2; short_by++) {
            struct image im;
            sample_build(&im, kind);
            int ends[2];
            assert_int_equal(pipe(ends), 0);
            struct bytes part = bytes_first(image_bytes(&im), im.data.len - short_by);
            pid_t child = write_slowly(ends[1], part);
            close(ends[1]);
            assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
            close(ends[0]);
            struct image_account a;
            image_account_path("-", NULL, &a);
            check_cut(&im, part.len, &a);
            assert_string_equal(a.info.path, "-");
            waitpid(child, NULL, 0);
            image_done(&im);
        }
    }
    dup2(kept, STDIN_FILENO);
    close(kept);
}

static void stops_waiting_when_told(void **state)
{
    const char *path = *state;
    struct image im;
    sample_build(&im, 0);
    remove(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    int writer = open(path, O_RDWR | O_CLOEXEC); /* so that no end of file ever comes */
    size_t len = im.data.len - 5;
    assert_int_equal(write(writer, im.data.ptr, len), len);
    int stop = eventfd(0, EFD_CLOEXEC);
    const struct capture_options options = {.stop_fd = stop, .first_capture_id = 9};
    struct capture_set *set = NULL;
    const char *paths[] = {path};
    assert_int_equal(capture_set_open(paths, 1, &options, &set, NULL), STATUS_OK);
    struct frame frame;
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_FRAME);
    assert_int_equal(frame_capture_id(frame.ref), 9);
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_FRAME);
    assert_int_equal(eventfd_write(stop, 1), 0);
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_END);
    assert_string_equal(capture_set_info(set, 0)->damage.text, "");
    capture_set_close(set);
    close(stop);
    close(writer);
    image_done(&im);
}

static int make_path(void **state)
{
    char *path = mem_copy_text("/tmp/hopscope-savefile-XXXXXX");
    int fd = mkstemp(path);
    if (fd >= 0) close(fd);
    *state = path;
    return fd < 0;
}

static int remove_path(void **state)
{
    remove(*state);
    mem_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_precedes_a_cut),
        cmocka_unit_test(survives_every_flip),
        cmocka_unit_test_setup_teardown(refuses_with_a_sentence, make_path,
                                        remove_path),
        cmocka_unit_test_setup_teardown(moves_records_cut_by_a_block, make_path,
                                        remove_path),
        cmocka_unit_test(reads_standard_input),
        cmocka_unit_test_setup_teardown(stops_waiting_when_told, make_path,
                                        remove_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
