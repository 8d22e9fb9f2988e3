/* net: the one pass over a payload: by each of the ways to add it up, against the
 * definition of its hash and net_checksum, at every length and every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hopscope/net.h"

#define payload_sums_of payload_sums_of_portable
#include "net/payload_sums_portable.c" // NOLINT(bugprone-suspicious-include)
#undef payload_sums_of

/* The program's own. */
struct payload_sums payload_sums_of(const uint64_t *key, struct bytes data);

enum {
    HEADER_BYTES = 20,
    BYTES = 3 * PAYLOAD_BLOCK_BYTES + 100, /* more than a few blocks and a rest */
};

static const struct hash_key key_source = {.k0 = 0x0123456789abcdef, .k1 = 77};

/* The same bytes every time, with long runs of ones, whose sums carry most. */
static void fill(uint8_t *bytes, size_t count)
{
    uint32_t x = 1;
    for (size_t i = 0; i < count; i++) {
        x = x * 1664525u + 1013904223u;
        bytes[i] = (i / 300) % 3 == 0 ? 0xff : (uint8_t)(x >> 24);
    }
}

static void test_ways_agree(void **state)
{
    (void)state;
    uint8_t bytes[PAYLOAD_BLOCK_BYTES + 1];
    struct payload_key key;
    payload_key_init(&key, key_source);
    fill(bytes, sizeof bytes);
    for (size_t len = 1; len <= PAYLOAD_BLOCK_BYTES; len++) {
        for (size_t at = 0; at < 2; at++) {
            struct bytes data = bytes_of(bytes + at, len);
            struct payload_sums a = payload_sums_of_portable(key.words, data);
            struct payload_sums b = payload_sums_of(key.words, data);
            assert_true(a.products == b.products);
            assert_true(a.words == b.words);
        }
    }
}

static struct packet packet_of(uint8_t *segment, size_t len)
{
    segment[12] = HEADER_BYTES / 4 << 4;
    return (struct packet){
        .from = {.version = 4, .address = {10, 0, 0, 1}},
        .to = {.version = 4, .address = {10, 0, 0, 2}},
        .header_bytes = HEADER_BYTES,
        .payload = bytes_of(segment + HEADER_BYTES, len - HEADER_BYTES),
        .payload_length = (uint32_t)(len - HEADER_BYTES),
    };
}

/* A checksum that is right, as a sender makes it: by trying, where it may stand. */
static void make_good(struct packet *p, uint8_t *segment)
{
    for (unsigned word = 0; word < 0x10000; word++) {
        segment[16] = (uint8_t)(word >> 8);
        segment[17] = (uint8_t)word;
        if (net_checksum(p) == CHECKSUM_GOOD) return;
    }
    fail_msg("no checksum is right");
}

static void test_checksum(void **state)
{
    (void)state;
    static const size_t lengths[] = {0,  1,    2,    3,    31,   32,   33,  63,
                                     64, 1448, 2047, 2048, 2049, 4097, 6200};
    struct payload_key key;
    payload_key_init(&key, key_source);
    for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
        uint8_t segment[HEADER_BYTES + BYTES];
        size_t len = HEADER_BYTES + lengths[i];
        fill(segment, sizeof segment);
        struct packet p = packet_of(segment, len);
        make_good(&p, segment);
        assert_int_equal(payload_read(&key, &p), CHECKSUM_GOOD);
        assert_int_equal(p.has_payload_hash, lengths[i] > 0);
        assert_int_equal(p.payload_hash, payload_hash(&key, p.payload));
        segment[len - 1] ^= 1;
        assert_int_equal(payload_read(&key, &p), CHECKSUM_BAD);
        p.payload_length++; /* the last byte was not captured */
        assert_int_equal(payload_read(&key, &p), CHECKSUM_UNSEEN);
    }
}

static void test_every_byte_counts(void **state)
{
    (void)state;
    static uint8_t bytes[BYTES];
    struct payload_key key, other;
    payload_key_init(&key, key_source);
    payload_key_init(&other, (struct hash_key){.k0 = 1, .k1 = 2});
    fill(bytes, sizeof bytes);
    struct bytes data = bytes_of(bytes, sizeof bytes);
    uint32_t before = payload_hash(&key, data);
    assert_int_not_equal(before, payload_hash(&other, data));
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 0x80;
        assert_int_not_equal(before, payload_hash(&key, data));
        bytes[i] ^= 0x80;
    }
    assert_int_equal(before, payload_hash(&key, data));
}

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

/* What sums alone would not see: parts that change places. */
static void test_order_counts(void **state)
{
    (void)state;
    static const size_t parts[] = {
        2, 4, 8, PAYLOAD_STRIPE_BYTES, PAYLOAD_BLOCK_BYTES / 2, PAYLOAD_BLOCK_BYTES};
    struct payload_key key;
    payload_key_init(&key, key_source);
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        uint8_t bytes[BYTES];
        for (size_t at = 0; at < sizeof bytes; at++) bytes[at] = (uint8_t)(at * 7 / 3);
        bytes[0] = 99;
        struct bytes data = bytes_of(bytes, sizeof bytes);
        uint32_t before = payload_hash(&key, data);
        swap(bytes, bytes + parts[i], parts[i]);
        assert_int_not_equal(before, payload_hash(&key, data));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways_agree),
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_order_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
