/* Texts stay in the chunk as long as it is there. What outlives it is copied to one
 * buffer and known by its place there, too, because the buffer may move as it grows. */
#include "http/draft.h"

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
static const size_t text_places[DRAFT_TEXT_COUNT] = {
    [TEXT_METHOD]       = offsetof(struct message, method_text),
    [TEXT_TARGET]       = offsetof(struct message, target),
    [TEXT_HOST]         = offsetof(struct message, host),
    [TEXT_USER_AGENT]   = offsetof(struct message, user_agent),
    [TEXT_SERVER]       = offsetof(struct message, server),
    [TEXT_CONTENT_TYPE] = offsetof(struct message, content_type),
    [TEXT_UPGRADE]      = offsetof(struct message, upgrade),
    [TEXT_WEBSOCKET_PROOF]      = offsetof(struct message, websocket_proof),
    [TEXT_WEBSOCKET_EXTENSIONS] = offsetof(struct message, websocket_extensions),
};
/* clang-format on */

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
}

struct draft *draft_take(struct http_drafts *spare, enum side from)
{
    bool has_spare = spare->first != NULL;
    struct draft *d = has_spare ? draft_unlink_first(spare) : mem_alloc(sizeof *d);
    d->m.from = from;
    draft_reset(d);
    return d;
}

void draft_drop(struct http_drafts *spare, struct draft *d)
{
    if (d == NULL) return;
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

void draft_reset(struct draft *d)
{
    static const struct mark nowhere = {.offset = OFFSET_UNKNOWN,
                                        .captured_ns = TIME_UNKNOWN,
                                        .peer_acked = OFFSET_UNKNOWN};
    d->m = (struct message){.from = d->m.from,
                            .start = nowhere,
                            .head_end = nowhere,
                            .end = nowhere,
                            .body_start = nowhere,
                            .hidden_offset = OFFSET_UNKNOWN,
                            .declared = -1,
                            .keepalive_timeout_s = -1,
                            .keepalive_max = -1};
    line_reset(&d->line);
    header_init(&d->header);
    hidden_init(&d->hidden);
    pace_init(&d->pace);
    buffer_clear(&d->copied);
    d->present = d->outliving = 0;
    d->start_line.length = 0;
    d->extension_told = SEVERITY_UNKNOWN;
    d->is_over = d->is_announced = d->has_lf_note = false;
}

/* ---- texts ---- */

static struct bytes *draft_text_of(struct draft *d, size_t which)
{
    return (struct bytes *)(void *)((char *)&d->m + text_places[which]);
}

/* Takes the lowest bit off a set of texts. */
static size_t draft_next_text(uint32_t *set)
{
    size_t which = (size_t)__builtin_ctz(*set);
    *set &= *set - 1;
    return which;
}

static void draft_copy(struct draft *d, uint32_t texts)
{
    d->outliving |= texts;
    while (texts != 0) {
        size_t which = draft_next_text(&texts);
        d->places[which] = (uint32_t)d->copied.len;
        buffer_append(&d->copied, *draft_text_of(d, which));
    }
    for (uint32_t left = d->outliving; left != 0;) {
        size_t which = draft_next_text(&left);
        struct bytes *text = draft_text_of(d, which);
        if (text->len > 0) text->ptr = d->copied.ptr + d->places[which];
    }
}

void draft_set_text(struct draft *d, enum draft_text which, struct bytes text,
                    bool is_in_place)
{
    if (d->present & 1u << which) return;
    d->present |= 1u << which;
    /* An empty text is present: its ptr must not be NULL, and may outlive the chunk. */
    *draft_text_of(d, which) =
        text.len > 0 ? bytes_first(text, HTTP_TEXT_MAX) : bytes_of("", 0);
    if (!is_in_place) draft_copy(d, 1u << which);
}

void draft_take_field(struct draft *d, const struct field *f, bool is_in_place)
{
    uint8_t text = draft_field_texts[f->known];
    if (text == 0) return;
    draft_set_text(d, (enum draft_text)(text - 1), f->value,
                   is_in_place && !f->is_folded);
}

void draft_copy_texts(struct draft *d)
{
    uint32_t in_place = d->present & ~d->outliving;
    if (in_place != 0) draft_copy(d, in_place);
}

void draft_forget_texts(struct draft *d)
{
    while (d->present != 0)
        *draft_text_of(d, draft_next_text(&d->present)) = bytes_of(NULL, 0);
    d->outliving = 0;
    d->copied.len = 0;
}
