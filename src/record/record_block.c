/* A block of records by value. One entry after the other, each a head, the struct and
 * its texts:
 *
 *   | kind, size | struct | text of its 1st FIELD_TEXT | of its 2nd | ... | padding |
 *
 * The struct's texts point behind it from the beginning, so that whoever takes the
 * records out finds them as they are; only when the block moves, because something huge
 * came, do all of them have to follow. A record may also be made where it will stand:
 * in the room behind the last entry. The Community ID, a hash of the endpoints, is not
 * carried but made where the record is taken out: that thread waits for this one, not
 * the other way round. */
#include "hopscope/record.h"

#include "record/community_id.h"

#include <assert.h>
#include <string.h>

enum {
    BLOCK_FULL_BYTES = 256 << 10, /* worth handing over */
    BLOCK_BYTES = 384 << 10,      /* kept from use to use; more only for huge texts */
    BLOCK_TEXTS_MAX = 12,         /* FIELD_TEXT fields of one kind */
    BLOCK_ALIGNMENT = sizeof(int64_t),
    BLOCK_LINE = 64,    /* of a core's cache */
    BLOCK_AHEAD = 2048, /* some records */
    BLOCK_ROOM = 704,   /* one, with the texts of most */
};

/* Of one kind: where its texts are. */
struct block_kind {
    size_t size;
    size_t text_count;
    size_t text_offsets[BLOCK_TEXTS_MAX];
};

struct block_entry {
    uint32_t kind;
    bool is_update;
    size_t size; /* of the whole entry */
};

struct record_block {
    struct block_kind kinds[RECORD_KIND_COUNT];
    uint8_t *memory;
    size_t len, capacity;
    size_t room_size; /* of the entry that may be made behind them */
    size_t put_count;
};

static void learn_kind(struct block_kind *k, const struct record_layout *layout)
{
    k->size = layout->size;
    for (size_t i = 0; i < layout->field_count; i++) {
        if (layout->fields[i].type != FIELD_TEXT) continue;
        assert(k->text_count < BLOCK_TEXTS_MAX);
        k->text_offsets[k->text_count++] = layout->fields[i].offset;
    }
}

struct record_block *record_block_new(void)
{
    struct record_block *b = mem_alloc(sizeof *b);
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        learn_kind(&b->kinds[i], record_layout((enum record_kind)i));
    b->capacity = BLOCK_BYTES;
    b->memory = mem_alloc(b->capacity);
    return b;
}

void record_block_free(struct record_block *b)
{
    if (b == NULL) return;
    mem_free(b->memory);
    mem_free(b);
}

static struct bytes text_at(const uint8_t *record, size_t offset)
{
    struct bytes text;
    memcpy(&text, record + offset, sizeof text);
    if (text.ptr == NULL) text.len = 0;
    return text;
}

static size_t entry_size(const struct block_kind *k, size_t text_bytes)
{
    size_t size = sizeof(struct block_entry) + k->size + text_bytes;
    return (size + BLOCK_ALIGNMENT - 1) / BLOCK_ALIGNMENT * BLOCK_ALIGNMENT;
}

/* The texts of one entry that stood in the old memory. */
static void follow(const struct block_kind *k, uint8_t *record, const uint8_t *old,
                   struct record_block *b)
{
    for (size_t i = 0; i < k->text_count; i++) {
        struct bytes text = text_at(record, k->text_offsets[i]);
        size_t at = (size_t)((uintptr_t)text.ptr - (uintptr_t)old);
        if (at > b->len) continue; /* NULL, or of static memory */
        text.ptr = b->memory + at;
        memcpy(record + k->text_offsets[i], &text, sizeof text);
    }
}

static void grow(struct record_block *b, size_t more)
{
    uint8_t *old = b->memory;
    b->capacity += b->capacity / 2 + more;
    b->memory = mem_alloc(b->capacity);
    memcpy(b->memory, old, b->len);
    for (size_t done = 0; done < b->len;) {
        struct block_entry entry;
        memcpy(&entry, b->memory + done, sizeof entry);
        follow(&b->kinds[entry.kind], b->memory + done + sizeof entry, old, b);
        done += entry.size;
    }
    mem_free(old);
}

static uint8_t *next_record(const struct record_block *b)
{
    return b->memory + b->len + sizeof(struct block_entry);
}

void *record_block_room(struct record_block *b, enum record_kind kind,
                        size_t text_bytes)
{
    b->room_size = entry_size(&b->kinds[kind], text_bytes);
    if (b->capacity - b->len < b->room_size) grow(b, b->room_size);
    return next_record(b);
}

/* Where the next record will be made is far away: the other core has just read it. */
static inline void fetch_room(const struct record_block *b)
{
    if (b->capacity - b->len < BLOCK_ROOM) return;
    mem_prefetch(b->memory + b->len, BLOCK_ROOM);
}

/* What is in the room becomes an entry. */
static void add_entry(struct record_block *b, enum record_kind kind, bool is_update)
{
    struct block_entry entry = {
        .kind = (uint32_t)kind,
        .is_update = is_update,
        .size = b->room_size,
    };
    memcpy(b->memory + b->len, &entry, sizeof entry);
    b->len += entry.size;
    fetch_room(b);
}

static void copy_into_room(struct record_block *b, enum record_kind kind,
                           const uint8_t *record)
{
    const struct block_kind *k = &b->kinds[kind];
    size_t text_bytes = 0;
    for (size_t i = 0; i < k->text_count; i++)
        text_bytes += text_at(record, k->text_offsets[i]).len;
    uint8_t *copy = record_block_room(b, kind, text_bytes);
    uint8_t *at = copy + k->size;
    memcpy(copy, record, k->size);
    for (size_t i = 0; i < k->text_count; i++) {
        struct bytes text = text_at(record, k->text_offsets[i]);
        if (text.ptr == NULL) continue;
        if (text.len > 0) memcpy(at, text.ptr, text.len);
        text.ptr = at;
        memcpy(copy + k->text_offsets[i], &text, sizeof text);
        at += text.len;
    }
}

void record_block_put(struct record_block *b, enum record_kind kind, const void *record)
{
    if (record != next_record(b)) copy_into_room(b, kind, record);
    add_entry(b, kind, false);
    b->put_count++;
}

void record_block_update(struct record_block *b, enum record_kind kind,
                         const void *record)
{
    copy_into_room(b, kind, record);
    add_entry(b, kind, true);
}

size_t record_block_count(const struct record_block *b)
{
    return b->put_count;
}

bool record_block_is_full(const struct record_block *b)
{
    return b->len >= BLOCK_FULL_BYTES;
}

bool record_block_is_empty(const struct record_block *b)
{
    return b->len == 0;
}

static inline enum status give(const struct record_sink *sink,
                               const struct block_entry *entry, const void *record)
{
    enum record_kind kind = (enum record_kind)entry->kind;
    if (!entry->is_update) return sink->put(sink->context, kind, record);
    if (sink->update == NULL) return STATUS_OK;
    return sink->update(sink->context, kind, record);
}

/* A connection's record on its way to a sink. Its Community ID is a hash, for which
 * nobody waits: it is made while the record before is given. Whatever else is made of
 * other figures alone would stand here, too. */
struct block_ahead {
    bool has_digest;
    uint8_t digest[COMMUNITY_DIGEST_BYTES];
};

/* Of the entry that begins there, if it is a connection. */
static inline void look_ahead(const struct record_block *b, size_t at,
                              struct block_ahead *ahead)
{
    if (at >= b->len) return;
    struct block_entry entry;
    memcpy(&entry, b->memory + at, sizeof entry);
    if (entry.kind != RECORD_CONNECTION) return;
    const struct record_connection *row = (const void *)(b->memory + at + sizeof entry);
    ahead->has_digest = row->community_id.ptr == NULL &&
                        community_id_digest(&row->client, &row->server, ahead->digest);
}

/* The record has the Community ID for as long as this lasts: it may be given once more.
 */
static enum status give_connection(const struct record_sink *sink,
                                   const struct block_entry *entry,
                                   struct record_connection *row,
                                   struct bytes community_id)
{
    if (community_id.ptr == NULL) return give(sink, entry, row);
    row->community_id = community_id;
    enum status status = give(sink, entry, row);
    row->community_id = bytes_of(NULL, 0);
    return status;
}

/* What another core has just written is far away. Fetches all up to some records behind
 * the one that ends there; returns where it stopped. */
static inline size_t fetch_ahead(const struct record_block *b, size_t fetched,
                                 size_t record_end)
{
    size_t end = record_end + BLOCK_AHEAD;
    if (end > b->len) end = b->len;
    for (; fetched < end; fetched += BLOCK_LINE)
        __builtin_prefetch(b->memory + fetched);
    return fetched;
}

/* Makes the text of what was looked ahead for; ptr NULL: there is none, or the record
 * has one. */
static inline struct bytes take_ahead(struct block_ahead *ahead,
                                      char text[COMMUNITY_ID_MAX])
{
    if (!ahead->has_digest) return bytes_of(NULL, 0);
    ahead->has_digest = false;
    return community_id_text(ahead->digest, text);
}

enum status record_block_replay(struct record_block *b, const struct record_sink *sink)
{
    enum status status = STATUS_OK;
    size_t fetched = 0;
    char community_id[COMMUNITY_ID_MAX];
    struct block_ahead ahead = {.has_digest = false};
    look_ahead(b, 0, &ahead);
    for (size_t done = 0; done < b->len && status == STATUS_OK;) {
        struct block_entry entry;
        memcpy(&entry, b->memory + done, sizeof entry);
        uint8_t *record = b->memory + done + sizeof entry;
        done += entry.size;
        fetched = fetch_ahead(b, fetched, done);
        struct bytes text = take_ahead(&ahead, community_id);
        look_ahead(b, done, &ahead);
        status = entry.kind == RECORD_CONNECTION
                     ? give_connection(sink, &entry, (void *)record, text)
                     : give(sink, &entry, record);
    }
    return status;
}

void record_block_clear(struct record_block *b)
{
    b->len = b->put_count = 0;
    if (b->capacity <= BLOCK_BYTES) return;
    b->capacity = BLOCK_BYTES;
    b->memory = mem_resize(b->memory, b->capacity);
}

enum status record_block_drain(struct record_block *b, const struct record_sink *sink)
{
    enum status status = record_block_replay(b, sink);
    record_block_clear(b);
    return status;
}
