/* One row per tunnel: what a connection carried after 101 or a 2xx to CONNECT
 * (SEMANTICS 8). */
#include "record/fields.h"

#define RECORD struct record_tunnel

/* Both sides of one figure, whose name and member may differ. */
#define PAIR(before, figure, title, member, ...)                                  \
    F(before "client_" figure, "Client " title, INTEGER(member[SIDE_CLIENT]),     \
      __VA_ARGS__),                                                               \
        F(before "server_" figure, "Server " title, INTEGER(member[SIDE_SERVER]), \
          __VA_ARGS__)

#define TLS SIDE("tunnel_tls")
#define WEB SIDE("tunnel_websocket")

/* clang-format off */
static const struct field fields[] = {
    F("id",                  "Tunnel",        INTEGER(id),                  KEY),
    F("connection_id",       "Connection",    INTEGER(connection_id),       ROW),
    F("exchange_id",         "Exchange",      INTEGER(exchange_id),         ROW),
    F("protocol",            "Protocol",      TEXT(protocol),               INTERNED),
    F("start_us",            "Start",         TIME(start_us),               ROW),
    F("end_us",              "End",           TIME(end_us),                 ROW, SINCE("start_us")),
    PAIR("", "bytes",   "bytes",   bytes,   ROW),
    PAIR("", "packets", "packets", packets, ROW),
    F("idle_at_close_us",    "Idle at close", DURATION(idle_at_close_us),   ROW),
    F("closed_by",           "Closed by",     ENUM(closed_by, fields_closed_by_names), FLAGS),
    F("tls_sni",             "SNI",           TEXT(tls_sni),                TLS),
    F("tls_alpn",            "ALPN",          TEXT(tls_alpn),               TLS),
    F("tls_version",         "TLS",           TEXT(tls_version),            TLS),
    F("tls_handshake_us",    "TLS handshake", DURATION(tls_handshake_us),   TLS),
    PAIR("ws_", "frames",        "frames",   ws_frames,        WEB),
    PAIR("ws_", "messages",      "messages", ws_messages,      WEB),
    PAIR("ws_", "payload_bytes", "payload",  ws_payload_bytes, WEB),
    F("ws_pings",            "Pings",         INTEGER(ws_pings),            WEB),
    F("ws_pongs",            "Pongs",         INTEGER(ws_pongs),            WEB),
    F("ws_ping_rtt_min_us",  "Ping RTT min",  DURATION(ws_ping_rtt_min_us), WEB),
    F("ws_ping_rtt_mean_us", "Ping RTT mean", DURATION(ws_ping_rtt_mean_us), WEB),
    F("ws_ping_rtt_max_us",  "Ping RTT max",  DURATION(ws_ping_rtt_max_us), WEB),
    F("ws_close_code",       "Close code",    INTEGER(ws_close_code),       WEB),
    F("ws_close_by",         "Close by",      ENUM(ws_close_by, fields_closed_by_names), FLAGS),
    F("ws_compressed",       "Compressed",    TRI(ws_compressed),           FLAGS),
};
/* clang-format on */

const struct record_layout fields_tunnel = {
    .table = "tunnel",
    .view = "tunnels",
    .about = "What a connection carried after 101 or a 2xx to CONNECT.",
    .fields = fields,
    .field_count = ARRAY_LENGTH(fields),
    .size = sizeof(RECORD),
    .time = {"start_us"},
};
