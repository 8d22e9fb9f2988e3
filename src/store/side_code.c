/* The usual values of field.h, each shape in its own loop without a branch: mostly
 * nothing is unusual, and then nothing but loads and comparisons happens. */
#include "store/side_code.h"

#include <assert.h>
#include <string.h>

/* ---- from the plan ---- */

static uint16_t offset_of(const struct field *f)
{
    assert(f->offset <= UINT16_MAX);
    return (uint16_t)f->offset;
}

/* A number that is taken from another one is none of a packet's. */
static uint16_t operand_of(const struct field *f)
{
    assert(f->type <= FIELD_DURATION);
    return offset_of(f);
}

static void add_constant(struct side_code *code, const struct field *f, uint32_t side,
                         int64_t usual)
{
    assert(code->constant_count < SIDE_CHECKS_MAX);
    code->constants[code->constant_count++] =
        (struct side_constant){.usual = usual, .side = side, .offset = offset_of(f)};
}

static void add_figure(struct side_code *code, const struct plan_column *c,
                       uint32_t side, int64_t usual)
{
    if (c->of == NULL) {
        add_constant(code, c->field, side, usual);
        return;
    }
    bool is_packet = c->of->type == FIELD_PACKET;
    assert(code->figure_count < SIDE_CHECKS_MAX);
    code->figures[code->figure_count++] = (struct side_figure){
        .usual = usual,
        .of_mask = is_packet ? UINT32_MAX : UINT64_MAX,
        .side = side,
        .offset = operand_of(c->field),
        .of = is_packet ? offset_of(c->of) : operand_of(c->of),
    };
}

static void add_difference(struct side_code *code, const struct plan_column *c,
                           uint32_t side)
{
    assert(code->difference_count < SIDE_CHECKS_MAX);
    code->differences[code->difference_count++] = (struct side_difference){
        .side = side,
        .offset = operand_of(c->field),
        .of = operand_of(c->of),
        .minus = operand_of(c->minus),
    };
}

static void add_equal(struct side_code *code, const struct plan_column *c,
                      uint32_t side)
{
    assert(code->equal_count < SIDE_CHECKS_MAX);
    code->equals[code->equal_count++] = (struct side_equal){
        .side = side,
        .offset = operand_of(c->field),
        .of = operand_of(c->of),
        .where = offset_of(c->where),
        .value = (uint8_t)c->where_value,
    };
}

static void add_text(struct side_code *code, const struct field *f, uint32_t side)
{
    assert(code->text_count < SIDE_CHECKS_MAX);
    code->texts[code->text_count++] =
        (struct side_text){.side = side, .offset = offset_of(f)};
}

static void add_packet(struct side_code *code, const struct field *f, uint32_t side)
{
    assert(f->type == FIELD_PACKET && code->packet_count < SIDE_CHECKS_MAX);
    code->packets[code->packet_count++] =
        (struct side_packet){.side = side, .offset = offset_of(f)};
}

static void add_check(struct side_code *code, const struct plan_column *c,
                      uint32_t side)
{
    const struct field *f = c->field;
    if (f->type == FIELD_TEXT) {
        add_text(code, f, side);
        return;
    }
    switch (f->usual) {
    case USUALLY_NULL:
        add_constant(code, f, side, f->type == FIELD_PACKET ? 0 : RECORD_UNKNOWN);
        break;
    case USUALLY_ZERO: add_figure(code, c, side, 0); break;
    case USUALLY_ONE: add_figure(code, c, side, 1); break;
    case USUALLY_DIFFERENCE: add_difference(code, c, side); break;
    case USUALLY_EQUAL: add_equal(code, c, side); break;
    case USUALLY_OF_KEY: add_packet(code, f, side); break;
    }
}

void side_code_make(const struct table_plan *plan, struct side_code *code)
{
    memset(code, 0, sizeof *code);
    for (size_t i = 0; i < plan->side_count; i++) {
        const struct plan_table *side = &plan->sides[i];
        if (plan->large_name[0] != '\0' && plan->large == i) continue;
        for (size_t k = 0; k < side->column_count; k++)
            add_check(code, &side->columns[k], UINT32_C(1) << i);
    }
}

/* ---- checks ---- */

/* Records are plain structs and the offsets are theirs; memcpy because the compiler
 * cannot know the member's type. */
static inline int64_t number_at(const void *record, size_t offset)
{
    int64_t value;
    memcpy(&value, (const uint8_t *)record + offset, sizeof value);
    return value;
}

static inline uint32_t rows_of_constants(const struct side_code *code,
                                         const void *record)
{
    uint32_t rows = 0;
    const struct side_constant *end = code->constants + code->constant_count;
    for (const struct side_constant *c = code->constants; c < end; c++)
        rows |= number_at(record, c->offset) != c->usual ? c->side : 0;
    return rows;
}

static inline uint32_t rows_of_figures(const struct side_code *code, const void *record)
{
    uint32_t rows = 0;
    const struct side_figure *end = code->figures + code->figure_count;
    for (const struct side_figure *f = code->figures; f < end; f++) {
        uint64_t of = (uint64_t)number_at(record, f->of) & f->of_mask;
        int64_t usual = (int64_t)of > 0 ? f->usual : RECORD_UNKNOWN;
        rows |= number_at(record, f->offset) != usual ? f->side : 0;
    }
    return rows;
}

static inline uint32_t rows_of_differences(const struct side_code *code,
                                           const void *record)
{
    uint32_t rows = 0;
    const struct side_difference *end = code->differences + code->difference_count;
    for (const struct side_difference *d = code->differences; d < end; d++) {
        int64_t of = number_at(record, d->of), minus = number_at(record, d->minus);
        int64_t usual = (int64_t)((uint64_t)of - (uint64_t)minus);
        if (of == RECORD_UNKNOWN || minus == RECORD_UNKNOWN) usual = RECORD_UNKNOWN;
        rows |= number_at(record, d->offset) != usual ? d->side : 0;
    }
    return rows;
}

static inline uint32_t rows_of_equals(const struct side_code *code, const void *record)
{
    uint32_t rows = 0;
    const struct side_equal *end = code->equals + code->equal_count;
    for (const struct side_equal *e = code->equals; e < end; e++) {
        bool is_there = ((const uint8_t *)record)[e->where] == e->value;
        int64_t usual = is_there ? number_at(record, e->of) : RECORD_UNKNOWN;
        rows |= number_at(record, e->offset) != usual ? e->side : 0;
    }
    return rows;
}

static inline uint32_t rows_of_texts(const struct side_code *code, const void *record)
{
    uint32_t rows = 0;
    const struct side_text *end = code->texts + code->text_count;
    for (const struct side_text *t = code->texts; t < end; t++) {
        struct bytes text;
        memcpy(&text, (const uint8_t *)record + t->offset, sizeof text);
        rows |= text.ptr != NULL ? t->side : 0;
    }
    return rows;
}

static inline uint32_t rows_of_packets(const struct side_code *code, int64_t key,
                                       const void *record)
{
    uint32_t rows = 0;
    const struct side_packet *end = code->packets + code->packet_count;
    for (const struct side_packet *p = code->packets; p < end; p++) {
        int64_t ref = number_at(record, p->offset); /* 0: none, and no key's */
        rows |= ref != key >> 16 || ref == 0 ? p->side : 0;
    }
    return rows;
}

uint32_t side_code_find_rows(const struct side_code *code, int64_t key,
                             const void *record)
{
    return rows_of_constants(code, record) | rows_of_figures(code, record) |
           rows_of_differences(code, record) | rows_of_equals(code, record) |
           rows_of_texts(code, record) | rows_of_packets(code, key, record);
}
