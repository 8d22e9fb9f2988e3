/* One block: the struct, then its texts, which its members point to.
 *
 *   | struct record_exchange ...... | GET/index.htmlwww.example |
 *                  '--method, target, host ----^                              */
#include "ui/kept_record.h"

#include <string.h>

static struct bytes read_text(const struct field *f, const void *record)
{
    struct bytes text;
    memcpy(&text, (const uint8_t *)record + f->offset, sizeof text);
    return text;
}

void *kept_record_new(enum record_kind kind, const void *record, size_t *size,
                      uint64_t *cut)
{
    const struct record_layout *layout = record_layout(kind);
    *size = layout->size;
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (f->type != FIELD_TEXT) continue;
        struct bytes text = read_text(f, record);
        if (text.len > KEPT_TEXT_MAX) *cut += 1;
        *size += bytes_first(text, KEPT_TEXT_MAX).len;
    }
    uint8_t *block = mem_alloc(*size);
    uint8_t *end = block + layout->size;
    memcpy(block, record, layout->size);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (f->type != FIELD_TEXT) continue;
        struct bytes text = bytes_first(read_text(f, record), KEPT_TEXT_MAX);
        if (text.ptr == NULL) continue;
        struct bytes kept = bytes_of(end, text.len);
        memcpy(end, text.ptr, text.len);
        memcpy(block + f->offset, &kept, sizeof kept);
        end += text.len;
    }
    return block;
}
