/* The queue of a story's unfinished exchanges, in the order of their requests. They
 * leave it in that order, as records, and are used again for the next ones.
 *
 *   add --> [ first ... last ] --both halves ended, or given up--> record, figures */
#include "exchange/tracker_state.h"
#include "hopscope/packing.h"

#include <string.h>

static struct exchange *make(struct tracker *t)
{
    struct exchange *e = t->spare;
    if (e == NULL) {
        e = mem_alloc(sizeof *e);
    } else {
        t->spare = e->next;
        t->spare_count--;
        memset(e, 0, offsetof(struct exchange, kept));
        /* By a store of its own: it is read at once, and would have to wait until one
         * that is wide, and lies across two lines, has reached the cache. */
        e->kept = 0;
        buffer_clear(&e->text);
    }
    e->continue_ns = TIME_UNKNOWN;
    return e;
}

static void insert(struct story *s, struct exchange *after, struct exchange *e)
{
    struct exchange **link = after == NULL ? &s->first : &after->next;
    e->next = *link;
    *link = e;
    if (e->next == NULL) s->last = e;
    s->pending++;
    s->conn->is_pending = true;
    s->exchanges++;
}

struct exchange *exchange_queue_add(struct story *s)
{
    struct exchange *e = make(s->tracker);
    insert(s, s->last, e);
    return e;
}

struct exchange *exchange_queue_add_answered(struct story *s)
{
    struct exchange *e = make(s->tracker);
    insert(s, s->answered, e);
    return e;
}

static void recycle(struct tracker *t, struct exchange *e)
{
    if (t->spare_count >= TRACKER_SPARE_MAX || e->text.capacity > TRACKER_SPARE_TEXT) {
        buffer_done(&e->text);
        mem_free(e);
        return;
    }
    e->next = t->spare;
    t->spare = e;
    t->spare_count++;
}

struct exchange *exchange_queue_find(const struct story *s, uint64_t number)
{
    if (number == 0) return NULL;
    struct exchange *e = s->paired != NULL ? s->paired : s->first;
    while (e != NULL && e->number != number) e = e->next;
    return e;
}

/* Most have none, and a request without its answer is a single one. */
static bool is_packed_at_rest(const struct story *s)
{
    return s->pending == 1 && s->optimistic == NULL; /* which may look at it */
}

void exchange_queue_rest(struct tracker *t, struct story *s, struct packing *out)
{
    if (!is_packed_at_rest(s)) return;
    struct exchange *e = s->first;
    packing_put(out, e, sizeof *e);
    packing_put(out, e->text.ptr, e->text.len);
    recycle(t, e);
}

void exchange_queue_resume(struct tracker *t, struct story *s, struct unpacking *in)
{
    if (!is_packed_at_rest(s)) return;
    struct exchange *e = make(t);
    struct buffer text = e->text;
    packing_take(in, e, sizeof *e);
    buffer_reserve(&text, e->text.len);
    text.len = e->text.len;
    packing_take(in, text.ptr, text.len);
    e->text = text;
    s->first = s->last = e;
    if (s->asked != NULL) s->asked = e;
    if (s->answered != NULL) s->answered = e;
    if (s->paired != NULL) s->paired = e;
}

/* Gives the exchange's number to the findings that lie in its bytes. Those in front
 * that an earlier one has are passed over: the longer the connection, the more they
 * are. */
static int64_t claim_findings(struct story *s, const struct exchange *e)
{
    struct finding_list *list = s->conn->findings;
    if (list == NULL) return 0;
    int64_t count = 0;
    while (s->claimed < list->count && list->rows[s->claimed].ordinal != 0 &&
           list->rows[s->claimed].ordinal < e->ordinal)
        s->claimed++;
    for (uint32_t i = s->claimed; i < list->count; i++) {
        struct finding *f = &list->rows[i];
        const struct half *h = &e->half[f->side];
        bool is_inside = h->is_seen && f->offset >= h->start.offset &&
                         (!h->is_ended || f->offset < h->end.offset);
        if (f->ordinal == 0 && is_inside) f->ordinal = (uint32_t)e->ordinal;
        if (f->ordinal == e->ordinal) count++;
    }
    return count;
}

static void count_pair(struct story *s, const struct exchange *e)
{
    struct tracker_counters *n = tracker_count(s->tracker, s->conn);
    n->exchanges++;
    switch (e->confidence) {
    case PAIR_UNKNOWN: return;
    case PAIR_EXACT: n->exact_pairs++; return;
    case PAIR_INFERRED: n->inferred_pairs++; return;
    case PAIR_AMBIGUOUS: n->ambiguous_pairs++; return;
    case PAIR_ORPHAN: n->orphan_responses++; return;
    }
}

static void note_oddities(struct story *s, const struct exchange *e,
                          const struct record_exchange *row)
{
    if (row->early_response == TRI_YES)
        story_note(s, FINDING_RESPONSE_EARLY, SEVERITY_UNKNOWN, SIDE_SERVER,
                   &e->half[SIDE_SERVER].start, exchange_text(e, TEXT_TARGET));
    static const enum finding_code races[] = {
        [CAUSE_IDLE_RACE] = FINDING_IDLE_RACE,
        [CAUSE_STALE_REUSE] = FINDING_STALE_REUSE,
        [CAUSE_LATE_REUSE] = FINDING_LATE_REUSE,
    };
    if (e->race != CAUSE_UNKNOWN)
        story_note(s, races[e->race], SEVERITY_UNKNOWN, SIDE_CLIENT,
                   &e->half[SIDE_CLIENT].start, exchange_text(e, TEXT_TARGET));
    if (e->is_odd) upgrade_account(s, e);
}

/* Whether somebody ended it before its time; what only the capture lost does not count.
 */
static bool was_cut(const struct story *s, const struct exchange *e)
{
    bool is_server_seen = s->conn->side[SIDE_SERVER].packets > 0;
    const struct half *request = &e->half[SIDE_CLIENT];
    const struct half *response = &e->half[SIDE_SERVER];
    if (request->is_complete && response->is_complete) return false; /* most are */
    if (e->is_open) return false;
    if (!request->is_seen) return s->was_cut; /* it says nothing of what was asked */
    bool is_withheld = (request->flags & MESSAGE_EXPECTS_CONTINUE) != 0 &&
                       request->body_bytes == 0 && response->is_seen;
    if (!request->is_complete && request->missing_bytes == 0 && !is_withheld)
        return true;
    if (!response->is_seen) return e->lost_bytes == 0 && is_server_seen;
    return !response->is_complete && response->missing_bytes == 0;
}

/* Behind what leaves now, others may wait since their requests came. They are asked for
 * in steps, as one leads to the other: two ahead, then its texts. */
static inline void prefetch_behind(const struct exchange *e)
{
    if (e->next == NULL) return;
    mem_prefetch(e->next->text.ptr, e->next->text.len);
    if (e->next->next != NULL) mem_prefetch(e->next->next, sizeof *e);
}

void exchange_queue_release_first(struct story *s)
{
    struct exchange *e = s->first;
    prefetch_behind(e);
    e->ordinal = s->exchanges - s->pending + 1;
    s->first = e->next;
    if (s->first == NULL) s->last = NULL;
    s->conn->is_pending = s->first != NULL;
    if (s->asked == e) s->asked = NULL;
    if (s->answered == e) s->answered = NULL;
    if (s->paired == e) s->paired = NULL;
    s->pending--;
    const struct half *response = &e->half[SIDE_SERVER];
    struct record_exchange own;
    struct record_exchange *row = exchange_row_make(s, e, &own);
    int64_t end_us = row->response_end_us;
    pipelining_account(s, e, row);
    note_oddities(s, e, row);
    if (s->optimistic != NULL) optimistic_account(s, e);
    persistence_account(s, e, row->idle_before_us);
    desync_account(s, e);
    row->findings = claim_findings(s, e);
    if (s->tracker->options.sink.update != NULL) ongoing_rows_introduce(s);
    story_put(s, RECORD_EXCHANGE, row);
    count_pair(s, e);
    s->was_cut = was_cut(s, e);
    s->race = e->race;
    if (e->race == CAUSE_UNKNOWN) {
        s->previous_end_ns =
            response->is_ended ? response->end.captured_ns : TIME_UNKNOWN;
        s->previous_end_us = end_us;
    }
    s->previous_method = e->half[SIDE_CLIENT].is_seen ? e->method : METHOD_GET;
    recycle(s->tracker, e);
}

void exchange_queue_release_due(struct story *s)
{
    while (s->first != NULL) {
        bool is_due = exchange_is_finished(s->first) &&
                      !desync_holds_back(s, s->first) &&
                      (s->optimistic == NULL || !optimistic_holds_back(s, s->first));
        if (!is_due && s->pending <= EXCHANGE_PENDING_MAX) return;
        exchange_queue_release_first(s);
    }
}
