/* capture: gzip, zstd, LZ4 and xz around whole captures. */
#include "capture_samples.h"
#include "guard_page.h"

#include <lz4frame.h>
#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

typedef size_t pack_function(struct bytes in, uint8_t *out, size_t room);

static size_t pack_gzip(struct bytes in, uint8_t *out, size_t room)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.ptr,
                  .avail_in = (uInt)in.len,
                  .next_out = out,
                  .avail_out = (uInt)room};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return room - z.avail_out;
}

static size_t pack_zstd(struct bytes in, uint8_t *out, size_t room)
{
    return ZSTD_compress(out, room, in.ptr, in.len, 3);
}

static size_t pack_lz4(struct bytes in, uint8_t *out, size_t room)
{
    return LZ4F_compressFrame(out, room, in.ptr, in.len, NULL);
}

static size_t pack_xz(struct bytes in, uint8_t *out, size_t room)
{
    size_t len = 0;
    lzma_ret rc = lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, in.ptr, in.len,
                                          out, &len, room);
    assert_int_equal(rc, LZMA_OK);
    return len;
}

static const struct {
    pack_function *pack;
    const char *format[2];
} packers[] = {
    {pack_gzip, {"pcap.gz", "pcapng.gz"}},
    {pack_zstd, {"pcap.zst", "pcapng.zst"}},
    {pack_lz4, {"pcap.lz4", "pcapng.lz4"}},
    {pack_xz, {"pcap.xz", "pcapng.xz"}},
};

static void unpacks_by_magic(void **state)
{
    (void)state;
    for (size_t p = 0; p < ARRAY_LENGTH(packers); p++) {
        for (int kind = 0; kind < SAMPLE_KINDS; kind++) {
            struct image im;
            sample_build(&im, kind);
            uint8_t packed[SAMPLE_ROOM];
            size_t len = packers[p].pack(image_bytes(&im), packed, SAMPLE_ROOM);
            struct image_account a;
            image_account(bytes_of(packed, len), &a);
            assert_int_equal(a.opened, STATUS_OK);
            assert_string_equal(a.info.damage.text, "");
            assert_int_equal(a.count, im.frame_count);
            assert_true(a.is_content_right);
            assert_string_equal(a.info.format, packers[p].format[kind >= 6]);
            image_done(&im);
        }
    }
}

/* Two members, cut anywhere: into two captures in the middle of a record, too. */
static void unpacks_members_in_a_row(void **state)
{
    (void)state;
    for (size_t p = 0; p < ARRAY_LENGTH(packers); p++) {
        struct image im;
        sample_build(&im, 5);
        for (size_t cut = 1; cut < im.data.len; cut += 7) {
            uint8_t packed[SAMPLE_ROOM];
            size_t len = packers[p].pack(bytes_first(image_bytes(&im), cut), packed,
                                         SAMPLE_ROOM);
            len += packers[p].pack(bytes_from(image_bytes(&im), cut), packed + len,
                                   SAMPLE_ROOM - len);
            memset(packed + len, 0, 16); /* zeros fill it up */
            struct image_account a;
            image_account(bytes_of(packed, len + 16), &a);
            assert_string_equal(a.info.damage.text, "");
            assert_int_equal(a.count, im.frame_count);
            assert_true(a.is_content_right);
        }
        image_done(&im);
    }
}

static void tells_damage_of_packed_data(void **state)
{
    (void)state;
    struct guard_page page;
    guard_page_init(&page, SAMPLE_ROOM);
    for (size_t p = 0; p < ARRAY_LENGTH(packers); p++) {
        struct image im;
        sample_build(&im, 3);
        uint8_t packed[SAMPLE_ROOM];
        size_t len = packers[p].pack(image_bytes(&im), packed, SAMPLE_ROOM);
        size_t most = 0;
        for (size_t cut = 0; cut < len; cut++) {
            struct image_account a;
            image_account(guard_page_place(&page, bytes_of(packed, cut)), &a);
            if (a.opened == STATUS_OK) assert_true(a.info.damage.text[0] != '\0');
            assert_true(a.count >= most && a.count <= im.frame_count);
            most = a.count;
        }
        for (size_t at = 0; at < len; at++) {
            struct image_account a;
            packed[at] ^= 0x55;
            image_account(guard_page_place(&page, bytes_of(packed, len)), &a);
            packed[at] ^= 0x55;
        }
        struct image_account a;
        memcpy(packed + len, "garbage", 7);
        image_account(bytes_of(packed, len + 7), &a);
        assert_int_equal(a.count, im.frame_count);
        assert_non_null(strstr(a.info.damage.text, "data is damaged"));
        image_done(&im);
    }
    guard_page_done(&page);
}

static void unpacks_more_than_a_block(void **state)
{
    (void)state;
    for (size_t p = 0; p < ARRAY_LENGTH(packers); p++) {
        struct image im;
        sample_build_large(&im);
        size_t room = im.data.len + 65536;
        uint8_t *packed = mem_alloc(room);
        size_t len = packers[p].pack(image_bytes(&im), packed, room);
        struct image_account a;
        image_account(bytes_of(packed, len), &a);
        assert_string_equal(a.info.damage.text, "");
        assert_int_equal(a.count, 60);
        assert_true(a.is_content_right);
        mem_free(packed);
        image_done(&im);
    }
}

/* Frames in front of the damage come out although one read could unpack beyond it. */
static void gives_what_precedes_damage(void **state)
{
    (void)state;
    for (size_t p = 0; p < ARRAY_LENGTH(packers); p++) {
        struct image im;
        sample_build_large(&im);
        size_t room = im.data.len + 65536;
        uint8_t *packed = mem_alloc(room);
        size_t len = packers[p].pack(image_bytes(&im), packed, room);
        struct image_account a;
        image_account(bytes_of(packed, len - 64), &a);
        assert_in_range(a.count, 40, 59);
        assert_true(a.is_content_right);
        assert_non_null(strstr(a.info.damage.text, "is cut off"));
        mem_free(packed);
        image_done(&im);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_by_magic),
        cmocka_unit_test(unpacks_members_in_a_row),
        cmocka_unit_test(tells_damage_of_packed_data),
        cmocka_unit_test(unpacks_more_than_a_block),
        cmocka_unit_test(gives_what_precedes_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
