/* Header sections, chunks and WebSocket frames: what frames them stays. */
#include "cli/disguise_stream.h"

#include "hopscope/anonymizer.h"

enum { OPCODE_CLOSE = 8, CONTROL_BYTES_MAX = 125 }; /* RFC 6455, section 5.5 */

#define CHUNK_SIZE_MAX (UINT64_C(1) << 60)

/* ---- lines ---- */

/* The next line, without its end, which is kept; false: there is no more. */
static bool next_line(struct disguise_walk *w, uint8_t **line, size_t *len)
{
    if (w->at >= w->end) return false;
    uint64_t start = w->at, end = start;
    while (end < w->end && w->in[end] != '\n') end++;
    w->at = end < w->end ? end + 1 : end;
    if (end > start && w->in[end - 1] == '\r') end--;
    disguise_keep(w, start, w->at - start);
    *line = w->out + start;
    *len = end - start;
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Method, target, version; version, status, reason (RFC 9112, sections 3 and 4). */
static void hide_start_line(struct disguise_walk *w, uint8_t *line, size_t len)
{
    struct bytes text = bytes_of(line, len);
    size_t method = 0, target, end = len;
    if (bytes_start_with(text, "HTTP/")) {
        size_t kept = len < 13 ? len : 13;
        pseudonym_text(w->pseudonym, line + kept, len - kept);
        return;
    }
    while (method < len && !is_blank(line[method])) method++;
    for (target = method; target < len && is_blank(line[target]);) target++;
    while (end > target && !is_blank(line[end - 1])) end--; /* the version's start */
    if (end <= target || !bytes_start_with(bytes_from(text, end), "HTTP/")) end = len;
    anonymizer_word(w->pseudonym, line, method);
    size_t stop = end;
    while (stop > target && is_blank(line[stop - 1])) stop--;
    pseudonym_target(w->pseudonym, line + target, stop - target);
}

static void hide_field(struct disguise_walk *w, enum anonymizer_field *what,
                       uint8_t *line, size_t len)
{
    size_t name = 0, value = 0;
    if (len > 0 && is_blank(line[0])) { /* it goes on with the line before */
        anonymizer_field_value(w->pseudonym, *what, line, len);
        return;
    }
    while (name < len && line[name] != ':') name++;
    if (name == len) { /* what it is nobody knows */
        *what = ANONYMIZER_FIELD_UNKNOWN;
        pseudonym_text(w->pseudonym, line, len);
        return;
    }
    for (value = name + 1; value < len && is_blank(line[value]);) value++;
    while (name > 0 && is_blank(line[name - 1])) name--;
    *what = anonymizer_field_of(bytes_of(line, name));
    if (*what == ANONYMIZER_FIELD_UNKNOWN) pseudonym_text(w->pseudonym, line, name);
    anonymizer_field_value(w->pseudonym, *what, line + value, len - value);
}

void disguise_lines(struct disguise_walk *w)
{
    enum anonymizer_field what = ANONYMIZER_FIELD_UNKNOWN;
    uint8_t *line;
    size_t len;
    while (next_line(w, &line, &len)) hide_field(w, &what, line, len);
}

void disguise_head(struct disguise_walk *w)
{
    uint8_t *line;
    size_t len = 0;
    while (len == 0 && next_line(w, &line, &len)) continue; /* empty ones before it */
    if (len > 0) hide_start_line(w, line, len);
    disguise_lines(w);
}

/* ---- chunks (RFC 9112, section 7.1) ---- */

static bool read_size(struct bytes line, uint64_t *size, size_t *digits)
{
    *size = 0;
    for (*digits = 0; *digits < line.len; ++*digits) {
        uint8_t c = line.ptr[*digits], low = c | 0x20;
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && (low < 'a' || low > 'f')) break;
        *size = *size << 4 | (uint64_t)(is_digit ? c - '0' : low - 'a' + 10);
        if (*size > CHUNK_SIZE_MAX) return false;
    }
    return *digits > 0;
}

void disguise_chunks(struct disguise_walk *w)
{
    uint8_t *line;
    size_t len, digits;
    uint64_t size;
    while (next_line(w, &line, &len)) {
        bool is_size = read_size(bytes_of(line, len), &size, &digits);
        pseudonym_text(w->pseudonym, line + (is_size ? digits : 0),
                       len - (is_size ? digits : 0));
        if (is_size && size == 0) disguise_lines(w);
        if (!is_size || size >= w->end - w->at) return;
        w->at += size;
        if (w->in[w->at] == '\r' && w->at + 1 < w->end) w->out[w->at++] = '\r';
        if (w->in[w->at] != '\n') return;
        w->out[w->at++] = '\n';
    }
}

/* ---- WebSocket frames (RFC 6455, section 5.2) ---- */

struct frame_head {
    uint8_t opcode;
    bool is_masked;
    uint64_t length, payload; /* payload: where it begins */
    uint8_t mask[4];
};

static bool read_head(const struct disguise_walk *w, struct frame_head *f)
{
    if (!disguise_stream_has(w->stream, w->at, 2)) return false;
    const uint8_t *b = w->in + w->at;
    size_t more = (b[1] & 0x7f) == 126 ? 2 : (b[1] & 0x7f) == 127 ? 8 : 0;
    *f = (struct frame_head){.opcode = b[0] & 0x0f, .is_masked = (b[1] & 0x80) != 0};
    f->length = more == 0 ? b[1] & 0x7fu : 0;
    size_t all = 2 + more + (f->is_masked ? 4 : 0);
    if (!disguise_stream_has(w->stream, w->at, all)) return false;
    for (size_t i = 0; i < more; i++) f->length = f->length << 8 | b[2 + i];
    if (f->is_masked) memcpy(f->mask, b + 2 + more, 4);
    f->payload = w->at + all;
    return true;
}

/* A ping's payload and its echo stay the same; of a close, its code stays. */
static void hide_payload(const struct disguise_walk *w, const struct frame_head *f)
{
    uint64_t len = f->length < w->end - f->payload ? f->length : w->end - f->payload;
    uint64_t seed = 0, kept = 0;
    bool is_control = (f->opcode & 8) != 0;
    if (is_control && len <= CONTROL_BYTES_MAX) {
        uint8_t plain[128] = {0};
        for (size_t i = 0; i < len; i++)
            plain[i] = w->in[f->payload + i] ^ f->mask[i & 3];
        seed = hash_secret(w->pseudonym->key, bytes_of(plain, len));
    }
    if (f->opcode == OPCODE_CLOSE) kept = len < 2 ? len : 2;
    disguise_keep(w, f->payload, kept);
    for (uint64_t i = kept; i < len; i++) {
        uint8_t plain = 'x';
        if (is_control && f->opcode != OPCODE_CLOSE)
            plain = (uint8_t)(seed >> 8 * (i & 7));
        w->out[f->payload + i] = plain ^ f->mask[i & 3];
    }
}

void disguise_frames(struct disguise_walk *w)
{
    struct frame_head f;
    while (w->at < w->end && read_head(w, &f)) {
        disguise_keep(w, w->at, f.payload - w->at);
        hide_payload(w, &f);
        if (f.length >= w->end - f.payload) return;
        w->at = f.payload + f.length;
    }
}
