/* Findings (SEMANTICS 9). A capture of many short connections has a row for nearly each
 * of them (tcp_port_reused), so there is no index beside the table, and nearly all that
 * is small shares one column; not the ordinal, by which exchanges are joined. A code's
 * number means what the view's text says; a program with other codes writes another
 * text, and is not let into the database. */
#include "record/fields.h"

#define RECORD struct record_finding

/* clang-format off */
#define CODE_NAME(code, name, severity, title, reference, zeek, suricata) name,
static const char *const codes[] = { NULL, FINDINGS(CODE_NAME) NULL };
#undef CODE_NAME
static const char *const severities[] = { NULL, "info", "warning", "attack", NULL };

static const struct field fields[] = {
    F("id",                "Id",         INTEGER(id),                  KEY),
    F("capture_id",        "Capture",    CAPTURE_OF(connection_id),    DERIVED("finding.connection_id >> 32")),
    F("connection_id",     "Connection", INTEGER(connection_id),       ROW),
    F("exchange_ordinal",  "Exchange",   INTEGER(exchange_ordinal),    ROW),
    F("side",              "Side",       ENUM(side, fields_side_names), FLAGS),
    F("packet",            "Packet",     PACKET(ref),                  ROW, BITS(28), SINCE("connection_id")),
    F("packet_capture_id", "in capture", CAPTURE_OF(ref),              WITH_PACKET),
    F("time_us",           "Time",       TIME(time_us),                ROW),
    F("stream_offset",     "Offset",     INTEGER(stream_offset),       ROW),
    F("code",              "Code",       ENUM(code, codes),            FLAGS),
    F("evidence",          "Evidence",   TEXT(evidence),               ROW),
    F("severity",          "Severity",   ENUM(severity, severities),   FLAGS),
};
/* clang-format on */

const struct record_layout fields_finding = {
    .table = "finding",
    .view = "findings",
    .about =
        "One oddity, where it was seen; finding_code explains the code. An id alone "
        "is looked for in all rows, one with its connection_id at once.",
    .fields = fields,
    .field_count = ARRAY_LENGTH(fields),
    .size = sizeof(RECORD),
    .time = {"time_us"},
    .is_clustered = true,
};
