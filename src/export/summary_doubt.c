/* The figures of a capture that say how far to believe the rest, in the order in which
 * a reader is told of them. */
#include "export/summary.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
#define DOUBT(member, singular, plural) \
    { offsetof(struct record_capture, member), singular, plural }
const struct summary_doubt summary_doubts[] = {
    DOUBT(kernel_dropped,         "packet was dropped by the kernel before it was written",
                                  "packets were dropped by the kernel before they were written"),
    DOUBT(interface_dropped,      "packet was dropped by the interface",
                                  "packets were dropped by the interface"),
    DOUBT(truncated_packets,      "packet was cut by the snapshot length",
                                  "packets were cut by the snapshot length"),
    DOUBT(undecoded_packets,      "packet could not be decoded",
                                  "packets could not be decoded"),
    DOUBT(midstream_connections,  "connection had begun before the capture did",
                                  "connections had begun before the capture did"),
    DOUBT(one_sided_connections,  "connection was seen in one direction only",
                                  "connections were seen in one direction only"),
    DOUBT(missing_bytes,          "byte of a stream was sent and never captured",
                                  "bytes of the streams were sent and never captured"),
    DOUBT(evicted_connections,    "connection was given up to stay within memory",
                                  "connections were given up to stay within memory"),
    DOUBT(ambiguous_pairs,        "response may belong to another request (loss in a pipeline)",
                                  "responses may belong to other requests (loss in a pipeline)"),
    DOUBT(orphan_responses,       "response has no request in the capture",
                                  "responses have no request in the capture"),
};
/* clang-format on */
const size_t summary_doubt_count = ARRAY_LENGTH(summary_doubts);

int64_t summary_doubt_figure(const struct summary_doubt *doubt,
                             const struct record_capture *capture)
{
    int64_t figure;
    memcpy(&figure, (const char *)capture + doubt->offset, sizeof figure);
    return figure > 0 ? figure : 0;
}
