/* HAR 1.2: one object, an entry for each exchange, in the order of the packets.
 *
 *   connection begins --connect--|--blocked--|--send--|--wait--|--receive--|
 *                     (first exchange only)  request           response
 *
 * Members that HAR demands and nobody observed are -1 or empty; others are absent. Urls
 * are made of the Host field, so that a viewer can group them. */
#include "export/formats.h"
#include "export/har_lists.h"
#include "export/mapping.h"
#include "export/reason.h"
#include "hopscope/cell_text.h"

#include <string.h>

#define OF_CONNECTION(column) \
    "(SELECT " column " FROM connections AS c WHERE c.id = exchanges.connection_id)"
#define SERVER                                                                        \
    "(CASE WHEN server_ip LIKE '%:%' THEN '[' || server_ip || ']' ELSE server_ip END" \
    " || ':' || server_port)"
/* A first exchange shows its connection's opening, if that was seen. */
#define HANDSHAKE "CASE WHEN ordinal = 1 THEN " OF_CONNECTION("c.handshake_us") " END"
#define OPENED    OF_CONNECTION("c.start_us + c.handshake_us")
#define BLOCKED   "CASE WHEN ordinal = 1 THEN MAX(0, request_start_us - " OPENED ") END"
#define SEND      "(request_end_us - request_start_us)"

/* clang-format off */
static const struct mapping_field fields[] = {
    { "startedDateTime", "COALESCE(CASE WHEN ordinal = 1 THEN " OF_CONNECTION("CASE WHEN c.handshake_us IS NOT NULL THEN c.start_us END") " END, request_start_us, response_start_us, 0)", SHAPE_UTC, NULL },
    { "time", "COALESCE(" HANDSHAKE ", 0) + COALESCE(" BLOCKED ", 0) + COALESCE(" SEND ", 0) + COALESCE(wait_us, 0) + COALESCE(transfer_us, 0)", SHAPE_MS, NULL },
    { "request/method",      "COALESCE(method, '')", SHAPE_PLAIN, NULL },
    { "request/url", "CASE WHEN method = 'CONNECT' THEN 'http://' || target || '/' WHEN target LIKE 'http://%' OR target LIKE 'https://%' THEN target ELSE 'http://' || COALESCE(NULLIF(host, ''), " SERVER ") || CASE WHEN target LIKE '/%' THEN target ELSE '/' || COALESCE(target, '') END END", SHAPE_PLAIN, NULL },
    { "request/httpVersion", "COALESCE('HTTP/' || request_version, 'unknown')", SHAPE_PLAIN, NULL },
    { "request/cookies",     "id",                   SHAPE_SPECIAL, NULL },
    { "request/headers",     "id",                   SHAPE_SPECIAL, NULL },
    { "request/queryString", "COALESCE(target, '')", SHAPE_SPECIAL, NULL },
    { "request/headersSize", "COALESCE(request_head_bytes, -1)", SHAPE_PLAIN, NULL },
    { "request/bodySize",    "COALESCE(request_body_bytes, -1)", SHAPE_PLAIN, NULL },
    { "response/status",     "COALESCE(status, 0)",  SHAPE_PLAIN, NULL },
    { "response/statusText", "COALESCE(status, 0)",  SHAPE_SPECIAL, NULL },
    { "response/httpVersion", "COALESCE('HTTP/' || response_version, 'unknown')", SHAPE_PLAIN, NULL },
    { "response/cookies",    "id",                   SHAPE_SPECIAL, NULL },
    { "response/headers",    "id",                   SHAPE_SPECIAL, NULL },
    { "response/content/size", "COALESCE(response_body_bytes, -1)", SHAPE_PLAIN, NULL },
    { "response/content/mimeType", "COALESCE(content_type, '')", SHAPE_PLAIN, NULL },
    { "response/redirectURL", "id",                  SHAPE_SPECIAL, NULL },
    { "response/headersSize", "COALESCE(response_head_bytes, -1)", SHAPE_PLAIN, NULL },
    { "response/bodySize",   "COALESCE(response_body_bytes, -1)", SHAPE_PLAIN, NULL },
    { "cache",               "id",                   SHAPE_SPECIAL, NULL },
    { "timings/blocked",     "COALESCE(" BLOCKED ", -1000)",   SHAPE_MS, NULL },
    { "timings/dns",         "-1",                             SHAPE_PLAIN, NULL },
    { "timings/connect",     "COALESCE(" HANDSHAKE ", -1000)", SHAPE_MS, NULL },
    { "timings/ssl",         "-1",                             SHAPE_PLAIN, NULL },
    { "timings/send",        "COALESCE(" SEND ", -1000)",      SHAPE_MS, NULL },
    { "timings/wait",        "COALESCE(wait_us, -1000)",       SHAPE_MS, NULL },
    { "timings/receive",     "COALESCE(transfer_us, -1000)",   SHAPE_MS, NULL },
    { "serverIPAddress",     "server_ip",            SHAPE_PLAIN, NULL },
    { "connection",          "connection_id",        SHAPE_ID, NULL },
    { "_clientIPAddress",    "client_ip",            SHAPE_PLAIN, NULL },
    { "_clientPort",         "client_port",          SHAPE_PLAIN, NULL },
    { "_serverPort",         "server_port",          SHAPE_PLAIN, NULL },
    { "_exchange",           "id",                   SHAPE_ID, NULL },
    { "_ordinal",            "ordinal",              SHAPE_PLAIN, NULL },
    { "_depth",              "depth",                SHAPE_PLAIN, NULL },
    { "_headOfLineMs",       "hol_us",               SHAPE_MS, NULL },
    { "_state",              "state",                SHAPE_PLAIN, NULL },
    { "_pairConfidence",     "pair_confidence",      SHAPE_PLAIN, NULL },
    { "_requestPacket",      "request_packet",       SHAPE_PLAIN, NULL },
    { "_responsePacket",     "response_packet",      SHAPE_PLAIN, NULL },
};
/* clang-format on */

static void write_list(const struct buffer *list, struct buffer *out)
{
    buffer_append_text(out, "[");
    buffer_append(out, buffer_bytes(list));
    buffer_append_text(out, "]");
}

static void write_special(void *context, const struct mapping_field *field,
                          const struct cell *cell, struct buffer *out)
{
    struct har_lists *l = context;
    bool is_response = strncmp(field->name, "response/", strlen("response/")) == 0;
    enum side side = is_response ? SIDE_SERVER : SIDE_CLIENT;
    if (strcmp(field->name, "cache") == 0)
        buffer_append_text(out, "{}");
    else if (strstr(field->name, "statusText") != NULL)
        buffer_print(out, "\"%s\"", reason_of(cell->integer));
    else if (strstr(field->name, "queryString") != NULL)
        har_lists_write_query(cell->text, out);
    else if (strstr(field->name, "redirectURL") != NULL)
        cell_text_json_string(buffer_bytes(&l->location), out);
    else if (strstr(field->name, "cookies") != NULL)
        write_list(&l->cookies[side], out);
    else
        write_list(&l->headers[side], out);
}

struct har {
    struct har_lists lists;
    bool has_entries;
};

static int64_t id_of(const struct mapping *m, const struct cell *cells)
{
    for (size_t i = 0; i < m->field_count; i++)
        if (strcmp(m->fields[i].name, "_exchange") == 0) return cells[i].integer;
    return 0;
}

static enum status put_entry(void *context, const struct mapping *m,
                             const struct cell *cells, struct buffer *out,
                             struct problem *why)
{
    struct har *h = context;
    enum status rc = har_lists_move_to(&h->lists, id_of(m, cells), why);
    if (rc != STATUS_OK) return rc;
    buffer_append_text(out, h->has_entries ? ",\n" : "\n");
    mapping_write_json(m, cells, out);
    h->has_entries = true;
    return STATUS_OK;
}

static enum status har_run(const struct export_order *order, struct problem *why)
{
    struct har har = {.has_entries = false};
    struct mapping mapping = {
        .from = "exchanges ORDER BY id",
        .fields = fields,
        .field_count = ARRAY_LENGTH(fields),
        .special = write_special,
        .context = &har.lists,
    };
    struct mapping_job job = {
        .mapping = &mapping, .order = order, .put = put_entry, .context = &har};
    struct buffer out = {.ptr = NULL};
    buffer_append_text(&out, "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":"
                             "\"hopscope\",\"version\":\"" HOPSCOPE_VERSION
                             "\"},\"pages\":[],\"entries\":[");
    enum status rc = order->target.begin(order->target.context, "all", why);
    if (rc == STATUS_OK) rc = har_lists_open(&har.lists, &order->source, why);
    if (rc == STATUS_OK) rc = mapping_run(&job, &out, why);
    buffer_clear(&out);
    buffer_append_text(&out, "\n]}}\n");
    if (rc == STATUS_OK) rc = mapping_flush(order, &out, why);
    har_lists_done(&har.lists);
    buffer_done(&out);
    return rc;
}

const struct export_format har_format = {
    .name = "har",
    .about = "one HTTP archive (HAR 1.2) for browsers' developer tools",
    .suffix = "har",
    .run = har_run,
};
