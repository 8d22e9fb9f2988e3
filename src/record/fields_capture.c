/* One row per capture that was read: how far its rows can be believed. */
#include "record/fields.h"

#define RECORD struct record_capture

/* clang-format off */
static const struct field fields[] = {
    F("id",                    "Capture",           INTEGER(id),                    KEY),
    F("source",                "Source",            TEXT(source),                   ROW),
    F("kind",                  "Kind",              TEXT(kind),                     ROW),
    F("format",                "Format",            TEXT(format),                   ROW),
    F("link_types",            "Link types",        TEXT(link_types),               ROW),
    F("snaplen",               "Snaplen",           INTEGER(snaplen),               ROW),
    F("start_us",              "Start",             TIME(start_us),                 ROW),
    F("end_us",                "End",               TIME(end_us),                   ROW),
    F("packets",               "Packets",           INTEGER(packets),               ROW),
    F("bytes",                 "Bytes",             INTEGER(bytes),                 ROW),
    F("kernel_dropped",        "Kernel dropped",    INTEGER(kernel_dropped),        ROW),
    F("interface_dropped",     "Interface dropped", INTEGER(interface_dropped),     ROW),
    F("truncated_packets",     "Truncated",         INTEGER(truncated_packets),     ROW),
    F("undecoded_packets",     "Undecoded",         INTEGER(undecoded_packets),     ROW),
    F("duplicate_packets",     "Duplicate",         INTEGER(duplicate_packets),     ROW),
    F("bad_checksums",         "Bad checksums",     INTEGER(bad_checksums),         ROW),
    F("connections",           "Connections",       INTEGER(connections),           ROW),
    F("midstream_connections", "Midstream",         INTEGER(midstream_connections), ROW),
    F("one_sided_connections", "One-sided",         INTEGER(one_sided_connections), ROW),
    F("missing_bytes",         "Missing bytes",     INTEGER(missing_bytes),         ROW),
    F("evicted_connections",   "Evicted",           INTEGER(evicted_connections),   ROW),
    F("exchanges",             "Exchanges",         INTEGER(exchanges),             ROW),
    F("exact_pairs",           "Exact pairs",       INTEGER(exact_pairs),           ROW),
    F("inferred_pairs",        "Inferred pairs",    INTEGER(inferred_pairs),        ROW),
    F("ambiguous_pairs",       "Ambiguous pairs",   INTEGER(ambiguous_pairs),       ROW),
    F("orphan_responses",      "Orphan responses",  INTEGER(orphan_responses),      ROW),
    F("damage",                "Damage",            TEXT(damage),                   ROW),
    F("program_version",       "Program version",   TEXT(program_version),          ROW),
};
/* clang-format on */

const struct record_layout fields_capture = {
    .table = "capture",
    .view = "captures",
    .about = "A capture that was read, and how far its rows can be believed.",
    .fields = fields,
    .field_count = ARRAY_LENGTH(fields),
    .size = sizeof(RECORD),
    .time = {"start_us"},
};
