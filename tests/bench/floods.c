/* Captures that are meant to exhaust a reader, written to stdout as pcap:
 *
 *   floods bytes N          one POST whose N body bytes come one a segment
 *   floods hole N           N segments of 1,000 bytes behind one that never comes
 *   floods fragments N      N first fragments of datagrams that are never whole
 *   floods syns N REAL      N spoofed SYNs, with REAL connections of one exchange among
 * them
 *
 * Every checksum is good, every packet is 10 us behind the one before. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PACKET_MAX = 2048,
    FIN = 1,
    SYN = 2,
    PSH = 8,
    ACK = 16,
    PORT_HTTP = 80,
    HOLE_SEGMENT = 1000,
    REAL_STEPS = 10, /* packets of one real connection */
};

struct peer {
    uint32_t address, seq;
    uint16_t port;
};

struct flood {
    uint64_t packets;
    uint16_t ip_id;
};

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value);
}

/* RFC 1071 */
static uint16_t checksum(const uint8_t *data, size_t length, uint32_t sum)
{
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)data[i] << 8 | data[i + 1];
    if (length & 1) sum += (uint32_t)data[length - 1] << 8;
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_record(struct flood *f, const uint8_t *frame, uint32_t length)
{
    uint64_t us = f->packets++ * 10;
    uint32_t head[4] = {(uint32_t)(1700000000 + us / 1000000), (uint32_t)(us % 1000000),
                        length, length};
    fwrite(head, sizeof head, 1, stdout);
    fwrite(frame, length, 1, stdout);
}

/* Ethernet and IPv4 in front of `length` bytes at frame + 34. */
static void put_ip(struct flood *f, uint8_t *frame, uint32_t from, uint32_t to,
                   uint32_t length, uint16_t fragment)
{
    uint8_t *ip = frame + 14;
    memcpy(frame, "\2\0\0\0\0\1\2\0\0\0\0\2\x08\0", 14);
    memset(ip, 0, 20);
    ip[0] = 0x45;
    put16(ip + 2, 20 + length);
    put16(ip + 4, ++f->ip_id);
    put16(ip + 6, fragment);
    ip[8] = 64;
    ip[9] = 6;
    put32(ip + 12, from);
    put32(ip + 16, to);
    put16(ip + 10, checksum(ip, 20, 0));
    put_record(f, frame, 34 + length);
}

static void put_segment(struct flood *f, struct peer *from, const struct peer *to,
                        uint8_t flags, const char *data, uint32_t length)
{
    uint8_t frame[PACKET_MAX], *tcp = frame + 34, pseudo[12];
    put16(tcp, from->port);
    put16(tcp + 2, to->port);
    put32(tcp + 4, from->seq);
    put32(tcp + 8, (flags & ACK) != 0 ? to->seq : 0);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    put16(tcp + 14, 65535);
    put32(tcp + 16, 0);
    memcpy(tcp + 20, data, length);
    put32(pseudo, from->address);
    put32(pseudo + 4, to->address);
    put16(pseudo + 8, 6);
    put16(pseudo + 10, 20 + length);
    uint32_t sum = (uint16_t)~checksum(pseudo, sizeof pseudo, 0);
    put16(tcp + 16, checksum(tcp, 20 + length, sum));
    put_ip(f, frame, from->address, to->address, 20 + length, 0);
    from->seq += length + ((flags & (SYN | FIN)) != 0 ? 1 : 0);
}

static void put_text(struct flood *f, struct peer *from, const struct peer *to,
                     const char *text)
{
    put_segment(f, from, to, ACK | PSH, text, (uint32_t)strlen(text));
}

static void open_connection(struct flood *f, struct peer *c, struct peer *s)
{
    put_segment(f, c, s, SYN, "", 0);
    put_segment(f, s, c, SYN | ACK, "", 0);
    put_segment(f, c, s, ACK, "", 0);
}

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

static void close_connection(struct flood *f, struct peer *c, struct peer *s)
{
    put_segment(f, c, s, ACK | FIN, "", 0);
    put_segment(f, s, c, ACK | FIN, "", 0);
    put_segment(f, c, s, ACK, "", 0);
}

static void flood_bytes(struct flood *f, uint64_t count)
{
    struct peer c = {0x0a000001, 1000, 40000}, s = {0x0a000002, 5000, PORT_HTTP};
    char head[128];
    snprintf(head, sizeof head,
             "POST / HTTP/1.1\r\nHost: flood.example\r\nContent-Length: %llu\r\n\r\n",
             (unsigned long long)count);
    open_connection(f, &c, &s);
    put_text(f, &c, &s, head);
    for (uint64_t i = 0; i < count; i++) {
        put_segment(f, &c, &s, ACK, "x", 1);
        if (i % 64 == 63) put_segment(f, &s, &c, ACK, "", 0);
    }
    put_text(f, &s, &c, answer);
    close_connection(f, &c, &s);
}

static void flood_hole(struct flood *f, uint64_t count)
{
    struct peer c = {0x0a000001, 1000, 40000}, s = {0x0a000002, 5000, PORT_HTTP};
    char body[HOLE_SEGMENT];
    memset(body, 'x', sizeof body);
    open_connection(f, &c, &s);
    put_text(f, &c, &s,
             "POST / HTTP/1.1\r\nHost: flood.example\r\n"
             "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n");
    put_segment(f, &s, &c, ACK, "", 0);
    c.seq += HOLE_SEGMENT;
    for (uint64_t i = 0; i < count; i++) put_segment(f, &c, &s, ACK, body, sizeof body);
}

static void flood_fragments(struct flood *f, uint64_t count)
{
    enum { MORE = 0x2000 };
    uint8_t frame[PACKET_MAX];
    memset(frame, 0, sizeof frame);
    for (uint64_t i = 0; i < count; i++)
        put_ip(f, frame, 0x0b000000 + (uint32_t)(i >> 15), 0x0a000002, 1400, MORE);
}

/* The step of real connection `number` that is due; they are spread over the flood. */
static void put_real_step(struct flood *f, struct peer *c, struct peer *s,
                          uint64_t step)
{
    switch (step) {
    case 0: put_segment(f, c, s, SYN, "", 0); break;
    case 1: put_segment(f, s, c, SYN | ACK, "", 0); break;
    case 2: put_segment(f, c, s, ACK, "", 0); break;
    case 3: put_text(f, c, s, "GET / HTTP/1.1\r\nHost: real.example\r\n\r\n"); break;
    case 4: put_segment(f, s, c, ACK, "", 0); break;
    case 5: put_text(f, s, c, answer); break;
    case 6: put_segment(f, c, s, ACK, "", 0); break;
    case 7: put_segment(f, c, s, ACK | FIN, "", 0); break;
    case 8: put_segment(f, s, c, ACK | FIN, "", 0); break;
    case 9: put_segment(f, c, s, ACK, "", 0); break;
    default: break;
    }
}

static void flood_syns(struct flood *f, uint64_t count, uint64_t real)
{
    struct peer *client = calloc(real + 1, sizeof *client);
    struct peer *server = calloc(real + 1, sizeof *server);
    if (client == NULL || server == NULL) exit(1);
    for (uint64_t i = 0; i < real; i++) {
        client[i] = (struct peer){0x0a000001, (uint32_t)i * 7919, (uint16_t)(1024 + i)};
        server[i] = (struct peer){0x0a000002, (uint32_t)i * 104729, PORT_HTTP};
    }
    uint64_t steps = real * REAL_STEPS, done = 0, random = 88172645463325252ULL;
    for (uint64_t i = 0; i < count; i++) {
        random ^= random << 13; /* xorshift */
        random ^= random >> 7;
        random ^= random << 17;
        struct peer spoofed = {(uint32_t)random | 0x40000000, (uint32_t)(random >> 32),
                               (uint16_t)(random >> 16 | 1)};
        struct peer victim = {0x0a000002, 0, PORT_HTTP};
        put_segment(f, &spoofed, &victim, SYN, "", 0);
        for (; done < steps * (i + 1) / count; done++) /* each step of all, in turn */
            put_real_step(f, &client[done % real], &server[done % real], done / real);
    }
    free(client);
    free(server);
}

int main(int count, char **arguments)
{
    static const uint32_t head[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 262144, 1};
    uint64_t n = count > 2 ? strtoull(arguments[2], NULL, 10) : 0;
    uint64_t real = count > 3 ? strtoull(arguments[3], NULL, 10) : 0;
    struct flood f = {0};
    if (n == 0 || real > 60000) return 2;
    fwrite(head, sizeof head, 1, stdout);
    if (strcmp(arguments[1], "bytes") == 0)
        flood_bytes(&f, n);
    else if (strcmp(arguments[1], "hole") == 0)
        flood_hole(&f, n);
    else if (strcmp(arguments[1], "fragments") == 0)
        flood_fragments(&f, n);
    else if (strcmp(arguments[1], "syns") == 0)
        flood_syns(&f, n, real);
    else
        return 2;
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
