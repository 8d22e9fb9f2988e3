/* Patterns of one connection in which the segments, not the words, are the trouble. */
#include "pattern.h"

enum {
    FULL = 1000,           /* bytes of a segment here */
    WINDOW_SEGMENTS = 240, /* as many as are held out of order */
    PROBES_PER_BYTE = 8,
};

static const char body_head[] =
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n";

static struct bytes filled(uint8_t *out, size_t len, char with)
{
    memset(out, with, len);
    return bytes_of(out, len);
}

/* A connection in the middle of a request's long body. */
static void begin_body(struct forge *f, struct forge_talk *t)
{
    forge_meet(t, 1);
    forge_open(f, t);
    forge_send(f, t, 0, bytes_of_text(body_head));
    forge_segment(f, t, 1, 0, FORGE_ACK, bytes_of_text(""));
}

static void acknowledge(struct forge *f, const struct forge_talk *t)
{
    forge_segment(f, t, 1, 0, FORGE_ACK, bytes_of_text(""));
}

void pattern_one_byte_segments(struct forge *f)
{
    struct forge_talk t;
    begin_body(f, &t);
    for (uint64_t i = 0; forge_has_room(f); i++) {
        forge_send(f, &t, 0, bytes_of_text("x"));
        if (i % 64 == 63) acknowledge(f, &t);
    }
    forge_close(f, &t);
}

/* Window after window, each from its end to its begin. */
void pattern_held_in_reverse(struct forge *f)
{
    struct forge_talk t;
    uint8_t data[FULL];
    begin_body(f, &t);
    while (forge_has_room(f)) {
        for (int32_t i = WINDOW_SEGMENTS; i-- > 0;)
            forge_segment(f, &t, 0, i * FULL, FORGE_ACK, filled(data, FULL, 'x'));
        t.side[0].seq += WINDOW_SEGMENTS * FULL;
        acknowledge(f, &t);
    }
    forge_close(f, &t);
}

/* Every second of small segments; then those between, from the last to the first. */
void pattern_held_every_second(struct forge *f)
{
    enum { STEP = 2, COUNT = 500 };
    struct forge_talk t;
    begin_body(f, &t);
    while (forge_has_room(f)) {
        for (int32_t i = 1; i < COUNT; i += 2)
            forge_segment(f, &t, 0, i * STEP, FORGE_ACK, bytes_of_text("xy"));
        for (int32_t i = COUNT - 2; i >= 0; i -= 2)
            forge_segment(f, &t, 0, i * STEP, FORGE_ACK, bytes_of_text("xy"));
        t.side[0].seq += COUNT * STEP;
        acknowledge(f, &t);
    }
    forge_close(f, &t);
}

void pattern_hole_never_filled(struct forge *f)
{
    struct forge_talk t;
    uint8_t data[FULL];
    begin_body(f, &t);
    t.side[0].seq += FULL;
    while (forge_has_room(f)) forge_send(f, &t, 0, filled(data, FULL, 'x'));
}

/* Every second segment is lost, and the other side has it. */
void pattern_holes_acknowledged(struct forge *f)
{
    struct forge_talk t;
    uint8_t data[FULL];
    begin_body(f, &t);
    for (uint64_t i = 0; forge_has_room(f); i++) {
        t.side[0].seq += 1;
        forge_send(f, &t, 0, filled(data, 10, 'x'));
        if (i % 64 == 63) acknowledge(f, &t);
    }
    forge_close(f, &t);
}

/* Behind a hole, each over the second half of the one before, with other bytes. */
void pattern_overlaps_that_differ(struct forge *f)
{
    struct forge_talk t;
    uint8_t data[64];
    begin_body(f, &t);
    while (forge_has_room(f)) {
        for (int32_t i = 1; i < 2 * WINDOW_SEGMENTS; i++) {
            struct bytes part = filled(data, sizeof data, (char)('a' + i % 26));
            forge_segment(f, &t, 0, i * (int32_t)sizeof data / 2, FORGE_ACK, part);
        }
        forge_send(f, &t, 0, filled(data, sizeof data, 'x'));
        t.side[0].seq += WINDOW_SEGMENTS * sizeof data;
        acknowledge(f, &t);
    }
    forge_close(f, &t);
}

/* The last 64 KiB again, whole, behind every new segment of one byte. */
void pattern_sent_again_and_again(struct forge *f)
{
    struct forge_talk t;
    uint8_t data[FULL];
    begin_body(f, &t);
    for (int i = 0; i < 64; i++) forge_send(f, &t, 0, filled(data, FULL, 'x'));
    while (forge_has_room(f)) {
        for (int32_t i = 64; i > 0; i--)
            forge_segment(f, &t, 0, -i * FULL, FORGE_ACK, filled(data, FULL, 'x'));
        forge_send(f, &t, 0, bytes_of_text("x"));
    }
    forge_close(f, &t);
}

/* Each in order with a wrong checksum, then some of them well. */
void pattern_bad_checksums(struct forge *f)
{
    struct forge_talk t;
    uint8_t data[FULL];
    begin_body(f, &t);
    for (uint64_t i = 0; forge_has_room(f); i++) {
        f->has_bad_checksums = true;
        forge_segment(f, &t, 0, (int32_t)(i % 8) * 100, FORGE_ACK,
                      filled(data, 100, 'y'));
        f->has_bad_checksums = false;
        if (i % 8 == 7) forge_send(f, &t, 0, filled(data, 800, 'x'));
    }
    forge_close(f, &t);
}

void pattern_keep_alive_probes(struct forge *f)
{
    struct forge_talk t;
    begin_body(f, &t);
    while (forge_has_room(f)) {
        forge_segment(f, &t, 0, -1, FORGE_ACK, bytes_of_text("x"));
        acknowledge(f, &t);
    }
    forge_close(f, &t);
}

void pattern_mirror_copies(struct forge *f)
{
    f->is_doubled = true;
    pattern_one_byte_segments(f);
}

/* Ten minutes on, ten minutes back. */
void pattern_times_back_and_forth(struct forge *f)
{
    enum { JUMP_US = 600 * 1000000 };
    const struct bytes ask = bytes_of_text("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const struct bytes answer =
        bytes_of_text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, i);
        forge_open(f, &t);
        forge_send(f, &t, 0, ask);
        f->now_us += i % 2 == 0 ? JUMP_US : -JUMP_US;
        forge_send(f, &t, 1, answer);
        if (i % 4 == 3) forge_close(f, &t);
    }
}

/* Holes that are filled when the century is over, and again before it began. */
void pattern_times_at_the_ends(struct forge *f)
{
    static const int64_t ends_us[] = {-1699000000LL * 1000000, 2590000000LL * 1000000};
    struct forge_talk t;
    begin_body(f, &t);
    while (forge_has_room(f)) {
        f->now_us = ends_us[0];
        forge_segment(f, &t, 0, 1, FORGE_ACK, bytes_of_text("y"));
        f->now_us = ends_us[1];
        forge_send(f, &t, 0, bytes_of_text("x"));
        t.side[0].seq++;
        f->now_us = ends_us[0];
    }
    forge_close(f, &t);
}

/* Resets that belong to nothing, in the window and out of it, and data between. */
void pattern_resets_in_one(struct forge *f)
{
    struct forge_talk t;
    begin_body(f, &t);
    for (int32_t i = 0; forge_has_room(f); i++) {
        forge_segment(f, &t, i % 2, 100000 + i % 1000 * 100000, FORGE_RST,
                      bytes_of_text(""));
        forge_send(f, &t, 0, bytes_of_text("x"));
    }
}
