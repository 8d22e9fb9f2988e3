/* Five bytes of header, then so many of body, again and again.
 *
 *   header: type 1 | version 2 | length 2 --> body: length bytes --> header ... */
#include "tls/records.h"

/* RFC 5246, section 6.2.3: what protection may add to a full record. */
enum { RECORDS_BODY_MAX = (1 << 14) + 2048, RECORDS_MAJOR_VERSION = 3 };

static bool records_is_in_body(const struct records *r)
{
    return r->have == RECORDS_HEADER_LENGTH;
}

static void records_end_body(struct records *r)
{
    if (r->left == 0) r->have = 0;
}

/* False: no header that any version of TLS has. */
static bool records_read_header(struct records *r)
{
    struct cursor in = cursor_of(bytes_of(r->header, sizeof r->header));
    uint8_t type = cursor_8(&in);
    uint8_t major = cursor_8(&in);
    cursor_skip(&in, 1);
    r->left = cursor_be16(&in);
    return type >= RECORDS_CHANGE_CIPHER_SPEC && type <= RECORDS_HEARTBEAT &&
           major == RECORDS_MAJOR_VERSION && r->left <= RECORDS_BODY_MAX;
}

static struct bytes records_take_body(struct records *r, struct cursor *in)
{
    size_t len = cursor_left(in) < r->left ? cursor_left(in) : r->left;
    r->left = (uint16_t)(r->left - len);
    return cursor_take(in, len);
}

bool records_next(struct records *r, struct cursor *in, int64_t now_ns,
                  struct records_piece *out)
{
    *out = (struct records_piece){.type = 0};
    if (r->is_lost) return false;
    if (!records_is_in_body(r)) {
        while (!records_is_in_body(r) && cursor_left(in) > 0) {
            if (r->have == 0) r->begun_ns = now_ns;
            r->header[r->have++] = cursor_8(in);
        }
        if (!records_is_in_body(r)) return false;
        r->is_lost = !records_read_header(r);
        if (r->is_lost) return false;
        out->begins = true;
    } else if (cursor_left(in) == 0) {
        return false;
    }
    out->type = r->header[0];
    out->begun_ns = r->begun_ns;
    out->data = records_take_body(r, in);
    records_end_body(r);
    return true;
}

void records_skip(struct records *r, uint64_t missing)
{
    if (!records_is_in_body(r) || missing > r->left) {
        r->is_lost = true;
        return;
    }
    r->left = (uint16_t)(r->left - missing);
    records_end_body(r);
}
