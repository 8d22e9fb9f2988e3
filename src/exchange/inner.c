/* Tunnels (SEMANTICS 8), from the response that opens one to its row.
 *
 *   101, 2xx to CONNECT --> tunnel --its protocol's account--> row, when all is over
 *          '--token--> the stream is told which protocol follows
 *   TLS without a tunnel -----------its account--------------> the connection's row */
#include "exchange/inner.h"

#include <string.h>

#include "exchange/tracker_state.h"
#include "hopscope/certain.h"

/* What a token of Upgrade stands for: the protocol that reads what follows, and the
 * name of the tunnel. Any other token is the name itself, and its bytes are counted. */
static const struct inner_row {
    const char *token; /* lower case; its beginning, if is_prefix */
    bool is_prefix;
    const char *protocol;
} inner_rows[] = {
    {"websocket", false, "websocket"}, /* RFC 6455 */
    {"tls/", true, "tls"},             /* RFC 2817 */
};

static const struct inner_row *inner_find_row(const char *token)
{
    for (size_t i = 0; i < ARRAY_LENGTH(inner_rows); i++) {
        const struct inner_row *row = &inner_rows[i];
        bool is_same = row->is_prefix
                           ? strncmp(token, row->token, strlen(row->token)) == 0
                           : strcmp(token, row->token) == 0;
        if (is_same) return row;
    }
    return NULL;
}

/* ---- the switch ---- */

static void inner_set_token(struct switching *by, struct bytes list)
{
    struct bytes token = bytes_first(list, INNER_TOKEN_MAX);
    for (size_t i = 0; i < token.len && token.ptr[i] != ','; i++) {
        bool is_upper = token.ptr[i] >= 'A' && token.ptr[i] <= 'Z';
        by->token[i] = (char)(is_upper ? token.ptr[i] + 32 : token.ptr[i]);
    }
}

/* The host of a target such as CONNECT has, in lower case; NULL: an address, which no
 * server name can be compared with. */
static char *inner_host_of(struct bytes target)
{
    bool has_letter = false;
    size_t length = 0;
    while (length < target.len && target.ptr[length] != ':') length++;
    if (length == 0 || length > TLS_TEXT_MAX || target.ptr[0] == '[') return NULL;
    char *host = mem_alloc(length + 1);
    for (size_t i = 0; i < length; i++) {
        uint8_t c = target.ptr[i];
        host[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        has_letter = has_letter || ((c | 32) >= 'a' && (c | 32) <= 'z');
    }
    if (host[length - 1] == '.') host[length - 1] = 0;
    if (has_letter) return host;
    mem_free(host);
    return NULL;
}

void inner_remember(struct story *s, const struct exchange *e)
{
    struct switching *by = &s->switching;
    bool is_connect = e->method == METHOD_CONNECT && e->status / 100 == 2;
    if (e->status != 101 && !is_connect) return;
    mem_free(by->host);
    memset(by, 0, sizeof *by);
    by->exchange_id = exchange_id(e);
    by->is_connect = is_connect;
    if (is_connect) {
        by->host = inner_host_of(exchange_text(e, TEXT_TARGET));
        return;
    }
    inner_set_token(by, exchange_text(e, TEXT_UPGRADE_CHOSEN));
    by->websocket = websocket_setup_of(exchange_text(e, TEXT_WEBSOCKET_AGREED));
}

void inner_switched(struct story *s, const struct message *response,
                    const uint64_t offsets[2])
{
    struct tunnel *t = mem_alloc(sizeof *t);
    const struct inner_row *row = inner_find_row(s->switching.token);
    t->by = s->switching;
    s->switching.host = NULL;
    t->start_ns = response->head_end.captured_ns;
    for (int i = 0; i < 2; i++) {
        t->offset[i] = offsets[i];
        t->packets[i] = s->conn->side[i].packets;
    }
    if (s->tunnels_last == NULL) {
        s->tunnels = t;
    } else { /* what was in that one has just switched: it was HTTP */
        s->tunnels_last->inner = PROTOCOL_HTTP;
        s->tunnels_last->next = t;
    }
    s->tunnels_last = t;
    if (row != NULL && ALWAYS(!t->by.is_connect)) /* that has no token */
        stream_announce(s->conn->stream, row->protocol);
}

/* ---- WebSocket ---- */

void *inner_open_websocket(void *context, struct conn *conn,
                           struct websocket_setup *setup)
{
    struct story *s = conn->story;
    (void)context;
    *setup = s->tunnels_last->by.websocket;
    return s;
}

void inner_close_websocket(void *opened, const struct websocket_account *account)
{
    struct story *s = opened;
    struct tunnel *t = s->tunnels_last;
    t->websocket = mem_alloc(sizeof *t->websocket);
    *t->websocket = *account;
    s->resyncs += account->side[0].resyncs + account->side[1].resyncs;
}

static void inner_fill_websocket(const struct tunnel *t, struct record_tunnel *row)
{
    const struct websocket_account *a = t->websocket;
    if (a == NULL) return;
    row->ws_pings = row->ws_pongs = 0;
    for (int i = 0; i < 2; i++) {
        const struct websocket_side *side = &a->side[i];
        row->ws_frames[i] = (int64_t)side->frames;
        row->ws_messages[i] = (int64_t)side->messages;
        row->ws_payload_bytes[i] = (int64_t)side->payload_bytes;
        row->ws_pings += (int64_t)side->by_opcode[WEBSOCKET_PING];
        row->ws_pongs += (int64_t)side->by_opcode[WEBSOCKET_PONG];
    }
    if (a->rtt_count > 0) {
        row->ws_ping_rtt_min_us = record_us(a->rtt_min_ns);
        row->ws_ping_rtt_mean_us = record_us(a->rtt_sum_ns / (int64_t)a->rtt_count);
        row->ws_ping_rtt_max_us = record_us(a->rtt_max_ns);
    }
    if (a->close_code != 0) row->ws_close_code = a->close_code;
    row->ws_close_by = (uint8_t)a->close_by;
    bool is_compressed = (t->by.websocket.reserved_bits & WEBSOCKET_BIT_DEFLATE) != 0;
    row->ws_compressed = (uint8_t)tri_of(is_compressed);
}

/* ---- TLS ---- */

static struct inner_tls *inner_keep_tls(const struct tls_account *account)
{
    struct bytes sni = tls_text_bytes(&account->sni);
    struct bytes alpn = tls_text_bytes(&account->alpn);
    struct inner_tls *kept = mem_alloc(sizeof *kept + sni.len + alpn.len);
    kept->handshake_ns = account->handshake_ns;
    kept->version = account->version;
    if (sni.len > 0) memcpy(kept->text, sni.ptr, sni.len);
    if (alpn.len > 0) memcpy(kept->text + sni.len, alpn.ptr, alpn.len);
    if (sni.len > 0) kept->sni = bytes_of(kept->text, sni.len);
    if (alpn.len > 0) kept->alpn = bytes_of(kept->text + sni.len, alpn.len);
    return kept;
}

/* RFC 9112, section 3.2.2 and SEMANTICS 8: who asks a proxy for one host and the TLS
 * server behind it for another. An outer name (ECH) says nothing. */
static void inner_judge_name(struct story *s, const struct tunnel *t,
                             const struct tls_account *account)
{
    struct bytes name = tls_text_bytes(&account->sni);
    if (t->by.host == NULL || name.len == 0 || account->has_ech) return;
    if (name.ptr[name.len - 1] == '.') name.len--;
    if (bytes_are_caseless(name, t->by.host)) return;
    conn_note(s->conn, FINDING_HOST_MISMATCH, SEVERITY_UNKNOWN, &account->hello,
              account->hello.offset, name);
}

void *inner_open_tls(void *context, struct conn *conn)
{
    return tracker_story(context, conn);
}

void inner_close_tls(void *opened, const struct tls_account *account)
{
    struct story *s = opened;
    struct tunnel *t = s->tunnels_last;
    struct inner_tls **kept = t == NULL ? &s->tls : &t->tls;
    mem_free(*kept);
    *kept = inner_keep_tls(account);
    if (t != NULL && t->by.is_connect) inner_judge_name(s, t, account);
}

static void inner_fill_tls(const struct inner_tls *tls, struct bytes *sni,
                           struct bytes *alpn, struct bytes *version,
                           int64_t *handshake_us)
{
    if (tls == NULL) return;
    *sni = tls->sni;
    *alpn = tls->alpn;
    *version = bytes_of_text(tls_version_name(tls->version));
    if (tls->handshake_ns != TIME_UNKNOWN) *handshake_us = record_us(tls->handshake_ns);
}

void inner_fill_connection(const struct story *s, struct record_connection *row)
{
    inner_fill_tls(s->tls, &row->tls_sni, &row->tls_alpn, &row->tls_version,
                   &row->tls_handshake_us);
}

/* ---- the row ---- */

static const char *inner_name(const struct story *s, const struct tunnel *t)
{
    const struct inner_row *row = inner_find_row(t->by.token);
    if (row != NULL) return row->protocol;
    if (t->by.token[0] != 0) return t->by.token;
    enum conn_protocol inner = t->inner;
    if (inner == PROTOCOL_NONE) inner = stream_inner_protocol(s->conn->stream);
    switch (inner) {
    case PROTOCOL_HTTP: return "http";
    case PROTOCOL_TLS: return "tls";
    case PROTOCOL_H2: return "h2";
    case PROTOCOL_NONE:
    case PROTOCOL_OTHER: return "unknown";
    }
    return "unknown";
}

static void inner_fill_tunnel(const struct story *s, const struct tunnel *t,
                              bool is_open, struct record_tunnel *row)
{
    const struct conn *c = s->conn;
    int64_t end_ns = c->close_ns != TIME_UNKNOWN ? c->close_ns : c->end_ns;
    record_clear(RECORD_TUNNEL, row);
    row->id = row->exchange_id = (int64_t)t->by.exchange_id;
    row->connection_id = (int64_t)c->id;
    row->protocol = bytes_of_text(inner_name(s, t));
    row->start_us = record_us(t->start_ns);
    if (!is_open) row->end_us = record_us(end_ns);
    int64_t last_ns = t->start_ns;
    for (int i = 0; i < 2; i++) {
        const struct conn_side *side = &c->side[i];
        uint64_t end = side->end_offset;
        row->bytes[i] = end > t->offset[i] ? (int64_t)(end - t->offset[i]) : 0;
        row->packets[i] = (int64_t)(side->packets - t->packets[i]);
        if (side->last_payload_ns > last_ns) last_ns = side->last_payload_ns;
    }
    row->idle_at_close_us = record_us_between(last_ns, c->close_ns);
    row->closed_by = (uint8_t)c->closed_by;
    inner_fill_tls(t->tls, &row->tls_sni, &row->tls_alpn, &row->tls_version,
                   &row->tls_handshake_us);
    inner_fill_websocket(t, row);
}

void inner_put_tunnels(struct story *s)
{
    struct record_tunnel row;
    for (const struct tunnel *t = s->tunnels; t != NULL; t = t->next) {
        inner_fill_tunnel(s, t, false, &row);
        story_put(s, RECORD_TUNNEL, &row);
    }
}

void inner_update_tunnels(const struct story *s,
                          void (*update)(struct tracker *t, enum record_kind kind,
                                         const void *record))
{
    struct record_tunnel row;
    bool is_open = s->conn->close_kind == CLOSE_KIND_UNKNOWN;
    for (const struct tunnel *t = s->tunnels; t != NULL; t = t->next) {
        inner_fill_tunnel(s, t, is_open, &row);
        update(s->tracker, RECORD_TUNNEL, &row);
    }
}

void inner_done(struct story *s)
{
    while (s->tunnels != NULL) {
        struct tunnel *t = s->tunnels;
        s->tunnels = t->next;
        mem_free(t->by.host);
        mem_free(t->websocket);
        mem_free(t->tls);
        mem_free(t);
    }
    s->tunnels_last = NULL;
    mem_free(s->switching.host);
    mem_free(s->tls);
}
