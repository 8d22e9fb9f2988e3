/* Texts stay in the chunk as long as it is there. What outlives it is copied to one
 * buffer and known by its place there, too, because the buffer may move as it grows. */
#include "http/draft.h"

#include <string.h>

#include "hopscope/pool.h"

enum {
    DRAFTS_SPARE_MAX = 32,
    DRAFTS_SPARE_TEXT = 4096, /* with buffers up to this size */
};

/* clang-format off */
const uint8_t draft_field_texts[FIELD_ROUTING_OR_AUTH + 1] = {
    [FIELD_HOST]                 = TEXT_HOST + 1,
    [FIELD_USER_AGENT]           = TEXT_USER_AGENT + 1,
    [FIELD_SERVER]               = TEXT_SERVER + 1,
    [FIELD_CONTENT_TYPE]         = TEXT_CONTENT_TYPE + 1,
    [FIELD_UPGRADE]              = TEXT_UPGRADE + 1,
    [FIELD_WEBSOCKET_KEY]        = TEXT_WEBSOCKET_PROOF + 1,
    [FIELD_WEBSOCKET_ACCEPT]     = TEXT_WEBSOCKET_PROOF + 1,
    [FIELD_WEBSOCKET_EXTENSIONS] = TEXT_WEBSOCKET_EXTENSIONS + 1,
};
/* clang-format on */

_Static_assert((int)DRAFT_TEXT_COUNT == MESSAGE_TEXT_COUNT &&
                   offsetof(struct message, method_text) ==
                       offsetof(struct message, texts[TEXT_METHOD]) &&
                   offsetof(struct message, websocket_extensions) ==
                       offsetof(struct message, texts[TEXT_WEBSOCKET_EXTENSIONS]),
               "texts are named in the order in which a message has them");

/* ---- drafts are used again ---- */

static void draft_free(struct draft *d)
{
    line_done(&d->line);
    header_done(&d->header);
    buffer_done(&d->copied);
    mem_free(d);
}

void draft_join(struct http_drafts *spare)
{
    spare->users++;
}

static struct draft *draft_unlink_first(struct http_drafts *spare)
{
    struct draft *d = spare->first;
    spare->first = d->next;
    spare->count--;
    return d;
}

void draft_leave(struct http_drafts *spare)
{
    if (--spare->users > 0) return;
    while (spare->first != NULL) draft_free(draft_unlink_first(spare));
    pool_free(spare->dialogues);
    spare->dialogues = NULL;
}

/* How a message begins, from its members behind `start` up to its texts: those in front
 * are told by the start line before anybody is told of the message. */
/* clang-format off */
static const struct message draft_blank = {
    .head_end   = {.offset = OFFSET_UNKNOWN, .captured_ns = TIME_UNKNOWN, .peer_acked = OFFSET_UNKNOWN},
    .end        = {.offset = OFFSET_UNKNOWN, .captured_ns = TIME_UNKNOWN, .peer_acked = OFFSET_UNKNOWN},
    .body_start = {.offset = OFFSET_UNKNOWN, .captured_ns = TIME_UNKNOWN, .peer_acked = OFFSET_UNKNOWN},
    .hidden_offset = OFFSET_UNKNOWN,
    .declared = -1,
    .keepalive_timeout_s = -1,
    .keepalive_max = -1,
};
enum {
    DRAFT_BLANK_FROM  = offsetof(struct message, answers),
    DRAFT_BLANK_BYTES = offsetof(struct message, texts) - DRAFT_BLANK_FROM,
};
/* clang-format on */

void draft_reset(struct draft *d, enum side from)
{
    memcpy((char *)&d->m + DRAFT_BLANK_FROM,
           (const char *)&draft_blank + DRAFT_BLANK_FROM, DRAFT_BLANK_BYTES);
    d->m.from = from;
    header_init(&d->header);
    if (from == SIDE_CLIENT) {
        hidden_init(&d->hidden);
        pace_init(&d->pace);
    }
    d->start_line = bytes_of(NULL, 0);
    d->kept_line.length = 0;
    d->extension_told = SEVERITY_UNKNOWN;
    d->is_over = d->is_announced = d->has_lf_note = false;
}

struct draft *draft_take(struct http_drafts *spare, enum side from)
{
    bool has_spare = spare->first != NULL;
    struct draft *d = has_spare ? draft_unlink_first(spare) : mem_alloc(sizeof *d);
    draft_reset(d, from);
    return d;
}

void draft_drop(struct http_drafts *spare, struct draft *d)
{
    if (d == NULL) return;
    draft_forget_texts(d);
    line_reset(&d->line);
    size_t kept = d->line.kept.capacity + d->header.unfolded.capacity;
    if (spare->count == DRAFTS_SPARE_MAX ||
        kept + d->copied.capacity > DRAFTS_SPARE_TEXT) {
        draft_free(d);
        return;
    }
    d->next = spare->first;
    spare->first = d;
    spare->count++;
}

/* ---- texts ---- */

/* Takes the lowest bit off a set of texts. */
static size_t draft_next_text(uint32_t *set)
{
    size_t which = (size_t)__builtin_ctz(*set);
    *set &= *set - 1;
    return which;
}

void draft_copy_texts(struct draft *d, uint32_t texts)
{
    struct bytes *all = d->m.texts;
    d->outliving |= texts;
    while (texts != 0) {
        size_t which = draft_next_text(&texts);
        d->places[which] = (uint32_t)d->copied.len;
        buffer_append(&d->copied, all[which]);
    }
    for (uint32_t left = d->outliving; left != 0;) {
        size_t which = draft_next_text(&left);
        if (all[which].len > 0) all[which].ptr = d->copied.ptr + d->places[which];
    }
}

void draft_outlive_chunk(struct draft *d)
{
    uint32_t in_place = d->present & ~d->outliving;
    if (in_place != 0) draft_copy_texts(d, in_place);
    if (d->kept_line.length == 0) draft_keep_line(d, d->start_line);
}

void draft_keep_line(struct draft *d, struct bytes more)
{
    evidence_add(&d->kept_line, more);
    d->start_line = evidence_bytes(&d->kept_line);
}
