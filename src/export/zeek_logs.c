/* Zeek's logs, field by field. A field that Zeek has and hopscope cannot know is there
 * all the same, unset: tools find their columns by position as often as by name. */
#include "export/zeek_logs.h"

/* clang-format off */
#define UNSET(name, type) { name, "NULL", SHAPE_PLAIN, type }
#define ENDPOINTS \
    { "id.orig_h", "client_ip",   SHAPE_PLAIN, "addr" }, \
    { "id.orig_p", "client_port", SHAPE_PLAIN, "port" }, \
    { "id.resp_h", "server_ip",   SHAPE_PLAIN, "addr" }, \
    { "id.resp_p", "server_port", SHAPE_PLAIN, "port" }
/* The first field of that name, when the database has the fields. */
#define HEADER_OF(id, side, name) \
    "(SELECT h.value FROM headers AS h WHERE h.exchange_id = " id " AND h.side = '" side "'" \
    " AND lower(h.name) = '" name "' ORDER BY h.position LIMIT 1)"

static const struct mapping_field conn[] = {
    { "ts",         "start_us",   SHAPE_SECONDS, "time" },
    { "uid",        "id",         SHAPE_UID,     "string" },
    ENDPOINTS,
    { "proto",      "'tcp'",      SHAPE_PLAIN,   "enum" },
    { "service",    "CASE WHEN protocol LIKE 'http/%' THEN 'http' WHEN protocol = 'h2' THEN 'http2' WHEN protocol = 'tls' THEN 'ssl' END", SHAPE_PLAIN, "string" },
    { "duration",   "CASE WHEN end_us > start_us THEN end_us - start_us END", SHAPE_SECONDS, "interval" },
    { "orig_bytes", "client_bytes", SHAPE_PLAIN, "count" },
    { "resp_bytes", "server_bytes", SHAPE_PLAIN, "count" },
    { "conn_state", "conn_state", SHAPE_PLAIN,   "string" },
    UNSET("local_orig", "bool"),
    UNSET("local_resp", "bool"),
    { "missed_bytes", "client_missing_bytes + server_missing_bytes", SHAPE_PLAIN, "count" },
    { "history",    "history",    SHAPE_PLAIN,   "string" },
    { "orig_pkts",  "client_packets", SHAPE_PLAIN, "count" },
    UNSET("orig_ip_bytes", "count"),
    { "resp_pkts",  "server_packets", SHAPE_PLAIN, "count" },
    UNSET("resp_ip_bytes", "count"),
    UNSET("tunnel_parents", "set[string]"),
    { "ip_proto",   "6",          SHAPE_PLAIN,   "count" },
    { "community_id", "community_id", SHAPE_PLAIN, "string" },
};

static const struct mapping_field http[] = {
    { "ts",          "COALESCE(request_start_us, response_start_us)", SHAPE_SECONDS, "time" },
    { "uid",         "connection_id", SHAPE_UID,   "string" },
    ENDPOINTS,
    { "trans_depth", "ordinal",       SHAPE_PLAIN, "count" },
    { "method",      "method",        SHAPE_PLAIN, "string" },
    { "host",        "host",          SHAPE_PLAIN, "string" },
    { "uri",         "target",        SHAPE_PLAIN, "string" },
    { "referrer",    HEADER_OF("exchanges.id", "client", "referer"), SHAPE_PLAIN, "string" },
    { "version",     "COALESCE(response_version, request_version)", SHAPE_PLAIN, "string" },
    { "user_agent",  "user_agent",    SHAPE_PLAIN, "string" },
    { "origin",      HEADER_OF("exchanges.id", "client", "origin"), SHAPE_PLAIN, "string" },
    { "request_body_len",  "COALESCE(request_body_bytes, 0)",  SHAPE_PLAIN, "count" },
    { "response_body_len", "COALESCE(response_body_bytes, 0)", SHAPE_PLAIN, "count" },
    { "status_code", "status",        SHAPE_PLAIN, "count" },
    UNSET("status_msg", "string"),
    { "info_code",   "first_interim_status", SHAPE_PLAIN, "count" },
    UNSET("info_msg", "string"),
    UNSET("tags", "set[enum]"),
    UNSET("username", "string"),
    UNSET("password", "string"),
    UNSET("proxied", "set[string]"),
    UNSET("orig_fuids", "vector[string]"),
    UNSET("orig_filenames", "vector[string]"),
    UNSET("orig_mime_types", "vector[string]"),
    UNSET("resp_fuids", "vector[string]"),
    UNSET("resp_filenames", "vector[string]"),
    UNSET("resp_mime_types", "vector[string]"),
};

/* Of several names in the catalogue the first. */
#define ZEEK_NAME \
    "(SELECT CASE WHEN instr(d.zeek, ',') > 0 THEN substr(d.zeek, 1, instr(d.zeek, ',') - 1)" \
    " ELSE NULLIF(d.zeek, '') END FROM finding_codes AS d WHERE d.code = findings.code)"

static const struct mapping_field weird[] = {
    { "ts",     "time_us",       SHAPE_SECONDS, "time" },
    { "uid",    "connection_id", SHAPE_UID,     "string" },
    ENDPOINTS,
    { "name",   "COALESCE(" ZEEK_NAME ", code)", SHAPE_PLAIN, "string" },
    { "addl",   "evidence",      SHAPE_PLAIN,   "string" },
    { "notice", "0",             SHAPE_BOOL,    "bool" },
    { "peer",   "'hopscope'",    SHAPE_PLAIN,   "string" },
    { "source", "CASE WHEN code LIKE 'net|_%' ESCAPE '|' THEN 'IP' WHEN code LIKE 'tcp|_%' ESCAPE '|' THEN 'TCP' ELSE 'HTTP' END", SHAPE_PLAIN, "string" },
};

#define OF_EXCHANGE(column) \
    "(SELECT " column " FROM exchanges AS e WHERE e.id = tunnels.exchange_id)"

static const struct mapping_field websocket[] = {
    { "ts",                "start_us",      SHAPE_SECONDS, "time" },
    { "uid",               "connection_id", SHAPE_UID,     "string" },
    ENDPOINTS,
    { "host",              OF_EXCHANGE("host"),       SHAPE_PLAIN, "string" },
    { "uri",               OF_EXCHANGE("target"),     SHAPE_PLAIN, "string" },
    { "user_agent",        OF_EXCHANGE("user_agent"), SHAPE_PLAIN, "string" },
    { "subprotocol",       HEADER_OF("tunnels.exchange_id", "server", "sec-websocket-protocol"),   SHAPE_PLAIN, "string" },
    { "client_protocols",  HEADER_OF("tunnels.exchange_id", "client", "sec-websocket-protocol"),   SHAPE_LIST,  "vector[string]" },
    { "server_extensions", HEADER_OF("tunnels.exchange_id", "server", "sec-websocket-extensions"), SHAPE_LIST,  "vector[string]" },
    { "client_extensions", HEADER_OF("tunnels.exchange_id", "client", "sec-websocket-extensions"), SHAPE_LIST,  "vector[string]" },
};

#define LOG(name, from_) \
    { .part = #name, .from = (from_), .fields = (name), .field_count = ARRAY_LENGTH(name) }
const struct mapping zeek_logs[] = {
    LOG(conn,      "connections ORDER BY id"),
    LOG(http,      "exchanges ORDER BY id"),
    LOG(weird,     "findings ORDER BY connection_id, id"),
    LOG(websocket, "tunnels WHERE protocol = 'websocket' ORDER BY id"),
};
/* clang-format on */
const size_t zeek_log_count = ARRAY_LENGTH(zeek_logs);
