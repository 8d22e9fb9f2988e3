/* Few words hold the enums of a record, because they mostly stand side by side there.
 */
#include "store/row_flags.h"

#include <assert.h>

/* The word of the record in which that byte is. */
static struct row_flags_word *word_of(struct row_flags *f, size_t byte)
{
    size_t offset = byte / sizeof(uint64_t) * sizeof(uint64_t);
    for (size_t i = 0; i < f->word_count; i++) {
        if (f->words[i].offset == offset) return &f->words[i];
    }
    assert(f->word_count < ROW_FLAGS_WORDS_MAX);
    struct row_flags_word *word = &f->words[f->word_count++];
    word->offset = (uint16_t)offset;
    return word;
}

void row_flags_add(struct row_flags *f, struct row_flag flag)
{
    struct row_flags_word *word = word_of(f, flag.offset);
    uint8_t mask[sizeof word->mask];
    assert(f->flag_count < ROW_FLAGS_MAX && flag.cell < f->cell_count);
    f->flags[f->flag_count++] = flag;
    memcpy(mask, &word->mask, sizeof mask); /* whatever the machine's byte order */
    mask[flag.offset - word->offset] = UINT8_MAX;
    memcpy(&word->mask, mask, sizeof mask);
}

void row_flags_learn(const struct row_flags *f, const void *record,
                     struct row_flags_known *known)
{
    memset(known->cells, 0, sizeof known->cells);
    for (size_t i = 0; i < f->flag_count; i++) {
        const struct row_flag *flag = &f->flags[i];
        uint64_t value = ((const uint8_t *)record)[flag->offset];
        if (value >= flag->limit) value = 0;
        known->cells[flag->cell] |= value << flag->shift;
    }
    for (size_t i = 0; i < f->word_count; i++)
        known->words[i] = row_flags_word(&f->words[i], record);
}
