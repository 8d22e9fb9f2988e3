/* Which shard a packet belongs to: told of a plain frame as of what net makes of it,
 * and never of a frame that net might see otherwise. */
#include "build_packet.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct hash_key key = {.k0 = 0x0123456789abcdef, .k1 = 0xfedcba9876543210};

/* Of the frame as far as it is captured; false: it is not plain. */
static bool hash_frame(const struct frame *whole, size_t captured, uint64_t *hash)
{
    struct frame frame = *whole;
    frame.captured = (uint32_t)captured;
    frame.data = bytes_first(frame.data, captured);
    return flow_hash_of_frame(key, &frame, hash);
}

static enum net_verdict decode(const struct frame *whole, size_t captured,
                               uint64_t *hash)
{
    struct net *net = net_new();
    struct packet packet;
    struct frame frame = *whole;
    frame.captured = (uint32_t)captured;
    frame.data = bytes_first(frame.data, captured);
    enum net_verdict verdict = net_decode(net, &frame, &packet);
    if (verdict == NET_TCP) *hash = flow_hash_of_packet(key, &packet);
    net_free(net);
    return verdict;
}

/* Both directions, and whatever of the frame is captured. */
static void check_segment(struct build_segment s)
{
    struct build_segment back = s;
    back.from = s.to, back.to = s.from;
    back.from_port = s.to_port, back.to_port = s.from_port;
    struct buffer forth_wire = {0}, back_wire = {0};
    build_ethernet(&forth_wire, &s);
    build_ethernet(&back_wire, &back);
    struct frame forth = build_frame(&forth_wire, 1),
                 other = build_frame(&back_wire, 1);
    uint64_t hash = 0, back_hash = 1;
    assert_true(hash_frame(&forth, forth.data.len, &hash));
    assert_true(hash_frame(&other, other.data.len, &back_hash));
    assert_true(hash == back_hash);
    for (size_t captured = 0; captured <= forth.data.len; captured++) {
        uint64_t plain = 0, decoded = 0;
        if (!hash_frame(&forth, captured, &plain)) continue;
        assert_int_equal(decode(&forth, captured, &decoded), NET_TCP);
        assert_true(plain == decoded && plain == hash);
    }
    buffer_done(&forth_wire);
    buffer_done(&back_wire);
}

static void both_directions_share_it_in_frames_and_packets(void **state)
{
    (void)state;
    static const uint8_t stamps[12] = {1, 1, 8, 10};
    for (int version = 4; version <= 6; version += 2) {
        struct build_segment s = build_request(version);
        check_segment(s);
        s.options = bytes_of(stamps, sizeof stamps);
        check_segment(s);
        s.payload = bytes_of(NULL, 0);
        check_segment(s);
    }
}

/* Every byte of the headers, changed to everything: a frame that is called plain is
 * TCP, and the same connection's for both. */
static void a_frame_that_is_not_plain_is_left_to_net(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        struct build_segment s = build_request(version);
        struct buffer wire = {0};
        build_ethernet(&wire, &s);
        struct frame frame = build_frame(&wire, 1);
        size_t headers = 14 + (version == 4 ? 20 : 40) + 20;
        for (size_t at = 12; at < headers; at++) {
            uint8_t was = wire.ptr[at];
            for (int value = 0; value < 256; value++) {
                uint64_t plain = 0, decoded = 0;
                wire.ptr[at] = (uint8_t)value;
                if (!hash_frame(&frame, frame.data.len, &plain)) continue;
                assert_int_equal(decode(&frame, frame.data.len, &decoded), NET_TCP);
                assert_true(plain == decoded);
            }
            wire.ptr[at] = was;
        }
        buffer_done(&wire);
    }
}

static void other_keys_and_ports_spread(void **state)
{
    (void)state;
    enum { SHARDS = 8, FLOWS = 4000 };
    int count[SHARDS] = {0};
    struct build_segment s = build_request(4);
    for (int i = 0; i < FLOWS; i++) {
        struct buffer wire = {0};
        uint64_t hash = 0;
        s.from_port = (uint16_t)(20000 + i);
        build_ethernet(&wire, &s);
        struct frame frame = build_frame(&wire, 1);
        assert_true(hash_frame(&frame, frame.data.len, &hash));
        count[(hash >> 32) * SHARDS >> 32]++;
        buffer_done(&wire);
    }
    for (int i = 0; i < SHARDS; i++)
        assert_in_range(count[i], FLOWS / SHARDS * 8 / 10, FLOWS / SHARDS * 12 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_share_it_in_frames_and_packets),
        cmocka_unit_test(a_frame_that_is_not_plain_is_left_to_net),
        cmocka_unit_test(other_keys_and_ports_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
