/* How much went over a connection, and how long it took. */
#include "ui/column_values.h"
#include "ui/figure.h"
#include "ui/wire_text.h"

void column_values_write_duration(struct buffer *out, int64_t us)
{
    char text[FIGURE_MAX] = "";
    if (us != RECORD_UNKNOWN) figure_duration(us, text);
    buffer_append_text(out, text);
}

/* ---- what ---- */

static int64_t exchanges_of(const struct model_connection *c)
{
    int64_t told = c->record->exchanges;
    int64_t seen = (int64_t)c->finished_exchanges + c->waiting;
    return told != RECORD_UNKNOWN && told > seen ? told : seen;
}

WRITES(exchanges)
{
    char text[FIGURE_MAX];
    (void)m, (void)is_ascii;
    figure_count(exchanges_of(c), text);
    buffer_append_text(out, text);
}

KEYS(exchanges)
{
    (void)m;
    return number_key(exchanges_of(c));
}

WRITES(depth)
{
    (void)m, (void)is_ascii;
    if (exchanges_of(c) == 0) return;
    int64_t max = c->record->max_depth;
    if (max < c->waiting) max = c->waiting;
    buffer_print(out, "%u/%lld", (unsigned)c->waiting, (long long)max);
}

KEYS(depth)
{
    (void)m;
    return number_key((int64_t)c->waiting * 100000 +
                      (c->record->max_depth > 0 ? c->record->max_depth : 0));
}

/* The last request's own: another one's beside it would mislead. */
WRITES(status)
{
    (void)m, (void)is_ascii;
    const struct record_exchange *e = c->last == NULL ? NULL : c->last->record;
    if (e == NULL) return;
    if (e->status != RECORD_UNKNOWN)
        buffer_print(out, "%lld", (long long)e->status);
    else
        buffer_append_text(out, e->state == EXCHANGE_OPEN ? "wait" : "none");
}

KEYS(status)
{
    (void)m;
    return number_key(c->last == NULL ? RECORD_UNKNOWN : c->last->record->status);
}

WRITES(last)
{
    (void)m;
    if (c->last == NULL) return;
    wire_text_add(out, c->last->record->method, is_ascii);
    if (c->last->record->method.len > 0) buffer_append_text(out, " ");
    wire_text_add(out, bytes_first(c->last->record->target, COLUMN_TEXT_MAX / 4),
                  is_ascii);
}

KEYS(last)
{
    (void)m;
    return text_key(c->last == NULL ? bytes_of(NULL, 0) : c->last->record->target);
}

static int64_t wait_of(const struct model *m, const struct model_connection *c)
{
    const struct model_exchange *e = c->last;
    if (e == NULL) return RECORD_UNKNOWN;
    if (e->record->wait_us != RECORD_UNKNOWN || e->record->state != EXCHANGE_OPEN)
        return e->record->wait_us;
    if (e->record->request_end_us == RECORD_UNKNOWN ||
        m->now_us < e->record->request_end_us)
        return RECORD_UNKNOWN;
    return e->record->response_start_us == RECORD_UNKNOWN
               ? m->now_us - e->record->request_end_us
               : e->record->response_start_us - e->record->request_end_us;
}

WRITES(wait)
{
    (void)is_ascii;
    column_values_write_duration(out, wait_of(m, c));
}

KEYS(wait)
{
    return number_key(wait_of(m, c));
}

static int64_t idle_of(const struct model *m, const struct model_connection *c)
{
    if (c->is_over) return c->record->idle_at_close_us;
    if (c->waiting > 0 || c->active_us == RECORD_UNKNOWN) return RECORD_UNKNOWN;
    return m->now_us - c->active_us;
}

WRITES(idle)
{
    (void)is_ascii;
    column_values_write_duration(out, idle_of(m, c));
}

KEYS(idle)
{
    return number_key(idle_of(m, c));
}

static int64_t bytes_in_all(const struct model_connection *c)
{
    const struct record_conn_side *side = c->record->side;
    if (side[0].bytes == RECORD_UNKNOWN || side[1].bytes == RECORD_UNKNOWN)
        return RECORD_UNKNOWN;
    return side[0].bytes + side[1].bytes;
}

WRITES(bytes)
{
    char text[FIGURE_MAX] = "";
    int64_t bytes = bytes_in_all(c);
    (void)m, (void)is_ascii;
    if (bytes != RECORD_UNKNOWN) figure_bytes(bytes, text);
    buffer_append_text(out, text);
}

KEYS(bytes)
{
    (void)m;
    return number_key(bytes_in_all(c));
}

/* Worst first, each with the letter of its severity. */
WRITES(findings)
{
    (void)m, (void)is_ascii;
    static const char letters[] = {'?', 'i', 'w', 'A'};
    const char *blank = "";
    for (int s = SEVERITY_ATTACK; s > 0; s--) {
        if (c->findings[s] == 0) continue;
        buffer_print(out, "%s%c%u", blank, letters[s], (unsigned)c->findings[s]);
        blank = " ";
    }
}

KEYS(findings)
{
    (void)m;
    return number_key((int64_t)c->findings[SEVERITY_ATTACK] * 1000000 +
                      (int64_t)c->findings[SEVERITY_WARNING] * 1000 +
                      (int64_t)c->findings[SEVERITY_INFO]);
}

WRITES(start)
{
    char text[FIGURE_MAX];
    (void)m, (void)is_ascii;
    figure_clock(c->record->start_us, text);
    buffer_append_text(out, text);
}

KEYS(start)
{
    (void)m;
    return number_key(c->record->start_us);
}

static int64_t age_of(const struct model *m, const struct model_connection *c)
{
    int64_t end_us = c->is_over ? c->record->end_us : m->now_us;
    bool is_known = c->record->start_us != RECORD_UNKNOWN && end_us != RECORD_UNKNOWN;
    return is_known ? end_us - c->record->start_us : RECORD_UNKNOWN;
}

WRITES(age)
{
    (void)is_ascii;
    column_values_write_duration(out, age_of(m, c));
}

KEYS(age)
{
    return number_key(age_of(m, c));
}
