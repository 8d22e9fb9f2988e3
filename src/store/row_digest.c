/* Fields side by side, each as one number, hashed together: the struct itself has
 * padding, and pointers where its texts are.
 *
 *   integers as they are | addresses: 2 | texts: their own hash --> hash        */
#include "store/row_digest.h"

#include <assert.h>
#include <string.h>

enum { DIGEST_WORDS_MAX = 128 };

struct digest {
    struct hash_key key;
    uint64_t words[DIGEST_WORDS_MAX];
    size_t count;
};

static void add_word(struct digest *d, uint64_t word)
{
    assert(d->count < DIGEST_WORDS_MAX);
    d->words[d->count++] = word;
}

static void add_address(struct digest *d, const void *record, size_t offset)
{
    struct endpoint e;
    uint64_t parts[2];
    memcpy(&e, (const uint8_t *)record + offset, sizeof e);
    memcpy(parts, e.address, sizeof parts);
    add_word(d, parts[0]);
    add_word(d, parts[1] ^ e.version);
}

static void add_text(struct digest *d, struct bytes text)
{
    add_word(d, text.ptr == NULL ? 0 : hash_keyed(d->key, text));
}

uint64_t row_digest(struct hash_key key, const struct record_layout *layout,
                    const void *record)
{
    struct digest d = {.key = key, .count = 0};
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (f->place == PLACE_DERIVED) continue;
        switch (f->type) {
        case FIELD_TEXT: add_text(&d, record_text(f, record)); break;
        case FIELD_ADDRESS: add_address(&d, record, f->offset); break;
        case FIELD_PACKET:
        case FIELD_CAPTURE_ID: add_word(&d, record_ref(f, record)); break;
        case FIELD_INTEGER:
        case FIELD_TIME:
        case FIELD_DURATION:
        case FIELD_ENUM:
        case FIELD_TRI:
        case FIELD_PORT: add_word(&d, (uint64_t)record_integer(f, record)); break;
        }
    }
    return hash_keyed(key, bytes_of(d.words, d.count * sizeof d.words[0]));
}
