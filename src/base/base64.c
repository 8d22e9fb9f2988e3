#include "hopscope/base.h"

void base64_encode(struct bytes data, char *out)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < data.len; i += 3) {
        size_t have = data.len - i < 3 ? data.len - i : 3;
        uint32_t group = (uint32_t)data.ptr[i] << 16;
        if (have > 1) group |= (uint32_t)data.ptr[i + 1] << 8;
        if (have > 2) group |= data.ptr[i + 2];
        *out++ = alphabet[group >> 18];
        *out++ = alphabet[group >> 12 & 63];
        *out++ = '=';
        *out++ = '=';
        if (have > 1) out[-2] = alphabet[group >> 6 & 63];
        if (have > 2) out[-1] = alphabet[group & 63];
    }
    *out = '\0';
}
