/* Hazards of links and tags (30), and tunnels (31). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hazard_wrapping.h"

/* ---- 30 ---- */

/* `depth` VLAN tags with the tag type in `hex`. */
static void wrap_tags(struct buffer *out, struct bytes packet,
                      const struct hazard_wrapping *w)
{
    build_hex(out, hazard_macs);
    for (unsigned i = 0; i < w->depth; i++) {
        build_hex(out, w->hex);
        build_16(out, 100 + i);
    }
    build_16(out, hazard_ethertype_of(packet));
    buffer_append(out, packet);
}

static void wrap_labels(struct buffer *out, struct bytes packet,
                        const struct hazard_wrapping *w)
{
    build_hex(out, hazard_macs);
    build_hex(out, w->hex);
    for (unsigned i = 0; i < w->depth; i++)
        build_32(out, (500 + i) << 12 | (i + 1 == w->depth ? 0x100 : 0) | 64);
    buffer_append(out, packet);
}

/* The header in `hex`, in which IPv4 follows. */
static void wrap_header(struct buffer *out, struct bytes packet,
                        const struct hazard_wrapping *w)
{
    build_hex(out, w->hex);
    buffer_append(out, packet);
}

static void wrap_pppoe(struct buffer *out, struct bytes packet,
                       const struct hazard_wrapping *w)
{
    build_hex(out, w->hex);
    build_16(out, (unsigned)packet.len + 2);
    build_hex(out, "0021");
    buffer_append(out, packet);
}

/* clang-format off */
static const struct hazard_wrapping links[] = {
    { wrap_tags, HAZARD_ETHERNET, 1, "8100" }, { wrap_tags, HAZARD_ETHERNET, 2, "88a8" },
    { wrap_tags, HAZARD_ETHERNET, 3, "8100" }, { wrap_tags, HAZARD_ETHERNET, 8, "9100" },
    { wrap_labels, HAZARD_ETHERNET, 1, "8847" }, { wrap_labels, HAZARD_ETHERNET, 8, "8848" },
    { wrap_pppoe, HAZARD_ETHERNET, 1, "020000000002 020000000001 8864 11 00 0001" },
    { wrap_header, 113, 1, "0000 0001 0006 020000000001 0000 0800" },          /* SLL */
    { wrap_header, 276, 1, "0800 0000 00000002 0001 00 06 020000000001 0000" },/* SLL2 */
    { wrap_header, 0, 1, "02000000" }, { wrap_header, 0, 1, "00000002" },
    { wrap_header, 108, 1, "00000002" },
    { wrap_header, HAZARD_RAW_IP, 1, "" }, { wrap_header, 228, 1, "" },
    { wrap_header, 9, 1, "ff03 0021" }, { wrap_header, 9, 1, "0021" },
    { wrap_header, 104, 1, "0f00 0800" },
};

static const struct hazard_wrapping refused_links[] = {
    { wrap_tags, HAZARD_ETHERNET, 9, "8100" }, { wrap_tags, HAZARD_ETHERNET, 50, "88a8" },
    { wrap_labels, HAZARD_ETHERNET, 9, "8847" },
};
/* clang-format on */

static void tags_and_link_types(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(links); i++) {
        hazard_run_wrapped(4, &links[i], &rows);
        if (hazard_rows_count(&rows, RECORD_CONNECTION) != 1)
            print_message("link %zu\n", i);
        hazard_expect_plain(&rows);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(refused_links); i++) {
        hazard_run_wrapped(4, &refused_links[i], &rows);
        hazard_expect_refused(&rows);
    }
    hazard_rows_done(&rows);
}

/* The same four-tuple in two VLANs: one connection or two, as asked for. */
static void vlans_in_the_key(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    struct hazard_trace t;
    hazard_build_plain(&t, 4);
    size_t count = t.count;
    for (int in_key = 0; in_key < 2; in_key++) {
        struct hazard_settings settings = {.key = hazard_usual.key,
                                           .vlan_in_key = in_key != 0};
        for (size_t i = 0; i < count; i++) t.at[i].vlan = t.at[i].from == 0 ? 10 : 20;
        hazard_run_with(&t, &settings, &rows); /* mirrors tag the two sides apart */
        assert_int_equal(hazard_rows_count(&rows, RECORD_CONNECTION), in_key ? 2 : 1);
        if (!in_key) hazard_expect_plain(&rows);
        for (size_t i = 0; i < count; i++) t.at[i].vlan = 10;
        hazard_run_with(&t, &settings, &rows);
        hazard_expect_plain(&rows);
        hazard_rows_expect(&rows, RECORD_CONNECTION, 0, "vlan=10");
    }
    hazard_rows_done(&rows);
    hazard_trace_done(&t);
}

/* ---- 31 ---- */

static const char outer_v4[] = "4500 0000 0000 4000 40 00 0000 0a000001 0a000002";
static const char outer_v6[] = "60000000 0000 00 40 fd000000000000000000000000000001 "
                               "fd000000000000000000000000000002";

/* `depth` times an outer IPv4 header and the tunnel header in `hex`, whose first byte
 * is the IP protocol. */
static void wrap_tunnels(struct buffer *out, struct bytes packet,
                         const struct hazard_wrapping *w)
{
    struct buffer tunnel = {0};
    uint8_t protocol = (uint8_t)strtoul(w->hex, NULL, 16);
    build_hex(&tunnel, w->hex + 3);
    bool is_udp = protocol == 17;
    for (unsigned i = w->depth; i > 0; i--) {
        size_t at = out->len;
        size_t inner =
            (i - 1) * (HAZARD_V4_BYTES + tunnel.len) + packet.len + tunnel.len;
        build_hex(out, outer_v4);
        build_patch_16(out, at + 2, (uint32_t)(HAZARD_V4_BYTES + inner));
        out->ptr[at + 9] = protocol;
        uint32_t sum = build_sum(0, bytes_of(out->ptr + at, HAZARD_V4_BYTES));
        build_patch_16(out, at + 10, ~sum & 0xffff);
        size_t udp = out->len;
        buffer_append(out, buffer_bytes(&tunnel));
        if (is_udp) build_patch_16(out, udp + 4, (uint32_t)inner);
        bool is_gtp = is_udp && out->ptr[udp + 2] == 0x08;
        if (is_gtp) build_patch_16(out, udp + 10, (uint32_t)inner - 16);
    }
    buffer_append(out, packet);
    buffer_done(&tunnel);
}

static void wrap_4in6(struct buffer *out, struct bytes packet,
                      const struct hazard_wrapping *w)
{
    (void)w;
    build_hex(out, outer_v6);
    build_patch_16(out, 4, (uint32_t)packet.len);
    out->ptr[6] = 4;
    buffer_append(out, packet);
}

#define INNER_ETHERNET " 020000000002 020000000001 0800"

/* clang-format off */
static const char *const tunnels[] = { /* IP protocol, header */
    "04 ",                                                        /* IP in IP */
    "2f 0000 0800",                                               /* GRE */
    "2f b000 0800 00000000 00000007 00000001",                    /* with all its options */
    "11 c000 12b5 0000 0000 08000000 00000700" INNER_ETHERNET,    /* VXLAN */
    "11 c000 17c1 0000 0000 0240 6558 00000700 0102800100000000" INNER_ETHERNET, /* GENEVE */
    "11 0868 0868 0000 0000 30ff 0000 00000007",                  /* GTP-U */
};
/* clang-format on */

static void tunnels_and_nests_of_them(void **state)
{
    (void)state;
    struct hazard_rows rows;
    hazard_rows_init(&rows);
    for (size_t i = 0; i < ARRAY_LENGTH(tunnels); i++)
        for (unsigned depth = 1; depth <= 50; depth += depth < 8 ? 1 : 6) {
            struct hazard_wrapping w = {wrap_tunnels, HAZARD_RAW_IP, depth, tunnels[i]};
            hazard_run_wrapped(4, &w, &rows);
            size_t found = hazard_rows_count(&rows, RECORD_CONNECTION);
            if (found != (depth <= 4 ? 1 : 0))
                print_message("tunnel %zu, %u deep\n", i, depth);
            if (depth > 4)
                hazard_expect_refused(&rows);
            else
                hazard_expect_plain(&rows);
        }
    struct hazard_wrapping w = {wrap_4in6, HAZARD_RAW_IP, 1, ""};
    hazard_run_wrapped(4, &w, &rows);
    hazard_expect_plain(&rows);
    hazard_rows_done(&rows);
}

/* The network's id tells the same four-tuple apart in two overlays. */
static void networks_in_the_key(void **state)
{
    (void)state;
    struct hazard_rows rows;
    struct hazard_trace t;
    struct hazard_tap tap;
    const struct hazard_wrapping here = {wrap_tunnels, HAZARD_RAW_IP, 1, tunnels[3]};
    const struct hazard_wrapping there = {
        wrap_tunnels, HAZARD_RAW_IP, 1,
        "11 c000 12b5 0000 0000 08000000 00000900" INNER_ETHERNET};
    hazard_rows_init(&rows);
    hazard_build_plain(&t, 4);
    hazard_tap_open(&tap, &hazard_usual, &rows);
    hazard_feed_wrapped(&tap, &t, &here);
    hazard_feed_wrapped(&tap, &t, &there);
    hazard_tap_close(&tap);
    hazard_rows_expect_lines(&rows, RECORD_CONNECTION, "tunnel_id exchanges conn_state",
                             "7 2 SF\n9 2 SF\n");
    hazard_rows_done(&rows);
    hazard_trace_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HAZARD("hazard 30: tags and link types", tags_and_link_types),
        HAZARD("hazard 30: VLANs in the key", vlans_in_the_key),
        HAZARD("hazard 31: tunnels, and nests of 1 to 50", tunnels_and_nests_of_them),
        HAZARD("hazard 31: network ids in the key", networks_in_the_key),
    };
    return cmocka_run_group_tests_name("hazards: links, tags, tunnels", tests, NULL,
                                       NULL);
}
