/* The WebSocket handshake's own fields: the proof that the server understood (RFC 6455,
 * section 4.2.2), and the extensions agreed on (section 9.1). */
#include "hopscope/websocket.h"

#include <string.h>

static const char accept_guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

enum { ACCEPT_KEY_MAX = 128, ACCEPT_TEXT_LENGTH = 28, SHA1_LENGTH = 20 };

static bool accept_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static struct bytes accept_trim(struct bytes text)
{
    while (text.len > 0 && accept_is_blank(text.ptr[0])) text = bytes_from(text, 1);
    while (text.len > 0 && accept_is_blank(text.ptr[text.len - 1])) text.len--;
    return text;
}

bool websocket_accepts(struct bytes key, struct bytes accept)
{
    uint8_t joined[ACCEPT_KEY_MAX + sizeof accept_guid], digest[SHA1_LENGTH];
    char expected[ACCEPT_TEXT_LENGTH + 1];
    key = accept_trim(key);
    if (key.len > ACCEPT_KEY_MAX) return false; /* 24 by rule: nobody can accept it */
    if (key.len > 0) memcpy(joined, key.ptr, key.len);
    memcpy(joined + key.len, accept_guid, sizeof accept_guid - 1);
    sha1(bytes_of(joined, key.len + sizeof accept_guid - 1), digest);
    base64_encode(bytes_of(digest, sizeof digest), expected);
    return bytes_are(accept_trim(accept), expected);
}

/* The name of the next extension of the list, without its parameters. */
static struct bytes accept_next_extension(struct bytes *list)
{
    const uint8_t *comma = memchr(list->ptr, ',', list->len);
    size_t len = comma == NULL ? list->len : (size_t)(comma - list->ptr);
    struct bytes name = bytes_first(*list, len);
    *list = bytes_from(*list, comma == NULL ? len : len + 1);
    const uint8_t *end = name.len > 0 ? memchr(name.ptr, ';', name.len) : NULL;
    if (end != NULL) name.len = (size_t)(end - name.ptr);
    return accept_trim(name);
}

struct websocket_setup websocket_setup_of(struct bytes extensions)
{
    struct websocket_setup setup = {.reserved_bits = 0};
    while (extensions.len > 0) {
        struct bytes name = accept_next_extension(&extensions);
        if (bytes_are_caseless(name, "permessage-deflate"))
            setup.reserved_bits |= WEBSOCKET_BIT_DEFLATE;
        else if (name.len > 0)
            setup.reserved_bits |= WEBSOCKET_BITS_RESERVED;
    }
    return setup;
}
