/* What the tests of the layers below TCP share. */
#include "hazard_wrapping.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

const struct hazard_settings hazard_usual = {.key = {.k0 = 1, .k1 = 2}};
const char hazard_macs[] = "020000000002 020000000001";

void hazard_feed_wrapped(struct hazard_tap *tap, const struct hazard_trace *t,
                         const struct hazard_wrapping *w)
{
    struct buffer packet = {0}, wire = {0};
    for (size_t i = 0; i < t->count; i++) {
        buffer_clear(&packet);
        buffer_clear(&wire);
        hazard_ip(t, &t->at[i], &packet);
        w->wrap(&wire, buffer_bytes(&packet), w);
        hazard_tap_frame(tap, w->link_type, t->at[i].at_ns, buffer_bytes(&wire));
    }
    buffer_done(&packet);
    buffer_done(&wire);
}

void hazard_build_plain(struct hazard_trace *t, int version)
{
    hazard_trace_init(t);
    t->version = version;
    hazard_open(t);
    hazard_exchange(t, 1, 2500);
    hazard_exchange(t, 2, 10);
    hazard_close(t);
}

void hazard_run_wrapped(int version, const struct hazard_wrapping *w,
                        struct hazard_rows *rows)
{
    struct hazard_trace t;
    struct hazard_tap tap;
    hazard_build_plain(&t, version);
    hazard_tap_open(&tap, &hazard_usual, rows);
    hazard_feed_wrapped(&tap, &t, w);
    hazard_tap_close(&tap);
    hazard_trace_done(&t);
}

void hazard_expect_plain(const struct hazard_rows *rows)
{
    hazard_rows_expect_lines(rows, RECORD_EXCHANGE,
                             "target status state pair_confidence response_body_bytes",
                             "/1 200 complete exact 2500\n/2 200 complete exact 10\n");
    hazard_rows_expect(rows, RECORD_CONNECTION, 0,
                       "conn_state=SF client_bytes=56 server_bytes=2590 "
                       "client_missing_bytes=0 server_missing_bytes=0 findings=0 "
                       "client_port=40000 server_port=80");
    assert_int_equal(hazard_rows_count(rows, RECORD_CONNECTION), 1);
    assert_int_equal(rows->counters.bad_checksums, 0);
    assert_int_equal(rows->counters.undecoded, 0);
}

void hazard_expect_refused(const struct hazard_rows *rows)
{
    assert_int_equal(hazard_rows_count(rows, RECORD_CONNECTION), 0);
    assert_int_equal(rows->counters.undecoded, rows->counters.frames);
}

uint16_t hazard_ethertype_of(struct bytes packet)
{
    return packet.ptr[0] >> 4 == 4 ? 0x0800 : 0x86dd;
}

void hazard_wrap_ethernet(struct buffer *out, struct bytes packet,
                          const struct hazard_wrapping *w)
{
    (void)w;
    build_hex(out, hazard_macs);
    build_16(out, hazard_ethertype_of(packet));
    buffer_append(out, packet);
}
