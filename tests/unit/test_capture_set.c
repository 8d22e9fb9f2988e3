/* capture: several files as one, filters, progress. */
#include "pcap_image.h"
#include "pcapng_image.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { MANY = 1100, DESCRIPTORS_FEW = 40, PATH_ROOM = 64 };

/* A place for files f0, f1, ...; removed with all that is in it. */
struct folder {
    char *path;
    char names[MANY][PATH_ROOM];
    const char *paths[MANY];
    size_t count;
};

static int folder_make(void **state)
{
    struct folder *f = mem_alloc(sizeof *f);
    f->path = mem_copy_text("/tmp/hopscope-set-XXXXXX");
    *state = f;
    return mkdtemp(f->path) == NULL;
}

static int folder_remove(void **state)
{
    struct folder *f = *state;
    for (size_t i = 0; i < f->count; i++) remove(f->names[i]);
    rmdir(f->path);
    mem_free(f->path);
    mem_free(f);
    return 0;
}

/* Writes the image as the next file and releases it. */
static void folder_add(struct folder *f, struct image *im)
{
    char *name = f->names[f->count];
    snprintf(name, PATH_ROOM, "%.40s/f%zu", f->path, f->count);
    f->paths[f->count++] = name;
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(im->data.ptr, 1, im->data.len, file), im->data.len);
    assert_int_equal(fclose(file), 0);
    image_done(im);
}

/* A pcap file with a frame at each of these seconds. */
static void folder_add_seconds(struct folder *f, const uint32_t *seconds, size_t count)
{
    struct image im = {.is_little = f->count % 2};
    image_pcap_begin(&im, (struct image_pcap){.link_type = 1});
    for (size_t i = 0; i < count; i++) image_pcap_record(&im, seconds[i], 0, 60, 60);
    folder_add(f, &im);
}

static void merges_by_heads(void **state)
{
    struct folder *f = *state;
    folder_add_seconds(f, (const uint32_t[]){10, 20, 20, 30}, 4);
    folder_add_seconds(f, (const uint32_t[]){5, 20, 15, 40}, 4); /* 15: out of order */
    folder_add_seconds(f, (const uint32_t[]){0}, 0);
    folder_add_seconds(f, (const uint32_t[]){20, 50}, 2);
    static const struct {
        uint32_t capture, number, second;
    } expected[] = {
        {7, 1, 10},  {7, 2, 20}, {7, 3, 20}, {8, 2, 20},  {8, 3, 15},
        {10, 1, 20}, {7, 4, 30}, {8, 4, 40}, {10, 2, 50},
    };
    const struct capture_options options = {.first_capture_id = 7};
    struct capture_set *set = NULL;
    assert_int_equal(capture_set_open(f->paths, 4, &options, &set, NULL), STATUS_OK);
    assert_int_equal(capture_set_count(set), 4);
    struct frame frame;
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_FRAME);
    assert_int_equal(frame_capture_id(frame.ref), 8); /* second 5 */
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        assert_int_equal(capture_set_next(set, &frame), CAPTURE_FRAME);
        assert_int_equal(frame_capture_id(frame.ref), expected[i].capture);
        assert_int_equal(frame_number(frame.ref), expected[i].number);
        assert_int_equal(frame.captured_ns, expected[i].second * 1000000000ll);
        assert_int_equal(frame.data.len, 60);
        assert_int_equal(frame.data.ptr[1], image_content(expected[i].number - 1, 1));
    }
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_END);
    assert_int_equal(capture_set_next(set, &frame), CAPTURE_END);
    for (size_t i = 0; i < 4; i++) {
        const struct capture_info *info = capture_set_info(set, i);
        static const uint64_t packets[] = {4, 4, 0, 2};
        assert_int_equal(info->capture_id, 7 + i);
        assert_int_equal(info->packets, packets[i]);
        assert_string_equal(info->path, f->paths[i]);
        assert_string_equal(info->damage.text, "");
    }
    uint64_t done, total;
    capture_set_progress(set, &done, &total);
    assert_int_equal(done, total);
    assert_int_equal(total, 4 * 24 + 10 * 76);
    capture_set_close(set);
}

static size_t descriptors_open(void)
{
    size_t count = 0;
    DIR *d = opendir("/proc/self/fd");
    if (!d) return 0;
    while (readdir(d)) count++;
    closedir(d);
    return count;
}

/* Reads all and checks that times rise and that few descriptors are held. */
static void read_many(const struct folder *f, size_t frames)
{
    size_t before = descriptors_open();
    struct capture_set *set = NULL;
    struct problem why = {.text = ""};
    assert_int_equal(capture_set_open(f->paths, f->count, NULL, &set, &why), STATUS_OK);
    int64_t last_ns = 0;
    struct frame frame;
    size_t count = 0;
    while (capture_set_next(set, &frame) == CAPTURE_FRAME) {
        assert_true(frame.captured_ns >= last_ns);
        last_ns = frame.captured_ns;
        if (++count % 100 == 0) assert_true(descriptors_open() < before + 10);
    }
    assert_int_equal(count, frames);
    for (size_t i = 0; i < f->count; i++)
        assert_string_equal(capture_set_info(set, i)->damage.text, "");
    capture_set_close(set);
    assert_int_equal(descriptors_open(), before);
}

static void reads_more_files_than_descriptors(void **state)
{
    struct folder *f = *state;
    struct rlimit kept, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &kept), 0);
    few = kept;
    few.rlim_cur = DESCRIPTORS_FEW;
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t start = 2 * (MANY - i); /* the last file is the earliest */
        folder_add_seconds(f, (const uint32_t[]){start, start + 1}, 2);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    read_many(f, 2 * MANY);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &kept), 0);
}

static void reads_more_overlapping_files_than_descriptors(void **state)
{
    struct folder *f = *state;
    struct rlimit kept, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &kept), 0);
    few = kept;
    few.rlim_cur = DESCRIPTORS_FEW;
    for (uint32_t i = 0; i < 300; i++)
        folder_add_seconds(f, (const uint32_t[]){i, 1000 + i, 2000 + i}, 3);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    read_many(f, 3 * 300);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &kept), 0);
}

/* What was peeked at before a file was put aside must not be counted twice. */
static void counts_once_what_is_read_twice(void **state)
{
    struct folder *f = *state;
    for (int i = 0; i < 3; i++) {
        struct image im = {.is_little = true};
        image_section(&im);
        image_interface(&im, 1, 0, 0);
        image_statistics(&im, 0, 1, 2);
        image_secrets(&im, 0x544c534b, bytes_of_text("secret"));
        image_enhanced(&im, 0, 5, 10, 10);
        image_simple(&im, 10, 10);
        folder_add(f, &im);
    }
    struct capture_set *set = NULL;
    assert_int_equal(capture_set_open(f->paths, 3, NULL, &set, NULL), STATUS_OK);
    struct frame frame;
    while (capture_set_next(set, &frame) == CAPTURE_FRAME) continue;
    assert_int_equal(capture_set_secret_count(set), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct capture_info *info = capture_set_info(set, i);
        assert_int_equal(info->packets, 2);
        assert_int_equal(info->secrets, 1);
        assert_int_equal(info->odd_times, 1);
        assert_int_equal(info->kernel_dropped, 2);
        assert_int_equal(info->link_type_count, 1);
        assert_int_equal(capture_set_secret(set, i).capture_id, i);
    }
    capture_set_close(set);
}

static void tells_of_a_file_that_went_away(void **state)
{
    struct folder *f = *state;
    folder_add_seconds(f, (const uint32_t[]){1, 2}, 2);
    folder_add_seconds(f, (const uint32_t[]){3, 4}, 2);
    struct capture_set *set = NULL;
    assert_int_equal(capture_set_open(f->paths, 2, NULL, &set, NULL), STATUS_OK);
    remove(f->names[1]);
    struct frame frame;
    size_t count = 0;
    while (capture_set_next(set, &frame) == CAPTURE_FRAME) count++;
    assert_int_equal(count, 2);
    assert_string_equal(capture_set_info(set, 1)->path, f->paths[1]);
    assert_non_null(strstr(capture_set_info(set, 1)->damage.text, "No such file"));
    capture_set_close(set);
}

static void refuses_wrong_paths(void **state)
{
    struct folder *f = *state;
    folder_add_seconds(f, (const uint32_t[]){1, 2}, 2);
    struct capture_set *set = NULL;
    struct problem why;
    const char *missing[] = {f->paths[0], "/nonexistent"};
    assert_int_equal(capture_set_open(missing, 2, NULL, &set, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "/nonexistent"));
    assert_null(set);
    const char *twice[] = {"-", f->paths[0], "-"};
    assert_int_equal(capture_set_open(twice, 3, NULL, &set, &why), STATUS_USAGE);
}

/* An Ethernet frame of IPv4 and TCP to port 80, and one of ARP. */
static void add_frame(struct image *im, bool is_http)
{
    static const uint8_t http[54] = {[12] = 8, [14] = 0x45, [17] = 40, [22] = 64,
                                     [23] = 6, [34] = 0xc0, [37] = 80, [46] = 0x50};
    static const uint8_t arp[54] = {[12] = 8, [13] = 6};
    image_put(im, 4, 1);
    image_put(im, 4, 0);
    image_put(im, 4, sizeof http);
    image_put(im, 4, sizeof http);
    buffer_append(&im->data, bytes_of(is_http ? http : arp, sizeof http));
}

static void filters_frames(void **state)
{
    struct folder *f = *state;
    struct image im = {.is_little = true};
    image_pcap_begin(&im, (struct image_pcap){.link_type = 1});
    for (int i = 0; i < 6; i++) add_frame(&im, i % 3 == 1);
    /* The same frame as raw bytes of a type that the filter cannot speak of. */
    image_pcap_begin(&im, (struct image_pcap){.link_type = 239});
    for (int i = 0; i < 2; i++) add_frame(&im, true);
    folder_add(f, &im);
    struct image_account a;
    image_account_path(f->paths[0], "tcp port 80", &a);
    assert_int_equal(a.opened, STATUS_OK);
    assert_int_equal(a.count, 2);
    assert_int_equal(frame_number(a.frames[0].ref), 2);
    assert_int_equal(frame_number(a.frames[1].ref), 5);
    assert_int_equal(a.info.packets, 8);
    assert_int_equal(a.info.filtered, 6);
    assert_int_equal(a.info.bytes, 8 * 54);
    assert_string_equal(a.info.damage.text, "");
    assert_non_null(strstr(a.info.note.text, "NFLOG (239)"));
    image_account_path(f->paths[0], "", &a);
    assert_int_equal(a.count, 8);
}

static void add_bytes(struct image *im, const uint8_t *frame, size_t size)
{
    image_put(im, 4, 1);
    image_put(im, 4, 0);
    image_put(im, 4, (uint32_t)size);
    image_put(im, 4, (uint32_t)size);
    buffer_append(&im->data, bytes_of(frame, size));
}

static void tells_what_a_filter_on_ports_leaves_out(void **state)
{
    static const struct {
        bool is_tagged;
        const char *filter, *note;
    } cases[] = {
        {true, "tcp port 80", "VLAN tag"},
        {true, "tcp port 80 or (vlan and tcp port 80)", ""},
        {true, "tcp", ""},
        {false, "tcp port 80", "fragments"},
        {false, "tcp port 80 or ip[6:2] & 0x1fff != 0", ""},
    };
    struct folder *f = *state;
    uint8_t tagged[58] = {[12] = 0x81, [16] = 8, [18] = 0x45},
            fragment[54] = {[12] = 8, [14] = 0x45, [20] = 0x01, [23] = 6};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct image im = {.is_little = true};
        image_pcap_begin(&im, (struct image_pcap){.link_type = 1});
        if (cases[i].is_tagged)
            add_bytes(&im, tagged, sizeof tagged);
        else
            add_bytes(&im, fragment, sizeof fragment);
        folder_add(f, &im);
        struct image_account a;
        image_account_path(f->paths[i], cases[i].filter, &a);
        assert_int_equal(a.opened, STATUS_OK);
        assert_int_equal(a.info.note.text[0] == '\0', cases[i].note[0] == '\0');
        assert_non_null(strstr(a.info.note.text, cases[i].note));
    }
}

static void refuses_filters(void **state)
{
    struct folder *f = *state;
    static const struct {
        uint32_t link_type;
        const char *filter, *words;
    } cases[] = {
        {1, "tcp prot 80", "not understood"},
        {1, "wlan type mgt", "not understood"},
        {239, "tcp port 80", "link type is NFLOG (239)"},
        {9999, "tcp port 80", "link type is unknown (9999)"},
        {239, "tcp prot 80", "not understood"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct image im = {.is_little = true};
        image_pcap_begin(&im, (struct image_pcap){.link_type = cases[i].link_type});
        folder_add(f, &im);
        struct image_account a;
        image_account_path(f->paths[i], cases[i].filter, &a);
        assert_int_equal(a.opened, STATUS_USAGE);
        assert_non_null(strstr(a.why.text, cases[i].words));
    }
    /* No interface is declared: the filter's language is checked all the same. */
    struct image im = {.is_little = true};
    image_section(&im);
    folder_add(f, &im);
    const char *path = f->paths[f->count - 1];
    struct image_account a;
    image_account_path(path, "tcp prot 80", &a);
    assert_int_equal(a.opened, STATUS_USAGE);
    image_account_path(path, "tcp port 80", &a);
    assert_int_equal(a.opened, STATUS_OK);
    assert_int_equal(a.count, 0);
}

static void names_link_types(void **state)
{
    (void)state;
    assert_string_equal(capture_link_type_name(1), "ETHERNET");
    assert_string_equal(capture_link_type_name(276), "LINUX_SLL2");
    assert_null(capture_link_type_name(9999));
}

int main(void)
{
#define WITH_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, folder_make, folder_remove)
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(merges_by_heads),
        WITH_FOLDER(reads_more_files_than_descriptors),
        WITH_FOLDER(reads_more_overlapping_files_than_descriptors),
        WITH_FOLDER(counts_once_what_is_read_twice),
        WITH_FOLDER(tells_of_a_file_that_went_away),
        WITH_FOLDER(refuses_wrong_paths),
        WITH_FOLDER(filters_frames),
        WITH_FOLDER(tells_what_a_filter_on_ports_leaves_out),
        WITH_FOLDER(refuses_filters),
        cmocka_unit_test(names_link_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
