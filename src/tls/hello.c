/* ClientHello and ServerHello (RFC 8446, sections 4.1.2 and 4.1.3; the older versions'
 * differ only in what their extensions say):
 *
 *   type 1 | length 3 | legacy_version 2 | random 32 | session id <1>
 *     client: | cipher suites <2> | compression <1> | extensions <2>
 *     server: | cipher suite 2    | compression 1   | extensions <2>     <n>: n bytes
 * of extension: type 2 | data <2>                                         length first
 */
#include "tls/hello.h"

#include <string.h>

enum { HELLO_RANDOM_LENGTH = 32 };

enum hello_extension { /* IANA, TLS ExtensionType Values */
                       EXTENSION_SERVER_NAME = 0,
                       EXTENSION_ALPN = 16,
                       EXTENSION_EARLY_DATA = 42,
                       EXTENSION_SUPPORTED_VERSIONS = 43,
                       EXTENSION_ENCRYPTED_CLIENT_HELLO = 0xfe0d,
};

enum { SERVER_NAME_HOST = 0 };

static const struct hello_version_row {
    uint16_t version;
    const char *name;
} version_rows[] = {
    {0x0002, "SSLv2"},   {0x0300, "SSLv3"},   {0x0301, "TLSv1.0"},
    {0x0302, "TLSv1.1"}, {0x0303, "TLSv1.2"}, {0x0304, "TLSv1.3"},
};

const char *tls_version_name(uint16_t version)
{
    if (version >> 8 == 0x7f) return "TLSv1.3"; /* its drafts */
    for (size_t i = 0; i < ARRAY_LENGTH(version_rows); i++) {
        if (version_rows[i].version == version) return version_rows[i].name;
    }
    return NULL;
}

/* RFC 8701: values that mean nothing, sent so that nobody trips over new ones. */
static bool hello_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* What follows a length; less where the message is cut. */
static struct cursor hello_vector(struct cursor *in, size_t length)
{
    size_t left = cursor_left(in);
    struct cursor vector = cursor_of(cursor_take(in, length < left ? length : left));
    if (length > left) in->is_short = true;
    return vector;
}

static struct cursor hello_vector_8(struct cursor *in)
{
    return hello_vector(in, cursor_8(in));
}

static struct cursor hello_vector_16(struct cursor *in)
{
    return hello_vector(in, cursor_be16(in));
}

enum hello_type hello_type(struct bytes message, size_t *length)
{
    struct cursor in = cursor_of(message);
    uint32_t word = cursor_be32(&in);
    *length = HELLO_HEADER_LENGTH + (word & 0xffffff);
    switch (word >> 24) {
    case 1: return HELLO_OF_CLIENT;
    case 2: return HELLO_OF_SERVER;
    }
    return HELLO_OTHER;
}

/* ---- extensions ---- */

static void hello_set_text(struct tls_text *out, struct bytes text)
{
    struct bytes kept = bytes_first(text, TLS_TEXT_MAX);
    if (kept.len > 0) memcpy(out->text, kept.ptr, kept.len);
    out->length = (uint8_t)kept.len;
}

/* RFC 6066, section 3: a list with at most one name of each type. */
static void hello_read_server_name(struct cursor *data, struct tls_account *out)
{
    struct cursor list = hello_vector_16(data);
    while (cursor_left(&list) > 0 && !list.is_short) {
        uint8_t type = cursor_8(&list);
        struct cursor name = hello_vector_16(&list);
        if (type != SERVER_NAME_HOST || out->sni.length > 0) continue;
        hello_set_text(&out->sni, cursor_rest(&name));
    }
}

static void hello_append_protocol(struct tls_text *out, struct bytes protocol)
{
    size_t comma = out->length > 0 ? 1 : 0;
    if (protocol.len + comma > (size_t)(TLS_TEXT_MAX - out->length)) return;
    if (comma) out->text[out->length++] = ',';
    memcpy(out->text + out->length, protocol.ptr, protocol.len);
    out->length = (uint8_t)(out->length + protocol.len);
}

/* RFC 7301, section 3.1. */
static void hello_read_protocols(struct cursor *data, struct tls_text *out)
{
    struct cursor list = hello_vector_16(data);
    out->length = 0;
    while (cursor_left(&list) > 0 && !list.is_short) {
        struct cursor entry = hello_vector_8(&list);
        struct bytes protocol = cursor_rest(&entry);
        if (protocol.len == 0) continue;
        uint16_t first = protocol.len == 2 ? cursor_be16(&entry) : 0;
        if (!hello_is_grease(first)) hello_append_protocol(out, protocol);
    }
}

static void hello_read_versions(struct cursor *data, struct tls_account *out)
{
    struct cursor list = hello_vector_8(data);
    uint16_t highest = 0;
    while (cursor_left(&list) >= 2) {
        uint16_t version = cursor_be16(&list);
        bool is_higher = version > highest && tls_version_name(version) != NULL;
        if (!hello_is_grease(version) && is_higher) highest = version;
    }
    if (highest != 0) out->version = highest;
}

/* Takes the next extension off; false: there is none. */
static bool hello_next_extension(struct cursor *in, uint16_t *type, struct cursor *data)
{
    if (in->is_short || cursor_left(in) < 4) return false;
    *type = cursor_be16(in);
    *data = hello_vector_16(in);
    return true;
}

/* ---- the messages ---- */

/* Up to and with the session id. Returns legacy_version. */
static uint16_t hello_read_beginning(struct cursor *in)
{
    cursor_skip(in, HELLO_HEADER_LENGTH);
    uint16_t version = cursor_be16(in);
    cursor_skip(in, HELLO_RANDOM_LENGTH);
    hello_vector_8(in);
    return version;
}

void hello_read_client(struct bytes message, struct tls_account *out,
                       bool *offers_early_data)
{
    struct cursor in = cursor_of(message);
    uint16_t type;
    struct cursor data;
    uint16_t version = hello_read_beginning(&in);
    if (!out->is_version_chosen) out->version = version;
    hello_vector_16(&in); /* cipher suites */
    hello_vector_8(&in);  /* compression methods */
    struct cursor extensions = hello_vector_16(&in);
    while (hello_next_extension(&extensions, &type, &data)) {
        switch (type) {
        case EXTENSION_SERVER_NAME: hello_read_server_name(&data, out); break;
        case EXTENSION_ALPN:
            if (!out->is_alpn_chosen) hello_read_protocols(&data, &out->alpn);
            break;
        case EXTENSION_SUPPORTED_VERSIONS:
            if (!out->is_version_chosen) hello_read_versions(&data, out);
            break;
        case EXTENSION_EARLY_DATA: *offers_early_data = true; break;
        case EXTENSION_ENCRYPTED_CLIENT_HELLO: out->has_ech = true; break;
        }
    }
}

void hello_read_server(struct bytes message, struct tls_account *out)
{
    struct cursor in = cursor_of(message);
    uint16_t type;
    struct cursor data;
    uint16_t version = hello_read_beginning(&in);
    cursor_skip(&in, 3); /* cipher suite, compression method */
    struct cursor extensions = hello_vector_16(&in);
    while (hello_next_extension(&extensions, &type, &data)) {
        if (type == EXTENSION_SUPPORTED_VERSIONS) version = cursor_be16(&data);
        if (type != EXTENSION_ALPN) continue;
        hello_read_protocols(&data, &out->alpn);
        out->is_alpn_chosen = true;
    }
    if (version == 0) return;
    out->version = version;
    out->is_version_chosen = true;
}
