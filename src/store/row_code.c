#include "store/row_code.h"

#include <assert.h>
#include <string.h>

/* ---- from the plan ---- */

static uint16_t small_offset(const struct field *f)
{
    assert(f->offset <= UINT16_MAX);
    return (uint16_t)f->offset;
}

static struct row_operand operand_of(const struct field *f)
{
    if (f == NULL) return (struct row_operand){.is_there = false};
    assert(f->type <= FIELD_DURATION || f->type == FIELD_PACKET);
    return (struct row_operand){
        .offset = small_offset(f), .is_there = true, .is_ref = f->type == FIELD_PACKET};
}

static enum row_reading reading_of(const struct field *f)
{
    bool is_interned = f->place == PLACE_INTERNED;
    switch (f->type) {
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_DURATION: return READ_NUMBER;
    case FIELD_PACKET: return READ_REF;
    case FIELD_ENUM: return is_interned ? READ_NAME : READ_BYTE;
    case FIELD_TRI: return READ_BYTE;
    case FIELD_TEXT: return is_interned ? READ_INTERNED : READ_TEXT;
    case FIELD_ADDRESS: return READ_ADDRESS;
    case FIELD_PORT:
    case FIELD_CAPTURE_ID: return READ_OTHER;
    }
    return READ_OTHER;
}

static struct row_step *add_step(struct row_code *code, const struct field *f,
                                 size_t cell)
{
    assert(code->step_count < ARRAY_LENGTH(code->steps) && cell <= UINT8_MAX);
    struct row_step *step = &code->steps[code->step_count++];
    *step = (struct row_step){
        .field = f,
        .reading = (uint8_t)reading_of(f),
        .cell = (uint8_t)cell,
        .offset = small_offset(f),
        .usual = (uint8_t)f->usual,
    };
    return step;
}

static void add_column(struct row_code *code, const struct plan_column *c, size_t cell)
{
    struct row_step *step = add_step(code, c->field, cell);
    assert(step->reading != READ_BYTE);
    step->base = operand_of(c->base);
    step->of = operand_of(c->of);
    step->minus = operand_of(c->minus);
    if (c->where == NULL) return;
    step->where_offset = small_offset(c->where);
    step->where_value = (uint8_t)c->where_value;
}

static void add_parts(struct row_code *code, const struct table_plan *plan,
                      const struct plan_column *c, size_t cell)
{
    for (size_t i = 0; i < c->part_count; i++) {
        const struct plan_part *part = &plan->parts[c->first_part + i];
        struct row_step *step = add_step(code, part->field, cell);
        step->shift = (uint8_t)part->shift;
        step->width = (uint8_t)part->width;
        step->limit = (uint8_t)part->limit;
        if (part->wide != NULL) step->base = operand_of(part->wide->base);
    }
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
        } else {
            if (cell < code->first_packed) code->first_packed = cell;
            add_parts(code, plan, c, cell);
        }
    }
}

/* ---- reading ---- */

/* Records are plain structs and the offsets are theirs; memcpy because the compiler
 * cannot know the member's type. */
static inline int64_t read_number(const void *record, size_t offset, bool is_ref)
{
    int64_t value;
    memcpy(&value, (const uint8_t *)record + offset, sizeof value);
    return is_ref && value == 0 ? RECORD_UNKNOWN : value;
}

static inline int64_t read_operand(struct row_operand o, const void *record)
{
    return o.is_there ? read_number(record, o.offset, o.is_ref) : RECORD_UNKNOWN;
}

/* As the view's column has it: of a packet its number alone. */
static inline int64_t read_shown(struct row_operand o, const void *record)
{
    int64_t value = read_operand(o, record);
    return o.is_ref && value != RECORD_UNKNOWN ? value & UINT32_MAX : value;
}

static inline struct bytes read_text(const struct row_step *step, const void *record)
{
    struct bytes text;
    memcpy(&text, (const uint8_t *)record + step->offset, sizeof text);
    return text;
}

static int64_t difference(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static inline int64_t read_relative(const struct row_step *step, const void *record)
{
    int64_t value = read_number(record, step->offset, step->reading == READ_REF);
    if (value == RECORD_UNKNOWN) return value;
    int64_t base = read_operand(step->base, record);
    return base == RECORD_UNKNOWN ? value : difference(value, base);
}

static int read_cell(const struct row_step *step, struct shared_text *texts,
                     const void *record, struct row_batch *batch, int64_t *cell)
{
    switch ((enum row_reading)step->reading) {
    case READ_NUMBER:
    case READ_REF: *cell = read_relative(step, record); return SQLITE_OK;
    case READ_BYTE: /* a part's, and no cell */
    case READ_OTHER: *cell = record_integer(step->field, record); return SQLITE_OK;
    case READ_TEXT:
        *cell = row_batch_keep_text(
            batch, record_utf8(read_text(step, record), &texts->scratch));
        return SQLITE_OK;
    case READ_INTERNED: return shared_text_find(texts, read_text(step, record), cell);
    case READ_NAME:
        return shared_text_find(texts, record_text(step->field, record), cell);
    case READ_ADDRESS:
        return shared_text_find_address(
            texts, (const void *)((const uint8_t *)record + step->offset), cell);
    }
    return SQLITE_MISUSE;
}

/* ---- rows ---- */

/* The bits of a part, not yet shifted; see table_plan.h. */
static uint64_t pack(const struct row_step *step, int64_t number, bool *is_large)
{
    uint64_t all_ones = (UINT64_C(1) << step->width) - 1;
    if (number == RECORD_UNKNOWN) return 0;
    if (number >= 0 && (uint64_t)number < all_ones - 1) return (uint64_t)number + 1;
    *is_large = true;
    return all_ones;
}

int row_code_fill(const struct row_code *code, struct shared_text *texts,
                  const void *record, struct row_batch *batch, int64_t *cells,
                  bool *is_large)
{
    for (size_t i = code->first_packed; i < code->cell_count; i++) cells[i] = 0;
    for (size_t i = 0; i < code->step_count; i++) {
        const struct row_step *step = &code->steps[i];
        uint64_t bits;
        if (step->reading == READ_BYTE) {
            uint8_t value = ((const uint8_t *)record)[step->offset];
            bits = value < step->limit ? value : 0;
        } else {
            int64_t number;
            int rc = read_cell(step, texts, record, batch, &number);
            if (rc != SQLITE_OK) return rc;
            if (step->width == 0) {
                cells[step->cell] = number;
                continue;
            }
            bits = pack(step, number, is_large);
        }
        cells[step->cell] |= (int64_t)(bits << step->shift);
    }
    return SQLITE_OK;
}

/* Whether that of which a figure is one has any at all. */
static inline bool is_figure_set(const struct row_step *step, const void *record)
{
    return !step->of.is_there || read_shown(step->of, record) > 0;
}

/* What a side table's number is where it has no row for this record. */
static inline int64_t usual_number(const struct row_step *step, int64_t key,
                                   const void *record)
{
    switch ((enum field_usual)step->usual) {
    case USUALLY_NULL: return RECORD_UNKNOWN;
    case USUALLY_ZERO: return is_figure_set(step, record) ? 0 : RECORD_UNKNOWN;
    case USUALLY_ONE: return is_figure_set(step, record) ? 1 : RECORD_UNKNOWN;
    case USUALLY_DIFFERENCE: {
        int64_t of = read_shown(step->of, record);
        int64_t minus = read_shown(step->minus, record);
        bool is_known = of != RECORD_UNKNOWN && minus != RECORD_UNKNOWN;
        return is_known ? difference(of, minus) : RECORD_UNKNOWN;
    }
    case USUALLY_EQUAL:
        if (((const uint8_t *)record)[step->where_offset] != step->where_value)
            return RECORD_UNKNOWN;
        return read_shown(step->of, record);
    case USUALLY_OF_KEY: return key >> 16;
    }
    return RECORD_UNKNOWN;
}

bool row_code_is_unusual(const struct row_code *code, int64_t key, const void *record)
{
    for (size_t i = 0; i < code->step_count; i++) {
        const struct row_step *step = &code->steps[i];
        if (step->reading == READ_TEXT) {
            if (read_text(step, record).ptr != NULL) return true;
            continue;
        }
        assert(step->reading <= READ_REF);
        int64_t number = read_number(record, step->offset, step->reading == READ_REF);
        if (number != usual_number(step, key, record)) return true;
    }
    return false;
}
