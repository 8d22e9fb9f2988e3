/* Patterns of one connection: what each side says once, and then over and over.
 *
 *   client   first  again        again        again ...
 *   server          first  again        again
 *
 * A verse of one side alone comes in segments of a full size. */
#include "pattern.h"

#define T(text)                                   \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }
#define NOTHING \
    {           \
        NULL, 0 \
    }
#define GET          "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST         "POST / HTTP/1.1\r\nHost: a\r\n"
#define POST_CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define EMPTY_OK     "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define SIXTEEN      "aaaaaaaaaaaaaaaa"
#define SIXTY_FOUR   SIXTEEN SIXTEEN SIXTEEN SIXTEEN
#define WS_REQUEST                                                                   \
    GET "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" \
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define WS_RESPONSE                                                        \
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " \
    "websocket\r\n"                                                        \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
#define TLS_HELLO                                  \
    "\x16\x03\x01\x00\x0c\x01\x00\x3f\x00\x03\x03" \
    "abcdef"

/* clang-format off */
static const struct verse verses[] = {
    /* name, { the client's, the server's first words }, { what each says again } */
    { "endless-start-line",    { T("GET /"), NOTHING },                { T(SIXTY_FOUR), NOTHING }, VERSE_FLOW },
    { "endless-method",        { T("GET"), NOTHING },                  { T(SIXTY_FOUR), NOTHING }, VERSE_FLOW },
    { "endless-field-line",    { T(GET "X: "), NOTHING },              { T(SIXTY_FOUR), NOTHING }, VERSE_FLOW },
    { "endless-field-name",    { T(GET "X"), NOTHING },                { T(SIXTY_FOUR), NOTHING }, VERSE_FLOW },
    { "endless-blanks",        { T(GET "X:"), NOTHING },               { T("                "), NOTHING }, VERSE_FLOW },
    { "endless-reason",        { T(GET "\r\n"), T("HTTP/1.1 200 ") },  { NOTHING, T(SIXTY_FOUR) }, VERSE_FLOW },
    { "many-fields",           { T(GET), NOTHING },                    { T("X-#: v\r\n"), NOTHING }, VERSE_FLOW },
    { "shortest-fields",       { T(GET), NOTHING },                    { T("a:\r\n"), NOTHING }, VERSE_FLOW },
    { "many-hosts-fields",     { T(GET), NOTHING },                    { T("Host: #\r\n"), NOTHING }, VERSE_FLOW },
    { "fields-without-colon",  { T(GET), NOTHING },                    { T("no colon\r\n"), NOTHING }, VERSE_FLOW },
    { "empty-lines",           { NOTHING, NOTHING },                   { T("\r\n"), NOTHING }, VERSE_FLOW },
    { "empty-lines-bare",      { T(GET "\r\n"), NOTHING },             { T("\n"), NOTHING }, VERSE_FLOW },
    { "fold-chain",            { T(GET "X: a\r\n"), NOTHING },         { T(" b\r\n"), NOTHING }, VERSE_FLOW },
    { "fold-chain-host",       { T("GET / HTTP/1.1\r\nHost: a\r\n"), NOTHING }, { T("\tb\r\n"), NOTHING }, VERSE_FLOW },
    { "connection-tokens",     { T(GET "Connection: "), NOTHING },     { T("t#,"), NOTHING }, VERSE_FLOW },
    { "connection-commas",     { T(GET "Connection: "), NOTHING },     { T(",,,, ,,,"), NOTHING }, VERSE_FLOW },
    { "connection-lines",      { T(GET), NOTHING },                    { T("Connection: t#\r\n"), NOTHING }, VERSE_FLOW },
    { "codings-in-line",       { T(POST "Transfer-Encoding: "), NOTHING }, { T("gzip, "), NOTHING }, VERSE_FLOW },
    { "codings-lines",         { T(POST), NOTHING },                   { T("Transfer-Encoding: chunked\r\n"), NOTHING }, VERSE_FLOW },
    { "lengths-in-line",       { T(POST "Content-Length: "), NOTHING }, { T("5, "), NOTHING }, VERSE_FLOW },
    { "lengths-lines",         { T(POST), NOTHING },                   { T("Content-Length: #\r\n"), NOTHING }, VERSE_FLOW },
    { "start-byte-by-byte",    { T("GET /"), NOTHING },                { T("x"), NOTHING }, VERSE_PIECES },
    { "blank-lines-in-bytes",  { NOTHING, NOTHING },                   { T("\n"), NOTHING }, VERSE_PIECES },
    { "head-byte-by-byte",     { T(GET), NOTHING },                    { T("x"), NOTHING }, VERSE_PIECES },
    { "fields-byte-by-byte",   { T(GET), NOTHING },                    { T("a:\n"), NOTHING }, VERSE_PIECES },
    { "chunks-of-one-byte",    { T(POST_CHUNKED), NOTHING },           { T("1\r\nx\r\n"), NOTHING }, VERSE_FLOW },
    { "chunk-extension",       { T(POST_CHUNKED "1"), NOTHING },       { T(";a=\"b\""), NOTHING }, VERSE_FLOW },
    { "chunk-extensions",      { T(POST_CHUNKED), NOTHING },           { T("1;" SIXTY_FOUR "\r\nx\r\n"), NOTHING }, VERSE_FLOW },
    { "chunk-size-zeros",      { T(POST_CHUNKED), NOTHING },           { T("0000000000000000"), NOTHING }, VERSE_FLOW },
    { "trailers",              { T(POST_CHUNKED "0\r\n"), NOTHING },   { T("X-#: v\r\n"), NOTHING }, VERSE_FLOW },
    { "chunks-that-hide",      { T(POST_CHUNKED), NOTHING },           { T("16\r\nGET / HTTP/1.1\r\nA:b\r\n\r\n"), NOTHING }, VERSE_FLOW },
    { "body-that-hides",       { T(POST "Content-Length: 9999999999\r\n\r\n"), NOTHING }, { T("--b\r\nGET /# HTTP/1.1\r\n"), NOTHING }, VERSE_FLOW },
    { "body-in-pieces-hides",  { T(POST "Content-Length: 9999999999\r\n\r\n"), NOTHING }, { T("GET /# HTTP/1.1\r\n\r\n"), NOTHING }, VERSE_PIECES },
    { "almost-requests",       { NOTHING, NOTHING },                   { T("GET / HTTP/1.x\r\n"), NOTHING }, VERSE_FLOW },
    { "almost-requests-cut",   { NOTHING, NOTHING },                   { T("GET / HTTP/1."), NOTHING }, VERSE_PIECES },
    { "almost-responses",      { T(GET "\r\n"), NOTHING },             { NOTHING, T("HTTP/1.1 2x0 OK\r\n") }, VERSE_FLOW },
    { "methods-for-ever",      { NOTHING, NOTHING },                   { T("GET POST "), NOTHING }, VERSE_FLOW },
    { "noise",                 { NOTHING, NOTHING },                   { T("\x01\x80G\xffH\x02"), NOTHING }, VERSE_FLOW },
    { "noise-with-answers",    { T(GET "\r\n"), T(EMPTY_OK) },         { T("\x01\x80HTTP\xff"), T("\x01\x80GET\xff") }, VERSE_PIECES },
    { "requests-0.9",          { NOTHING, NOTHING },                   { T("GET /#\r\n"), NOTHING }, VERSE_FLOW },
    { "requests-0.9-answered", { NOTHING, NOTHING },                   { T("GET /#\r\n"), T("<p>text</p>") }, VERSE_PIECES },
    { "requests-unanswered",   { NOTHING, NOTHING },                   { T("GET /# HTTP/1.1\r\nHost: a\r\n\r\n"), NOTHING }, VERSE_FLOW },
    { "responses-unasked",     { NOTHING, NOTHING },                   { NOTHING, T(EMPTY_OK) }, VERSE_FLOW },
    { "responses-after-one",   { T(GET "\r\n"), NOTHING },             { NOTHING, T(EMPTY_OK) }, VERSE_FLOW },
    { "interims",              { T(GET "\r\n"), NOTHING },             { NOTHING, T("HTTP/1.1 103 Early Hints\r\nLink: </#>\r\n\r\n") }, VERSE_FLOW },
    { "interims-pipelined",    { NOTHING, NOTHING },                   { T(GET "\r\n" GET "\r\n"), T("HTTP/1.1 102 P\r\n\r\n") }, VERSE_PIECES },
    { "requests-then-interims", { T(GET "\r\n"), T("junk\r\n") },     { T(GET "\r\n"), T("HTTP/1.1 102 P\r\n\r\n") }, VERSE_HALVES },
    { "requests-then-answers", { T(GET "\r\n"), T("junk\r\n") },      { T(GET "\r\n"), T(EMPTY_OK) }, VERSE_HALVES },
    { "early-answers",         { NOTHING, NOTHING },                   { T(POST "Content-Length: 9\r\n\r\nabc"), T(EMPTY_OK) }, VERSE_PIECES },
    { "upgrade-offers",        { NOTHING, NOTHING },                   { T(GET "Connection: upgrade\r\nUpgrade: p#/1, h2c\r\n\r\n"), T(EMPTY_OK) }, VERSE_PIECES },
    { "upgrade-list",          { T(GET "Connection: upgrade\r\nUpgrade: "), NOTHING }, { T("p#/1, "), NOTHING }, VERSE_FLOW },
    { "upgrades-unanswered",   { NOTHING, NOTHING },                   { T(GET "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"), NOTHING }, VERSE_FLOW },
    { "switching-unoffered",   { NOTHING, NOTHING },                   { T(GET "\r\n"), T("HTTP/1.1 101 S\r\n\r\n") }, VERSE_PIECES },
    { "connects-refused",      { NOTHING, NOTHING },                   { T("CONNECT h#:443 HTTP/1.1\r\nHost: h\r\n\r\n"), T("HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n") }, VERSE_PIECES },
    { "connects-unanswered",   { NOTHING, NOTHING },                   { T("CONNECT h#:443 HTTP/1.1\r\nHost: h\r\n\r\n"), NOTHING }, VERSE_FLOW },
    { "connect-in-connect",    { NOTHING, NOTHING },                   { T("CONNECT h#:80 HTTP/1.1\r\nHost: h\r\n\r\n"), T("HTTP/1.1 200 OK\r\n\r\n") }, VERSE_PIECES },
    { "expect-withheld",       { NOTHING, NOTHING },                   { T(POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"), T("HTTP/1.1 417 E\r\nContent-Length: 0\r\n\r\n") }, VERSE_PIECES },
    { "expect-pipelined",      { NOTHING, NOTHING },                   { T(POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"), NOTHING }, VERSE_FLOW },
    { "exchanges",             { NOTHING, NOTHING },                   { T("GET /t/# HTTP/1.1\r\nHost: a\r\n\r\n"), T(EMPTY_OK) }, VERSE_PIECES },
    { "texts",                 { NOTHING, NOTHING },                   { T("GET /t/# HTTP/1.1\r\nHost: h#.example\r\nUser-Agent: u#\r\n\r\n"), T("HTTP/1.1 200 OK\r\nServer: s#\r\nContent-Type: t/#\r\nContent-Length: 0\r\n\r\n") }, VERSE_PIECES },
    { "findings",              { NOTHING, NOTHING },                   { T("GET /\x01 HTTP/1.1\r\n Host : a\r\nHost: b\r\nContent-Length: 0, 00\r\n\r\n"), T("HTTP/1.1 200\r\nContent-Length: 0\nX : y\r\n\r\n") }, VERSE_PIECES },
    { "websocket-empty",       { T(WS_REQUEST), T(WS_RESPONSE) },      { T("\x82\x80" "abcd"), NOTHING }, VERSE_FLOW },
    { "websocket-one-byte",    { T(WS_REQUEST), T(WS_RESPONSE) },      { T("\x82\x81" "abcd" "x"), NOTHING }, VERSE_FLOW },
    { "websocket-fragments",   { T(WS_REQUEST), T(WS_RESPONSE "\x02\x01x") }, { NOTHING, T("\x00\x01y") }, VERSE_FLOW },
    { "websocket-pings",       { T(WS_REQUEST), T(WS_RESPONSE) },      { T("\x89\x81" "abcd" "x"), T("\x89\x01p") }, VERSE_PIECES },
    { "websocket-pings-alone", { T(WS_REQUEST), T(WS_RESPONSE) },      { NOTHING, T("\x89\x04#") }, VERSE_FLOW },
    { "websocket-byte-frames", { T(WS_REQUEST), T(WS_RESPONSE) },      { T("\x82\xfe\x00\x01" "abcd" "x"), NOTHING }, VERSE_PIECES },
    { "tls-records",           { T(TLS_HELLO), NOTHING },              { T("\x17\x03\x03\x00\x01x"), NOTHING }, VERSE_FLOW },
    { "tls-hello-in-bytes",    { T(TLS_HELLO), NOTHING },              { T("\x16\x03\x01\x00\x01y"), NOTHING }, VERSE_FLOW },
    { "tls-records-empty",     { T(TLS_HELLO), NOTHING },              { T("\x16\x03\x01\x00\x00"), NOTHING }, VERSE_FLOW },
};
/* clang-format on */

const struct verse *pattern_verse_at(size_t index)
{
    return index < ARRAY_LENGTH(verses) ? &verses[index] : NULL;
}

static void say(struct forge *f, struct forge_talk *t, int side, struct bytes text,
                uint64_t number)
{
    while (text.len > 0) {
        const uint8_t *mark = memchr(text.ptr, '#', text.len);
        size_t before = mark == NULL ? text.len : (size_t)(mark - text.ptr);
        forge_say(f, t, side, bytes_first(text, before));
        text = bytes_from(text, before);
        if (mark == NULL) return;
        char digits[24];
        snprintf(digits, sizeof digits, "%010llu", (unsigned long long)number);
        forge_say(f, t, side, bytes_of_text(digits));
        text = bytes_from(text, 1);
    }
}

void pattern_verse_write(struct forge *f, const struct verse *v)
{
    struct forge_talk t;
    forge_meet(&t, 1);
    forge_open(f, &t);
    for (int side = 0; side < 2; side++) {
        say(f, &t, side, v->first[side], 0);
        forge_flush(f, &t, side);
    }
    for (uint64_t number = 1; forge_has_room(f); number++) {
        bool is_second = f->bytes >= f->bytes_max / 2;
        for (int side = 0; side < 2; side++) {
            if (v->order == VERSE_HALVES && (side == 1) != is_second) continue;
            say(f, &t, side, v->again[side], number);
            if (v->order == VERSE_PIECES) forge_flush(f, &t, side);
        }
    }
    forge_close(f, &t);
}
