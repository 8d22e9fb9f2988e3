/* What the screens show, without a screen: connections with their exchanges, findings
 * and origins. Bounded: the oldest go, finished ones first, and are counted; all of
 * them are in the database. One thread only. */
#ifndef UI_MODEL_H
#define UI_MODEL_H

#include "hopscope/record.h"
#include "ui/id_map.h"
#include "ui/origins.h"

enum {
    MODEL_CONNECTIONS_MAX = 20000,
    MODEL_EXCHANGES_MAX = 50000,
    MODEL_EXCHANGES_EACH = 2,       /* of a connection, that others do not drive out */
    MODEL_ROW_BYTES_MAX = 64 << 20, /* of both with their texts */
    MODEL_FINDINGS_MAX = 10000,
    MODEL_HEADER_BYTES_MAX = 8 << 20,
    MODEL_EARLY_BYTES_MAX = 4 << 20, /* of header fields whose exchange is not here */
    MODEL_TUNNELS_MAX = 4096,
};

struct model_connection;

/* A header field, in one block with its texts. */
struct model_header {
    struct model_header *next;
    struct record_header *record;
};

/* Header fields that came before their exchange. */
struct model_early {
    struct model_header *first, *last;
    size_t bytes;
};

struct model_exchange {
    struct record_exchange *record;
    struct model_connection *connection;
    struct model_exchange *before, *after; /* of its connection, by ordinal */
    struct model_exchange *older, *newer;  /* of all, by arrival */
    struct model_header *headers;          /* in the order in which they came */
    size_t header_bytes, row_bytes;
};

struct model_connection {
    int64_t id;
    struct record_connection *record; /* as last told; before that, what is known */
    struct record_tunnel *tunnel;     /* NULL: none */
    struct model_exchange *first, *last;
    struct model_connection *older, *newer; /* by arrival */
    struct origin *origin;                  /* NULL: not known yet */
    size_t row_bytes;                       /* without its exchanges */
    uint32_t kept_exchanges, waiting;       /* waiting: exchanges under way */
    uint64_t finished_exchanges;
    uint64_t serial;                           /* by arrival, from 1 */
    uint32_t findings[SEVERITY_ATTACK + 1];    /* by severity */
    uint8_t codes[FINDING_CODE_COUNT / 8 + 1]; /* bit set of findings */
    int64_t active_us;                         /* last sign of life */
    bool is_marked, is_over;
    /* The list's memory of whether it passes the filter. */
    uint64_t changed, judged_filter, judged_change;
    bool is_passed;
};

struct model_finding {
    struct record_finding record; /* its evidence: `evidence` */
    char evidence[FINDING_EVIDENCE_MAX * 4 + 1];
    uint64_t serial; /* from 1 */
};

struct model_code { /* all findings of one code, kept or not */
    uint64_t count;
    int64_t newest_us;
    uint64_t newest_serial;
};

struct model_counts {
    uint64_t opened, closed, refused, exchanges, failed; /* 5xx or not whole */
    uint64_t findings[SEVERITY_ATTACK + 1];
    uint64_t forgotten_connections, forgotten_exchanges, forgotten_findings;
    uint64_t cut_texts, unkept_headers;
};

struct model {
    struct id_map connection_map, exchange_map;
    struct model_connection *oldest, *newest;
    struct model_exchange *oldest_exchange, *newest_exchange;
    struct model_exchange
        *oldest_headers; /* all before it have none; NULL: begin anew */
    size_t connection_count, exchange_count, header_bytes, tunnel_count;
    size_t open_connections, marked;
    struct model_finding *findings; /* a ring of MODEL_FINDINGS_MAX */
    struct model_code codes[FINDING_CODE_COUNT];
    uint64_t finding_serial, connection_serial;
    struct origins origins;
    struct model_counts counts;
    struct id_map early_map; /* exchange that is not here yet: struct model_early */
    size_t early_bytes;
    int64_t now_us;   /* of the capture: the newest time that was told */
    uint64_t version; /* raised by whatever changes */
    size_t row_bytes; /* of connections and exchanges */
    size_t connections_max, exchanges_max, row_bytes_max;
};

struct model *model_new(void);
void model_free(struct model *m);               /* NULL is allowed */
struct record_sink model_sink(struct model *m); /* never fails */
/* Time has come to this, with records or without. */
void model_advance(struct model *m, int64_t now_us);

/* NULL: not there (any more). */
struct model_connection *model_connection(const struct model *m, int64_t id);
struct model_exchange *model_exchange(const struct model *m, int64_t id);
/* The finding with that serial; NULL: gone. */
const struct model_finding *model_finding(const struct model *m, uint64_t serial);
void model_mark(struct model *m, struct model_connection *c, bool is_marked);
bool model_has_code(const struct model_connection *c, enum finding_code code);
/* Of the newest exchange that has one; ptr NULL: none. */
struct bytes model_host(const struct model_connection *c);

#endif
