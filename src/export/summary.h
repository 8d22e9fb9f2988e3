/* What a summary keeps: counts, bounded tables, and copies of the capture rows. */
#ifndef EXPORT_SUMMARY_H
#define EXPORT_SUMMARY_H

#include "export/asked.h"
#include "export/failures.h"
#include "export/histogram.h"
#include "export/host_table.h"
#include "export/ongoing.h"
#include "export/tally.h"
#include "hopscope/export.h"
#include "hopscope/record.h"

enum {
    SUMMARY_CAPTURES_MAX = 256, /* rows kept; later ones are in the sums */
    SUMMARY_ENUM_MAX = 16,      /* more than any enumeration counted here has */
    SUMMARY_STATUS_MAX = 600,
    SUMMARY_SLOWEST_MAX = 10,
    SUMMARY_REUSE_BUCKETS = 7,
    SUMMARY_SEVERITIES = 4,
    SUMMARY_CLOSERS = 4, /* enum closed_by */
};

/* An exchange worth naming. */
struct summary_slow {
    int64_t service_us; /* of requests that were not pipelined: wait_us */
    int64_t wait_us, status;
    uint64_t request_ref, response_ref;
    struct asked asked;
};

struct summary_finding {
    uint64_t count;
    uint64_t first_ref;
    int64_t first_us;
};

struct summary {
    struct record_capture captures[SUMMARY_CAPTURES_MAX]; /* texts owned */
    size_t capture_count;                                 /* rows kept */
    struct record_capture sums; /* of all; capture rows without texts */
    uint64_t captures_seen, damaged;

    /* connections */
    uint64_t connections, http_connections, still_open;
    struct tally protocols;
    uint64_t open_results[SUMMARY_ENUM_MAX], close_kinds[SUMMARY_ENUM_MAX];
    uint64_t causes[SUMMARY_ENUM_MAX][SUMMARY_CLOSERS];
    uint64_t bytes[2], retransmitted_segments, retransmitted_bytes, out_of_order;
    uint64_t syn_retransmits, connection_findings;
    struct histogram handshake;
    /* HTTP connections by their number of exchanges, see summary_reuse_floor */
    uint64_t reuse[SUMMARY_REUSE_BUCKETS];
    int64_t most_exchanges;
    uint64_t most_exchanges_ref;
    int64_t max_depth;
    uint64_t max_depth_ref, pipelined_connections, pipelined_requests, resyncs;
    int64_t idle_survived_us;
    struct histogram idle_closed; /* idle connections that the server closed */

    /* exchanges */
    uint64_t exchanges, reused_exchanges;
    uint64_t states[SUMMARY_ENUM_MAX], confidences[SUMMARY_ENUM_MAX];
    uint64_t expects[SUMMARY_ENUM_MAX], upgrades[SUMMARY_ENUM_MAX];
    uint64_t statuses[SUMMARY_STATUS_MAX], statuses_odd, interims, early_responses;
    uint64_t hol_us, held_requests, expect_saved_bytes, optimistic_bytes;
    struct tally methods, upgrade_protocols;
    struct histogram wait_elsewhere; /* of those that no host's row counts */
    struct convoy worst_convoy;
    struct summary_slow slowest[SUMMARY_SLOWEST_MAX]; /* longest first */
    size_t slowest_count;
    int64_t slow_from_us; /* service_us of less is none of them */
    struct failures failures;

    uint64_t tunnels;
    struct tally tunnel_protocols; /* bytes of both sides */
    uint64_t findings;
    struct summary_finding finding[FINDING_CODE_COUNT][SUMMARY_SEVERITIES];

    struct host_table hosts;
    struct ongoing ongoing;
};

/* A figure of a capture that bears on trust, with what it means. */
struct summary_doubt {
    size_t offset;                 /* int64_t of struct record_capture */
    const char *singular, *plural; /* after the figure */
};

extern const struct summary_doubt summary_doubts[];
extern const size_t summary_doubt_count;

int64_t summary_doubt_figure(const struct summary_doubt *doubt,
                             const struct record_capture *capture); /* 0: none */
/* Whether all that was sent can have been seen: no doubt has a figure, no damage. */
bool summary_is_complete(const struct record_capture *capture);
/* The waits of all exchanges; release with histogram_done. */
struct histogram summary_wait(const struct summary *s);
/* Fewest exchanges of a bucket of `reuse`; the bucket after the last: INT64_MAX. */
int64_t summary_reuse_floor(size_t bucket);
/* The name of an enumeration's value by its field table; NULL for 0 and unknown ones.
 */
const char *summary_enum_name(enum record_kind kind, const char *field, size_t value);

#endif
