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
    bool is_interned = f->place == PLACE_INTERNED;
    switch (f->type) {
    case FIELD_PACKET: return READ_PACKET;
    case FIELD_ENUM: return is_interned ? READ_NAME : READ_OTHER;
    case FIELD_TEXT: return is_interned ? READ_INTERNED : READ_TEXT;
    case FIELD_ADDRESS: return READ_ADDRESS;
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_DURATION:
    case FIELD_TRI:
    case FIELD_PORT:
    case FIELD_CAPTURE_ID: break;
    }
    return READ_OTHER;
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

static void add_column(struct row_code *code, const struct plan_column *c, size_t cell)
{
    assert(cell <= UINT8_MAX);
    if (c->base != NULL || !is_number(c->field)) {
        add_step(code, c->field, c->base, (struct row_bits){.cell = (uint8_t)cell});
        return;
    }
    code->wholes[code->whole_count++] =
        (struct row_whole){.offset = small_offset(c->field), .cell = (uint8_t)cell};
}

/* A cell has no more parts than a plan, so none of the lists is too short. */
static void add_part(struct row_code *code, const struct plan_part *part, size_t cell)
{
    const struct field *f = part->field;
    const struct field *base = part->wide == NULL ? NULL : part->wide->base;
    struct row_bits bits = {.all_ones = table_plan_mask(part),
                            .cell = (uint8_t)cell,
                            .shift = (uint8_t)part->shift};
    assert(cell <= UINT8_MAX);
    if (part->limit != 0) /* an enum or tri */
        code->bytes[code->byte_count++] = (struct row_byte){
            .offset = small_offset(f),
            .limit = (uint8_t)part->limit,
            .cell = bits.cell,
            .shift = bits.shift,
        };
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
    memset(code, 0, sizeof *code);
    code->cell_count = first_cell + table->column_count;
    code->first_packed = code->cell_count;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct plan_column *c = &table->columns[i];
        size_t cell = first_cell + i;
        if (c->kind != COLUMN_PACKED) {
            assert(code->first_packed == code->cell_count); /* they come last */
            add_column(code, c, cell);
            continue;
        }
        if (cell < code->first_packed) code->first_packed = cell;
        for (size_t k = 0; k < c->part_count; k++)
            add_part(code, &plan->parts[c->first_part + k], cell);
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

static inline struct bytes read_text(const struct row_step *step, const void *record)
{
    struct bytes text;
    memcpy(&text, (const uint8_t *)record + step->offset, sizeof text);
    return text;
}

static inline int read_step(const struct row_step *step, struct shared_text *texts,
                            const void *record, struct row_batch *batch, int64_t *out)
{
    switch (step->reading) {
    case READ_OTHER: *out = record_integer(step->field, record); return SQLITE_OK;
    case READ_PACKET:
        *out = read_number(record, step->offset);
        if (*out == 0) *out = RECORD_UNKNOWN;
        return SQLITE_OK;
    case READ_RELATIVE: *out = read_difference(&step->of, record); return SQLITE_OK;
    case READ_TEXT:
        *out = row_batch_keep_text(
            batch, record_utf8(read_text(step, record), &texts->scratch));
        return SQLITE_OK;
    case READ_INTERNED: return shared_text_find(texts, read_text(step, record), out);
    case READ_NAME:
        return shared_text_find(texts, record_text(step->field, record), out);
    case READ_ADDRESS:
        return shared_text_find_address(
            texts, (const void *)((const uint8_t *)record + step->offset), out);
    }
    return SQLITE_MISUSE;
}

/* ---- rows ---- */

/* See table_plan.h. What is unknown, or below 0, is a large number here. */
static inline void put_bits(const struct row_bits *bits, int64_t number, int64_t *cells,
                            bool *is_large)
{
    uint64_t part = (uint64_t)number + 1;
    if ((uint64_t)number >= bits->all_ones - 1) {
        part = number == RECORD_UNKNOWN ? 0 : bits->all_ones;
        *is_large |= number != RECORD_UNKNOWN;
    }
    cells[bits->cell] |= (int64_t)(part << bits->shift);
}

static inline void put_bytes(const struct row_code *code, const void *record,
                             int64_t *cells)
{
    const struct row_byte *end = code->bytes + code->byte_count;
    for (const struct row_byte *b = code->bytes; b < end; b++) {
        uint64_t value = ((const uint8_t *)record)[b->offset];
        if (value >= b->limit) value = 0;
        cells[b->cell] |= (int64_t)(value << b->shift);
    }
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

int row_code_fill(const struct row_code *code, struct shared_text *texts,
                  const void *record, struct row_batch *batch, int64_t *cells,
                  bool *is_large)
{
    for (size_t i = code->first_packed; i < code->cell_count; i++) cells[i] = 0;
    for (size_t i = 0; i < code->whole_count; i++)
        cells[code->wholes[i].cell] = read_number(record, code->wholes[i].offset);
    put_bytes(code, record, cells);
    put_numbers(code, record, cells, is_large);
    put_relatives(code, record, cells, is_large);
    const struct row_step *end = code->steps + code->step_count;
    for (const struct row_step *step = code->steps; step < end; step++) {
        int64_t value;
        int rc = read_step(step, texts, record, batch, &value);
        if (rc != SQLITE_OK) return rc;
        if (step->bits.all_ones == 0)
            cells[step->bits.cell] = value;
        else
            put_bits(&step->bits, value, cells, is_large);
    }
    return SQLITE_OK;
}
