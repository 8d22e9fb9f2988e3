/* Segments become Ethernet frames, one after the other. */
#include "wire.h"

#include "../unit/build_packet.h"

#include <errno.h>
#include <stdio.h>

enum {
    WIRE_LINK_ETHERNET = 1,
    WIRE_WINDOW = 502, /* scaled: 64256 bytes */
    WIRE_SYN_WINDOW = 64240,
    WIRE_PCAP_SNAPLEN = 262144,
};

/* Initial sequence numbers lie this far before 2^32 (VARIATION_WRAP, by number). */
static const uint32_t wrap_distances[] = {0, 1, 2, 19, 45, 80, 200, 700, 3000};

static uint32_t isn_of(const struct variation *v, enum side side, uint32_t life)
{
    static const uint32_t usual[] = {[SIDE_CLIENT] = 1000, [SIDE_SERVER] = 500000};
    uint32_t isn = usual[side];
    if (v->family == VARIATION_WRAP && v->number < ARRAY_LENGTH(wrap_distances))
        isn = 0u - wrap_distances[v->number];
    return isn + (life << 28);
}

/* MSS 1460, window scale 7. */
static const uint8_t syn_options[] = {2, 4, 5, 180, 1, 3, 3, 7};

/* Addresses by enum side; the ports are the conversation's. */
static const char *const addresses_4[] = {"192.0.2.10", "198.51.100.80"};
static const char *const addresses_6[] = {"2001:db8::10", "2001:db8:1::80"};

static void build(const struct segments *captured, size_t i, const struct variation *v,
                  struct buffer *frame)
{
    const struct segment *s = &captured->at[i];
    enum side other = side_other(s->from);
    bool is_6 = v->family == VARIATION_IPV6;
    const char *const *addresses = is_6 ? addresses_6 : addresses_4;
    struct build_segment b = {
        .version = is_6 ? 6 : 4,
        .from = addresses[s->from],
        .to = addresses[other],
        .from_port = captured->port[s->from],
        .to_port = captured->port[other],
        .flags = s->flags,
        .ttl = 64,
        .window = WIRE_WINDOW,
        .payload = s->payload,
    };
    b.seq = isn_of(v, s->from, s->life) + (uint32_t)s->offset;
    b.ack = isn_of(v, other, s->life) + (uint32_t)s->acked;
    bool answers_syn = (s->flags & TCP_RST) != 0 && s->offset == 0;
    if (answers_syn) b.seq = 0; /* RFC 9293, section 3.5.2 */
    if ((s->flags & TCP_ACK) == 0) b.ack = 0;
    if ((s->flags & TCP_SYN) != 0) {
        b.options = bytes_of(syn_options, sizeof syn_options);
        b.window = WIRE_SYN_WINDOW;
    }
    buffer_clear(frame);
    build_ethernet(frame, &b);
}

/* Times never stand still or go back, whatever the variation has moved. */
static int64_t time_of(const struct segment *s, int64_t last_ns)
{
    return s->at_ns > last_ns ? s->at_ns : last_ns + 1000;
}

enum status wire_feed(const struct segments *captured, const struct variation *v,
                      struct pipeline *pipeline)
{
    struct buffer wire = {0};
    enum status rc = STATUS_OK;
    int64_t now_ns = 0;
    for (size_t i = 0; rc == STATUS_OK && i < captured->count; i++) {
        build(captured, i, v, &wire);
        struct frame frame = build_frame(&wire, WIRE_LINK_ETHERNET);
        frame.ref = i + 1;
        frame.captured_ns = now_ns = time_of(&captured->at[i], now_ns);
        rc = pipeline_frame(pipeline, &frame);
    }
    buffer_done(&wire);
    return rc;
}

/* ---- a file ---- */

static void put_32(struct buffer *out, uint32_t value) /* in this machine's order */
{
    buffer_append(out, bytes_of(&value, sizeof value));
}

static void put_header(struct buffer *out)
{
    static const uint16_t version[] = {2, 4};
    put_32(out, 0xa1b23c4d); /* nanoseconds */
    buffer_append(out, bytes_of(version, sizeof version));
    put_32(out, 0);
    put_32(out, 0);
    put_32(out, WIRE_PCAP_SNAPLEN);
    put_32(out, WIRE_LINK_ETHERNET);
}

enum status wire_write_pcap(const struct segments *captured, const struct variation *v,
                            const char *path, struct problem *why)
{
    struct buffer image = {0}, wire = {0};
    int64_t now_ns = 0;
    put_header(&image);
    for (size_t i = 0; i < captured->count; i++) {
        build(captured, i, v, &wire);
        now_ns = time_of(&captured->at[i], now_ns);
        put_32(&image, (uint32_t)(now_ns / 1000000000));
        put_32(&image, (uint32_t)(now_ns % 1000000000));
        put_32(&image, (uint32_t)wire.len);
        put_32(&image, (uint32_t)wire.len);
        buffer_append(&image, buffer_bytes(&wire));
    }
    FILE *f = fopen(path, "wb");
    bool is_written = f != NULL && fwrite(image.ptr, 1, image.len, f) == image.len;
    if (f != NULL && fclose(f) != 0) is_written = false;
    buffer_done(&image);
    buffer_done(&wire);
    if (is_written) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "%s: %s", path, strerror(errno));
}
