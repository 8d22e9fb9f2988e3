/* base: SHA-1 by this machine's instructions, where it has any, against SHA-1 as it is
 * written down, which test_base holds against the standard's own examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hopscope/base.h"

#include "base/sha1_machine.h"

#define sha1                            sha1_plain
#define sha1_padded                     sha1_padded_plain
#define sha1_machine_block(hash, block) false
#include "base/sha1.c" // NOLINT(bugprone-suspicious-include)
#undef sha1_machine_block
#undef sha1_padded
#undef sha1

/* Every place that the end of a text may have in its last block, and several blocks. */
static void any_length_gives_the_same(void **state)
{
    (void)state;
    uint8_t text[400];
    uint64_t random = 1;
    for (size_t len = 0; len <= sizeof text; len++) {
        for (size_t i = 0; i < len; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            text[i] = (uint8_t)(random >> 56);
        }
        uint8_t expected[20], digest[20];
        sha1_plain(bytes_of(text, len), expected);
        sha1(bytes_of(text, len), digest);
        assert_memory_equal(digest, expected, sizeof expected);
    }
}

static void a_padded_block_gives_the_same(void **state)
{
    (void)state;
    enum { MESSAGE_MAX = 55 };
    uint8_t text[MESSAGE_MAX];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (uint8_t)(201 * i + 17);
    for (size_t len = 0; len <= sizeof text; len++) {
        uint8_t block[64] = {0}, expected[20], digest[20];
        memcpy(block, text, len);
        block[len] = 0x80;
        block[62] = (uint8_t)(len * 8 >> 8);
        block[63] = (uint8_t)(len * 8);
        sha1_plain(bytes_of(text, len), expected);
        sha1_padded(block, digest);
        assert_memory_equal(digest, expected, sizeof expected);
        sha1_padded_plain(block, digest);
        assert_memory_equal(digest, expected, sizeof expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_length_gives_the_same),
        cmocka_unit_test(a_padded_block_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
