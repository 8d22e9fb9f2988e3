/* Duplicates: which packet is a copy of one before it (a mirror port that sends twice),
 * and which only looks like it. Each case changes one thing of a second packet.
 *
 *   packet --as it is------> remembered
 *   packet --changed-------> a copy? */
#include "tcp/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MS_NS 1000000LL

struct second {
    struct packet packet;
    struct frame frame;
    uint64_t flow;
};

struct copy_case {
    const char *name;
    void (*change)(struct second *s);
    bool is_copy;
};

static void nothing(struct second *s)
{
    (void)s;
}

static void checksum_high(struct second *s)
{
    s->packet.checksum ^= 0x100;
}

static void checksum_low(struct second *s)
{
    s->packet.checksum ^= 1;
}

static void seq(struct second *s)
{
    s->packet.seq++;
}

static void ack(struct second *s)
{
    s->packet.ack++;
}

static void window(struct second *s)
{
    s->packet.window++;
}

static void urgent(struct second *s)
{
    s->packet.urgent++;
}

static void flags(struct second *s)
{
    s->packet.flags ^= TCP_PSH;
}

static void id(struct second *s)
{
    s->packet.ip_id++;
}

static void length(struct second *s)
{
    s->packet.payload_length++;
}

static void timestamp(struct second *s)
{
    s->packet.options.timestamp++;
}

static void echo(struct second *s)
{
    s->packet.options.timestamp_echo++;
}

static void flow(struct second *s)
{
    s->flow++;
}

static void turned(struct second *s)
{
    struct endpoint from = s->packet.from;
    s->packet.from = s->packet.to;
    s->packet.to = from;
}

static void ttl(struct second *s)
{
    s->packet.ttl--;
}

static void in_time(struct second *s)
{
    s->frame.captured_ns += 5 * MS_NS;
}

static void too_late(struct second *s)
{
    s->frame.captured_ns += 5 * MS_NS + 1;
}

static void earlier(struct second *s)
{
    s->frame.captured_ns--;
}

/* clang-format off */
static const struct copy_case cases[] = {
    { "the same",                      nothing,       true  },
    { "another TTL: a router between", ttl,           true  },
    { "checksum, first byte",          checksum_high, false },
    { "checksum, second byte",         checksum_low,  false },
    { "sequence number",               seq,           false },
    { "acknowledgement",               ack,           false },
    { "window",                        window,        false },
    { "urgent pointer",                urgent,        false },
    { "flags",                         flags,         false },
    { "IP id",                         id,            false },
    { "length of the payload",         length,        false },
    { "timestamp",                     timestamp,     false },
    { "its echo",                      echo,          false },
    { "another connection",            flow,          false },
    { "from the other side",           turned,        false },
    { "5 ms after it",                 in_time,       true  },
    { "more than 5 ms after it",       too_late,      false },
    { "captured before it",            earlier,       false },
};
/* clang-format on */

static struct second plain(void)
{
    return (struct second){
        .flow = 7,
        .frame = {.ref = 1, .captured_ns = 1000 * MS_NS},
        .packet = {.from = {.address = {10, 0, 0, 1}, .version = 4, .port = 40000},
                   .to = {.address = {192, 0, 2, 1}, .version = 4, .port = 80},
                   .seq = 100,
                   .ack = 200,
                   .window = 300,
                   .flags = TCP_ACK,
                   .ttl = 64,
                   .ip_id = 9,
                   .payload_length = 10,
                   .options = {.has_timestamps = true, .timestamp = 5}},
    };
}

static bool is_copy(struct duplicates *d, struct second *s)
{
    s->packet.frame = &s->frame;
    return duplicates_is_copy(d, &s->packet, s->flow);
}

static void copies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct duplicates *d = duplicates_new((struct hash_key){.k0 = 1, .k1 = 2});
        struct second first = plain(), second = plain();
        cases[i].change(&second);
        assert_false(is_copy(d, &first));
        if (is_copy(d, &second) != cases[i].is_copy)
            fail_msg("%s: not so", cases[i].name);
        duplicates_free(d);
    }
}

/* Two resets of the same content, one for each of two segments. */
static void without_identity(void **state)
{
    (void)state;
    struct duplicates *d = duplicates_new((struct hash_key){.k0 = 1, .k1 = 2});
    struct second s = plain();
    s.packet.ip_id = 0;
    s.packet.payload_length = 0;
    s.packet.options = (struct tcp_options){.has_timestamps = false};
    assert_false(is_copy(d, &s));
    assert_false(is_copy(d, &s));
    s.packet.ip_id = 1;
    assert_false(is_copy(d, &s));
    assert_true(is_copy(d, &s));
    duplicates_free(d);
}

/* Where both sides have the same port, only the addresses tell who sent it; and those
 * may differ in any of their bytes. */
static void sides_of_one_port(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain().packet.from.address; i++) {
        struct duplicates *d = duplicates_new((struct hash_key){.k0 = 1, .k1 = 2});
        struct second first = plain();
        first.packet.to = first.packet.from;
        first.packet.to.address[i] ^= 1;
        struct second back = first;
        turned(&back);
        assert_false(is_copy(d, &first));
        assert_false(is_copy(d, &back));
        assert_true(is_copy(d, &first));
        duplicates_free(d);
    }
}

/* A file of earlier packets, read behind another: these stay no longer than others. All
 * of them differ only in what does not choose their place. */
static void clock_set_back(void **state)
{
    (void)state;
    struct duplicates *d = duplicates_new((struct hash_key){.k0 = 1, .k1 = 2});
    struct second s = plain();
    for (uint16_t i = 0; i < 8; i++) {
        s.packet.window = i;
        assert_false(is_copy(d, &s));
    }
    s.frame.captured_ns = 1 * MS_NS;
    for (uint16_t i = 10; i < 14; i++) {
        s.packet.window = i;
        assert_false(is_copy(d, &s));
    }
    for (uint16_t i = 10; i < 14; i++) {
        s.packet.window = i;
        assert_true(is_copy(d, &s));
    }
    duplicates_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(without_identity),
        cmocka_unit_test(sides_of_one_port),
        cmocka_unit_test(clock_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
