/* Suricata's EVE: an event a line. http for each exchange, flow for each connection,
 * anomaly for each finding. What Suricata counts in another way (bytes of whole frames)
 * is not given out under its name; what it does not know stands under `hopscope`. */
#include "export/formats.h"
#include "export/mapping.h"

/* clang-format off */
#define ENDPOINTS \
    { "src_ip",    "client_ip",   SHAPE_PLAIN, NULL }, \
    { "src_port",  "client_port", SHAPE_PLAIN, NULL }, \
    { "dest_ip",   "server_ip",   SHAPE_PLAIN, NULL }, \
    { "dest_port", "server_port", SHAPE_PLAIN, NULL }, \
    { "proto",     "'TCP'",       SHAPE_PLAIN, NULL }
/* A source that is the table's own name, so that the lookup is by key. */
#define OF_CONNECTION(column, of) \
    "(SELECT " column " FROM connections AS c WHERE c.id = " of ".connection_id)"
#define OF_CAPTURE(column, id) \
    "(SELECT " column " FROM captures AS k WHERE k.id = " id ")"
#define FILE_OF(id)  OF_CAPTURE("CASE WHEN k.kind = 'file' THEN k.source END", id)
#define IFACE_OF(id) OF_CAPTURE("CASE WHEN k.kind = 'live' THEN k.source END", id)

static const struct mapping_field http[] = {
    { "timestamp",    "COALESCE(request_start_us, response_start_us)", SHAPE_UTC_OFFSET, NULL },
    { "flow_id",      "connection_id",                                 SHAPE_FLOW_ID,    NULL },
    { "in_iface",     IFACE_OF("COALESCE(request_capture_id, response_capture_id)"), SHAPE_PLAIN, NULL },
    { "pcap_cnt",     "COALESCE(request_packet, response_packet)",     SHAPE_PLAIN,      NULL },
    { "pcap_filename", FILE_OF("COALESCE(request_capture_id, response_capture_id)"), SHAPE_PLAIN, NULL },
    { "event_type",   "'http'",                                        SHAPE_PLAIN,      NULL },
    ENDPOINTS,
    { "tx_id",        "ordinal - 1",                                   SHAPE_PLAIN,      NULL },
    { "community_id", OF_CONNECTION("community_id", "exchanges"),      SHAPE_PLAIN,      NULL },
    { "http/hostname",          "host",                SHAPE_PLAIN, NULL },
    { "http/url",               "target",              SHAPE_PLAIN, NULL },
    { "http/http_user_agent",   "user_agent",          SHAPE_PLAIN, NULL },
    { "http/http_content_type", "content_type",        SHAPE_PLAIN, NULL },
    { "http/http_method",       "method",              SHAPE_PLAIN, NULL },
    { "http/protocol",          "'HTTP/' || NULLIF(COALESCE(request_version, response_version), 'other')", SHAPE_PLAIN, NULL },
    { "http/status",            "status",              SHAPE_PLAIN, NULL },
    { "http/length",            "response_body_bytes", SHAPE_PLAIN, NULL },
    { "hopscope/connection_id", "connection_id",       SHAPE_ID,    NULL },
    { "hopscope/exchange_id",   "id",                  SHAPE_ID,    NULL },
    { "hopscope/state",         "state",               SHAPE_PLAIN, NULL },
    { "hopscope/pair_confidence", "pair_confidence",   SHAPE_PLAIN, NULL },
    { "hopscope/depth",         "depth",               SHAPE_PLAIN, NULL },
    { "hopscope/wait_us",       "wait_us",             SHAPE_PLAIN, NULL },
    { "hopscope/hol_us",        "hol_us",              SHAPE_PLAIN, NULL },
};

static const struct mapping_field flow[] = {
    { "timestamp",     "end_us",          SHAPE_UTC_OFFSET, NULL },
    { "flow_id",       "id",              SHAPE_FLOW_ID,    NULL },
    { "in_iface",      IFACE_OF("connections.capture_id"), SHAPE_PLAIN, NULL },
    { "pcap_filename", FILE_OF("connections.capture_id"),  SHAPE_PLAIN, NULL },
    { "event_type",    "'flow'",          SHAPE_PLAIN,      NULL },
    ENDPOINTS,
    { "app_proto", "CASE WHEN protocol LIKE 'http/%' THEN 'http' WHEN protocol = 'h2' THEN 'http2' WHEN protocol = 'tls' THEN 'tls' END", SHAPE_PLAIN, NULL },
    { "community_id",         "community_id",   SHAPE_PLAIN,      NULL },
    { "flow/pkts_toserver",   "client_packets", SHAPE_PLAIN,      NULL },
    { "flow/pkts_toclient",   "server_packets", SHAPE_PLAIN,      NULL },
    { "flow/start",           "start_us",       SHAPE_UTC_OFFSET, NULL },
    { "flow/end",             "end_us",         SHAPE_UTC_OFFSET, NULL },
    { "flow/age",             "(end_us - start_us) / 1000000", SHAPE_PLAIN, NULL },
    { "flow/state", "CASE WHEN state = 'open' OR close_kind IN ('idle', 'open') THEN CASE open_result WHEN 'unanswered' THEN 'new' ELSE 'established' END ELSE 'closed' END", SHAPE_PLAIN, NULL },
    { "hopscope/connection_id", "id",           SHAPE_ID,         NULL },
    { "hopscope/payload_bytes_toserver", "client_bytes", SHAPE_PLAIN, NULL },
    { "hopscope/payload_bytes_toclient", "server_bytes", SHAPE_PLAIN, NULL },
    { "hopscope/exchanges",   "exchanges",      SHAPE_PLAIN,      NULL },
    { "hopscope/max_depth",   "max_depth",      SHAPE_PLAIN,      NULL },
    { "hopscope/closed_by",   "closed_by",      SHAPE_PLAIN,      NULL },
    { "hopscope/close_kind",  "close_kind",     SHAPE_PLAIN,      NULL },
    { "hopscope/close_cause", "close_cause",    SHAPE_PLAIN,      NULL },
};

#define SURICATA_NAME \
    "(SELECT NULLIF(suricata, '') FROM finding_codes AS d WHERE d.code = findings.code)"

static const struct mapping_field anomaly[] = {
    { "timestamp",      "time_us",           SHAPE_UTC_OFFSET, NULL },
    { "flow_id",        "connection_id",     SHAPE_FLOW_ID,    NULL },
    { "in_iface",       IFACE_OF("findings.capture_id"), SHAPE_PLAIN, NULL },
    { "pcap_cnt",       "packet",            SHAPE_PLAIN,      NULL },
    { "pcap_filename",  FILE_OF("findings.capture_id"),  SHAPE_PLAIN, NULL },
    { "event_type",     "'anomaly'",         SHAPE_PLAIN,      NULL },
    ENDPOINTS,
    { "tx_id",          "exchange_ordinal - 1", SHAPE_PLAIN,   NULL },
    { "community_id",   OF_CONNECTION("community_id", "findings"), SHAPE_PLAIN, NULL },
    { "anomaly/type",   "CASE WHEN code LIKE 'net|_%' ESCAPE '|' THEN 'decode' WHEN code LIKE 'tcp|_%' ESCAPE '|' THEN 'stream' ELSE 'applayer' END", SHAPE_PLAIN, NULL },
    { "anomaly/event",  "COALESCE(" SURICATA_NAME ", code)", SHAPE_PLAIN, NULL },
    { "hopscope/connection_id", "connection_id", SHAPE_ID,     NULL },
    { "hopscope/code",  "code",              SHAPE_PLAIN,      NULL },
    { "hopscope/severity", "severity",       SHAPE_PLAIN,      NULL },
    { "hopscope/title", "title",             SHAPE_PLAIN,      NULL },
    { "hopscope/side",  "side",              SHAPE_PLAIN,      NULL },
    { "hopscope/evidence", "evidence",       SHAPE_PLAIN,      NULL },
};

static const struct mapping mappings[] = {
    { .from = "exchanges ORDER BY id",   .fields = http,    .field_count = ARRAY_LENGTH(http) },
    { .from = "findings ORDER BY connection_id, id",    .fields = anomaly, .field_count = ARRAY_LENGTH(anomaly) },
    { .from = "connections ORDER BY id", .fields = flow,    .field_count = ARRAY_LENGTH(flow) },
};
/* clang-format on */

static enum status eve_run(const struct export_order *order, struct problem *why)
{
    return mapping_run_lines(mappings, ARRAY_LENGTH(mappings), order, why);
}

const struct export_format eve_format = {
    .name = "eve",
    .about = "Suricata's events: http, flow and anomaly, an object a line",
    .suffix = "json",
    .run = eve_run,
};
