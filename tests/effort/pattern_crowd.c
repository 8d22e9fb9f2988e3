/* Patterns of very many connections, each of which costs its sender next to nothing. */
#include "pattern.h"

#include "hopscope/net.h"

static const char ask[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

static void spoof(struct forge *f, struct forge_talk *t)
{
    forge_meet(t, 0);
    t->side[0].address = 0x40000000 | forge_random(f, UINT32_MAX);
    t->side[0].port = (uint16_t)(1 + forge_random(f, 65535));
    t->side[0].seq = forge_random(f, UINT32_MAX);
}

static void spoof_all(struct forge *f, uint8_t flags, struct bytes payload)
{
    while (forge_has_room(f)) {
        struct forge_talk t;
        spoof(f, &t);
        forge_segment(f, &t, 0, 0, flags, payload);
    }
}

void pattern_spoofed_syns(struct forge *f)
{
    spoof_all(f, FORGE_SYN, bytes_of_text(""));
}

void pattern_spoofed_resets(struct forge *f)
{
    spoof_all(f, FORGE_RST, bytes_of_text(""));
}

void pattern_spoofed_segments(struct forge *f)
{
    spoof_all(f, FORGE_ACK, bytes_of_text("x"));
}

static void exchange(struct forge *f, struct forge_talk *t)
{
    forge_send(f, t, 0, bytes_of_text(ask));
    forge_send(f, t, 1, bytes_of_text(answer));
}

/* The same two ports for every connection. */
void pattern_port_reuse(struct forge *f)
{
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, 7);
        t.side[0].seq += i * 65537;
        t.side[1].seq += i * 65537;
        forge_open(f, &t);
        exchange(f, &t);
        if (i % 3 == 0) forge_close(f, &t);
        if (i % 3 == 1) forge_segment(f, &t, 0, 0, FORGE_RST, bytes_of_text(""));
    }
}

/* One exchange each, a second apart, and silence: every timer there is runs. */
void pattern_idle_connections(struct forge *f)
{
    f->step_us = 200000;
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, i);
        forge_open(f, &t);
        exchange(f, &t);
    }
}

/* Handshakes alone, all at once. */
void pattern_silent_connections(struct forge *f)
{
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, i);
        forge_open(f, &t);
    }
}

/* Each holds as much as it may behind a hole. */
void pattern_holes_in_many(struct forge *f)
{
    enum { HELD = 180 };
    uint8_t data[FORGE_SEGMENT_MAX];
    memset(data, 'x', sizeof data);
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, i);
        forge_open(f, &t);
        forge_send(f, &t, 0, bytes_of_text(ask));
        for (int32_t n = 1; n <= HELD && forge_has_room(f); n++)
            forge_segment(f, &t, 0, n * FORGE_SEGMENT_MAX, FORGE_ACK,
                          bytes_of(data, sizeof data));
    }
}

/* Each begins a head, and does not end it. */
void pattern_heads_in_many(struct forge *f)
{
    enum { SEGMENTS = 4 };
    uint8_t data[FORGE_SEGMENT_MAX];
    memset(data, 'x', sizeof data);
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, i);
        forge_open(f, &t);
        forge_send(f, &t, 0, bytes_of_text("GET / HTTP/1.1\r\nHost: "));
        for (int n = 0; n < SEGMENTS; n++)
            forge_send(f, &t, 0, bytes_of(data, sizeof data));
    }
}

/* Connections whose places coincide in a table whose key is zero. */
static void collide(struct forge *f, uint8_t flags, struct bytes payload)
{
    enum { PLACES = 4096 };
    const struct hash_key zero = {.k0 = 0};
    for (uint32_t number = 0; forge_has_room(f); number++) {
        struct forge_talk t;
        forge_meet(&t, number);
        struct packet p = {.from = forge_endpoint(&t, 0), .to = forge_endpoint(&t, 1)};
        if (flow_hash_of_packet(zero, &p) % PLACES != 0) continue;
        forge_segment(f, &t, 0, 0, flags, payload);
    }
}

void pattern_hash_collisions(struct forge *f)
{
    collide(f, FORGE_ACK, bytes_of_text(ask));
}

void pattern_hash_collisions_syn(struct forge *f)
{
    collide(f, FORGE_SYN, bytes_of_text(""));
}

/* A name of its own for each, of both sides. */
void pattern_hosts_in_many(struct forge *f)
{
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        char text[FORGE_SEGMENT_MAX];
        forge_meet(&t, i);
        forge_open(f, &t);
        snprintf(
            text, sizeof text,
            "GET /%u HTTP/1.1\r\nHost: %0200u.example\r\nUser-Agent: %0300u\r\n\r\n", i,
            i, i);
        forge_send(f, &t, 0, bytes_of_text(text));
        snprintf(text, sizeof text,
                 "HTTP/1.1 200 OK\r\nServer: %0300u\r\nContent-Type: %0100u/a\r\n"
                 "Content-Length: 0\r\n\r\n",
                 i, i);
        forge_send(f, &t, 1, bytes_of_text(text));
        forge_close(f, &t);
    }
}

/* As many findings as one head may have, for each. */
void pattern_findings_in_many(struct forge *f)
{
    const struct bytes odd = bytes_of_text(
        "\r\nGET /\x01 HTTP/1.1\n Host : a\r\nHost: b\nHost: c\r\nX\r\n: y\r\nA\x01: "
        "b\r\n"
        "Content-Length: +1\r\nContent-Length: 2\r\nTransfer-Encoding: xchunked\r\n\n");
    for (uint32_t i = 0; forge_has_room(f); i++) {
        struct forge_talk t;
        forge_meet(&t, i);
        forge_open(f, &t);
        forge_send(f, &t, 0, odd);
        forge_send(f, &t, 1,
                   bytes_of_text("HTTP/1.1 200\nContent-Length: 0, 1\r\n\r\n"));
        forge_segment(f, &t, 1, 0, FORGE_RST, bytes_of_text(""));
    }
}
