/* One row per text of a record that may say who or what: how it is replaced. What no
 * row names goes on as it is: enumerations' names, formats, versions. */
#include "hopscope/anonymizer.h"

#include "record/community_id.h"

#include <inttypes.h>

enum { ANONYMIZER_TEXTS_MAX = 12 /* of one record, as in record_block */ };

enum rule { RULE_TEXT, RULE_HOST, RULE_TARGET, RULE_WORDS, RULE_LENGTH, RULE_DAMAGE };

/* clang-format off */
static const struct rule_row {
    enum record_kind kind;
    const char *field;
    enum rule rule;
} rule_rows[] = {
    { RECORD_CAPTURE,    "source",           RULE_TEXT },
    { RECORD_CAPTURE,    "damage",           RULE_DAMAGE },
    { RECORD_CONNECTION, "tls_sni",          RULE_HOST },
    { RECORD_CONNECTION, "tls_alpn",         RULE_WORDS },
    { RECORD_EXCHANGE,   "method",           RULE_WORDS },
    { RECORD_EXCHANGE,   "target",           RULE_TARGET },
    { RECORD_EXCHANGE,   "host",             RULE_HOST },
    { RECORD_EXCHANGE,   "upgrade_offered",  RULE_WORDS },
    { RECORD_EXCHANGE,   "upgrade_protocol", RULE_WORDS },
    { RECORD_EXCHANGE,   "user_agent",       RULE_TEXT },
    { RECORD_EXCHANGE,   "server",           RULE_TEXT },
    { RECORD_EXCHANGE,   "content_type",     RULE_WORDS },
    { RECORD_TUNNEL,     "protocol",         RULE_WORDS },
    { RECORD_TUNNEL,     "tls_sni",          RULE_HOST },
    { RECORD_TUNNEL,     "tls_alpn",         RULE_WORDS },
    { RECORD_FINDING,    "evidence",         RULE_LENGTH },
};
/* clang-format on */

union anonymizer_record {
    struct record_capture capture;
    struct record_connection connection;
    struct record_exchange exchange;
    struct record_tunnel tunnel;
    struct record_finding finding;
    struct record_header header;
};

/* A text that is replaced: where it stands in its record. */
struct anonymizer_text {
    size_t offset;
    enum rule rule;
};

struct anonymizer {
    struct record_sink out;
    struct pseudonym *pseudonym;
    struct anonymizer_text texts[RECORD_KIND_COUNT][ANONYMIZER_TEXTS_MAX];
    size_t text_count[RECORD_KIND_COUNT];
    struct buffer memory; /* of the record at hand */
};

static struct bytes text_at(const void *record, size_t offset)
{
    struct bytes text;
    memcpy(&text, (const uint8_t *)record + offset, sizeof text);
    return text;
}

static struct bytes print_length(struct buffer *out, size_t len)
{
    size_t start = out->len;
    buffer_print(out, "(%zu bytes)", len);
    return bytes_of(out->ptr + start, out->len - start);
}

/* `out` has room for it, so that what was put there before stays where it is. */
static struct bytes replace_text(struct anonymizer *a, enum rule rule,
                                 struct bytes text)
{
    struct buffer *out = &a->memory;
    if (rule == RULE_LENGTH) return print_length(out, text.len);
    if (rule == RULE_DAMAGE) return bytes_of_text("damaged, or stopped");
    size_t start = out->len;
    buffer_append(out, text);
    uint8_t *copy = out->ptr + start;
    switch (rule) {
    case RULE_HOST: pseudonym_host(a->pseudonym, copy, text.len); break;
    case RULE_TARGET: pseudonym_target(a->pseudonym, copy, text.len); break;
    case RULE_WORDS: anonymizer_word(a->pseudonym, copy, text.len); break;
    case RULE_TEXT:
    case RULE_LENGTH:
    case RULE_DAMAGE: pseudonym_text(a->pseudonym, copy, text.len); break;
    }
    return bytes_of(copy, text.len);
}

static void make_room(struct anonymizer *a, size_t len)
{
    buffer_clear(&a->memory);
    if (a->memory.capacity >= len) return;
    a->memory.ptr = mem_resize(a->memory.ptr, len);
    a->memory.capacity = len;
}

static void replace_texts(struct anonymizer *a, enum record_kind kind, uint8_t *record)
{
    size_t room = 0;
    for (size_t i = 0; i < a->text_count[kind]; i++)
        room += text_at(record, a->texts[kind][i].offset).len + 40;
    make_room(a, room);
    for (size_t i = 0; i < a->text_count[kind]; i++) {
        const struct anonymizer_text *t = &a->texts[kind][i];
        struct bytes text = text_at(record, t->offset);
        if (text.ptr == NULL || text.len == 0) continue;
        text = replace_text(a, t->rule, text);
        memcpy(record + t->offset, &text, sizeof text);
    }
}

/* Name and value by what the field is; what stood for a secret stays. */
static void replace_header(struct anonymizer *a, struct record_header *h)
{
    enum anonymizer_field what = anonymizer_field_of(h->name);
    make_room(a, h->name.len + h->value.len + 1);
    buffer_append(&a->memory, h->name);
    buffer_append(&a->memory, h->value);
    uint8_t *name = a->memory.ptr, *value = name + h->name.len;
    if (what == ANONYMIZER_FIELD_UNKNOWN)
        pseudonym_text(a->pseudonym, name, h->name.len);
    bool is_length = bytes_start_with(h->value, "(") && h->value.len < 32 &&
                     bytes_are(bytes_from(h->value, h->value.len - 7), " bytes)");
    if (!is_length) anonymizer_field_value(a->pseudonym, what, value, h->value.len);
    h->name = bytes_of(name, h->name.len);
    h->value = bytes_of(value, h->value.len);
}

static void replace(struct anonymizer *a, enum record_kind kind,
                    union anonymizer_record *copy, char community_id[COMMUNITY_ID_MAX])
{
    replace_texts(a, kind, (uint8_t *)copy);
    if (kind == RECORD_EXCHANGE) {
        for (int i = 0; i < 2; i++)
            pseudonym_endpoint(a->pseudonym, &copy->exchange.endpoint[i]);
    } else if (kind == RECORD_CONNECTION) {
        struct record_connection *c = &copy->connection;
        pseudonym_endpoint(a->pseudonym, &c->client);
        pseudonym_endpoint(a->pseudonym, &c->server);
        /* Of the pseudonyms: of the addresses, it could be tried out. */
        c->community_id = community_id_write(&c->client, &c->server, community_id);
    } else if (kind == RECORD_HEADER) {
        replace_header(a, &copy->header);
    }
}

static enum status pass(struct anonymizer *a, enum record_kind kind, const void *record,
                        enum status (*to)(void *, enum record_kind, const void *))
{
    union anonymizer_record copy;
    char community_id[COMMUNITY_ID_MAX];
    memcpy(&copy, record, record_layout(kind)->size);
    replace(a, kind, &copy, community_id);
    return to(a->out.context, kind, &copy);
}

static enum status put(void *context, enum record_kind kind, const void *record)
{
    struct anonymizer *a = context;
    return pass(a, kind, record, a->out.put);
}

static enum status update(void *context, enum record_kind kind, const void *record)
{
    struct anonymizer *a = context;
    return pass(a, kind, record, a->out.update);
}

static enum status tick(void *context)
{
    struct anonymizer *a = context;
    return a->out.tick(a->out.context);
}

struct anonymizer *anonymizer_new(struct hash_key key, struct record_sink out)
{
    struct anonymizer *a = mem_alloc(sizeof *a);
    a->out = out;
    a->pseudonym = pseudonym_new(key);
    for (size_t i = 0; i < ARRAY_LENGTH(rule_rows); i++) {
        const struct rule_row *row = &rule_rows[i];
        size_t at = a->text_count[row->kind]++;
        a->texts[row->kind][at] = (struct anonymizer_text){
            .offset = record_field(row->kind, row->field)->offset, .rule = row->rule};
    }
    return a;
}

struct record_sink anonymizer_sink(struct anonymizer *a)
{
    return (struct record_sink){
        .context = a,
        .put = put,
        .update = a->out.update == NULL ? NULL : update,
        .tick = a->out.tick == NULL ? NULL : tick,
    };
}

void anonymizer_free(struct anonymizer *a)
{
    if (a == NULL) return;
    pseudonym_free(a->pseudonym);
    buffer_done(&a->memory);
    mem_free(a);
}
