/* Findings (SEMANTICS 9). The code is a text and not its number here, because numbers
 * change when codes are added and a database is appended to by newer programs. */
#include "record/fields.h"

#define RECORD struct record_finding

/* clang-format off */
#define CODE_NAME(code, name, severity, title, reference, zeek, suricata) name,
static const char *const codes[] = { NULL, FINDINGS(CODE_NAME) NULL };
#undef CODE_NAME
static const char *const severities[] = { NULL, "info", "warning", "attack", NULL };

static const struct field fields[] = {
    F("capture_id",        "Capture",    CAPTURE_OF(connection_id),    DERIVED("finding.connection_id >> 32")),
    F("connection_id",     "Connection", INTEGER(connection_id),       ROW),
    F("exchange_ordinal",  "Exchange",   INTEGER(exchange_ordinal),    ROW),
    F("side",              "Side",       ENUM(side, fields_side_names), FLAGS),
    F("packet",            "Packet",     PACKET(ref),                  ROW, SINCE("connection_id")),
    F("packet_capture_id", "in capture", CAPTURE_OF(ref),              WITH_PACKET),
    F("time_us",           "Time",       TIME(time_us),                ROW),
    F("stream_offset",     "Offset",     INTEGER(stream_offset),       ROW),
    F("code",              "Code",       ENUM(code, codes),            INTERNED),
    F("evidence",          "Evidence",   TEXT(evidence),               ROW),
    F("severity",          "Severity",   ENUM(severity, severities),   FLAGS),
};
/* clang-format on */

const struct record_layout fields_finding = {
    .table = "finding",
    .view = "findings",
    .about = "One oddity, where it was seen; finding_code explains the code.",
    .fields = fields,
    .field_count = ARRAY_LENGTH(fields),
    .size = sizeof(RECORD),
    .time = {"time_us"},
    .is_numbered = true,
};
