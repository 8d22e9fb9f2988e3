/* Texts stay in the chunk as long as it is there. What outlives it is copied to one
 * buffer and known by its place there, because the buffer may move as it grows. */
#include "http/draft.h"

/* clang-format off */
static const struct draft_field_row {
    enum field_name field;
    enum draft_text text;
} field_texts[] = {
    { FIELD_HOST,         TEXT_HOST         },
    { FIELD_USER_AGENT,   TEXT_USER_AGENT   },
    { FIELD_SERVER,       TEXT_SERVER       },
    { FIELD_CONTENT_TYPE, TEXT_CONTENT_TYPE },
    { FIELD_UPGRADE,      TEXT_UPGRADE      },
    { FIELD_WEBSOCKET_KEY,        TEXT_WEBSOCKET_PROOF      },
    { FIELD_WEBSOCKET_ACCEPT,     TEXT_WEBSOCKET_PROOF      },
    { FIELD_WEBSOCKET_EXTENSIONS, TEXT_WEBSOCKET_EXTENSIONS },
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

struct draft *draft_new(void)
{
    return mem_alloc(sizeof(struct draft));
}

void draft_free(struct draft *d)
{
    if (d == NULL) return;
    line_done(&d->line);
    header_done(&d->header);
    buffer_done(&d->copied);
    mem_free(d);
}

void draft_reset(struct draft *d, enum side from)
{
    static const struct mark nowhere = {.offset = OFFSET_UNKNOWN,
                                        .captured_ns = TIME_UNKNOWN,
                                        .peer_acked = OFFSET_UNKNOWN};
    d->m = (struct message){.from = from,
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
    for (size_t i = 0; i < DRAFT_TEXT_COUNT; i++)
        d->spans[i] = (struct draft_span){.is_set = false};
    buffer_clear(&d->copied);
    d->start_line.length = 0;
    d->extension_told = SEVERITY_UNKNOWN;
    d->is_announced = d->has_lf_note = false;
}

void draft_set_text(struct draft *d, enum draft_text which, struct bytes text,
                    bool is_in_place)
{
    struct draft_span *span = &d->spans[which];
    if (span->is_set) return;
    text = bytes_first(text, HTTP_TEXT_MAX);
    span->is_set = true;
    span->len = (uint32_t)text.len;
    span->in_place = is_in_place ? text.ptr : NULL;
    if (is_in_place) return;
    span->at = (uint32_t)d->copied.len;
    buffer_append(&d->copied, text);
}

void draft_take_field(struct draft *d, const struct field *f, bool is_in_place)
{
    if (f->known == FIELD_OTHER) return;
    for (size_t i = 0; i < ARRAY_LENGTH(field_texts); i++) {
        if (field_texts[i].field == f->known)
            draft_set_text(d, field_texts[i].text, f->value,
                           is_in_place && !f->is_folded);
    }
}

void draft_copy_texts(struct draft *d)
{
    for (size_t i = 0; i < DRAFT_TEXT_COUNT; i++) {
        struct draft_span *span = &d->spans[i];
        if (span->in_place == NULL) continue;
        struct bytes text = bytes_of(span->in_place, span->len);
        span->in_place = NULL;
        span->at = (uint32_t)d->copied.len;
        buffer_append(&d->copied, text);
    }
}

static struct bytes *draft_text_of(struct draft *d, size_t which)
{
    return (struct bytes *)(void *)((char *)&d->m + text_places[which]);
}

void draft_show_texts(struct draft *d)
{
    for (size_t i = 0; i < DRAFT_TEXT_COUNT; i++) {
        const struct draft_span *span = &d->spans[i];
        if (!span->is_set) continue;
        /* An empty text is present: its ptr must not be NULL. */
        const uint8_t *ptr = (const uint8_t *)"";
        if (span->in_place)
            ptr = span->in_place;
        else if (span->len > 0)
            ptr = d->copied.ptr + span->at;
        *draft_text_of(d, i) = bytes_of(ptr, span->len);
    }
}

void draft_hide_texts(struct draft *d)
{
    for (size_t i = 0; i < DRAFT_TEXT_COUNT; i++)
        *draft_text_of(d, i) = bytes_of(NULL, 0);
}
