/* RFC 4648, section 4: three bytes are four characters, the last ones padded. */
#include "hopscope/base.h"

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static inline char *base64_put(char *out, unsigned a, unsigned b, unsigned c)
{
    out[0] = base64_alphabet[a >> 2];
    out[1] = base64_alphabet[(a << 4 | b >> 4) & 63];
    out[2] = base64_alphabet[(b << 2 | c >> 6) & 63];
    out[3] = base64_alphabet[c & 63];
    return out + 4;
}

void base64_encode(struct bytes data, char *out)
{
    const uint8_t *at = data.ptr;
    size_t left = data.len;
    for (; left >= 3; at += 3, left -= 3) out = base64_put(out, at[0], at[1], at[2]);
    if (left > 0) {
        out = base64_put(out, at[0], left > 1 ? at[1] : 0, 0);
        out[-1] = '=';
        if (left == 1) out[-2] = '=';
    }
    *out = '\0';
}
