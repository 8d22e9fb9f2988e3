/* The PROXY protocol, as HAProxy describes it (proxy-protocol.txt, sections 2.1, 2.2):
 *
 *   version 1   "PROXY TCP4 192.0.2.1 192.0.2.2 50000 80" CRLF, at most 107 bytes
 *   version 2   12 bytes | 2, command | family | length (16 bits) | addresses, TLVs
 *               signature                                         '---- length ----' */
#include "stream/preamble.h"

#include "hopscope/cursor.h"

enum {
    V1_BYTES_MAX = 107,
    V2_SIGNATURE_BYTES = 12,
    V2_HEAD_BYTES = 16,
    V2_COMMAND_MAX = 0x21, /* version 2, PROXY; below it: version 2, LOCAL */
};

static bool agree(struct bytes first, struct bytes with)
{
    size_t both = first.len < with.len ? first.len : with.len;
    return bytes_equal(bytes_first(first, both), bytes_first(with, both));
}

static bool has_family(struct bytes rest)
{
    return agree(rest, bytes_of_text("TCP4 ")) || agree(rest, bytes_of_text("TCP6 ")) ||
           agree(rest, bytes_of_text("UNKNOWN"));
}

static enum preamble find_v1(struct bytes first, size_t *length)
{
    static const char name[] = "PROXY ";
    size_t shown = first.len < sizeof name - 1 ? first.len : sizeof name - 1;
    if (!agree(first, bytes_of_text(name))) return PREAMBLE_NONE;
    if (!has_family(bytes_from(first, shown))) return PREAMBLE_NONE;
    struct bytes line = bytes_first(first, V1_BYTES_MAX);
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\n') {
            if (line.ptr[i - 1] != '\r') return PREAMBLE_NONE;
            *length = i + 1;
            return PREAMBLE_WHOLE;
        }
        if (line.ptr[i] >= 0x7f || (line.ptr[i] < 0x20 && line.ptr[i] != '\r'))
            return PREAMBLE_NONE;
    }
    return first.len < V1_BYTES_MAX ? PREAMBLE_MORE : PREAMBLE_NONE;
}

static enum preamble find_v2(struct bytes first, size_t *length)
{
    static const uint8_t signature[V2_SIGNATURE_BYTES] = {
        '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    if (!agree(first, bytes_of(signature, sizeof signature))) return PREAMBLE_NONE;
    struct cursor in = cursor_of(first);
    cursor_skip(&in, V2_SIGNATURE_BYTES);
    uint8_t command = cursor_8(&in);
    if (!in.is_short && (command | 1) != V2_COMMAND_MAX) return PREAMBLE_NONE;
    cursor_skip(&in, 1); /* family */
    size_t whole = V2_HEAD_BYTES + (size_t)cursor_be16(&in);
    if (in.is_short) return PREAMBLE_MORE;
    if (whole > STREAM_PROBE_BYTES_MAX) return PREAMBLE_NONE;
    if (first.len < whole) return PREAMBLE_MORE;
    *length = whole;
    return PREAMBLE_WHOLE;
}

enum preamble preamble_find(struct bytes first, size_t *length)
{
    enum preamble v1 = find_v1(first, length);
    return v1 != PREAMBLE_NONE ? v1 : find_v2(first, length);
}

bool preamble_skip(struct stream *s, const struct chunk *chunk, struct bytes *first)
{
    uint64_t start = chunk->offset + chunk->data.len - first->len;
    size_t length = 0;
    if (start != 0 || chunk->from != SIDE_CLIENT) return true;
    enum preamble verdict = preamble_find(*first, &length);
    if (verdict != PREAMBLE_WHOLE) return verdict == PREAMBLE_NONE;
    s->preamble_bytes = (uint16_t)length;
    *first = bytes_from(*first, length);
    return true;
}

void preamble_cut(const struct stream *s, struct chunk *chunk)
{
    bool is_clients = chunk->from == SIDE_CLIENT && chunk->kind == CHUNK_DATA;
    if (!is_clients || chunk->offset >= s->preamble_bytes) return;
    uint64_t left = s->preamble_bytes - chunk->offset;
    struct bytes part = bytes_first(chunk->data, (size_t)left);
    if (chunk->offset == 0 && s->conn->protocol == PROTOCOL_HTTP)
        conn_note(s->conn, FINDING_REQUEST_LINE_GARBAGE, SEVERITY_INFO, chunk, 0, part);
    chunk->offset += part.len;
    chunk->data = bytes_from(chunk->data, part.len);
    chunk->starts_segment = false;
}
