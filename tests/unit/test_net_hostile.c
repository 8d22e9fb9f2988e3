/* net: every frame cut at every byte, with every bit turned, and noise of every link
 * type, always flush against a page that must not be read. */
#include "hopscope/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "build_packet.h"
#include "guard_page.h"
#include "net_cases.h"

enum { ROOM = 4096, NOISE_FRAMES_PER_TYPE = 10000, NOISE_BYTES_MAX = 200 };

/* A SYN's options, to be cut as well. */
static const uint8_t options[] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
                                  0, 1, 0, 0,    0, 2, 1, 3,  3, 7};

/* Returns where the TCP header begins. */
static size_t build_case(struct buffer *wire, const struct net_case *c)
{
    struct build_segment s = build_request(c->version);
    s.options = bytes_of(options, sizeof(options));
    return net_case_build(wire, c->prefix, &s) + (c->version == 4 ? 20 : 40);
}

/* What holds for any frame at all. */
static void assert_sound(enum net_verdict verdict, const struct frame *f,
                         const struct packet *p)
{
    assert_in_range(verdict, NET_TCP, NET_UNDECODED);
    if (verdict == NET_TRUNCATED) assert_true(f->length > f->data.len);
    if (verdict != NET_TCP) return;
    const uint8_t *end = f->data.ptr + f->data.len;
    struct bytes segment = net_segment(p);
    assert_true(segment.len >= 20 && segment.ptr >= f->data.ptr);
    assert_true(segment.ptr + segment.len <= end);
    assert_true(p->payload.ptr >= segment.ptr);
    assert_true(p->payload.ptr + p->payload.len <= end);
    assert_true(p->payload.len <= p->payload_length);
    assert_true(p->payload_length <= f->length - 20);
    assert_true(p->from.version == p->to.version);
    assert_true(p->options.window_shift <= 14);
    enum checksum sum = net_checksum(p);
    if (p->payload.len < p->payload_length) assert_int_equal(sum, CHECKSUM_UNSEEN);
}

static void every_cut_is_told_and_loses_nothing_before_it(void **state)
{
    (void)state;
    struct guard_page guard;
    struct net *n = net_new();
    guard_page_init(&guard, ROOM);
    for (size_t i = 0; i < ARRAY_LENGTH(net_cases); i++) {
        struct buffer wire = {0};
        size_t header_end = build_case(&wire, &net_cases[i]) + 20;
        size_t payload = build_request(4).payload.len;
        size_t before = header_end + sizeof(options);
        for (size_t cut = 0; cut <= wire.len; cut++) {
            struct frame f = build_frame(&wire, net_cases[i].link_type);
            struct packet p;
            f.data = guard_page_place(&guard, bytes_first(f.data, cut));
            f.captured = (uint32_t)cut;
            enum net_verdict verdict = net_decode(n, &f, &p);
            if (verdict != (cut < header_end ? NET_TRUNCATED : NET_TCP))
                fail_msg("%s, cut at %zu: %d", net_cases[i].name, cut, verdict);
            assert_sound(verdict, &f, &p);
            if (verdict == NET_TCP) {
                size_t part = cut > before ? cut - before : 0;
                assert_int_equal(p.payload_length, payload);
                assert_int_equal(p.payload.len, part < payload ? part : payload);
                assert_int_equal(p.options.mss, cut >= header_end + 4 ? 1460 : 0);
                assert_int_equal(p.options.has_window_shift, cut >= before);
            }
            f.length = (uint32_t)cut; /* the same as the sender's doing */
            assert_sound(net_decode(n, &f, &p), &f, &p);
        }
        buffer_done(&wire);
    }
    guard_page_done(&guard);
    net_free(n);
}

static void every_bit_may_turn(void **state)
{
    (void)state;
    struct guard_page guard;
    struct net *n = net_new();
    guard_page_init(&guard, ROOM);
    for (size_t i = 0; i < ARRAY_LENGTH(net_cases); i++) {
        struct buffer wire = {0};
        build_case(&wire, &net_cases[i]);
        for (size_t bit = 0; bit < wire.len * 8; bit++) {
            wire.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
            struct frame f = build_frame(&wire, net_cases[i].link_type);
            struct packet p;
            f.data = guard_page_place(&guard, f.data);
            assert_sound(net_decode(n, &f, &p), &f, &p);
            f.length += 1000;
            assert_sound(net_decode(n, &f, &p), &f, &p);
            wire.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        buffer_done(&wire);
    }
    guard_page_done(&guard);
    net_free(n);
}

/* xorshift64: the same noise on every run. */
static uint32_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

/* Noise alone dies in the first header, so it begins behind a whole way to TCP, cut
 * anywhere. */
static void noise_is_survived(void **state)
{
    (void)state;
    struct guard_page guard;
    struct net *n = net_new();
    uint64_t seed = 0x9e3779b97f4a7c15;
    guard_page_init(&guard, ROOM);
    for (size_t i = 0; i < ARRAY_LENGTH(net_cases); i++) {
        struct buffer way = {0}, wire = {0};
        build_case(&way, &net_cases[i]);
        for (int frame = 0; frame < NOISE_FRAMES_PER_TYPE; frame++) {
            buffer_clear(&wire);
            buffer_append(
                &wire, bytes_first(buffer_bytes(&way), next_random(&seed) % way.len));
            size_t noise = next_random(&seed) % NOISE_BYTES_MAX;
            for (size_t k = 0; k < noise; k++)
                build_8(&wire, next_random(&seed) & 0xff);
            struct frame f = build_frame(&wire, net_cases[i].link_type);
            struct packet p;
            f.data = guard_page_place(&guard, f.data);
            f.length += next_random(&seed) % 3 * 700;
            assert_sound(net_decode(n, &f, &p), &f, &p);
        }
        buffer_done(&wire);
        buffer_done(&way);
    }
    guard_page_done(&guard);
    net_free(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_is_told_and_loses_nothing_before_it),
        cmocka_unit_test(every_bit_may_turn),
        cmocka_unit_test(noise_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
