/* cli: packets made anew. The two passes over frames of several links, and the headers
 * of what comes out. */
#include "cli/disguise.h"
#include "cli/disguise_packet.h"

#include "build_packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { ETHERNET = 1, FRAMES_MAX = 16 };

static const struct hash_key key = {.k0 = 3, .k1 = 4};

/* ---- a capture of some segments ---- */

struct capture {
    struct buffer wires[FRAMES_MAX];
    struct frame frames[FRAMES_MAX];
    size_t count;
};

static struct frame *add(struct capture *c, const struct build_segment *s)
{
    struct buffer *wire = &c->wires[c->count];
    build_ethernet(wire, s);
    c->frames[c->count] = build_frame(wire, ETHERNET);
    c->frames[c->count].ref = c->count + 1;
    c->frames[c->count].captured_ns = (int64_t)(c->count + 1) * 1000000;
    return &c->frames[c->count++];
}

static void done(struct capture *c)
{
    for (size_t i = 0; i < c->count; i++) buffer_done(&c->wires[i]);
}

/* From the client at `offset` of its stream. */
static struct build_segment request_at(uint32_t offset, const char *payload)
{
    struct build_segment s = build_request(4);
    s.seq += offset;
    s.payload = bytes_of_text(payload);
    return s;
}

static struct build_segment answer_at(uint32_t offset, const char *payload)
{
    struct build_segment s = request_at(0, payload);
    const struct build_segment own = s;
    s.from = own.to, s.to = own.from;
    s.from_port = own.to_port, s.to_port = own.from_port;
    s.seq = own.ack + offset;
    s.ack = own.seq;
    return s;
}

static struct build_segment syn(uint32_t seq)
{
    struct build_segment s = request_at(0, "");
    s.seq = seq;
    s.flags = TCP_SYN;
    return s;
}

static struct disguise *learn(const struct capture *c)
{
    struct problem why = {.text = ""};
    struct disguise *d = disguise_new(key, false);
    for (size_t i = 0; i < c->count; i++) disguise_learn(d, &c->frames[i], true);
    assert_int_equal(disguise_finish_learning(d, &why), STATUS_OK);
    return d;
}

/* The frame's disguise, decoded again; it borrows until the next. */
static struct packet shown_as(struct disguise *d, const struct frame *frame)
{
    struct frame shown;
    struct packet packet;
    struct net *net = net_new();
    assert_true(disguise_frame(d, frame, true, &shown));
    assert_int_equal(shown.link_type, DISGUISE_LINK_TYPE);
    assert_int_equal(shown.ref, frame->ref);
    assert_int_equal(shown.captured_ns, frame->captured_ns);
    assert_int_equal(net_decode(net, &shown, &packet), NET_TCP);
    assert_int_not_equal(net_checksum(&packet), CHECKSUM_UNSEEN);
    net_free(net);
    return packet;
}

static void assert_payload(const struct packet *p, const char *text)
{
    if (!bytes_are(p->payload, text))
        fail_msg("'%.*s', not '%s'", (int)p->payload.len, p->payload.ptr, text);
}

/* ---- the passes ---- */

static void messages_keep_their_frame(void **state)
{
    struct capture c = {.count = 0};
    struct build_segment a = request_at(0, "GET / HTTP/1.1\r\nHost: 1\r\n\r\n");
    struct build_segment b =
        answer_at(0, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsec");
    struct build_segment rest = answer_at(41, "ret");
    (void)state;
    add(&c, &a);
    add(&c, &b);
    add(&c, &rest);
    add(&c, &b); /* sent once more: the same bytes */
    struct disguise *d = learn(&c);
    struct packet p = shown_as(d, &c.frames[0]);
    assert_int_equal(p.payload.len, 27);
    assert_memory_equal(p.payload.ptr, "GET / HTTP/1.1\r\nHost: ", 22);
    assert_int_equal(p.from.port, 40000);
    assert_int_equal(p.to.port, 80);
    assert_memory_not_equal(p.from.address, "\xc0\x00\x02\x0a", 4);
    struct endpoint client = p.from;
    for (size_t i = 1; i < 4; i += 2) {
        p = shown_as(d, &c.frames[i]);
        assert_true(endpoint_equal(&p.to, &client));
        assert_int_equal(p.payload.len, 41);
        assert_true(bytes_are(bytes_from(p.payload, 38), "xxx"));
        p = shown_as(d, &c.frames[2]);
        assert_payload(&p, "xxx");
    }
    disguise_free(d);
    done(&c);
}

/* What the first pass has not seen, or not as payload of a stream, is x. */
static void what_is_not_known_is_covered(void **state)
{
    struct capture c = {.count = 0};
    struct build_segment a = request_at(0, "GET / HTTP/1.1\r\n\r\n");
    struct build_segment before = request_at((uint32_t)-6, "secret");
    struct build_segment behind = request_at(5000, "secret");
    struct build_segment other = request_at(0, "secret");
    struct build_segment v6 = build_request(6);
    (void)state;
    add(&c, &a);
    struct disguise *d = learn(&c);
    other.to_port = 81;
    v6.payload = bytes_of_text("secret");
    add(&c, &before);
    add(&c, &behind);
    add(&c, &other);
    add(&c, &v6);
    for (size_t i = 1; i < c.count; i++) {
        struct packet p = shown_as(d, &c.frames[i]);
        assert_payload(&p, "xxxxxx");
        assert_int_equal(p.from.version, i == 4 ? 6 : 4);
    }
    disguise_free(d);
    done(&c);
}

static void only_what_is_wanted_is_shown(void **state)
{
    struct capture c = {.count = 0};
    struct build_segment a = request_at(0, "GET / HTTP/1.1\r\n\r\n");
    struct frame shown;
    (void)state;
    add(&c, &a);
    struct frame udp = *add(&c, &a);
    c.wires[1].ptr[14 + 9] = 17;
    struct disguise *d = disguise_new(key, false);
    struct problem why = {.text = ""};
    disguise_learn(d, &c.frames[0], false);
    disguise_learn(d, &udp, true);
    assert_int_equal(disguise_finish_learning(d, &why), STATUS_OK);
    assert_false(disguise_frame(d, &c.frames[0], false, &shown));
    assert_false(disguise_frame(d, &udp, true, &shown));
    struct packet p = shown_as(d, &c.frames[0]); /* wanted now, but never learnt */
    assert_payload(&p, "xxxxxxxxxxxxxxxxxx");
    disguise_free(d);
    disguise_free(NULL);
    done(&c);
}

/* Ports come again: each packet is of the life that had begun when it came. */
static void one_four_tuple_has_several_lives(void **state)
{
    struct capture c = {.count = 0};
    struct build_segment opened = syn(100), again = syn(900000);
    struct build_segment first = request_at(0, "GET / HTTP/1.1\r\n\r\n");
    struct build_segment second = request_at(0, "PUT / HTTP/1.1\r\n\r\n");
    struct build_segment reset = request_at(0, "");
    (void)state;
    first.seq = 101;
    reset.seq = 119;
    reset.flags = TCP_RST | TCP_ACK;
    second.seq = 900001;
    add(&c, &opened);
    add(&c, &first);
    add(&c, &reset);
    add(&c, &again);
    add(&c, &second);
    struct disguise *d = learn(&c);
    for (size_t i = 0; i < c.count; i++) {
        static const char *const heads[] = {"", "GET", "", "", "PUT"};
        struct packet p = shown_as(d, &c.frames[i]);
        assert_true(bytes_are(bytes_first(p.payload, 3), heads[i]));
    }
    disguise_free(d);
    done(&c);
}

/* Lost bytes, bytes before the capture began, a response alone, an upgrade. */
static void streams_with_holes_keep_the_rest(void **state)
{
    struct capture c = {.count = 0};
    struct build_segment upgrade =
        request_at(0, "GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\n\r\n");
    uint32_t end = (uint32_t)upgrade.payload.len;
    struct build_segment switched = answer_at(
        0, "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
           "\x81\x06secret");
    struct build_segment behind = request_at(end + 9000, "secret");
    (void)state;
    switched.ack = upgrade.seq + end;
    behind.ack = switched.seq + (uint32_t)switched.payload.len;
    add(&c, &upgrade);
    add(&c, &switched);
    add(&c, &behind);
    struct build_segment later =
        answer_at((uint32_t)switched.payload.len, "\x81\x02se");
    later.ack = behind.seq + 6; /* the hole was acknowledged: it is a gap */
    add(&c, &later);
    struct disguise *d = learn(&c);
    struct packet p = shown_as(d, &c.frames[1]);
    assert_memory_equal(p.payload.ptr + p.payload.len - 8, "\x81\x06xxxxxx", 8);
    p = shown_as(d, &c.frames[3]);
    assert_payload(&p, "\x81\x02xx");
    p = shown_as(d, &c.frames[2]);
    assert_false(bytes_are(p.payload, "secret"));
    assert_int_equal(p.payload.len, 6);
    disguise_free(d);
    done(&c);
}

/* A hole is filled with zeros; one of hundreds of megabytes is more than is kept. */
static void a_stream_has_a_cap(void **state)
{
    struct capture c = {.count = 0};
    struct build_segment s = request_at(0, "GET / HTTP/1.1\r\n\r\n");
    struct build_segment ack = answer_at(0, "");
    struct problem why = {.text = ""};
    (void)state;
    add(&c, &s);
    static const uint32_t offsets[] = {1000000, 2000000, 300000000};
    for (uint32_t i = 0; i < ARRAY_LENGTH(offsets); i++) {
        s = request_at(offsets[i], "x");
        ack.ack = s.seq + 1;
        ack.seq = s.ack + i;
        ack.payload = bytes_of_text("y");
        s.ack += i;
        add(&c, &s);
        add(&c, &ack); /* the hole was received: it is a gap */
    }
    struct disguise *d = disguise_new(key, false);
    for (size_t i = 0; i < c.count; i++) disguise_learn(d, &c.frames[i], true);
    assert_int_equal(disguise_finish_learning(d, &why), STATUS_FAILED);
    assert_non_null(strstr(why.text, "more than 256 MiB of payload"));
    disguise_free(d);
    done(&c);
}

/* ---- headers ---- */

static void options_lose_what_may_name_somebody(void **state)
{
    static const struct {
        const char *options, *shown;
        size_t len;
    } cases[] = {
        {"\x02\x04\x05\xb4", "\x02\x04\x05\xb4", 4}, /* MSS */
        {"\x01\x03\x03\x07", "\x01\x03\x03\x07", 4}, /* window scale */
        {"\x01\x01\x04\x02", "\x01\x01\x04\x02", 4},
        {"\x01\x01\x05\x0a"
         "abcdefgh",
         "\x01\x01\x05\x0a"
         "abcdefgh",
         12},
        {"\x01\x01\x08\x0a"
         "abcdefgh",
         "\x01\x01\x08\x0a"
         "abcdefgh",
         12},
        {"\x22\x08secret", "\x01\x01\x01\x01\x01\x01\x01\x01", 8}, /* a cookie */
        {"\x02\x04\x05\xb4\x22\x04se", "\x02\x04\x05\xb4\x01\x01\x01\x01", 8},
        {"\x02\x20\x05\xb4", "\x01\x01\x01\x01", 4}, /* longer than there is */
        {"\x02\x01se", "\x01\x01\x01\x01", 4},       /* shorter than itself */
        {"\x01\x01\x01\x22", "\x01\x01\x01\x01", 4}, /* no length */
        {"\x01\x00\x00\x00", "\x01\x00\x00\x00", 4},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct capture c = {.count = 0};
        struct build_segment s = request_at(0, "x");
        s.options = bytes_of(cases[i].options, cases[i].len);
        add(&c, &s);
        struct disguise *d = learn(&c);
        struct packet p = shown_as(d, &c.frames[0]);
        assert_memory_equal(net_segment(&p).ptr + 20, cases[i].shown, cases[i].len);
        assert_int_equal(net_checksum(&p), CHECKSUM_GOOD);
        disguise_free(d);
        done(&c);
    }
}

static void checksums_are_as_good_as_they_were(void **state)
{
    (void)state;
    for (int version = 4; version <= 6; version += 2) {
        struct capture c = {.count = 0};
        struct build_segment s = build_request(version);
        add(&c, &s);
        add(&c, &s);
        add(&c, &s);
        c.wires[1].ptr[c.wires[1].len - 1] ^= 1; /* bad from here on */
        c.frames[2].captured = (uint32_t)(c.frames[2].data.len -= 3); /* cut */
        struct disguise *d = learn(&c);
        struct packet p = shown_as(d, &c.frames[0]);
        assert_int_equal(net_checksum(&p), CHECKSUM_GOOD);
        p = shown_as(d, &c.frames[1]);
        assert_int_equal(net_checksum(&p), CHECKSUM_BAD);
        struct frame shown;
        assert_true(disguise_frame(d, &c.frames[2], true, &shown));
        assert_int_equal(shown.length, shown.captured + 3);
        struct net *net = net_new();
        assert_int_equal(net_decode(net, &shown, &p), NET_TCP);
        assert_int_equal(net_checksum(&p), CHECKSUM_UNSEEN);
        assert_int_equal(p.payload_length, s.payload.len);
        assert_int_equal(p.payload.len, s.payload.len - 3);
        net_free(net);
        disguise_free(d);
        done(&c);
    }
}

/* A header that was cut, and lengths that no field holds. */
static void odd_packets_are_written_all_the_same(void **state)
{
    struct build_segment s = build_request(4);
    struct buffer wire = {.ptr = NULL}, out = {.ptr = NULL};
    struct packet p;
    struct frame shown;
    struct net *net = net_new();
    (void)state;
    s.options = bytes_of("\x02\x04\x05\xb4", 4);
    build_ethernet(&wire, &s);
    struct frame frame = build_frame(&wire, ETHERNET);
    frame.data.len = frame.captured = 14 + 20 + 22; /* within the options */
    assert_int_equal(net_decode(net, &frame, &p), NET_TCP);
    disguise_packet_write(&p, &p.from, &p.to, bytes_of(NULL, 0), &out, &shown);
    assert_int_equal(shown.captured, 20 + 22);
    assert_int_equal(shown.length, 20 + 22 + p.payload_length);
    p.payload_length = 100000;
    p.header_bytes = 12; /* nobody decodes so little: it is written as far as it is */
    for (unsigned version = 4; version <= 6; version += 2) {
        struct endpoint from = p.from, to = p.to;
        from.version = to.version = (uint8_t)version;
        p.header_bytes = 20;
        disguise_packet_write(&p, &from, &to, bytes_of(NULL, 0), &out, &shown);
        const uint8_t *told = out.ptr + (version == 4 ? 2 : 4);
        assert_int_equal(told[0] | told[1], 0); /* as segmentation offload has it */
    }
    buffer_done(&wire);
    buffer_done(&out);
    net_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_keep_their_frame),
        cmocka_unit_test(what_is_not_known_is_covered),
        cmocka_unit_test(only_what_is_wanted_is_shown),
        cmocka_unit_test(one_four_tuple_has_several_lives),
        cmocka_unit_test(streams_with_holes_keep_the_rest),
        cmocka_unit_test(a_stream_has_a_cap),
        cmocka_unit_test(options_lose_what_may_name_somebody),
        cmocka_unit_test(checksums_are_as_good_as_they_were),
        cmocka_unit_test(odd_packets_are_written_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
