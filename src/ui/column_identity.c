/* Whose connection it is, and what has become of it. */
#include "ui/column_values.h"
#include "ui/wire_text.h"

/* ---- state ---- */

/* clang-format off */
static const struct state_row {
    const char *name;
    enum canvas_style style;
    int order;
} states[] = {
    { "busy",    STYLE_ACCENT, 0 },
    { "idle",    STYLE_GOOD,   1 },
    { "tunnel",  STYLE_ACCENT, 2 },
    { "ended",   STYLE_DIM,    3 }, /* how is not known */
    { "fin",     STYLE_DIM,    4 },
    { "rst",     STYLE_WARNING, 5 },
    { "evicted", STYLE_DIM,    6 },
    { "again",   STYLE_DIM,    7 }, /* its ports were used anew */
    { "cut",     STYLE_DIM,    8 }, /* the capture ended first */
    { "refused", STYLE_BAD,    9 },
    { "silent",  STYLE_BAD,   10 }, /* nobody answered its SYN */
};
/* clang-format on */

static const struct state_row *state_of(const struct model_connection *c)
{
    static const uint8_t by_close[] = {
        [CLOSE_KIND_UNKNOWN] = 3, [CLOSE_FIN] = 4,      [CLOSE_RST] = 5,
        [CLOSE_IDLE] = 6,         [CLOSE_REPLACED] = 7, [CLOSE_OPEN] = 8};
    const struct record_connection *r = c->record;
    if (!c->is_over) return &states[c->waiting > 0 ? 0 : c->tunnel != NULL ? 2 : 1];
    if (r->open_result == OPEN_REFUSED) return &states[9];
    if (r->open_result == OPEN_UNANSWERED) return &states[10];
    return &states[r->close_kind < ARRAY_LENGTH(by_close) ? by_close[r->close_kind]
                                                          : 3];
}

const char *columns_state(const struct model_connection *c, unsigned *style)
{
    const struct state_row *row = state_of(c);
    *style = row->style;
    return row->name;
}

WRITES(state)
{
    (void)m, (void)is_ascii;
    buffer_append_text(out, state_of(c)->name);
}

KEYS(state)
{
    (void)m;
    return number_key(state_of(c)->order);
}

/* ---- who ---- */

static void write_endpoint(const struct endpoint *e, struct buffer *out)
{
    char text[ENDPOINT_TEXT_MAX] = "";
    if (e->version != 0) endpoint_format(e, text);
    buffer_append_text(out, text);
}

WRITES(client)
{
    (void)m, (void)is_ascii;
    write_endpoint(&c->record->client, out);
}

KEYS(client)
{
    (void)m;
    return (struct column_key){.text = bytes_of(c->record->client.address, 16),
                               .number = c->record->client.port};
}

WRITES(server)
{
    (void)m, (void)is_ascii;
    write_endpoint(&c->record->server, out);
}

KEYS(server)
{
    (void)m;
    return (struct column_key){.text = bytes_of(c->record->server.address, 16),
                               .number = c->record->server.port};
}

static struct bytes host_of(const struct model_connection *c)
{
    struct bytes host = model_host(c);
    return host.ptr != NULL ? host : c->record->tls_sni;
}

WRITES(host)
{
    (void)m;
    wire_text_add(out, host_of(c), is_ascii);
}

KEYS(host)
{
    (void)m;
    return text_key(host_of(c));
}

static struct bytes protocol_of(const struct model_connection *c)
{
    struct bytes text = c->record->protocol;
    if (c->tunnel != NULL && c->tunnel->protocol.len > 0) text = c->tunnel->protocol;
    if (bytes_start_with(text, "http/")) text = bytes_from(text, 5);
    return text;
}

WRITES(protocol)
{
    (void)m;
    wire_text_add(out, protocol_of(c), is_ascii);
}

KEYS(protocol)
{
    (void)m;
    return text_key(protocol_of(c));
}
