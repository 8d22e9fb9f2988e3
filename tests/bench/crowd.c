/* crowd idle|half-open|rounds CONNECTIONS [ROUNDS]: a capture on standard output in
 * which that many connections are open at the same time. The same words give the same
 * bytes, everywhere.
 *
 *   half-open  SYN ...                                  nobody answers
 *   idle       SYN, SYN+ACK, ACK, one exchange ...      then all are silent
 *   rounds     all handshakes, then ROUNDS times:       an exchange on each in turn
 *
 * Nothing is ever closed: whoever reads the capture holds all of them at its end. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SYN = 0x02,
    PSH = 0x08,
    ACK = 0x10,
    HEADERS_BYTES = 14 + 20 + 20,
    PAYLOAD_BYTES_MAX = 1400,
    PORTS = 50000, /* of one client address */
    ROUNDS_DEFAULT = 10,
    BODIES = 4,
};

struct connection {
    uint32_t address;
    uint16_t port;
    uint32_t sent[2]; /* sequence numbers: the client's, the server's */
};

struct crowd {
    FILE *out;
    uint64_t now_us;
    uint32_t random;
    struct connection *connections;
    uint32_t count;
};

static uint32_t crowd_random(struct crowd *c, uint32_t below)
{
    c->random = c->random * 1664525 + 1013904223;
    return (uint32_t)(((uint64_t)c->random * below) >> 32);
}

/* ---- packets ---- */

static void put_16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_32(uint8_t *at, uint32_t value)
{
    put_16(at, value >> 16);
    put_16(at + 2, value & 0xffff);
}

static uint32_t sum_16(const uint8_t *at, size_t len, uint32_t sum)
{
    for (size_t i = 0; i + 1 < len; i += 2) sum += (uint32_t)(at[i] << 8 | at[i + 1]);
    if (len % 2 == 1) sum += (uint32_t)(at[len - 1] << 8);
    return sum;
}

static uint32_t sum_fold(uint32_t sum)
{
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static void packet_put(struct crowd *c, struct connection *of, int from_server,
                       uint8_t flags, const char *payload, size_t len)
{
    static const uint8_t server[4] = {192, 0, 2, 80};
    uint8_t frame[HEADERS_BYTES + PAYLOAD_BYTES_MAX] = {[12] = 8, [14] = 0x45};
    uint8_t *ip = frame + 14, *tcp = ip + 20;
    uint32_t record[4] = {
        (uint32_t)(c->now_us / 1000000), (uint32_t)(c->now_us % 1000000),
        (uint32_t)(HEADERS_BYTES + len), (uint32_t)(HEADERS_BYTES + len)};
    put_16(ip + 2, (uint32_t)(40 + len));
    ip[8] = 64;
    ip[9] = 6;
    put_32(ip + (from_server ? 16 : 12), of->address);
    memcpy(ip + (from_server ? 12 : 16), server, 4);
    put_16(ip + 10, sum_fold(sum_16(ip, 20, 0)));
    put_16(tcp + (from_server ? 2 : 0), of->port);
    put_16(tcp + (from_server ? 0 : 2), 80);
    put_32(tcp + 4, of->sent[from_server]);
    if (flags & ACK) put_32(tcp + 8, of->sent[!from_server]);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    put_16(tcp + 14, 65535);
    memcpy(tcp + 20, payload, len);
    uint32_t pseudo = sum_16(ip + 12, 8, (uint32_t)(6 + 20 + len));
    put_16(tcp + 16, sum_fold(sum_16(tcp, 20 + len, pseudo)));
    fwrite(record, sizeof record, 1, c->out);
    fwrite(frame, HEADERS_BYTES + len, 1, c->out);
    of->sent[from_server] += (uint32_t)len + ((flags & SYN) != 0);
    c->now_us++;
}

static void payload_put(struct crowd *c, struct connection *of, int from_server,
                        const char *text)
{
    packet_put(c, of, from_server, PSH | ACK, text, strlen(text));
}

/* ---- what they say ---- */

static void request_put(struct crowd *c, struct connection *of)
{
    static const char *const agents[] = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko Firefox/125.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
        "curl/8.5.0",
        "okhttp/4.12.0",
    };
    char text[PAYLOAD_BYTES_MAX];
    uint32_t item = crowd_random(c, 100000), agent = crowd_random(c, 4);
    const char *cookie =
        crowd_random(c, 2) ? "Cookie: sid=3f9a02c4; theme=dark\r\n" : "";
    if (crowd_random(c, 8) == 0)
        snprintf(
            text, sizeof text,
            "POST /api/cart/%u HTTP/1.1\r\nHost: www.shop.test\r\nUser-Agent: %s\r\n"
            "Content-Type: application/json\r\nContent-Length: 17\r\n%s\r\n"
            "{\"quantity\": 100}",
            item, agents[agent], cookie);
    else
        snprintf(
            text, sizeof text,
            "GET /items/%u?sort=asc&page=%u HTTP/1.1\r\nHost: img%u.cdn.test\r\n"
            "User-Agent: %s\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
            "Accept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate\r\n"
            "Connection: keep-alive\r\n%s\r\n",
            item, item % 50, item % 7, agents[agent], cookie);
    payload_put(c, of, 0, text);
}

static void response_put(struct crowd *c, struct connection *of)
{
    static const char *const heads[BODIES] = {
        "200 OK\r\nContent-Type: text/html\r\nContent-Length: 64",
        "200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked",
        "304 Not Modified\r\nETag: \"5e1f\"",
        "404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10",
    };
    static const char *const bodies[BODIES] = {
        "<html><head><title>An item</title></head><body>text</body></html",
        "10\r\n{\"items\": [1, 2]\r\n1\r\n}\r\n0\r\n\r\n",
        "",
        "not found\n",
    };
    char text[PAYLOAD_BYTES_MAX];
    uint32_t kind = crowd_random(c, 16); /* the first kind is the usual one */
    if (kind >= BODIES) kind = kind % 3 == 0 ? 1 : 0;
    snprintf(
        text, sizeof text,
        "HTTP/1.1 %s\r\nServer: nginx/1.22.1\r\nDate: Sat, 01 Jan 2028 00:00:00 GMT"
        "\r\nConnection: keep-alive\r\nCache-Control: public, max-age=600\r\n"
        "X-Request-Id: 9c1185a5c5e9fc54612808977ee8f548\r\n\r\n%s",
        heads[kind], bodies[kind]);
    payload_put(c, of, 1, text);
}

/* ---- the crowd ---- */

static void connections_open(struct crowd *c, int is_answered)
{
    for (uint32_t i = 0; i < c->count; i++) {
        struct connection *of = &c->connections[i];
        of->address = 0x0a000001 + i / PORTS;
        of->port = (uint16_t)(10000 + i % PORTS);
        of->sent[0] = crowd_random(c, UINT32_MAX);
        of->sent[1] = crowd_random(c, UINT32_MAX);
        packet_put(c, of, 0, SYN, "", 0);
        if (!is_answered) continue;
        packet_put(c, of, 1, SYN | ACK, "", 0);
        packet_put(c, of, 0, ACK, "", 0);
    }
}

static void exchanges_put(struct crowd *c, unsigned long rounds)
{
    for (unsigned long round = 0; round < rounds; round++) {
        for (uint32_t i = 0; i < c->count; i++) {
            request_put(c, &c->connections[i]);
            response_put(c, &c->connections[i]);
            packet_put(c, &c->connections[i], 0, ACK, "", 0);
        }
    }
}

int main(int argc, char **argv)
{
    static const uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1};
    const char *kind = argc > 1 ? argv[1] : "";
    int is_half_open = strcmp(kind, "half-open") == 0,
        is_idle = strcmp(kind, "idle") == 0;
    if (argc < 3 || (!is_half_open && !is_idle && strcmp(kind, "rounds") != 0)) {
        fprintf(stderr, "usage: crowd idle|half-open|rounds CONNECTIONS [ROUNDS]\n");
        return 2;
    }
    unsigned long rounds = argc > 3 ? strtoul(argv[3], NULL, 10) : ROUNDS_DEFAULT;
    struct crowd c = {.out = stdout, .now_us = UINT64_C(1800000000000000), .random = 1};
    c.count = (uint32_t)strtoul(argv[2], NULL, 10);
    c.connections = calloc(c.count + 1, sizeof *c.connections);
    if (c.connections == NULL) {
        perror("crowd");
        return 1;
    }
    fwrite(header, sizeof header, 1, c.out);
    connections_open(&c, !is_half_open);
    if (!is_half_open) exchanges_put(&c, is_idle ? 1 : rounds);
    free(c.connections);
    return fflush(c.out) == 0 && !ferror(c.out) ? 0 : 1;
}
