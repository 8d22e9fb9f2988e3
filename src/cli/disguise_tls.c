/* TLS records and the two hellos (RFC 8446, section 4.1): the name becomes a pseudonym;
 * what else tells of versions and protocols stays, keys and tickets do not. */
#include "cli/disguise_stream.h"

#include "hopscope/anonymizer.h"

enum {
    RECORD_HEAD = 5,
    RECORD_HANDSHAKE = 22,
    RECORD_APPLICATION = 23,
    RECORD_SHORT = 2, /* an alert, a change of cipher: nothing to hide */
    HANDSHAKE_HEAD = 4,
    HELLO_CLIENT = 1,
    HELLO_SERVER = 2,
    RANDOM_BYTES = 32,
    EXTENSION_NAME = 0,
    EXTENSION_ALPN = 16,
};

/* A part of a record: cursors' ends are its own. */
struct part {
    const struct disguise_walk *walk;
    uint64_t at, end;
};

static bool has(const struct part *p, uint64_t len)
{
    return len <= p->end - p->at && disguise_stream_has(p->walk->stream, p->at, len);
}

/* Reads and keeps a number. False: it is not there whole. */
static bool keep_number(struct part *p, size_t len, uint64_t *number)
{
    *number = 0;
    if (!has(p, len)) return false;
    for (size_t i = 0; i < len; i++) *number = *number << 8 | p->walk->in[p->at + i];
    disguise_keep(p->walk, p->at, len);
    p->at += len;
    return true;
}

/* A vector with its length before it: kept or left covered with zeros. */
static bool pass_vector(struct part *p, size_t length_bytes, bool is_kept)
{
    uint64_t len;
    if (!keep_number(p, length_bytes, &len) || !has(p, len)) return false;
    if (is_kept)
        disguise_keep(p->walk, p->at, len);
    else
        memset(p->walk->out + p->at, 0, len);
    p->at += len;
    return true;
}

/* ServerNameList (RFC 6066, section 3) */
static void hide_names(struct part p)
{
    uint64_t len;
    if (!keep_number(&p, 2, &len)) return;
    while (p.at < p.end) {
        uint64_t kind;
        if (!keep_number(&p, 1, &kind) || !keep_number(&p, 2, &len) || !has(&p, len))
            return;
        disguise_keep(p.walk, p.at, len);
        pseudonym_host(p.walk->pseudonym, p.walk->out + p.at, len);
        p.at += len;
    }
}

/* ProtocolNameList (RFC 7301, section 3.1) */
static void hide_protocols(struct part p)
{
    uint64_t len;
    if (!keep_number(&p, 2, &len)) return;
    while (p.at < p.end) {
        if (!keep_number(&p, 1, &len) || !has(&p, len)) return;
        disguise_keep(p.walk, p.at, len);
        anonymizer_word(p.walk->pseudonym, p.walk->out + p.at, len);
        p.at += len;
    }
}

static bool is_harmless(uint64_t extension)
{
    /* groups, point formats, signatures, extended master secret, versions, PSK modes */
    static const uint8_t kept[] = {10, 11, 13, 23, 43, 45};
    for (size_t i = 0; i < sizeof kept; i++)
        if (extension == kept[i]) return true;
    return false;
}

static void hide_extensions(struct part p)
{
    uint64_t kind, len;
    if (!keep_number(&p, 2, &len)) return;
    while (keep_number(&p, 2, &kind) && keep_number(&p, 2, &len) && has(&p, len)) {
        struct part inner = {p.walk, p.at, p.at + len};
        memset(p.walk->out + p.at, 0, len);
        if (kind == EXTENSION_NAME)
            hide_names(inner);
        else if (kind == EXTENSION_ALPN)
            hide_protocols(inner);
        else if (is_harmless(kind))
            disguise_keep(p.walk, p.at, len);
        p.at += len;
    }
}

static void hide_hello(struct part p, uint64_t kind)
{
    uint64_t number;
    if (!keep_number(&p, 2, &number) || !has(&p, RANDOM_BYTES)) return;
    if (kind == HELLO_SERVER) /* one of its values asks the client to try again */
        disguise_keep(p.walk, p.at, RANDOM_BYTES);
    else
        memset(p.walk->out + p.at, 0, RANDOM_BYTES);
    p.at += RANDOM_BYTES;
    if (!pass_vector(&p, 1, false)) return; /* session id */
    if (kind == HELLO_SERVER) {             /* its cipher suite and compression */
        if (!keep_number(&p, 3, &number)) return;
    } else if (!pass_vector(&p, 2, true) || !pass_vector(&p, 1, true)) {
        return;
    }
    hide_extensions(p);
}

static void hide_handshake(struct part p)
{
    uint64_t kind, len;
    while (keep_number(&p, 1, &kind) && keep_number(&p, 3, &len)) {
        uint64_t some = len < p.end - p.at ? len : p.end - p.at;
        struct part inner = {p.walk, p.at, p.at + some};
        memset(p.walk->out + p.at, 0, some);
        if (kind == HELLO_CLIENT || kind == HELLO_SERVER) hide_hello(inner, kind);
        p.at += some;
    }
}

void disguise_tls(struct disguise_walk *w)
{
    struct part p = {w, w->at, w->end};
    while (has(&p, RECORD_HEAD)) {
        uint8_t kind = w->in[p.at];
        uint64_t len = (uint64_t)w->in[p.at + 3] << 8 | w->in[p.at + 4];
        if (kind < 20 || kind > RECORD_APPLICATION || w->in[p.at + 1] != 3) return;
        disguise_keep(w, p.at, RECORD_HEAD);
        p.at += RECORD_HEAD;
        uint64_t some = len < p.end - p.at ? len : p.end - p.at;
        memset(w->out + p.at, 0, some);
        if (kind == RECORD_HANDSHAKE)
            hide_handshake((struct part){w, p.at, p.at + some});
        else if (kind != RECORD_APPLICATION && some <= RECORD_SHORT)
            disguise_keep(w, p.at, some);
        p.at += some;
    }
}
