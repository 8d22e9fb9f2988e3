/* Marks stand on a run of entries in front: those that were in front when a response
 * head was lost. Whether they were answered is decided when the next response comes,
 * because only that one tells. */
#include "http/pairing.h"

enum {
    PAIRING_GUESSED_MAX = 256, /* entries in front that a guess looks at */
};

/* ---- losses ---- */

/* The entries in front whose answers were lost. */
static uint32_t pairing_count_marked(const struct pairing *q)
{
    uint32_t marked = 0;
    while (marked < q->count && pairing_at(q, marked)->is_answer_lost) marked++;
    return marked;
}

void pairing_doubt_requests(struct pairing *q)
{
    q->is_lossy = q->is_blind = true;
}

void pairing_lose_requests(struct pairing *q)
{
    pairing_doubt_requests(q);
    q->is_behind_loss = true;
}

void pairing_lose_responses(struct pairing *q)
{
    q->is_lossy = q->is_torn = true;
    if (q->count == 0) return;
    /* Only what stands in front has had interim responses. */
    pairing_at(q, 0)->interim_start = OFFSET_UNKNOWN;
    /* What stands behind a doubtful entry is doubtful too. */
    if (pairing_at(q, 0)->is_doubtful) return;
    for (uint32_t i = 0; i < q->count; i++) pairing_at(q, i)->is_doubtful = true;
}

void pairing_refute_answer(struct pairing *q)
{
    pairing_lose_responses(q);
    if (q->is_unproven) q->was_guessed = true;
}

static uint64_t pairing_give_up_first(struct pairing *q)
{
    uint64_t given_up = pairing_at(q, 0)->number;
    pairing_lose_responses(q); /* its response may still come */
    pairing_drop_front(q);
    return given_up;
}

uint64_t pairing_push(struct pairing *q, const struct message *request,
                      uint64_t head_end, bool offers_upgrade)
{
    uint64_t given_up = 0;
    uint64_t acked = request->start.peer_acked;
    if (q->count == HTTP_UNANSWERED_MAX) given_up = pairing_give_up_first(q);
    if (q->quiet_from > 0) {
        if (acked != q->quiet_from) q->is_lossy = true;
        q->quiet_from = 0;
    }
    const struct pairing_entry *newest = pairing_newest(q);
    if (newest != NULL && newest->start_acked != OFFSET_UNKNOWN &&
        acked <= newest->start_acked)
        q->is_pipelined = true;
    /* Its response may have been there before it. */
    if (head_end <= q->orphan_acked) q->is_lossy = true;
    bool is_behind_loss = q->is_behind_loss || q->is_entered;
    bool is_doubtful = q->is_lossy || is_behind_loss;
    q->is_behind_loss = q->is_entered = false;
    *pairing_append(q) =
        (struct pairing_entry){.number = request->number,
                               .start = request->start.offset,
                               .head_end = head_end,
                               .start_acked = acked,
                               .method = request->method,
                               .is_simple = request->version == VERSION_09,
                               .offers_upgrade = offers_upgrade,
                               .is_behind_loss = is_behind_loss,
                               .is_doubtful = is_doubtful,
                               .was_doubtful = is_doubtful,
                               .interim_start = OFFSET_UNKNOWN};
    return given_up;
}

void pairing_lose_response(struct pairing *q, uint64_t missing)
{
    uint32_t marked = pairing_count_marked(q);
    pairing_lose_responses(q);
    if (marked == q->count) return;
    pairing_at(q, marked)->is_answer_lost = true;
    q->missing += missing;
}

void pairing_lose_request(struct pairing *q, uint64_t start, uint64_t end,
                          bool is_garbage)
{
    if (is_garbage)
        pairing_doubt_requests(q);
    else
        pairing_lose_requests(q);
    /* Its response was there before the gap was known for one. */
    if (q->orphan_acked >= end || q->count == HTTP_UNANSWERED_MAX) return;
    *pairing_append(q) = (struct pairing_entry){.start = start,
                                                .head_end = end,
                                                .start_acked = OFFSET_UNKNOWN,
                                                .is_garbage = is_garbage,
                                                .is_doubtful = q->is_lossy,
                                                .was_doubtful = q->is_lossy,
                                                .interim_start = OFFSET_UNKNOWN};
}

void pairing_anchor(struct pairing *q, uint64_t end)
{
    if (q->count > 0) return;
    q->missing = 0;
    if (q->is_entered && q->was_orphan) return; /* others may be outstanding like its */
    q->is_entered = false;
    if (q->is_lossy) q->quiet_from = end;
    q->is_lossy = q->was_guessed;
    q->was_guessed = q->is_owed || q->is_shifting;
    q->is_shifting = false;
}

/* ---- finding the request ---- */

/* Takes the first `count` entries off the queue. Numbers of requests follow each other,
 * so that what is given up is one run of them. */
static void pairing_pass_over(struct pairing *q, uint32_t count,
                              struct pairing_answer *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = pairing_at(q, 0)->number;
        if (number != 0 && out->lost_count++ == 0) out->lost_first = number;
        pairing_drop_front(q);
    }
    if (out->lost_count == 0) return;
    out->missing = q->missing;
    q->missing = 0;
}

/* How many of the entries the server had received when it began the response. */
static uint32_t pairing_count_received(const struct pairing *q, uint64_t acked)
{
    uint32_t received = q->count;
    if (acked == OFFSET_UNKNOWN) return received;
    while (received > 0 && pairing_at(q, received - 1)->head_end > acked) received--;
    return received;
}

/* Whether each of these requests was sent after something had come back for the one
 * before it: a client that does not pipeline. */
static bool pairing_was_sequential(const struct pairing *q, uint32_t from, uint32_t to)
{
    for (uint32_t i = from + 1; i < to; i++) {
        const struct pairing_entry *before = pairing_at(q, i - 1);
        uint64_t now = pairing_at(q, i)->start_acked;
        if (before->start_acked == OFFSET_UNKNOWN || now == OFFSET_UNKNOWN ||
            now <= before->start_acked)
            return false;
    }
    return true;
}

/* Whether requests that nobody saw, or an earlier guess, may have shifted what the
 * first `count` entries were answered with. */
static bool pairing_is_shifted(const struct pairing *q, uint32_t count)
{
    if (q->was_guessed || q->is_behind_loss || pairing_at(q, 0)->was_doubtful)
        return true;
    for (uint32_t i = 0; i < count; i++) {
        if (pairing_at(q, i)->is_behind_loss) return true;
    }
    return false;
}

/* Whether the server had bytes in which a request may stand that is none of the first
 * `received` entries: not read yet, or lost. */
static bool pairing_is_ahead(const struct pairing *q, uint64_t acked, uint32_t received)
{
    if (acked == OFFSET_UNKNOWN || acked > q->read_to) return true;
    if (received == q->count) return false;
    const struct pairing_entry *next = pairing_at(q, received);
    if (next->number == 0) return next->start < acked;
    uint64_t known = received == 0 ? 0 : pairing_at(q, received - 1)->head_end;
    return next->is_behind_loss && acked > known;
}

/* What the client had received when it sent the request that this response answers, if
 * it does not pipeline: all that came before the response. */
static uint64_t pairing_first_offset(const struct pairing_entry *entry,
                                     const struct message *response)
{
    bool has_interim = entry->interim_start != OFFSET_UNKNOWN;
    return has_interim ? entry->interim_start : response->start.offset;
}

/* A guess: of the entries that arrived the one that was sent right when all that stands
 * before the response had come; `otherwise`, if there is none. Of those sent together
 * it is the first. */
static uint32_t pairing_guess(const struct pairing *q, const struct message *response,
                              uint32_t otherwise)
{
    uint32_t received = pairing_count_received(q, response->start.peer_acked);
    for (uint32_t i = 0; i < received && i < PAIRING_GUESSED_MAX; i++) {
        const struct pairing_entry *entry = pairing_at(q, i);
        if (entry->start_acked == pairing_first_offset(entry, response)) return i;
    }
    return otherwise;
}

/* A response head was lost before this response. Returns the index of the entry that
 * this one answers. */
static uint32_t pairing_choose(const struct pairing *q, const struct message *response,
                               enum pair_confidence *confidence)
{
    uint64_t acked = response->start.peer_acked;
    uint32_t marked = pairing_count_marked(q);
    uint32_t received = pairing_count_received(q, acked);
    bool is_ahead = pairing_is_ahead(q, acked, received);
    if (received <= marked) {
        /* No other request had arrived: what was lost was an interim response. */
        bool is_sure = marked == 1 && !is_ahead && !pairing_is_shifted(q, marked);
        *confidence = is_sure ? PAIR_INFERRED : PAIR_AMBIGUOUS;
        return 0;
    }
    bool is_sequential = pairing_was_sequential(q, marked - 1, received);
    const struct pairing_entry *last = pairing_at(q, received - 1);
    bool is_next = last->start_acked == pairing_first_offset(last, response);
    bool is_sure = is_sequential && is_next && !q->is_pipelined && !is_ahead &&
                   !pairing_is_shifted(q, received);
    *confidence = is_sure ? PAIR_INFERRED : PAIR_AMBIGUOUS;
    return pairing_guess(q, response, is_sequential ? received - 1 : marked);
}

/* Statuses of a server that could not read a request (RFC 9110,
 * sections 15.5.1, 15.5.6, 15.5.15, 15.6.2 and 15.6.6; RFC 6585, section 5). */
static bool pairing_answers_garbage(int status)
{
    static const int statuses[] = {0, 400, 405, 414, 431, 501, 505};
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        if (statuses[i] == status) return true;
    }
    return false;
}

/* How sure the pair is with a doubtful entry that is the last one waiting. Inferred
 * only when its client had received all that came before this response, so that nothing
 * older can have been under way to it, and when no guess came before. */
static enum pair_confidence pairing_judge_last(const struct pairing *q,
                                               const struct pairing_entry *entry,
                                               const struct message *response)
{
    uint64_t first = pairing_first_offset(entry, response);
    if (entry->number == 0) return PAIR_INFERRED; /* nobody is told of it */
    if (q->was_guessed || q->is_behind_loss || entry->is_behind_loss)
        return PAIR_AMBIGUOUS;
    return entry->start_acked == first ? PAIR_INFERRED : PAIR_AMBIGUOUS;
}

/* The entry of a response, or q->count: nobody's. */
static uint32_t pairing_pick(const struct pairing *q, const struct message *response,
                             enum pair_confidence *confidence)
{
    uint64_t acked = response->start.peer_acked;
    *confidence = PAIR_ORPHAN;
    if (q->count == 0) return 0;
    const struct pairing_entry *front = pairing_at(q, 0);
    if (front->is_answer_lost) return pairing_choose(q, response, confidence);
    *confidence = PAIR_EXACT;
    /* The server had nothing of the request yet: this answers one that was not seen. */
    bool is_early = acked != OFFSET_UNKNOWN && acked <= front->start;
    if (!front->is_doubtful && !(q->is_blind && is_early)) return 0;
    uint32_t first = 0;
    while (first + 1 < q->count && pairing_at(q, first)->is_garbage &&
           !pairing_answers_garbage(response->status))
        first++;
    *confidence = PAIR_AMBIGUOUS;
    if (q->count - first == 1)
        *confidence = pairing_judge_last(q, pairing_at(q, first), response);
    else if (q->is_torn || q->was_guessed || q->is_blind)
        first = pairing_guess(q, response, first);
    const struct pairing_entry *entry = pairing_at(q, first);
    is_early = acked != OFFSET_UNKNOWN && acked <= entry->start;
    /* Its client had the response, or a part of it, when it asked. */
    bool is_late = q->is_blind && entry->start_acked != OFFSET_UNKNOWN &&
                   entry->start_acked > pairing_first_offset(entry, response);
    return is_early || is_late ? q->count : first;
}

static void pairing_answer_front(struct pairing *q, const struct message *response,
                                 bool is_interim)
{
    struct pairing_entry *front = pairing_at(q, 0);
    if (!is_interim)
        pairing_drop_front(q);
    else if (front->interim_start == OFFSET_UNKNOWN)
        front->interim_start = response->start.offset;
}

/* A loss may stand between the response and its request. */
static void pairing_find_behind_loss(struct pairing *q, const struct message *response,
                                     bool is_interim, struct pairing_answer *out)
{
    *out = (struct pairing_answer){.confidence = PAIR_ORPHAN, .method = METHOD_OTHER};
    uint64_t acked = response->start.peer_acked;
    enum pair_confidence confidence;
    uint32_t index = pairing_pick(q, response, &confidence);
    q->is_torn = false;
    q->is_unproven = confidence != PAIR_EXACT;
    out->is_unasked = q->count == 0;
    q->was_orphan = index == q->count;
    if (index == q->count) {
        /* It is not quiet: others that nobody saw may still wait for theirs. The
         * second since an anchor shows that it was not quiet then. */
        if (q->is_blind) pairing_lose_responses(q);
        if (q->is_blind && q->quiet_from > 0) q->was_guessed = true;
        q->is_owed = false;
        if (acked != OFFSET_UNKNOWN && acked > q->orphan_acked) q->orphan_acked = acked;
        return;
    }
    /* What a guess passes over may be answered yet. */
    if (index > 0 && confidence == PAIR_AMBIGUOUS) {
        q->is_blind = true;
        q->is_owed |= pairing_at(q, 0)->number == 0;
    }
    pairing_pass_over(q, index, out);
    struct pairing_entry *entry = pairing_at(q, 0);
    entry->is_answer_lost = false;
    out->number = entry->number;
    out->method = entry->method;
    if (entry->number != 0) out->confidence = confidence;
    if (confidence == PAIR_AMBIGUOUS) {
        bool agrees = entry->start_acked == pairing_first_offset(entry, response);
        q->was_guessed = true;
        q->is_shifting |= q->is_pipelined && (index > 0 || (q->is_blind && !agrees));
    }
    pairing_answer_front(q, response, is_interim);
}

void pairing_answer_by_order(struct pairing *q, const struct message *response,
                             bool is_interim)
{
    q->is_torn = q->is_unproven = q->was_orphan = false;
    pairing_answer_front(q, response, is_interim);
}

void pairing_find(struct pairing *q, const struct message *response, bool is_interim,
                  struct pairing_answer *out)
{
    if (!pairing_is_by_order(q)) {
        pairing_find_behind_loss(q, response, is_interim, out);
        return;
    }
    const struct pairing_entry *front = pairing_at(q, 0);
    *out = (struct pairing_answer){
        .number = front->number, .confidence = PAIR_EXACT, .method = front->method};
    pairing_answer_by_order(q, response, is_interim);
}

bool pairing_give_up(struct pairing *q, struct pairing_answer *out)
{
    *out = (struct pairing_answer){.confidence = PAIR_UNKNOWN};
    pairing_pass_over(q, pairing_count_marked(q), out);
    return out->lost_count > 0;
}
