/* Two TCP stacks without timers: they send what the script says, acknowledge what they
 * have received, and keep still otherwise.
 *
 * A segment acknowledges all that the other side has sent so far, unless its sender is
 * blind. Data that meets no answer within a delayed ACK's time, or until the script
 * ends, gets an ACK of its own. */
#include "stack.h"

#include "hopscope/net.h"

#include <string.h>

#define STACK_START_NS       1700000000000000000LL
#define STACK_STEP_NS        1000000LL  /* from one segment to the next */
#define STACK_SPAN_NS        400000LL   /* pieces of one segment are captured in this */
#define STACK_ACK_NS         500000LL   /* an ACK of its own comes after them */
#define STACK_DELAYED_ACK_NS 40000000LL /* a pause that no stack lasts without one */

enum { STACK_SEGMENT_MAX = 32 << 10 }; /* IP's length field ends at 64 KiB */

/* One side: sequence numbers are relative, 0 is its SYN. */
struct end {
    uint64_t next;  /* to be sent */
    uint64_t acked; /* of the other side's, sent last */
    uint64_t limit; /* of what it has received, while it is blind */
    bool is_blind, has_fin;
};

struct stack {
    const struct script *script;
    struct segments *out;
    struct end end[2];
    uint32_t life, flight;
    enum side flight_of;
    int64_t now_ns;
    bool is_reset;
    bool has_begun[2];
};

void segments_push(struct segments *list, const struct segment *segment)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->at = mem_resize(list->at, list->capacity * sizeof *list->at);
    }
    list->at[list->count++] = *segment;
}

void segments_done(struct segments *list)
{
    mem_free(list->at);
    *list = (struct segments){0};
}

static uint64_t received(const struct stack *s, enum side side)
{
    const struct end *e = &s->end[side];
    return e->is_blind ? e->limit : s->end[side_other(side)].next;
}

static bool is_captured(const struct stack *s, enum side from, unsigned step_flags)
{
    if ((step_flags & STEP_LOST) != 0) return false;
    return !s->script->is_one_sided || s->script->only_side == from;
}

/* Sends one segment at the present time. */
static void emit(struct stack *s, enum side from, uint8_t flags, struct bytes payload,
                 unsigned step_flags)
{
    struct end *e = &s->end[from];
    bool is_rst = (flags & TCP_RST) != 0;
    if (s->flight_of != from || is_rst) s->flight++;
    s->flight_of = from;
    if ((flags & TCP_ACK) != 0) e->acked = received(s, from);
    struct segment segment = {
        .from = from,
        .flags = flags,
        .life = s->life,
        .flight = s->flight,
        .offset = e->next,
        .acked = e->acked,
        .at_ns = s->now_ns,
        .span_ns = STACK_SPAN_NS,
        .payload = payload,
    };
    /* An RST for a connection that is closed already takes its number from what it
     * answers (RFC 9293, section 3.5.2). */
    if (is_rst && e->has_fin) segment.offset = s->end[side_other(from)].acked;
    e->next += payload.len;
    if ((flags & (TCP_SYN | TCP_FIN)) != 0) e->next++;
    if ((flags & TCP_FIN) != 0) e->has_fin = true;
    if (is_rst) {
        s->is_reset = true;
        s->flight++;
    }
    if (!is_captured(s, from, step_flags)) return;
    bool is_midstream = s->script->opening == OPENING_MIDSTREAM;
    segment.is_fixed = is_rst || (is_midstream && !s->has_begun[from]);
    s->has_begun[from] = true;
    segments_push(s->out, &segment);
}

/* ACKs of what has met no answer. */
static void flush_acks(struct stack *s)
{
    for (int i = 0; i < 2 && !s->is_reset; i++) {
        enum side side = (enum side)i;
        if (s->end[side].acked >= received(s, side)) continue;
        s->now_ns += STACK_ACK_NS;
        emit(s, side, TCP_ACK, bytes_of(NULL, 0), 0);
    }
}

/* ---- opening ---- */

static void open_unanswered(struct stack *s, struct bytes payload)
{
    static const int64_t pauses_ns[] = {1000000000LL, 2000000000LL};
    for (size_t i = 0; i < ARRAY_LENGTH(pauses_ns); i++) {
        s->now_ns += pauses_ns[i];
        s->flight++;
        s->end[SIDE_CLIENT].next = 0;
        emit(s, SIDE_CLIENT, TCP_SYN, payload, 0);
    }
}

static void open_life(struct stack *s, enum opening opening, struct bytes payload)
{
    static const struct bytes nothing = {0};
    for (int i = 0; i < 2; i++) s->end[i] = (struct end){.acked = 0};
    s->is_reset = false;
    s->flight++;
    if (opening == OPENING_MIDSTREAM) {
        for (int i = 0; i < 2; i++) s->end[i] = (struct end){.next = 1, .acked = 1};
        return;
    }
    emit(s, SIDE_CLIENT, TCP_SYN, payload, 0);
    if (opening == OPENING_UNANSWERED) {
        open_unanswered(s, payload);
        return;
    }
    s->now_ns += STACK_STEP_NS;
    if (opening == OPENING_REFUSED) {
        emit(s, SIDE_SERVER, TCP_RST | TCP_ACK, nothing, 0);
        return;
    }
    unsigned synack = opening == OPENING_NO_SYN_ACK ? STEP_LOST : 0;
    emit(s, SIDE_SERVER, TCP_SYN | TCP_ACK, nothing, synack);
    s->now_ns += STACK_STEP_NS;
    emit(s, SIDE_CLIENT, TCP_ACK, nothing, 0);
    s->flight++; /* it does not change places with data */
}

/* ---- steps ---- */

static void send_step(struct stack *s, const struct step *step)
{
    struct bytes rest = step->payload;
    size_t size = rest.len / step->parts + (rest.len % step->parts != 0);
    if (size > STACK_SEGMENT_MAX) size = STACK_SEGMENT_MAX;
    uint8_t last = TCP_ACK;
    if ((step->flags & STEP_FIN) != 0) last |= TCP_FIN;
    if ((step->flags & STEP_RST) != 0) last |= TCP_RST;
    while (rest.len > size) {
        s->now_ns += STACK_STEP_NS;
        emit(s, step->side, TCP_ACK, bytes_first(rest, size), step->flags);
        rest = bytes_from(rest, size);
    }
    s->now_ns += STACK_STEP_NS;
    if (rest.len > 0) last |= TCP_PSH;
    emit(s, step->side, last, rest, step->flags);
}

static struct bytes payload_on_syn(const struct step *step, const struct step *end)
{
    bool is_there = step < end && (step->flags & STEP_ON_SYN) != 0;
    return is_there ? step->payload : bytes_of(NULL, 0);
}

static void run_step(struct stack *s, const struct step *step, const struct step *end)
{
    switch (step->kind) {
    case STEP_SEND:
        if ((step->flags & STEP_ON_SYN) == 0) send_step(s, step);
        return;
    case STEP_WAIT:
        if (step->wait_ns >= STACK_DELAYED_ACK_NS) {
            flush_acks(s);
            s->flight++;
        }
        s->now_ns += step->wait_ns;
        return;
    case STEP_BLIND:
        s->end[step->side].limit = received(s, step->side);
        s->end[step->side].is_blind = true;
        return;
    case STEP_SEES: s->end[step->side].is_blind = false; return;
    case STEP_REOPEN:
        flush_acks(s);
        s->now_ns += STACK_STEP_NS;
        s->life++;
        open_life(s, OPENING_HANDSHAKE, payload_on_syn(step + 1, end));
        return;
    }
}

void stack_run(const struct script *script, struct segments *out)
{
    memcpy(out->port, script->port, sizeof out->port);
    struct stack s = {.script = script, .out = out, .now_ns = STACK_START_NS};
    const struct step *end = script->steps; /* NULL where there is none */
    if (script->step_count > 0) end += script->step_count;
    open_life(&s, script->opening, payload_on_syn(script->steps, end));
    bool is_established =
        script->opening != OPENING_REFUSED && script->opening != OPENING_UNANSWERED;
    for (const struct step *step = script->steps; step < end; step++)
        run_step(&s, step, end);
    if (is_established) flush_acks(&s);
}
