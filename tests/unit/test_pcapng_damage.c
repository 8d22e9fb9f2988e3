/* capture: pcapng blocks that cannot be right, in both byte orders. */
#include "pcapng_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Each makes the block that follows two good frames bad. */
static void damage_interface(struct image *im)
{
    image_enhanced(im, 1, 1, 4, 4);
}
static void damage_simple_alone(struct image *im)
{
    image_section(im);
    image_simple(im, 4, 4);
}
static void damage_frame_length(struct image *im)
{
    size_t at = image_block(im, 6);
    for (int i = 0; i < 3; i++) image_put(im, 4, 0);
    image_put(im, 4, 64);
    image_put(im, 4, 64);
    image_put_content(im, 32);
    image_block_end(im, at, false);
}
static void damage_trailer(struct image *im)
{
    image_enhanced(im, 0, 1, 4, 4);
    im->data.ptr[im->data.len - (im->is_little ? 4 : 1)] ^= 4;
}
static void damage_unknown_trailer(struct image *im)
{
    size_t at = image_block(im, 99);
    image_put(im, 8, 1);
    image_block_end(im, at, false);
    im->data.ptr[im->data.len - 2] ^= 1;
}
static void damage_length(struct image *im)
{
    image_put(im, 4, 6);
    image_put(im, 4, 45);
    image_put(im, 8, 0);
}
static void damage_short_length(struct image *im)
{
    image_put(im, 4, 99);
    image_put(im, 4, 8);
    image_put(im, 4, 8);
}
static void damage_short_body(struct image *im)
{
    size_t at = image_block(im, 6);
    image_put(im, 8, 0);
    image_block_end(im, at, false);
}
static void damage_interface_options(struct image *im)
{
    size_t at = image_block(im, 1);
    image_put(im, 8, 1);
    image_put(im, 2, 2);
    image_put(im, 2, 500);
    image_put(im, 4, 0);
    image_block_end(im, at, false);
}
static void damage_version(struct image *im)
{
    size_t at = image_block(im, 0x0a0d0d0a);
    image_put(im, 4, 0x1a2b3c4d);
    image_put(im, 2, 2);
    image_put(im, 2, 0);
    image_put(im, 8, UINT64_MAX);
    image_block_end(im, at, false);
}
static void damage_byte_order(struct image *im)
{
    size_t at = image_block(im, 0x0a0d0d0a);
    image_put(im, 4, 0x1a2b3c4e);
    image_put(im, 2, 1);
    image_put(im, 2, 0);
    image_put(im, 8, UINT64_MAX);
    image_block_end(im, at, false);
}
static void damage_secret(struct image *im)
{
    size_t at = image_block(im, 10);
    image_put(im, 4, 1);
    image_put(im, 4, 9);
    image_put(im, 8, 0);
    image_block_end(im, at, false);
}
static void damage_huge(struct image *im)
{
    image_put(im, 4, 6);
    image_put(im, 4, 0x7ffffffc);
    image_put(im, 8, 0);
}

static void stops_at_damage(void **state)
{
    (void)state;
    static void (*const cases[])(struct image *) = {
        damage_interface,    damage_simple_alone,    damage_frame_length,
        damage_trailer,      damage_unknown_trailer, damage_length,
        damage_short_length, damage_short_body,      damage_interface_options,
        damage_version,      damage_byte_order,      damage_secret,
        damage_huge,
    };
    for (size_t i = 0; i < 2 * ARRAY_LENGTH(cases); i++) {
        struct image im = {.is_little = i % 2};
        image_section(&im);
        image_interface(&im, 1, 0, 0);
        image_enhanced(&im, 0, 1, 10, 10);
        image_enhanced(&im, 0, 2, 10, 10);
        unsigned long long at = im.data.len;
        cases[i / 2](&im);
        if (cases[i / 2] == damage_simple_alone) at = im.ends[im.end_count - 2];
        image_enhanced(&im, 0, 3, 10, 10);
        struct image_account a;
        image_account(image_bytes(&im), &a);
        assert_int_equal(a.count, 2);
        char place[64];
        struct problem expected;
        problem_set(&expected, STATUS_OK, "memory: damaged at byte %llu: ", at);
        memcpy(place, expected.text, sizeof place);
        assert_memory_equal(a.info.damage.text, place, strlen(place));
        image_done(&im);
    }
}

/* Only counts and comments are lost with these. */
static void goes_on_after_bad_options_of_a_packet(void **state)
{
    (void)state;
    struct image im = {.is_little = true};
    image_section(&im);
    image_interface(&im, 1, 0, 0);
    size_t at = image_block(&im, 6);
    for (int i = 0; i < 3; i++) image_put(&im, 4, 0);
    image_put(&im, 8, 0x0000000400000004);
    image_put_content(&im, 4);
    image_put(&im, 4, 0xffff0001); /* a comment of 65535 bytes */
    image_block_end(&im, at, true);
    at = image_block(&im, 5);
    image_put(&im, 8, 0);
    image_put(&im, 4, 0);
    image_block_end(&im, at, false);
    image_enhanced(&im, 0, 3, 10, 10);
    struct image_account a;
    image_account(image_bytes(&im), &a);
    assert_string_equal(a.info.damage.text, "");
    assert_int_equal(a.count, 2);
    assert_true(a.is_content_right);
    image_done(&im);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_at_damage),
        cmocka_unit_test(goes_on_after_bad_options_of_a_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
