/* http: the map of 64 bytes of a head, by each of the ways to make it, against its
 * definition: every byte value at every place, and at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hopscope/base.h"

#define byte_map_read byte_map_read_portable
#include "http/byte_map_portable.c" // NOLINT(bugprone-suspicious-include)
#undef byte_map_read

/* The way of machines without AVX2 is compiled in here, whatever this machine has. */
#if defined __x86_64__
#define byte_map_read             byte_map_read_plain_x86
#define __builtin_cpu_supports(x) false // NOLINT(bugprone-reserved-identifier)
#include "http/byte_map_x86.c"          // NOLINT(bugprone-suspicious-include)
#undef __builtin_cpu_supports
#undef byte_map_read
#else
static void byte_map_read_plain_x86(struct byte_map out, const uint8_t *at,
                                    size_t count)
{
    byte_map_read_portable(out, at, count);
}
#endif

void byte_map_read(struct byte_map out, const uint8_t *at,
                   size_t count); /* the program's own */

static bool is_control(uint8_t c)
{
    return c < 0x20 || c == 0x7f;
}

static bool is_stop(uint8_t c)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !is_letter && (c < '0' || c > '9') && c != '-';
}

enum { BLOCKS = 3, BYTES = BLOCKS * BYTE_MAP_BYTES };

static void check(const uint8_t bytes[BYTES])
{
    void (*const ways[])(struct byte_map, const uint8_t *, size_t) = {
        byte_map_read_portable, byte_map_read_plain_x86, byte_map_read};
    for (size_t way = 0; way < ARRAY_LENGTH(ways); way++) {
        uint64_t controls[BLOCKS + 1] = {0}, stops[BLOCKS + 1] = {0};
        ways[way]((struct byte_map){controls, stops}, bytes, BLOCKS);
        for (int i = 0; i < BYTES; i++) {
            size_t at = (size_t)i / 8;
            int bit = i % 8;
            assert_int_equal(byte_map_bits(controls, at) >> bit & 1,
                             is_control(bytes[i]));
            assert_int_equal(byte_map_bits(stops, at) >> bit & 1, is_stop(bytes[i]));
        }
    }
}

static void every_byte_at_every_place(void **state)
{
    uint8_t bytes[BYTES];
    (void)state;
    for (int place = 0; place < BYTES; place++) {
        for (int c = 0; c < 256; c++) {
            memset(bytes, 'a', sizeof bytes);
            bytes[place] = (uint8_t)c;
            check(bytes);
        }
    }
}

static void bytes_at_random(void **state)
{
    static const uint8_t picked[] = "\r\n:\t\x1f\x7f\x80 a-Z9@[`{/";
    uint64_t seed = 1;
    uint8_t bytes[BYTES];
    (void)state;
    for (int turn = 0; turn < 2000; turn++) {
        for (int i = 0; i < BYTES; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bytes[i] = turn % 2 == 0 ? (uint8_t)(seed >> 56)
                                     : picked[(seed >> 40) % (sizeof picked - 1)];
        }
        check(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_byte_at_every_place),
                                       cmocka_unit_test(bytes_at_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
