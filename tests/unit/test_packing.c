/* What was packed comes back as it was, whatever it is, and what is mostly nothing
 * takes little. */
#include "hopscope/packing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { OBJECT_BYTES_MAX = 300, SEEDS = 3000 };

static const uint64_t interesting[] = {
    0,
    1,
    0xff,
    0x100,
    UINT32_MAX,
    UINT64_MAX,
    UINT64_MAX - 1,
    UINT64_C(1) << 63,
    (UINT64_C(1) << 63) + 5,
    UINT64_C(0x18fae276940f81c8),
    UINT64_C(0x18fae276946b1718),
    UINT64_C(0x00ffffffffffffff),
    UINT64_C(0x0100000000000000),
};

static uint64_t random_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 16;
}

/* Exactly so large that a sanitizer sees what is read beyond the slack. */
static uint8_t *copy_of(const struct packing *p)
{
    uint8_t *copy = malloc(p->out.len + PACKING_SLACK_BYTES);
    assert_non_null(copy);
    memcpy(copy, p->out.ptr, p->out.len);
    memset(copy + p->out.len, 0xa5, PACKING_SLACK_BYTES);
    return copy;
}

static void every_object_comes_back(void **state)
{
    (void)state;
    struct packing p = {.reference = UINT64_C(0x18fae276940f8000)};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        uint64_t random = seed;
        uint8_t *objects[3];
        size_t sizes[3];
        buffer_clear(&p.out);
        for (size_t i = 0; i < 3; i++) {
            sizes[i] = random_next(&random) % OBJECT_BYTES_MAX;
            objects[i] = malloc(sizes[i] + 1);
            assert_non_null(objects[i]);
            memset(objects[i], 0, sizes[i] + 1);
            for (size_t at = 0; at + 8 <= sizes[i]; at += 8) {
                uint64_t which = random_next(&random) % (2 * ARRAY_LENGTH(interesting));
                uint64_t word =
                    which < ARRAY_LENGTH(interesting) ? interesting[which] : 0;
                if (random_next(&random) % 16 == 0) word = random_next(&random) * 65537;
                memcpy(objects[i] + at, &word, sizeof word);
            }
            if (sizes[i] % 8 > 0) objects[i][sizes[i] - 1] = (uint8_t)seed;
            packing_put(&p, objects[i], sizes[i]);
        }
        uint8_t *packed = copy_of(&p);
        struct unpacking u = {.at = packed, .reference = p.reference};
        for (size_t i = 0; i < 3; i++) {
            uint8_t *again = malloc(sizes[i] + 1);
            assert_non_null(again);
            packing_take(&u, again, sizes[i]);
            assert_memory_equal(again, objects[i], sizes[i]);
            free(again);
            free(objects[i]);
        }
        assert_ptr_equal(u.at, packed + p.out.len);
        free(packed);
    }
    buffer_done(&p.out);
}

static void what_says_little_takes_little(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct {
        uint64_t word;
        size_t bytes; /* of eight such words, apart from their mask */
    } rows[] = {
        { 0,                                     0 },
        { 200,                                  16 },
        { UINT64_MAX,                            8 }, /* OFFSET_UNKNOWN */
        { UINT64_C(1) << 63,                     8 }, /* TIME_UNKNOWN */
        { UINT64_C(0x18fae276940f8000),          8 }, /* the reference */
        { UINT64_C(0x18fae276940f8001),         16 },
        { UINT64_C(0x5ca1ab1e0ddba115),         72 },
    };
    /* clang-format on */
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct packing p = {.reference = UINT64_C(0x18fae276940f8000)};
        uint64_t words[8];
        for (size_t at = 0; at < 8; at++) words[at] = rows[i].word;
        packing_put(&p, words, sizeof words);
        assert_int_equal(p.out.len, 1 + rows[i].bytes);
        buffer_done(&p.out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_comes_back),
        cmocka_unit_test(what_says_little_takes_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
