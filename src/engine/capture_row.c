#include "engine/capture_row.h"

void capture_row_fill_counted(const struct pipeline_counters *n,
                              struct record_capture *row)
{
    row->undecoded_packets = (int64_t)(n->undecoded + n->truncated);
    row->duplicate_packets = (int64_t)n->duplicates;
    row->bad_checksums = (int64_t)n->bad_checksums;
    row->connections = (int64_t)n->connections;
    row->midstream_connections = (int64_t)n->midstream_connections;
    row->one_sided_connections = (int64_t)n->one_sided_connections;
    row->missing_bytes = (int64_t)n->missing_bytes;
    row->evicted_connections = (int64_t)n->evicted_connections;
    row->odd_segments = (int64_t)n->odd_segments;
    row->late_packets = (int64_t)n->late_packets;
    row->overdue_packets = (int64_t)n->overdue_packets;
    row->exchanges = (int64_t)n->exchanges;
    row->exact_pairs = (int64_t)n->exact_pairs;
    row->inferred_pairs = (int64_t)n->inferred_pairs;
    row->ambiguous_pairs = (int64_t)n->ambiguous_pairs;
    row->orphan_responses = (int64_t)n->orphan_responses;
}
