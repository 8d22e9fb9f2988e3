/* One row per exchange (SEMANTICS 3 to 8). What loss, pipelining, interim responses,
 * Expect and Upgrade say is nothing for most exchanges, and stands aside. */
#include "record/fields.h"

#define RECORD struct record_exchange

/* Both messages of one figure. */
#define PAIR(figure, title, type, ...)                                       \
    F("request_" #figure, "Request " title, type(SIDE_CLIENT), __VA_ARGS__), \
        F("response_" #figure, "Response " title, type(SIDE_SERVER), __VA_ARGS__)
#define FRAMING(side)    ENUM(message[side].framing, framings)
#define COMPLETE(side)   TRI(message[side].is_complete)
#define REQUEST(member)  INTEGER(message[SIDE_CLIENT].member)
#define RESPONSE(member) INTEGER(message[SIDE_SERVER].member)

#define INTERIM  SIDE("exchange_interim")
#define TIMING   SIDE("exchange_timing")
#define QUALITY  SIDE("exchange_quality")
#define DECLARED SIDE("exchange_declared")
#define EXPECT   SIDE("exchange_expect")
#define UPGRADE  SIDE("exchange_upgrade")

/* clang-format off */
static const char *const versions[] = { NULL, "0.9", "1.0", "1.1", "other", NULL };
static const char *const depth_bases[] = { NULL, "ack", "time", NULL };
static const char *const framings[] = {
    NULL, "none", "length", "chunked", "close", "tunnel", "invalid", NULL,
};
static const char *const expect_outcomes[] = {
    NULL, "continued", "rejected", "rejected_late", "impatient", "not_waited",
    "unanswered", NULL,
};
static const char *const upgrade_results[] = {
    NULL, "switched", "declined", "required", "unsolicited", "invalid", "tunnel", NULL,
};
static const char *const states[] = {
    NULL, "complete", "no_response", "no_request", "request_incomplete",
    "response_incomplete", "open", NULL,
};
static const char *const confidences[] = {
    NULL, "exact", "inferred", "ambiguous", "orphan", NULL,
};

static const struct field fields[] = {
    F("id",                   "Exchange",         INTEGER(id),                      KEY),
    F("connection_id",        "Connection",       INTEGER(connection_id),           ROW),
    F("stream_id",            "Stream",           INTEGER(stream_id),               QUALITY, ZERO),
    F("ordinal",              "No.",              INTEGER(ordinal),                 ROW, BITS(12)),
    F("method",               "Method",           TEXT(method),                     INTERNED, BITS(6)),
    F("target",               "Target",           TEXT(target),                     ROW),
    F("host",                 "Host",             TEXT(host),                       INTERNED, BITS(23)),
    F("request_version",      "Request version",  ENUM(request_version, versions),  FLAGS),
    F("status",               "Status",           INTEGER(status),                  ROW, BITS(10)),
    F("response_version",     "Response version", ENUM(response_version, versions), FLAGS),
    F("request_packet",       "Request packet",   PACKET(request_ref),              QUALITY, OF_KEY),
    F("request_capture_id",   "in capture",       CAPTURE_OF(request_ref),          WITH_PACKET),
    F("response_packet",      "Response packet",  PACKET(response_ref),             ROW, BITS(18), SINCE("request_packet")),
    F("response_capture_id",  "in capture",       CAPTURE_OF(response_ref),         WITH_PACKET),
    F("request_start_us",     "Request start",    TIME(request_start_us),           ROW),
    F("request_end_us",       "Request end",      TIME(request_end_us),             ROW, BITS(18), SINCE("request_start_us")),
    F("response_start_us",    "Response start",   TIME(response_start_us),          ROW, BITS(22), SINCE("request_start_us")),
    F("response_end_us",      "Response end",     TIME(response_end_us),            ROW, BITS(22), SINCE("response_start_us")),
    F("interims",             "Interims",         INTEGER(interims),                INTERIM, ZERO),
    F("first_interim_status", "Interim status",   INTEGER(first_interim_status),    INTERIM),
    F("first_interim_us",     "Interim",          TIME(first_interim_us),           INTERIM),
    F("wait_us",              "Wait",             DURATION(wait_us),                TIMING, LESS("response_start_us", "request_end_us")),
    F("transfer_us",          "Transfer",         DURATION(transfer_us),            TIMING, LESS("response_end_us", "response_start_us")),
    F("service_us",           "Service",          DURATION(service_us),             TIMING, LESS("wait_us", "hol_us")),
    F("hol_us",               "HOL",              DURATION(hol_us),                 ROW, BITS(22)),
    F("idle_before_us",       "Idle before",      DURATION(idle_before_us),         ROW, BITS(26)),
    F("response_stall_us",    "Stalled",          DURATION(response_stall_us),      QUALITY, ZERO_OF("response_packet")),
    F("depth",                "Depth",            INTEGER(depth),                   ROW, BITS(6)),
    F("depth_basis",          "Depth by",         ENUM(depth_basis, depth_bases),   FLAGS),
    PAIR(framing, "framing", FRAMING, FLAGS),
    F("request_head_bytes",      "Request head",      REQUEST(head_bytes),      ROW, BITS(13)),
    F("response_head_bytes",     "Response head",     RESPONSE(head_bytes),     ROW, BITS(13)),
    F("request_body_bytes",      "Request body",      REQUEST(body_bytes),      ROW, BITS(16)),
    F("response_body_bytes",     "Response body",     RESPONSE(body_bytes),     ROW, BITS(24)),
    F("request_declared_bytes",  "Request declared",  REQUEST(declared_bytes),  DECLARED, EQUAL("request_body_bytes", "request_framing", "length")),
    F("response_declared_bytes", "Response declared", RESPONSE(declared_bytes), DECLARED, EQUAL("response_body_bytes", "response_framing", "length")),
    F("request_missing_bytes",   "Request missing",   REQUEST(missing_bytes),   QUALITY, ZERO_OF("request_packet")),
    F("response_missing_bytes",  "Response missing",  RESPONSE(missing_bytes),  QUALITY, ZERO_OF("response_packet")),
    PAIR(complete, "complete", COMPLETE, FLAGS),
    F("request_close",        "Request close",    TRI(request_close),               FLAGS),
    F("response_close",       "Response close",   TRI(response_close),              FLAGS),
    F("persist_declared",     "Persistent",       TRI(persist_declared),            FLAGS),
    F("keepalive_timeout_s",  "Keep-Alive s",     INTEGER(keepalive_timeout_s),     ROW, BITS(8)),
    F("keepalive_max",        "Keep-Alive max",   INTEGER(keepalive_max),           ROW, BITS(10)),
    F("early_response",       "Early",            TRI(early_response),              FLAGS),
    F("expect_outcome",       "Expect",           ENUM(expect_outcome, expect_outcomes), FLAGS),
    F("expect_wait_us",       "Expect wait",      DURATION(expect_wait_us),         EXPECT),
    F("expect_saved_bytes",   "Expect saved",     INTEGER(expect_saved_bytes),      EXPECT),
    F("upgrade_offered",      "Upgrade offered",  TEXT(upgrade_offered),            UPGRADE),
    F("upgrade_result",       "Upgrade",          ENUM(upgrade_result, upgrade_results), FLAGS),
    F("upgrade_protocol",     "Upgraded to",      TEXT(upgrade_protocol),           UPGRADE),
    F("optimistic_bytes",     "Optimistic bytes", INTEGER(optimistic_bytes),        UPGRADE),
    F("user_agent",           "User agent",       TEXT(user_agent),                 INTERNED, BITS(23)),
    F("server",               "Server",           TEXT(server),                     INTERNED, BITS(18)),
    F("content_type",         "Content type",     TEXT(content_type),               INTERNED, BITS(18)),
    F("state",                "State",            ENUM(state, states),              FLAGS),
    F("pair_confidence",      "Pairing",          ENUM(pair_confidence, confidences), FLAGS),
    F("findings",             "Findings",         INTEGER(findings),                ROW, BITS(8)),
};
/* clang-format on */

const struct record_layout fields_exchange = {
    .table = "exchange",
    .view = "exchanges",
    .about = "A request and its final response.",
    .fields = fields,
    .field_count = ARRAY_LENGTH(fields),
    .size = sizeof(RECORD),
    .time = {"request_start_us", "response_start_us"},
};
