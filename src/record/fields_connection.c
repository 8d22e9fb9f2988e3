/* One row per connection (SEMANTICS 1). What loss, pipelining, tunnels and TLS say is
 * nothing for most connections, and stands aside. */
#include "record/fields.h"

#define RECORD struct record_connection

/* Both sides of one figure. */
#define PAIR(figure, title, type, ...)                                        \
    F("client_" #figure, "Client " title, type(side[SIDE_CLIENT].figure),     \
      __VA_ARGS__),                                                           \
        F("server_" #figure, "Server " title, type(side[SIDE_SERVER].figure), \
          __VA_ARGS__)

#define QUALITY SIDE("connection_quality")
#define DEPTH   SIDE("connection_depth")

/* clang-format off */
static const char *const states[] = { NULL, "closed", "open", NULL }; /* enum tri */
static const char *const open_kinds[] = { NULL, "handshake", "midstream", NULL };
static const char *const open_results[] = {
    NULL, "established", "refused", "unanswered", "midstream", NULL,
};
static const char *const role_bases[] = {
    NULL, "syn", "request", "status", "port", NULL,
};
static const char *const close_kinds[] = {
    NULL, "fin", "rst", "idle", "replaced", "open", NULL,
};
static const char *const close_causes[] = {
    NULL, "refused", "unanswered", "never_used", "tunnel_end", "idle_race",
    "stale_reuse", "late_reuse", "aborted", "request_close", "response_close",
    "close_delimited", "max_requests", "idle_timeout", NULL,
};

static const struct field fields[] = {
    F("id",                  "Connection",     INTEGER(id),                     KEY),
    F("capture_id",          "Capture",        INTEGER(capture_id),             DERIVED("connection.id >> 32")),
    F("community_id",        "Community ID",   TEXT(community_id),              ROW),
    F("client_ip",           "Client",         ADDRESS(client),                 INTERNED, BITS(24)),
    F("client_port",         "Port",           PORT(client),                    FLAGS),
    F("server_ip",           "Server",         ADDRESS(server),                 INTERNED, BITS(24)),
    F("server_port",         "Port",           PORT(server),                    FLAGS),
    F("tunnel_id",           "Tunnel",         INTEGER(tunnel_id),              SIDE("connection_network")),
    F("vlan",                "VLAN",           INTEGER(vlan),                   SIDE("connection_network")),
    F("protocol",            "Protocol",       TEXT(protocol),                  INTERNED, BITS(6)),
    F("state",               "State",          ENUM(is_open, states),           FLAGS),
    F("open_kind",           "Opened by",      ENUM(open_kind, open_kinds),     FLAGS),
    F("open_result",         "Opening",        ENUM(open_result, open_results), FLAGS),
    F("role_basis",          "Roles by",       ENUM(role_basis, role_bases),    FLAGS),
    F("first_packet",        "First packet",   PACKET(first_ref),               DERIVED("connection.id & 4294967295")),
    F("first_capture_id",    "in capture",     CAPTURE_OF(first_ref),           DERIVED("connection.id >> 32")),
    F("last_packet",         "Last packet",    PACKET(last_ref),                ROW, BITS(24), SINCE("id")),
    F("last_capture_id",     "in capture",     CAPTURE_OF(last_ref),            WITH_PACKET),
    F("close_packet",        "Close packet",   PACKET(close_ref),               ROW, BITS(24), SINCE("id")),
    F("close_capture_id",    "in capture",     CAPTURE_OF(close_ref),           WITH_PACKET),
    F("start_us",            "Start",          TIME(start_us),                  ROW),
    F("end_us",              "End",            TIME(end_us),                    ROW, BITS(30), SINCE("start_us")),
    F("synack_rtt_us",       "SYN-ACK RTT",    DURATION(synack_rtt_us),         ROW, BITS(20)),
    F("ack_rtt_us",          "ACK RTT",        DURATION(ack_rtt_us),            QUALITY, LESS("handshake_us", "synack_rtt_us")),
    F("handshake_us",        "Handshake",      DURATION(handshake_us),          ROW, BITS(20)),
    F("syn_retransmits",     "SYN again",      INTEGER(syn_retransmits),        QUALITY, ZERO),
    F("synack_retransmits",  "SYN-ACK again",  INTEGER(synack_retransmits),     QUALITY, ZERO),
    PAIR(packets,                "packets",        INTEGER,  ROW, BITS(16)),
    PAIR(bytes,                  "bytes",          INTEGER,  ROW, BITS(26)),
    PAIR(missing_bytes,          "missing bytes",  INTEGER,  QUALITY, ZERO),
    PAIR(gaps,                   "gaps",           INTEGER,  QUALITY, ZERO),
    PAIR(retransmitted_segments, "segments again", INTEGER,  QUALITY, ZERO),
    PAIR(retransmitted_bytes,    "bytes again",    INTEGER,  QUALITY, ZERO),
    PAIR(out_of_order_segments,  "out of order",   INTEGER,  QUALITY, ZERO),
    PAIR(overlap_conflicts,      "conflicts",      INTEGER,  QUALITY, ZERO),
    PAIR(keepalive_probes,       "probes",         INTEGER,  QUALITY, ZERO),
    PAIR(zero_window_us,         "zero window",    DURATION, QUALITY, ZERO),
    PAIR(stall_us,               "stalled",        DURATION, QUALITY, ZERO),
    F("exchanges",           "Exchanges",      INTEGER(exchanges),              ROW, BITS(12)),
    F("max_depth",           "Depth",          INTEGER(max_depth),              DEPTH, ONE_OF("exchanges")),
    F("pipelined_requests",  "Pipelined",      INTEGER(pipelined_requests),     DEPTH, ZERO_OF("exchanges")),
    F("hol_us",              "HOL",            DURATION(hol_us),                DEPTH, ZERO_OF("exchanges")),
    F("resyncs",             "Resyncs",        INTEGER(resyncs),                QUALITY, ZERO_OF("exchanges")),
    F("keepalive_timeout_s", "Keep-Alive s",   INTEGER(keepalive_timeout_s),    ROW, BITS(8)),
    F("keepalive_max",       "Keep-Alive max", INTEGER(keepalive_max),          ROW, BITS(10)),
    F("idle_max_us",         "Longest idle",   DURATION(idle_max_us),           ROW, BITS(26)),
    F("idle_at_close_us",    "Idle at close",  DURATION(idle_at_close_us),      ROW, BITS(26)),
    F("closed_by",           "Closed by",      ENUM(closed_by, fields_closed_by_names), FLAGS),
    F("close_kind",          "Close",          ENUM(close_kind, close_kinds),   FLAGS),
    F("close_cause",         "Cause",          ENUM(close_cause, close_causes), FLAGS),
    F("conn_state",          "State (Zeek)",   TEXT(conn_state),                INTERNED, BITS(6)),
    F("history",             "History (Zeek)", TEXT(history),                   INTERNED, BITS(24)),
    F("tls_sni",             "SNI",            TEXT(tls_sni),                   SIDE("connection_tls")),
    F("tls_alpn",            "ALPN",           TEXT(tls_alpn),                  SIDE("connection_tls")),
    F("tls_version",         "TLS",            TEXT(tls_version),               SIDE("connection_tls")),
    F("tls_handshake_us",    "TLS handshake",  DURATION(tls_handshake_us),      SIDE("connection_tls")),
    F("findings",            "Findings",       INTEGER(findings),               ROW, BITS(8)),
};
/* clang-format on */

const struct record_layout fields_connection = {
    .table = "connection",
    .view = "connections",
    .about = "One life of a TCP four-tuple; id is its first packet: capture << 32 | "
             "number.",
    .fields = fields,
    .field_count = ARRAY_LENGTH(fields),
    .size = sizeof(RECORD),
    .time = {"start_us"},
};
