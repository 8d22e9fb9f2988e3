/* What is decoded in one go is what the decoders of the layers make of it: of the same
 * bytes without their Ethernet header, which those read one layer after the other. */
#include "build_packet.h"
#include "net/plain_frame.h"
#include "net/segment.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { LINK_TYPE_ETHERNET = 1, LINK_TYPE_RAW = 101, ETHERNET_BYTES = 14 };

struct shape {
    size_t captured;
    uint32_t length; /* on the wire */
};

static struct frame shape_frame(struct bytes wire, struct shape shape)
{
    return (struct frame){
        .link_type = LINK_TYPE_ETHERNET,
        .captured = (uint32_t)shape.captured,
        .length = shape.length,
        .data = bytes_first(wire, shape.captured),
    };
}

static void assert_same_bytes(struct bytes a, struct bytes b)
{
    assert_int_equal(a.len, b.len);
    if (a.len > 0) assert_ptr_equal(a.ptr, b.ptr);
}

static void assert_same_options(const struct tcp_options *a,
                                const struct tcp_options *b)
{
    assert_int_equal(a->mss, b->mss);
    assert_int_equal(a->window_shift, b->window_shift);
    assert_int_equal(a->is_shift_clamped, b->is_shift_clamped);
    assert_int_equal(a->has_window_shift, b->has_window_shift);
    assert_int_equal(a->has_sack_permitted, b->has_sack_permitted);
    assert_int_equal(a->has_timestamps, b->has_timestamps);
    assert_int_equal(a->timestamp, b->timestamp);
    assert_int_equal(a->timestamp_echo, b->timestamp_echo);
}

static void assert_same_packet(const struct packet *a, const struct packet *b)
{
    assert_true(endpoint_equal(&a->from, &b->from));
    assert_true(endpoint_equal(&a->to, &b->to));
    assert_int_equal(a->checksum, b->checksum);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->ack, b->ack);
    assert_int_equal(a->window, b->window);
    assert_int_equal(a->urgent, b->urgent);
    assert_int_equal(a->ip_id, b->ip_id);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->ttl, b->ttl);
    assert_same_options(&a->options, &b->options);
    assert_same_bytes(net_segment(a), net_segment(b));
    assert_same_bytes(a->payload, b->payload);
    assert_int_equal(a->payload_length, b->payload_length);
}

/* Whether the frame is plain; if so, its layers' decoders say the same of it. */
static bool check(struct net *net, const struct frame *frame)
{
    struct packet plain, layered;
    memset(&plain, 0xa5, sizeof plain);
    memset(&layered, 0x5a, sizeof layered);
    if (!plain_frame_decode(frame, &plain)) return false;
    struct frame inner = *frame;
    inner.link_type = LINK_TYPE_RAW;
    inner.data = bytes_from(frame->data, ETHERNET_BYTES);
    inner.captured -= ETHERNET_BYTES;
    inner.length = frame->length > ETHERNET_BYTES ? frame->length - ETHERNET_BYTES : 0;
    assert_int_equal(net_decode(net, &inner, &layered), NET_TCP);
    assert_same_packet(&plain, &layered);
    return true;
}

/* clang-format off */
static const struct { const char *name, *hex; } options[] = {
    { "none",             "" },
    { "timestamps",       "0101080a 01020304 0a0b0c0d" },
    { "SYN",              "020405b4 0402080a 01020304 00000000 01030307" },
    { "timestamps later", "080a0102 03040a0b 0c0d0101" },
    { "SACK",             "0101050a 01020304 01020404" },
    { "bad length",       "01010800 01020304 0a0b0c0d" },
    { "forty bytes",      "01010101 01010101 01010101 01010101 01010101"
                          "01010101 01010101 01010101 01010101 0303ff00" },
};
/* clang-format on */

static void for_each_segment(void (*each)(struct net *net, struct bytes wire))
{
    for (int version = 4; version <= 6; version += 2) {
        for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
            struct net *net = net_new();
            struct build_segment s = build_request(version);
            struct buffer list = {0}, wire = {0};
            build_hex(&list, options[i].hex);
            s.options = bytes_of(list.ptr, list.len);
            build_ethernet(&wire, &s);
            build_zeros(&wire, 3); /* what a link pads with */
            each(net, bytes_of(wire.ptr, wire.len));
            buffer_done(&list);
            buffer_done(&wire);
            net_free(net);
        }
    }
}

/* As captured whole, cut anywhere, and with any length on the wire. */
static void check_shapes(struct net *net, struct bytes wire)
{
    struct shape whole = {.captured = wire.len, .length = (uint32_t)wire.len};
    struct frame frame = shape_frame(wire, whole);
    assert_true(check(net, &frame));
    for (struct shape s = whole; s.captured > 0; s.captured--) {
        for (s.length = 0; s.length <= wire.len + 2; s.length++) {
            frame = shape_frame(wire, s);
            check(net, &frame);
        }
    }
    frame.data = bytes_of(NULL, 0);
    assert_false(check(net, &frame));
}

static void cut_frames_are_read_alike(void **state)
{
    (void)state;
    for_each_segment(check_shapes);
}

/* Every value of every byte of the headers, whole and cut. */
static void check_mutations(struct net *net, struct bytes wire)
{
    uint8_t *bytes = (uint8_t *)wire.ptr;
    struct shape shapes[] = {
        {wire.len, (uint32_t)wire.len},
        {wire.len - 9, (uint32_t)wire.len},
        {wire.len - 40, (uint32_t)wire.len + 5},
    };
    for (size_t at = 0; at < wire.len; at++) {
        uint8_t was = bytes[at];
        for (int value = 0; value < 256; value++) {
            bytes[at] = (uint8_t)value;
            for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
                struct frame frame = shape_frame(wire, shapes[i]);
                check(net, &frame);
            }
        }
        bytes[at] = was;
    }
}

static void changed_bytes_are_read_alike(void **state)
{
    (void)state;
    for_each_segment(check_mutations);
}

/* Several bytes at once, always the same ones. */
static void check_random(struct net *net, struct bytes wire)
{
    enum { ROUNDS = 4000, CHANGES = 4 };
    uint8_t *bytes = (uint8_t *)wire.ptr;
    uint32_t x = 7;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t was[CHANGES];
        size_t at[CHANGES];
        for (int i = 0; i < CHANGES; i++) {
            x = x * 1664525u + 1013904223u;
            at[i] = ETHERNET_BYTES + (x >> 8) % (wire.len - ETHERNET_BYTES);
            was[i] = bytes[at[i]];
            bytes[at[i]] = (uint8_t)(x >> 24);
        }
        struct shape s = {wire.len - (x >> 16) % 4, (uint32_t)wire.len};
        struct frame frame = shape_frame(wire, s);
        check(net, &frame);
        for (int i = CHANGES; i-- > 0;) bytes[at[i]] = was[i];
    }
}

static void random_changes_are_read_alike(void **state)
{
    (void)state;
    for_each_segment(check_random);
}

/* clang-format off */
static const struct { const char *name; size_t at; uint8_t value; } not_plain[] = {
    { "EtherType",           12, 0x88 },
    { "IPv4 options",        14, 0x46 },
    { "version",             14, 0x65 },
    { "length of zero",      17, 0 },
    { "more fragments",      20, 0x20 },
    { "a later fragment",    21, 0x01 },
    { "UDP",                 23, 17 },
    { "a header of 16",      46, 0x40 },
};
/* clang-format on */

static void other_frames_are_left_to_the_layers(void **state)
{
    (void)state;
    struct net *net = net_new();
    for (size_t i = 0; i < ARRAY_LENGTH(not_plain); i++) {
        struct build_segment s = build_request(4);
        struct buffer wire = {0};
        build_ethernet(&wire, &s);
        wire.ptr[not_plain[i].at] = not_plain[i].value;
        struct frame frame = build_frame(&wire, LINK_TYPE_ETHERNET);
        if (check(net, &frame)) fail_msg("%s", not_plain[i].name);
        buffer_done(&wire);
    }
    net_free(net);
}

/* Behind a NOP, no list is one of those that are read in one look. */
static void assert_read_as_behind_nop(const struct buffer *list)
{
    struct tcp_options alone, behind;
    struct buffer moved = {0};
    build_hex(&moved, "01");
    buffer_append(&moved, buffer_bytes(list));
    segment_read_options(buffer_bytes(list), &alone);
    segment_read_options(buffer_bytes(&moved), &behind);
    assert_same_options(&alone, &behind);
    buffer_done(&moved);
}

static void usual_lists_are_read_as_any(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(options); i++) {
        struct buffer list = {0};
        build_hex(&list, options[i].hex);
        assert_read_as_behind_nop(&list);
        for (size_t at = 0; at < list.len; at++) {
            uint8_t before = list.ptr[at];
            for (unsigned value = 0; value <= UINT8_MAX; value++) {
                list.ptr[at] = (uint8_t)value;
                assert_read_as_behind_nop(&list);
            }
            list.ptr[at] = before;
        }
        buffer_done(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_frames_are_read_alike),
        cmocka_unit_test(changed_bytes_are_read_alike),
        cmocka_unit_test(random_changes_are_read_alike),
        cmocka_unit_test(other_frames_are_left_to_the_layers),
        cmocka_unit_test(usual_lists_are_read_as_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
