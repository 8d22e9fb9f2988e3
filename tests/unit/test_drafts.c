/* Drafts that are used again: few of them, and none that has grown large. */
#include "http/draft.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { SPARE_MAX = 32, SPARE_BYTES = 4096 };

/* A draft whose three buffers have so many bytes of room each. */
static struct draft *grown(struct http_drafts *spare, size_t kept, size_t unfolded,
                           size_t copied)
{
    struct draft *d = draft_take(spare, SIDE_CLIENT);
    buffer_reserve(&d->line.kept, kept);
    buffer_reserve(&d->header.unfolded, unfolded);
    buffer_reserve(&d->copied, copied);
    return d;
}

static size_t room_of(const struct draft *d)
{
    return d->line.kept.capacity + d->header.unfolded.capacity + d->copied.capacity;
}

static void large_ones_are_not_kept(void **state)
{
    (void)state;
    static const size_t rooms[][3] = {
        {0, 0, 0},       {1024, 0, 0},       {0, 1024, 0},       {0, 0, 1024},
        {4096, 0, 0},    {0, 4096, 0},       {0, 0, 4096},       {8192, 0, 0},
        {0, 8192, 0},    {0, 0, 8192},       {2048, 2048, 0},    {2048, 0, 4096},
        {0, 2048, 4096}, {1024, 1024, 1024}, {1024, 1024, 2048}, {2048, 2048, 2048},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rooms); i++) {
        struct http_drafts spare = {.first = NULL};
        draft_join(&spare);
        struct draft *d = grown(&spare, rooms[i][0], rooms[i][1], rooms[i][2]);
        bool is_small = room_of(d) <= SPARE_BYTES;
        draft_drop(&spare, d);
        assert_int_equal(spare.count, is_small ? 1 : 0);
        draft_leave(&spare);
        assert_null(spare.first);
    }
}

static void a_few_are_kept_and_given_out_again(void **state)
{
    (void)state;
    struct http_drafts spare = {.first = NULL};
    struct draft *taken[SPARE_MAX + 2];
    draft_join(&spare);
    draft_join(&spare);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_LENGTH(taken); i++)
            taken[i] = draft_take(&spare, SIDE_SERVER);
        assert_int_equal(spare.count, 0);
        for (size_t i = 0; i < ARRAY_LENGTH(taken); i++) draft_drop(&spare, taken[i]);
        assert_int_equal(spare.count, SPARE_MAX);
    }
    draft_drop(&spare, NULL);
    draft_leave(&spare);
    assert_int_equal(spare.count, SPARE_MAX); /* the other one may want them */
    draft_leave(&spare);
    assert_int_equal(spare.count, 0);
    assert_null(spare.first);
}

/* Whatever the last message left there, in the middle of its head or at its end. */
static void a_message_begins_blank(void **state)
{
    (void)state;
    struct http_drafts spare = {.first = NULL};
    draft_join(&spare);
    for (int is_ended = 0; is_ended < 2; is_ended++) {
        struct draft *d = draft_take(&spare, SIDE_SERVER);
        d->m.answers = 7;
        d->m.status = 200;
        d->m.flags = MESSAGE_HAS_LENGTH;
        d->m.body_bytes = 99;
        d->m.is_interim = d->m.is_proof = d->is_announced = true;
        d->m.head_end.offset = d->m.body_start.offset = d->m.end.offset = 5;
        draft_set_text(d, TEXT_SERVER, bytes_of_text("a"), false);
        draft_set_text(d, TEXT_UPGRADE, bytes_of_text("b"), true);
        draft_keep_line(d, bytes_of_text("HTTP/1.1 200"));
        d->line.is_begun = true;
        d->line.length = 3;
        if (is_ended) {
            draft_forget_texts(d);
            line_reset(&d->line);
            draft_reset(d, SIDE_CLIENT);
        } else {
            draft_drop(&spare, d);
            d = draft_take(&spare, SIDE_CLIENT);
        }
        const struct message *m = &d->m;
        assert_int_equal(m->from, SIDE_CLIENT);
        assert_true(m->answers == 0 && m->status == 0 && m->flags == 0);
        assert_true(m->body_bytes == 0 && !m->is_interim && !m->is_proof);
        assert_true(m->head_end.offset == OFFSET_UNKNOWN &&
                    m->body_start.offset == OFFSET_UNKNOWN &&
                    m->end.offset == OFFSET_UNKNOWN && m->declared == -1);
        for (size_t i = 0; i < ARRAY_LENGTH(m->texts); i++)
            assert_null(m->texts[i].ptr);
        assert_true(d->present == 0 && d->copied.len == 0 && d->start_line.len == 0);
        assert_true(!d->is_announced && !d->line.is_begun && d->line.length == 0);
        draft_drop(&spare, d);
    }
    draft_leave(&spare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_ones_are_not_kept),
        cmocka_unit_test(a_few_are_kept_and_given_out_again),
        cmocka_unit_test(a_message_begins_blank),
    };
    return cmocka_run_group_tests_name("drafts", tests, NULL, NULL);
}
