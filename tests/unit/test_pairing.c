/* pairing: which request a response answers after a loss, and how sure that is
 * (SEMANTICS 3). A case is what both directions' parsers tell, in order, and the answer
 * that each response gets: the request's number and a letter for the confidence, exact,
 * inferred, ambiguous or orphan; behind it the requests given up before it, and the
 * bytes lost with their answers. */
#include "http/pairing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum step_kind {
    STEP_NONE,
    STEP_REQUEST,       /* from..to: its head; acked: what its client had received */
    STEP_RESPONSE,      /* from: its first byte; acked: what its server had received */
    STEP_INTERIM,       /* the same of a 1xx */
    STEP_BAD_REQUEST,   /* the same of a 400 */
    STEP_ANCHOR,        /* to: end of the last response */
    STEP_READ,          /* to: requests were read so far */
    STEP_LOSE_RESPONSE, /* a head */
    STEP_LOSE_REQUEST,  /* from..to: a head */
    STEP_GARBAGE,       /* from..to: bytes that are no head */
    STEP_LOSE_REQUESTS, /* any number of them */
};

struct step {
    enum step_kind kind;
    uint64_t from, to, acked;
};

struct pairing_case {
    const char *name;
    bool is_midstream;
    struct step steps[12];
    const char *answers;
    bool is_left; /* something still waits at the end */
};

#define UNKNOWN OFFSET_UNKNOWN

/* clang-format off */
#define REQUEST(from, to, acked) { STEP_REQUEST, from, to, acked }
#define RESPONSE(from, acked)    { STEP_RESPONSE, from, 0, acked }
#define INTERIM(from, acked)     { STEP_INTERIM, from, 0, acked }
#define LOSE_RESPONSE            { STEP_LOSE_RESPONSE, 0, 0, 0 }
#define LOSE_REQUESTS            { STEP_LOSE_REQUESTS, 0, 0, 0 }
#define ANCHOR(to)               { STEP_ANCHOR, 0, to, 0 }
#define READ(to)                 { STEP_READ, 0, to, 0 }

static const struct pairing_case cases[] = {
    /* Nothing was lost: order is all. */
    { "one after the other", false,
      { REQUEST(0, 10, 0), RESPONSE(0, 10), REQUEST(10, 20, 50), RESPONSE(50, 20) }, "1e 2e ", false },
    { "pipelined, and interim responses take no request", false,
      { REQUEST(0, 10, 0), REQUEST(10, 20, 0), INTERIM(0, 20), INTERIM(20, 20), RESPONSE(40, 20), RESPONSE(90, 20) },
      "1e 1e 1e 2e ", false },
    { "a response that nobody asked for", false,
      { REQUEST(0, 10, 0), RESPONSE(0, 10), RESPONSE(50, 10) }, "1e -o ", false },
    /* A response head was lost. */
    { "one waits: the lost one was interim", false,
      { REQUEST(0, 10, 0), READ(10), LOSE_RESPONSE, RESPONSE(50, 10) }, "1i ", false },
    { "two were sent one after the other: the second's", false,
      { REQUEST(0, 10, 0), LOSE_RESPONSE, REQUEST(10, 20, 50), READ(20), RESPONSE(50, 20) }, "2i (1+1,1) ", false },
    { "... and behind the next anchor order is all again", false,
      { REQUEST(0, 10, 0), LOSE_RESPONSE, REQUEST(10, 20, 50), READ(20), RESPONSE(50, 20), ANCHOR(90),
        REQUEST(20, 30, 90), RESPONSE(90, 20) }, "2i (1+1,1) 3e ", false },
    { "the second was not yet received: the first's", false,
      { REQUEST(0, 10, 0), LOSE_RESPONSE, REQUEST(10, 20, 50), READ(20), RESPONSE(50, 10) }, "1i ", true },
    { "two were sent together: a guess, and all that follows is one", false,
      { REQUEST(0, 10, 0), REQUEST(10, 20, 0), REQUEST(20, 30, 0), READ(30), LOSE_RESPONSE, RESPONSE(50, 30),
        RESPONSE(90, 30) }, "2a (1+1,1) 3a ", false },
    { "after a guess a lost head makes another", false,
      { REQUEST(0, 10, 0), REQUEST(10, 20, 0), REQUEST(20, 30, 0), READ(30), LOSE_RESPONSE, RESPONSE(50, 30),
        LOSE_RESPONSE, RESPONSE(150, 30) }, "2a (1+1,1) 3a ", false },
    { "the server had more than was read", false,
      { REQUEST(0, 10, 0), READ(10), LOSE_RESPONSE, RESPONSE(50, 11) }, "1a ", false },
    { "requests were lost behind it, of which the server had nothing", false,
      { REQUEST(0, 10, 0), LOSE_REQUESTS, REQUEST(30, 40, 0), READ(40), LOSE_RESPONSE, RESPONSE(50, 10) }, "1i ",
      true },
    { "requests were lost behind it, of which the server had some", false,
      { REQUEST(0, 10, 0), LOSE_REQUESTS, REQUEST(30, 40, 0), READ(40), LOSE_RESPONSE, RESPONSE(50, 11) }, "1a ",
      true },
    { "requests were lost behind it, and none came since", false,
      { REQUEST(0, 10, 0), LOSE_REQUESTS, READ(40), LOSE_RESPONSE, RESPONSE(50, 10) }, "1a ", false },
    { "a request's head was lost: how many, nobody knows", false,
      { { STEP_LOSE_REQUEST, 0, 10, 0 }, RESPONSE(0, 10), REQUEST(10, 20, 50), RESPONSE(50, 20) }, "-o 1a ", false },
    /* Bytes that are no request: a server may answer them, or not. */
    { "garbage answered by 400", false,
      { { STEP_GARBAGE, 0, 10, 0 }, { STEP_BAD_REQUEST, 0, 0, 10 }, REQUEST(10, 20, 50), RESPONSE(50, 20) },
      "-o 1i ", false },
    { "garbage and a request sent together, and a 400: a guess", false,
      { { STEP_GARBAGE, 0, 10, 0 }, REQUEST(10, 20, 0), { STEP_BAD_REQUEST, 0, 0, 20 } }, "1a ", false },
    { "garbage passed over", false,
      { { STEP_GARBAGE, 0, 10, 0 }, REQUEST(10, 20, 0), RESPONSE(0, 20) }, "1i ", false },
    { "garbage answered by 200, since nothing else waits", false,
      { { STEP_GARBAGE, 0, 10, 0 }, RESPONSE(0, 10) }, "-o ", false },
    { "two lost heads", false,
      { REQUEST(0, 10, 0), LOSE_RESPONSE, REQUEST(10, 20, 50), LOSE_RESPONSE, REQUEST(20, 30, 90), READ(30),
        RESPONSE(90, 30) }, "3i (1+2,2) ", false },
    { "a client that has pipelined may do so again", false,
      { REQUEST(0, 10, 0), REQUEST(10, 20, 0), RESPONSE(0, 20), RESPONSE(50, 20), REQUEST(20, 30, 100), LOSE_RESPONSE,
        REQUEST(30, 40, 150), READ(40), RESPONSE(150, 40) }, "1e 2e 4a (3+1,1) ", false },
    { "what a client had received when it sent is not known", false,
      { REQUEST(0, 10, 0), LOSE_RESPONSE, REQUEST(10, 20, UNKNOWN), READ(20), RESPONSE(50, 20) }, "2a (1+1,1) ", false },
    { "what the server had received is not known", false,
      { REQUEST(0, 10, 0), READ(10), LOSE_RESPONSE, RESPONSE(50, UNKNOWN) }, "1a ", false },
    /* Captured behind its response. */
    { "a response before its request, which was there then", false,
      { RESPONSE(0, 10), REQUEST(0, 10, 50), RESPONSE(50, 10) }, "-o 1i ", false },
    { "a response before a request, of which a byte was not there", false,
      { RESPONSE(0, 10), REQUEST(0, 11, 50), RESPONSE(50, 11) }, "-o 1e ", false },
    { "a response before its request, which was lost", false,
      { RESPONSE(0, 10), { STEP_LOSE_REQUEST, 0, 10, 0 } }, "-o ", false },
    { "a response before a request that was lost, of which a byte was not there", false,
      { RESPONSE(0, 10), { STEP_LOSE_REQUEST, 0, 11, 0 } }, "-o ", true },
    /* Midstream. */
    { "the first request seen was sent when all before its response had come", true,
      { RESPONSE(0, UNKNOWN), REQUEST(0, 10, 40), RESPONSE(40, 10) }, "-o 1a ", false },
    { "quiet behind its response: nothing owed", true,
      { REQUEST(0, 10, 40), RESPONSE(40, 10), ANCHOR(90), REQUEST(10, 20, 90), RESPONSE(90, 20) }, "1a 2i ", false },
    { "not quiet: another response came unasked", true,
      { REQUEST(0, 10, 40), RESPONSE(40, 10), ANCHOR(90), REQUEST(10, 20, 90), RESPONSE(90, 20), ANCHOR(140),
        RESPONSE(140, 20), REQUEST(20, 30, 190), RESPONSE(190, 30) }, "1a 2i -o 3a ", false },
    { "quiet behind one that agreed: sure again", true,
      { REQUEST(0, 10, 40), RESPONSE(40, 10), ANCHOR(90), REQUEST(10, 20, 90), RESPONSE(90, 20), ANCHOR(140),
        REQUEST(20, 30, 140), RESPONSE(140, 30) }, "1a 2i 3e ", false },
    { "not quiet: the next request was sent before its response's end had come", true,
      { REQUEST(0, 10, 40), RESPONSE(40, 10), ANCHOR(90), REQUEST(10, 20, 90), RESPONSE(90, 20), ANCHOR(140),
        REQUEST(20, 30, 139), RESPONSE(140, 30) }, "1a 2i 3a ", false },
    { "a first pair that is a guess, and then one that does not agree", true,
      { REQUEST(0, 10, 40), RESPONSE(40, 10), ANCHOR(90), REQUEST(10, 20, 80), RESPONSE(90, 20) }, "1a 2a ", false },
    { "interim responses come first", true,
      { REQUEST(0, 10, 40), RESPONSE(40, 10), ANCHOR(90), REQUEST(10, 20, 90), INTERIM(90, 20), RESPONSE(120, 20) },
      "1a 2i 2i ", false },
    { "the server had nothing of the request", true, { REQUEST(10, 20, 0), RESPONSE(0, 10) }, "-o ", true },
    { "the server had a byte of the request", true, { REQUEST(10, 20, 0), RESPONSE(0, 11) }, "1a ", false },
    { "the client had a byte of the response", true,
      { REQUEST(0, 10, 51), RESPONSE(50, 10), RESPONSE(90, 10) }, "-o 1a ", false },
};
/* clang-format on */

static void take_response(struct pairing *q, const struct step *s, struct buffer *out)
{
    struct message response = {.status = s->kind == STEP_BAD_REQUEST ? 400 : 200};
    response.start.offset = s->from;
    response.start.peer_acked = s->acked;
    struct pairing_answer answer;
    pairing_find(q, &response, s->kind == STEP_INTERIM, &answer);
    char letter = '?';
    if (answer.confidence == PAIR_EXACT) letter = 'e';
    if (answer.confidence == PAIR_INFERRED) letter = 'i';
    if (answer.confidence == PAIR_AMBIGUOUS) letter = 'a';
    if (answer.confidence == PAIR_ORPHAN) letter = 'o';
    if (answer.number == 0)
        buffer_print(out, "-%c ", letter);
    else
        buffer_print(out, "%d%c ", (int)answer.number, letter);
    if (answer.lost_count > 0)
        buffer_print(out, "(%d+%d,%d) ", (int)answer.lost_first, (int)answer.lost_count,
                     (int)answer.missing);
}

static void take_step(struct pairing *q, const struct step *s, uint64_t *number,
                      struct buffer *out)
{
    struct message request = {.start = {.offset = s->from, .peer_acked = s->acked}};
    switch (s->kind) {
    case STEP_NONE: return;
    case STEP_REQUEST:
        request.number = ++*number;
        assert_int_equal(pairing_push(q, &request, s->to, false), 0);
        return;
    case STEP_RESPONSE:
    case STEP_INTERIM:
    case STEP_BAD_REQUEST: take_response(q, s, out); return;
    case STEP_ANCHOR: pairing_anchor(q, s->to); return;
    case STEP_READ: q->read_to = s->to; return;
    case STEP_LOSE_RESPONSE: pairing_lose_response(q, 1); return;
    case STEP_LOSE_REQUEST: pairing_lose_request(q, s->from, s->to, false); return;
    case STEP_GARBAGE: pairing_lose_request(q, s->from, s->to, true); return;
    case STEP_LOSE_REQUESTS: pairing_lose_requests(q); return;
    }
}

static void responses_find_their_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const struct pairing_case *c = &cases[i];
        struct pairing q = {.ring = NULL};
        struct buffer out = {0};
        uint64_t number = 0;
        pairing_init(&q, c->is_midstream);
        for (size_t k = 0; k < ARRAY_LENGTH(c->steps); k++)
            take_step(&q, &c->steps[k], &number, &out);
        buffer_append(&out, bytes_of("", 1));
        bool is_left = pairing_front(&q) != NULL;
        if (strcmp((const char *)out.ptr, c->answers) != 0 || is_left != c->is_left)
            print_message("case: %s\n", c->name);
        assert_string_equal((const char *)out.ptr, c->answers);
        assert_int_equal(is_left, c->is_left);
        pairing_done(&q);
        buffer_done(&out);
    }
}

/* Bursts of so many requests, each answered in order, and a rest in between. */
static void a_queue_grows_and_rests(void **state)
{
    (void)state;
    static const uint32_t bursts[] = {1, 2, 1, 8, 9, 3, 40, 1, 1000, 2};
    struct pairing q = {.ring = NULL};
    uint64_t number = 0, answered = 0;
    pairing_init(&q, false);
    for (size_t i = 0; i < ARRAY_LENGTH(bursts); i++) {
        for (uint32_t k = 0; k < bursts[i]; k++) {
            number++;
            const struct message m = {.number = number, .start = {.offset = number}};
            assert_int_equal(pairing_push(&q, &m, number + 1, false), 0);
            struct pairing moved = q; /* with or without memory of its own */
            pairing_rest(&moved);
            q = moved;
            pairing_moved(&q);
            assert_int_equal(pairing_newest(&q)->number, number);
        }
        while (pairing_front(&q) != NULL) {
            const struct message m = {.status = 200, .start = {.offset = number}};
            assert_int_equal(pairing_front(&q)->number, ++answered);
            pairing_answer_by_order(&q, &m, false);
        }
        assert_int_equal(answered, number);
        assert_true(q.capacity <= PAIRING_RING_CAPACITY);
        if (i % 2 == 0) continue;
        pairing_rest(&q);
        assert_null(q.ring);
    }
    pairing_done(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_find_their_requests),
        cmocka_unit_test(a_queue_grows_and_rests),
    };
    return cmocka_run_group_tests_name("pairing", tests, NULL, NULL);
}
