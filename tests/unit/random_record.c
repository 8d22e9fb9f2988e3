#include "random_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

uint64_t random_next(struct random_source *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return r->state;
}

/* Small, usual, huge and negative, with no order; often at the edge of some number of
 * bits, where packed figures begin to need another place. */
static int64_t random_integer(struct random_source *r)
{
    uint64_t value = random_next(r);
    switch (random_next(r) % 9) {
    case 0: return 0;
    case 1: return 1;
    case 2: return (int64_t)(value % 1000);
    case 3: return 1700000000000000 + (int64_t)(value % 1000000000);
    case 4: return -(int64_t)(value % 100000);
    case 5: return (INT64_C(1) << (value >> 8) % 62) - (int64_t)(value % 5);
    case 6: return value % 2 == 0 ? INT64_MAX / 4 : -(INT64_MAX / 4);
    case 7: return (int64_t)(value % 70000);
    }
    return (int64_t)(value >> 3) - (INT64_C(1) << 60);
}

static struct bytes random_text(struct random_source *r)
{
    static const char long_text[3000] = "long";
    static const struct bytes texts[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"GET", 3},
        {(const uint8_t *)"it's \"quoted\"; --", 17},
        {(const uint8_t *)"a\0b", 3},
        {(const uint8_t *)"\xff\xfe", 2},
        {(const uint8_t *)"caf\xc3\xa9 \xf0\x9f\x98\x80", 10},
        {(const uint8_t *)"cut \xe2\x82", 6},
        {(const uint8_t *)"C:\\x00", 6},
        {(const uint8_t *)"\xed\xa0\x80", 3},
        {(const uint8_t *)long_text, sizeof long_text},
    };
    return texts[random_next(r) % ARRAY_LENGTH(texts)];
}

static struct endpoint random_endpoint(struct random_source *r)
{
    struct endpoint e = {.port = (uint16_t)random_next(r)};
    e.version = random_next(r) % 2 ? 4 : 6;
    for (size_t i = 0; i < (e.version == 4 ? 4u : 16u); i++)
        e.address[i] = (uint8_t)random_next(r);
    return e;
}

static size_t name_count(const struct field *f)
{
    size_t n = 1;
    while (f->names[n] != NULL) n++;
    return n;
}

static void fill_field(struct random_source *r, const struct field *f, uint8_t *at)
{
    int64_t integer = random_integer(r);
    uint64_t ref =
        (1 + random_next(r) % 1000) << 32 | (1 + random_next(r) % UINT32_MAX);
    struct bytes text = random_text(r);
    struct endpoint endpoint = random_endpoint(r);
    switch (f->type) {
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_DURATION: memcpy(at, &integer, sizeof integer); return;
    case FIELD_ENUM: *at = (uint8_t)(1 + random_next(r) % (name_count(f) - 1)); return;
    case FIELD_TRI: *at = (uint8_t)(1 + random_next(r) % 2); return;
    case FIELD_TEXT: memcpy(at, &text, sizeof text); return;
    case FIELD_ADDRESS: memcpy(at, &endpoint, sizeof endpoint); return;
    case FIELD_PACKET: memcpy(at, &ref, sizeof ref); return;
    case FIELD_PORT:
    case FIELD_CAPTURE_ID: return; /* of a member that another row fills */
    }
}

void random_record(struct random_source *r, enum record_kind kind,
                   enum random_fill fill, int64_t id, union any_record *out)
{
    const struct record_layout *layout = record_layout(kind);
    record_clear(kind, out);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        bool is_set = fill == RANDOM_EVERYTHING ||
                      (fill == RANDOM_MIXTURE && random_next(r) % 2 == 0);
        if (is_set) fill_field(r, f, (uint8_t *)out + f->offset);
        if (f->place == PLACE_KEY) memcpy((uint8_t *)out + f->offset, &id, sizeof id);
    }
    if (kind == RECORD_CONNECTION) {
        out->connection.first_ref = (uint64_t)id;
        out->connection.capture_id = id >> 32;
    }
    if (kind == RECORD_FINDING) out->finding.connection_id = id >> 16;
}

void random_record_formats(enum record_kind kind, const char *name, const void *record,
                           const char *expected)
{
    char text[64];
    size_t len = record_format(record_field(kind, name), record, text, sizeof text);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
}
