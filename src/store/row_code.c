#include "store/row_code.h"

#include <assert.h>
#include <string.h>

/* ---- from the plan ---- */

static uint16_t small_offset(const struct field *f)
{
    assert(f->offset <= UINT16_MAX);
    return (uint16_t)f->offset;
}

static bool is_number(const struct field *f)
{
    return f->type <= FIELD_DURATION;
}

static bool is_packet(const struct field *f)
{
    return f->type == FIELD_PACKET;
}

static enum row_reading reading_of(const struct field *f)
{
    if (f->type == FIELD_PACKET) return READ_PACKET;
    if (f->type == FIELD_PORT) return READ_PORT;
    return f->type == FIELD_TEXT ? READ_TEXT : READ_OTHER;
}

static struct row_difference difference_of(const struct field *f,
                                           const struct field *base)
{
    assert(is_number(f) || is_packet(f));
    assert(is_number(base) || is_packet(base));
    return (struct row_difference){
        .none = is_packet(f) ? 0 : RECORD_UNKNOWN,
        .base_none = is_packet(base) ? 0 : RECORD_UNKNOWN,
        .offset = small_offset(f),
        .base_offset = small_offset(base),
    };
}

static void add_step(struct row_code *code, const struct field *f,
                     const struct field *base, struct row_bits bits)
{
    assert(code->step_count < ARRAY_LENGTH(code->steps));
    struct row_step *step = &code->steps[code->step_count++];
    *step = (struct row_step){
        .bits = bits,
        .reading = reading_of(f),
        .offset = small_offset(f),
        .field = f,
    };
    if (base == NULL) return;
    step->reading = READ_RELATIVE;
    step->of = difference_of(f, base);
}

static void add_shared(struct row_code *code, const struct field *f,
                       struct row_bits bits)
{
    assert(code->shared_count < ARRAY_LENGTH(code->shared));
    assert(f->type == FIELD_TEXT || f->type == FIELD_ADDRESS);
    enum row_sharing text = bits.max == 0 ? SHARE_WHOLE_TEXT : SHARE_TEXT;
    code->shared[code->shared_count++] = (struct row_shared){
        .bits = bits,
        .sharing = f->type == FIELD_ADDRESS ? SHARE_ADDRESS : text,
        .offset = small_offset(f),
    };
}

static void add_column(struct row_code *code, const struct plan_column *c, size_t cell)
{
    assert(cell <= UINT8_MAX);
    struct row_bits whole = {.cell = (uint8_t)cell};
    if (c->kind == COLUMN_INTERNED)
        add_shared(code, c->field, whole);
    else if (c->base != NULL || !is_number(c->field))
        add_step(code, c->field, c->base, whole);
    else
        code->wholes[code->whole_count++] =
            (struct row_whole){.offset = small_offset(c->field), .cell = (uint8_t)cell};
}

/* A cell has no more parts than a plan, so none of the lists is too short. */
static void add_part(struct row_code *code, const struct plan_part *part, size_t cell)
{
    const struct field *f = part->field;
    const struct field *base = part->wide == NULL ? NULL : part->wide->base;
    struct row_bits bits = {.max = table_plan_mask(part) - 2,
                            .cell = (uint8_t)cell,
                            .shift = (uint8_t)part->shift};
    assert(cell <= UINT8_MAX);
    if (part->limit != 0) { /* an enum or tri */
        struct row_flag flag = {.offset = small_offset(f),
                                .limit = (uint8_t)part->limit,
                                .cell = (uint8_t)(cell - code->first_packed),
                                .shift = bits.shift};
        row_flags_add(&code->flags, flag);
        return;
    }
    assert(part->width > 1); /* above 0, which stands for the whole cell */
    if (f->place == PLACE_INTERNED)
        add_shared(code, f, bits);
    else if (base != NULL)
        code->relatives[code->relative_count++] =
            (struct row_relative){.bits = bits, .of = difference_of(f, base)};
    else if (is_number(f))
        code->numbers[code->number_count++] =
            (struct row_number){.bits = bits, .offset = small_offset(f)};
    else
        add_step(code, f, NULL, bits);
}

void row_code_make(const struct table_plan *plan, const struct plan_table *table,
                   size_t first_cell, struct row_code *code)
{
    size_t plain = 0; /* the packed columns come last */
    while (plain < table->column_count && table->columns[plain].kind != COLUMN_PACKED)
        plain++;
    code->cell_count = first_cell + table->column_count;
    code->first_packed = first_cell + plain;
    code->flags.cell_count = table->column_count - plain;
    assert(code->flags.cell_count <= ROW_FLAGS_CELLS_MAX);
    for (size_t i = 0; i < plain; i++)
        add_column(code, &table->columns[i], first_cell + i);
    for (size_t i = plain; i < table->column_count; i++) {
        const struct plan_column *c = &table->columns[i];
        for (size_t k = 0; k < c->part_count; k++)
            add_part(code, &plan->parts[c->first_part + k], first_cell + i);
    }
}

/* ---- reading ---- */

/* Records are plain structs and the offsets are theirs; memcpy because the compiler
 * cannot know the member's type. */
static inline int64_t read_number(const void *record, size_t offset)
{
    int64_t value;
    memcpy(&value, (const uint8_t *)record + offset, sizeof value);
    return value;
}

static inline int64_t read_difference(const struct row_difference *d,
                                      const void *record)
{
    int64_t value = read_number(record, d->offset);
    int64_t base = read_number(record, d->base_offset);
    if (value == d->none) return RECORD_UNKNOWN;
    if (base == d->base_none) return value;
    return (int64_t)((uint64_t)value - (uint64_t)base);
}

static inline struct bytes read_text(const void *record, size_t offset)
{
    struct bytes text;
    memcpy(&text, (const uint8_t *)record + offset, sizeof text);
    return text;
}

static inline const struct endpoint *read_endpoint(const void *record, size_t offset)
{
    return (const void *)((const uint8_t *)record + offset);
}

static inline int64_t read_port(const struct endpoint *e)
{
    return e->version == 0 ? RECORD_UNKNOWN : e->port;
}

static inline int64_t read_step(const struct row_step *step, struct shared_text *texts,
                                const void *record, struct row_batch *batch)
{
    switch (step->reading) {
    case READ_OTHER: break;
    case READ_PACKET: {
        int64_t ref = read_number(record, step->offset);
        return ref == 0 ? RECORD_UNKNOWN : ref;
    }
    case READ_PORT: return read_port(read_endpoint(record, step->offset));
    case READ_RELATIVE: return read_difference(&step->of, record);
    case READ_TEXT:
        return row_batch_keep_text(
            batch, record_utf8(read_text(record, step->offset), &texts->scratch));
    }
    return record_integer(step->field, record);
}

/* ---- rows ---- */

/* Apart, as is what follows where the usual case needs no registers for it. */
__attribute__((noinline)) static void put_large(const struct row_bits *bits,
                                                int64_t *cells, bool *is_large)
{
    uint64_t all_ones = bits->max + 2;
    cells[bits->cell] |= (int64_t)(all_ones << bits->shift);
    *is_large = true;
}

/* See table_plan.h. What is unknown, or below 0, is a large number here; unknown is 0,
 * which is there already. */
static inline void put_bits(const struct row_bits *bits, int64_t number, int64_t *cells,
                            bool *is_large)
{
    if ((uint64_t)number <= bits->max)
        cells[bits->cell] |= (int64_t)(((uint64_t)number + 1) << bits->shift);
    else if (number != RECORD_UNKNOWN)
        put_large(bits, cells, is_large);
}

static inline void put_numbers(const struct row_code *code, const void *record,
                               int64_t *cells, bool *is_large)
{
    const struct row_number *end = code->numbers + code->number_count;
    for (const struct row_number *n = code->numbers; n < end; n++)
        put_bits(&n->bits, read_number(record, n->offset), cells, is_large);
}

static inline void put_relatives(const struct row_code *code, const void *record,
                                 int64_t *cells, bool *is_large)
{
    const struct row_relative *end = code->relatives + code->relative_count;
    for (const struct row_relative *r = code->relatives; r < end; r++)
        put_bits(&r->bits, read_difference(&r->of, record), cells, is_large);
}

static inline void put_cell(const struct row_bits *bits, int64_t number, int64_t *cells,
                            bool *is_large)
{
    if (bits->max == 0)
        cells[bits->cell] = number;
    else
        put_bits(bits, number, cells, is_large);
}

/* Any shared text, be it new. */
__attribute__((noinline)) static int put_shared(const struct row_shared *s,
                                                struct shared_text *texts,
                                                const void *record, int64_t *cells,
                                                bool *is_large)
{
    int64_t id;
    int rc =
        s->sharing == SHARE_ADDRESS
            ? shared_text_find_address(texts, read_endpoint(record, s->offset), &id)
            : shared_text_find(texts, read_text(record, s->offset), &id);
    if (rc == SQLITE_OK) put_cell(&s->bits, id, cells, is_large);
    return rc;
}

/* The usual text: none, or one that has been there lately and whose number fits. */
static inline bool put_recent(const struct row_bits *bits, const struct intern *known,
                              struct bytes text, int64_t *cells)
{
    if (text.ptr == NULL) return bits->max > 0; /* 0, which is there already */
    const struct intern_entry *e = intern_find_recent(known, text);
    if (e == NULL || (uint64_t)e->id > bits->max) return false;
    cells[bits->cell] |= (int64_t)(((uint64_t)e->id + 1) << bits->shift);
    return true;
}

static inline bool put_usual(const struct row_shared *s,
                             const struct shared_text *texts, const void *record,
                             int64_t *cells)
{
    if (s->sharing == SHARE_TEXT)
        return put_recent(&s->bits, texts->texts, read_text(record, s->offset), cells);
    if (s->sharing != SHARE_ADDRESS) return false;
    const struct endpoint *e = read_endpoint(record, s->offset);
    return put_recent(&s->bits, texts->addresses, shared_text_address_key(e), cells);
}

static inline int put_all_shared(const struct row_code *code, struct shared_text *texts,
                                 const void *record, int64_t *cells, bool *is_large)
{
    const struct row_shared *end = code->shared + code->shared_count;
    for (const struct row_shared *s = code->shared; s < end; s++) {
        if (put_usual(s, texts, record, cells)) continue;
        int rc = put_shared(s, texts, record, cells, is_large);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}

int row_code_fill(struct row_code *code, struct shared_text *texts, const void *record,
                  struct row_batch *batch, int64_t *cells, bool *is_large)
{
    row_flags_put(&code->flags, record, cells + code->first_packed);
    for (size_t i = 0; i < code->whole_count; i++)
        cells[code->wholes[i].cell] = read_number(record, code->wholes[i].offset);
    put_numbers(code, record, cells, is_large);
    put_relatives(code, record, cells, is_large);
    const struct row_step *end = code->steps + code->step_count;
    for (const struct row_step *step = code->steps; step < end; step++)
        put_cell(&step->bits, read_step(step, texts, record, batch), cells, is_large);
    return put_all_shared(code, texts, record, cells, is_large);
}
