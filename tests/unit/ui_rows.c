#include "ui_rows.h"

static struct endpoint end(int last, bool is_server)
{
    struct endpoint e = {.version = 4,
                         .port = (uint16_t)(is_server ? 80 : 40000 + last)};
    e.address[0] = 10;
    e.address[1] = is_server;
    e.address[2] = is_server ? 0 : (uint8_t)(last >> 8);
    e.address[3] = is_server ? 1 : (uint8_t)last;
    return e;
}

struct record_connection ui_rows_connection(int n, bool is_open)
{
    struct record_connection r;
    record_clear(RECORD_CONNECTION, &r);
    r.id = (int64_t)1 << 32 | n * 1000;
    r.capture_id = 1;
    r.client = end(n, false);
    r.server = end(n, true);
    r.protocol = bytes_of_text("http/1.1");
    r.is_open = is_open ? TRI_YES : TRI_NO;
    r.open_kind = OPEN_HANDSHAKE;
    r.open_result = OPEN_ESTABLISHED;
    r.first_ref = (uint64_t)r.id;
    r.last_ref = (uint64_t)r.id + 10;
    r.start_us = UI_ROWS_START_US + n * 1000;
    r.end_us = r.start_us + 500;
    r.handshake_us = 100;
    r.side[0].bytes = 100 * n;
    r.side[1].bytes = 1000 * n;
    r.max_depth = 1;
    if (is_open) return r;
    r.close_ref = r.last_ref;
    r.close_kind = CLOSE_FIN;
    r.closed_by = CLOSED_BY_SERVER;
    r.close_cause = CAUSE_IDLE_TIMEOUT;
    r.idle_at_close_us = 200;
    return r;
}

struct record_exchange ui_rows_exchange(int n, int ordinal, int status,
                                        const char *host)
{
    static const char *const targets[] = {"/zero", "/one", "/two", "/three"};
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.connection_id = (int64_t)1 << 32 | n * 1000;
    e.id = e.connection_id << 16 | ordinal;
    e.ordinal = ordinal;
    e.endpoint[SIDE_CLIENT] = end(n, false);
    e.endpoint[SIDE_SERVER] = end(n, true);
    e.method = bytes_of_text("GET");
    e.target = bytes_of_text(targets[ordinal % 4]);
    e.host = bytes_of_text(host);
    e.status = status;
    e.request_ref = (uint64_t)e.connection_id + 3;
    e.response_ref = (uint64_t)e.connection_id + 4;
    e.request_start_us = UI_ROWS_START_US + n * 1000 + ordinal * 100;
    e.request_end_us = e.request_start_us + 10;
    e.response_start_us = e.request_end_us + 40;
    e.response_end_us = e.response_start_us + 20;
    e.wait_us = 40;
    e.state = EXCHANGE_COMPLETE;
    return e;
}

struct record_finding ui_rows_finding(int n, int ordinal, enum finding_code code)
{
    struct record_finding f;
    record_clear(RECORD_FINDING, &f);
    f.connection_id = (int64_t)1 << 32 | n * 1000;
    f.exchange_ordinal = ordinal;
    f.side = SIDE_CLIENT + 1;
    f.ref = (uint64_t)f.connection_id + 3;
    f.time_us = UI_ROWS_START_US + n * 1000 + 150;
    f.code = (uint8_t)(code + 1);
    f.severity = (uint8_t)finding_describe(code)->severity;
    f.evidence = bytes_of_text("X: \\x00");
    return f;
}
