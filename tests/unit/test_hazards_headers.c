/* Hazards of IP headers: packets larger than any wire (27, 28), IPv6 extension headers
 * (29). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_wrapping.h"

enum { TCP = 6 };

/* ---- 27, 28 ---- */

/* IP lengths of more than 65,535 bytes are written as 0 (BIG TCP). */
static void wrap_big(struct buffer *out, struct bytes packet,
                     const struct hazard_wrapping *w)
{
    size_t at = 14;
    hazard_wrap_ethernet(out, packet, w);
    if (hazard_ethertype_of(packet) == 0x86dd) {
        build_patch_16(out, at + 4, 0);
        return;
    }
    build_patch_16(out, at + 2, 0);
    build_patch_16(out, at + 10, 0);
    uint32_t sum = build_sum(0, bytes_of(out->ptr + at, HAZARD_V4_BYTES));
    build_patch_16(out, at + 10, ~sum & 0xffff);
}

/* One response of `body` bytes in segments of `segment`, then another exchange. */
static void run_large(int version, size_t body, size_t segment,
                      void (*wrap)(struct buffer *, struct bytes,
                                   const struct hazard_wrapping *),
                      struct hazard_rows *rows)
{
    struct hazard_trace t;
    struct hazard_tap tap;
    char head[80], expected[120];
    struct hazard_wrapping w = {.wrap = wrap, .link_type = HAZARD_ETHERNET};
    hazard_trace_init(&t);
    t.version = version;
    hazard_open(&t);
    hazard_request(&t, 1);
    (void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                   body);
    (void)hazard_say(&t, SIDE_SERVER, head);
    hazard_filler(&t, SIDE_SERVER, body, segment);
    (void)hazard_ack(&t, SIDE_CLIENT);
    hazard_exchange(&t, 2, 10);
    hazard_close(&t);
    hazard_tap_open(&tap, &hazard_usual, rows);
    hazard_feed_wrapped(&tap, &t, &w);
    hazard_tap_close(&tap);
    hazard_trace_done(&t);
    hazard_rows_expect_lines(rows, RECORD_EXCHANGE,
                             "target status state pair_confidence",
                             "/1 200 complete exact\n/2 200 complete exact\n");
    (void)snprintf(expected, sizeof expected,
                   "response_body_bytes=%zu response_missing_bytes=0", body);
    hazard_rows_expect(rows, RECORD_EXCHANGE, 0, expected);
    hazard_rows_expect(rows, RECORD_CONNECTION, 0,
                       "conn_state=SF server_missing_bytes=0 server_gaps=0 findings=0");
}

static void offloaded_segments(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_large(4, 200000, 65535 - 40, hazard_wrap_ethernet, &rows);
    run_large(6, 200000, 65535 - 20, hazard_wrap_ethernet, &rows);
    run_large(4, 200000, 64000, wrap_big, &rows);
    run_large(6, 200000, 64000, wrap_big, &rows);
    for (size_t segment = 65536; segment <= 262144; segment *= 2) {
        run_large(4, 500000, segment, wrap_big, &rows);
        run_large(6, 500000, segment, wrap_big, &rows);
    }
    hazard_rows_done(&rows);
}

static void jumbo_frames(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    run_large(4, 100000, 8960, hazard_wrap_ethernet, &rows);
    run_large(6, 100000, 16000, hazard_wrap_ethernet, &rows);
    hazard_rows_done(&rows);
}

/* ---- 29 ---- */

/* `depth` times the headers in `hex`, each of which begins with the type of the next
 * one; in hex, "NN" stands for that. */
static void wrap_extensions(struct buffer *out, struct bytes packet,
                            const struct hazard_wrapping *w)
{
    struct buffer headers = {0};
    uint8_t first = (uint8_t)strtoul(w->hex, NULL, 16);
    for (unsigned i = 0; i < w->depth; i++) {
        build_8(&headers, i + 1 < w->depth ? first : TCP);
        build_hex(&headers, w->hex + 3);
    }
    buffer_append(out, bytes_first(packet, HAZARD_V6_BYTES));
    build_patch_16(out, 4, (uint32_t)(packet.len - HAZARD_V6_BYTES + headers.len));
    out->ptr[6] = w->depth > 0 ? first : TCP;
    buffer_append(out, buffer_bytes(&headers));
    buffer_append(out, bytes_from(packet, HAZARD_V6_BYTES));
    buffer_done(&headers);
}

/* clang-format off */
static const struct hazard_wrapping extensions[] = { /* type, then the header behind its first byte */
    { wrap_extensions, HAZARD_RAW_IP, 1, "00 00 010400000000" },                   /* hop by hop */
    { wrap_extensions, HAZARD_RAW_IP, 1, "3c 00 010400000000" },                   /* destination */
    { wrap_extensions, HAZARD_RAW_IP, 1, "2b 00 000000000000" },                   /* routing, done */
    { wrap_extensions, HAZARD_RAW_IP, 1, "2c 00 0000 12345678" },                  /* whole fragment */
    { wrap_extensions, HAZARD_RAW_IP, 1, "33 04 0000 00000001 00000001 0102030405060708090a0b0c" },
    { wrap_extensions, HAZARD_RAW_IP, 16, "3c 00 010400000000" },                  /* the cap */
};

static const struct hazard_wrapping refused_extensions[] = {
    { wrap_extensions, HAZARD_RAW_IP, 17,  "3c 00 010400000000" },
    { wrap_extensions, HAZARD_RAW_IP, 100, "3c 00 010400000000" },
};

/* No next header, and payload behind it that nobody reads (RFC 8200, section 4.7). */
static const struct hazard_wrapping no_next = { wrap_extensions, HAZARD_RAW_IP, 1, "3b 00 010400000000" };
/* clang-format on */

static void ipv6_extension_headers(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(extensions); i++) {
        hazard_run_wrapped(6, &extensions[i], &rows);
        hazard_expect_plain(&rows);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(refused_extensions); i++) {
        hazard_run_wrapped(6, &refused_extensions[i], &rows);
        hazard_expect_refused(&rows);
    }
    hazard_run_wrapped(6, &no_next, &rows);
    assert_int_equal(hazard_rows_count(&rows, RECORD_CONNECTION), 0);
    hazard_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 27: segments of offload, BIG TCP", offloaded_segments),
        HAZARD("hazard 28: jumbo frames", jumbo_frames),
        HAZARD("hazard 29: IPv6 extension headers", ipv6_extension_headers),
    };
    return cmocka_run_group_tests_name("hazards: IP headers", tests, NULL, NULL);
}
