/* OpenTelemetry: an object a line for each exchange, its attributes under the names of
 * the semantic conventions (HTTP spans 1.23 and later, stable names first). Methods
 * that are not known become _OTHER, with the original beside it. */
#include "export/formats.h"
#include "export/mapping.h"

#define KNOWN_METHODS \
    "('CONNECT','DELETE','GET','HEAD','OPTIONS','PATCH','POST','PUT','TRACE','QUERY')"
/* A target in absolute form (RFC 9112, section 3.2.2), and one that has a path. */
#define IS_ABSOLUTE "(target LIKE 'http://%' OR target LIKE 'https://%')"
#define HAS_PATH    "(target LIKE '/%')"
#define QUERY_AT    "instr(target, '?')"
/* Host without its port, and without the brackets of an IPv6 address. */
#define HOST_NAME                                                                     \
    "CASE WHEN host LIKE '[%]%' THEN substr(host, 2, instr(host, ']') - 2) "          \
    "WHEN instr(host, ':') > 0 THEN substr(host, 1, instr(host, ':') - 1) ELSE host " \
    "END"

/* clang-format off */
static const struct mapping_field fields[] = {
    { "name", "CASE WHEN method IN " KNOWN_METHODS " THEN method ELSE 'HTTP' END", SHAPE_PLAIN, NULL },
    { "kind", "'SERVER'", SHAPE_PLAIN, NULL },
    { "startTimeUnixNano", "COALESCE(request_start_us, response_start_us)", SHAPE_NANOSECONDS, NULL },
    { "endTimeUnixNano", "COALESCE(response_end_us, response_start_us, request_end_us)", SHAPE_NANOSECONDS, NULL },
    { "attributes/http.request.method", "CASE WHEN method IN " KNOWN_METHODS " THEN method WHEN method IS NOT NULL THEN '_OTHER' END", SHAPE_PLAIN, NULL },
    { "attributes/http.request.method_original", "CASE WHEN method NOT IN " KNOWN_METHODS " THEN method END", SHAPE_PLAIN, NULL },
    { "attributes/http.response.status_code", "status", SHAPE_PLAIN, NULL },
    { "attributes/error.type", "CASE WHEN status >= 500 THEN CAST(status AS TEXT) WHEN status IS NULL AND state <> 'open' THEN state END", SHAPE_PLAIN, NULL },
    { "attributes/url.scheme", "CASE WHEN target LIKE 'https://%' THEN 'https' WHEN method <> 'CONNECT' THEN 'http' END", SHAPE_PLAIN, NULL },
    { "attributes/url.full", "CASE WHEN " IS_ABSOLUTE " THEN target END", SHAPE_PLAIN, NULL },
    { "attributes/url.path", "CASE WHEN " HAS_PATH " AND " QUERY_AT " > 0 THEN substr(target, 1, " QUERY_AT " - 1) WHEN " HAS_PATH " THEN target END", SHAPE_PLAIN, NULL },
    { "attributes/url.query", "CASE WHEN " HAS_PATH " AND " QUERY_AT " > 0 THEN substr(target, " QUERY_AT " + 1) END", SHAPE_PLAIN, NULL },
    { "attributes/server.address", "COALESCE(NULLIF(" HOST_NAME ", ''), server_ip)", SHAPE_PLAIN, NULL },
    { "attributes/server.port", "server_port", SHAPE_PLAIN, NULL },
    { "attributes/client.address", "client_ip", SHAPE_PLAIN, NULL },
    { "attributes/client.port", "client_port", SHAPE_PLAIN, NULL },
    { "attributes/network.transport", "'tcp'", SHAPE_PLAIN, NULL },
    { "attributes/network.type", "CASE WHEN client_ip LIKE '%:%' THEN 'ipv6' ELSE 'ipv4' END", SHAPE_PLAIN, NULL },
    { "attributes/network.peer.address", "client_ip", SHAPE_PLAIN, NULL },
    { "attributes/network.peer.port", "client_port", SHAPE_PLAIN, NULL },
    { "attributes/network.local.address", "server_ip", SHAPE_PLAIN, NULL },
    { "attributes/network.local.port", "server_port", SHAPE_PLAIN, NULL },
    { "attributes/network.protocol.name", "'http'", SHAPE_PLAIN, NULL },
    { "attributes/network.protocol.version", "NULLIF(COALESCE(request_version, response_version), 'other')", SHAPE_PLAIN, NULL },
    { "attributes/user_agent.original", "user_agent", SHAPE_PLAIN, NULL },
    { "attributes/http.request.body.size", "request_body_bytes", SHAPE_PLAIN, NULL },
    { "attributes/http.response.body.size", "response_body_bytes", SHAPE_PLAIN, NULL },
    { "attributes/http.response.header.content-type", "content_type", SHAPE_LIST, NULL },
    { "attributes/http.response.header.server", "server", SHAPE_LIST, NULL },
    { "attributes/hopscope.connection_id", "connection_id", SHAPE_ID, NULL },
    { "attributes/hopscope.exchange_id", "id", SHAPE_ID, NULL },
    { "attributes/hopscope.ordinal", "ordinal", SHAPE_PLAIN, NULL },
    { "attributes/hopscope.depth", "depth", SHAPE_PLAIN, NULL },
    { "attributes/hopscope.state", "state", SHAPE_PLAIN, NULL },
    { "attributes/hopscope.pair_confidence", "pair_confidence", SHAPE_PLAIN, NULL },
    { "attributes/hopscope.wait_us", "wait_us", SHAPE_PLAIN, NULL },
    { "attributes/hopscope.hol_us", "hol_us", SHAPE_PLAIN, NULL },
    { "attributes/hopscope.request_packet", "request_packet", SHAPE_PLAIN, NULL },
    { "attributes/hopscope.response_packet", "response_packet", SHAPE_PLAIN, NULL },
};
/* clang-format on */

static enum status otel_run(const struct export_order *order, struct problem *why)
{
    static const struct mapping mapping = {.from = "exchanges ORDER BY id",
                                           .fields = fields,
                                           .field_count = ARRAY_LENGTH(fields)};
    struct mapping_job job = {
        .mapping = &mapping, .order = order, .put = mapping_put_json_line};
    struct buffer out = {.ptr = NULL};
    enum status rc = order->target.begin(order->target.context, "all", why);
    if (rc == STATUS_OK) rc = mapping_run(&job, &out, why);
    buffer_done(&out);
    return rc;
}

const struct export_format otel_format = {
    .name = "otel",
    .about = "an object a line for each exchange, by OpenTelemetry's names",
    .suffix = "jsonl",
    .run = otel_run,
};
