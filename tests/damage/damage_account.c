#include "damage_account.h"

#include "hopscope/engine.h"
#include "hopscope/export.h"
#include "hopscope/field.h"

#include <time.h>

struct reading {
    struct damage_account *out;
    struct record_sink summary;
    bool has_summary;
};

static const struct hash_key fixed_key = {.k0 = 0x0123456789abcdef, .k1 = 42};

static uint64_t digest(uint64_t before, struct bytes part)
{
    return hash_keyed(
        (struct hash_key){.k0 = fixed_key.k0 ^ before, .k1 = fixed_key.k1}, part);
}

static uint64_t digest_number(uint64_t before, uint64_t number)
{
    return digest(before, bytes_of(&number, sizeof number));
}

/* Member by member: what fills the struct up is anything. */
static uint64_t digest_endpoint(uint64_t before, const struct endpoint *e)
{
    before = digest(before, bytes_of(e->address, sizeof e->address));
    return digest_number(before, (uint64_t)e->port << 8 | e->version);
}

static uint64_t digest_field(uint64_t before, const struct field *f, const void *record)
{
    const uint8_t *member = (const uint8_t *)record + f->offset;
    switch (f->type) {
    case FIELD_TEXT: return digest(before, record_text(f, record));
    case FIELD_ADDRESS: return digest_endpoint(before, (const void *)member);
    case FIELD_PACKET:
    case FIELD_CAPTURE_ID: return digest_number(before, record_ref(f, record));
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_DURATION:
    case FIELD_ENUM:
    case FIELD_TRI:
    case FIELD_PORT: break;
    }
    return digest_number(before, (uint64_t)record_integer(f, record));
}

static void keep_exchange(struct damage_account *a, const struct record_exchange *e)
{
    uint64_t what = digest_number(0, e->request_ref);
    what = digest(digest(what, e->method), e->target);
    what = digest_number(what, (uint64_t)e->status);
    a->exchanges =
        mem_resize(a->exchanges, (a->exchange_count + 1) * sizeof *a->exchanges);
    a->exchanges[a->exchange_count++] = (struct damage_exchange){
        .what = what,
        .response_ref = e->response_ref,
        .is_complete = e->message[1].is_complete == TRI_YES && e->request_ref != 0,
    };
}

static enum status take_record(void *context, enum record_kind kind, const void *record)
{
    struct reading *r = context;
    const struct record_layout *layout = record_layout(kind);
    uint64_t row = digest_number(kind, 0);
    for (size_t i = 0; i < layout->field_count; i++)
        if (layout->fields[i].place != PLACE_DERIVED)
            row = digest_field(row, &layout->fields[i], record);
    r->out->rows = digest_number(r->out->rows, row);
    r->out->row_count++;
    if (kind == RECORD_EXCHANGE) keep_exchange(r->out, record);
    if (!r->has_summary) return STATUS_OK;
    return r->summary.put(r->summary.context, kind, record);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void read_frames(struct capture_set *set, struct reading *r)
{
    const struct pipeline_options options = {
        .sink = {.context = r, .put = take_record},
        .key = fixed_key,
        .first_capture_id = 1,
        .wants_headers = true,
    };
    struct frame frames[CAPTURE_BATCH_MAX];
    struct pipeline *p = pipeline_new(&options);
    size_t count = 0;
    while ((count = capture_set_next_batch(set, frames)) > 0) {
        r->out->frames += count;
        pipeline_frames(p, frames, count);
    }
    pipeline_finish(p);
    pipeline_free(p);
    r->out->damage = capture_set_info(set, 0)->damage;
}

void damage_account_read(struct bytes image, bool with_summary,
                         struct damage_account *out)
{
    const struct capture_options options = {.first_capture_id = 1};
    const struct summary_style style = {.width = 80};
    struct capture_set *set = NULL;
    int64_t began_ns = now_ns();
    *out = (struct damage_account){.opened = STATUS_OK};
    struct summary *summary = with_summary ? summary_new() : NULL;
    struct reading r = {.out = out, .has_summary = with_summary};
    if (with_summary) r.summary = summary_sink(summary);
    out->opened = capture_set_open_memory(image, &options, &set, &out->why);
    if (out->opened == STATUS_OK) read_frames(set, &r);
    capture_set_close(set);
    if (with_summary) {
        struct buffer text = {.ptr = NULL};
        summary_text_write(summary, &style, &text);
        summary_json_write(summary, &text);
        buffer_done(&text);
    }
    summary_free(summary);
    out->took_ns = now_ns() - began_ns;
}

void damage_account_done(struct damage_account *a)
{
    mem_free(a->exchanges);
    a->exchanges = NULL;
    a->exchange_count = 0;
}

bool damage_account_includes(const struct damage_account *more,
                             const struct damage_account *less)
{
    for (size_t i = 0; i < less->exchange_count; i++) {
        bool is_there = !less->exchanges[i].is_complete;
        for (size_t j = 0; !is_there && j < more->exchange_count; j++)
            is_there = more->exchanges[j].what == less->exchanges[i].what;
        if (!is_there) return false;
    }
    return true;
}
