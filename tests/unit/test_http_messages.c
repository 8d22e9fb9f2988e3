/* Messages of both directions, framing and findings: each row whole, cut at every byte,
 * and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http_script.h"

#define OK_RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

/* clang-format off */
static const struct script_case plain_cases[] = {
    { "one exchange", 0, {
        C("GET /a HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nServer: s\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"),
        CFIN, SFIN },
      "> 1 GET /a 1.1 none\n"
      "end 1 head=43 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=75 body=5\n" },
    { "two requests in one segment", 0, {
        C("GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /c HTTP/1.0\r\n\r\n"),
        S(OK_RESPONSE "HTTP/1.1 204 No Content\r\n\r\n" OK_RESPONSE) },
      "> 1 GET /a 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 POST /b 1.1 length\n"
      "end 2 head=48 body=3\n"
      "> 3 GET /c 1.0 none\n"
      "end 3 head=19 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=2 exact 204 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 3=3 exact 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "HEAD, 304, 204 have no body", 0, {
        C("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 70\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n") },
      "> 1 HEAD /a 1.1 none\n"
      "end 1 head=29 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "> 3 GET /c 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 1=1 exact 200 1.1 none\n"
      "end 1 head=40 body=0\n"
      "< 2=2 exact 304 1.1 none\n"
      "end 2 head=49 body=0\n"
      "< 3=3 exact 204 1.1 none\n"
      "end 3 head=38 body=0\n"
      "! length_forbidden warning S@89\n" },
    { "interim responses", 0, {
        C("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
        S("HTTP/1.1 100 Continue\r\n\r\n"), C("ab"),
        S("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n") },
      "> 1 POST /a 1.1 length\n"
      "< 1=1 exact 100 1.1 none\n"
      "end 1 head=25 body=0\n"
      "end 1 head=70 body=2\n"
      "< 2=1 exact 103 1.1 none\n"
      "end 2 head=37 body=0\n"
      "< 3=1 exact 201 1.1 length\n"
      "end 3 head=43 body=0\n" },
    { "close-delimited", 0, {
        C("GET /a HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200 OK\r\n\r\nabc"), S("defg"), SFIN },
      "> 1 GET /a 1.0 none\n"
      "end 1 head=19 body=0\n"
      "< 1=1 exact 200 1.0 close\n"
      "end 1 head=19 body=7\n" },
    { "close-delimited, reset", 0, {
        C("GET /a HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200 OK\r\n\r\nabc"), SRST },
      "> 1 GET /a 1.0 none\n"
      "end 1 head=19 body=0\n"
      "< 1=1 exact 200 1.0 close\n"
      "cut 1 head=19 body=3\n"
      "! message_cut warning S@0\n" },
    { "close-delimited, end of capture", 0, {
        C("GET /a HTTP/1.0\r\n\r\n"), S("HTTP/1.0 200 OK\r\n\r\nabc"), SEND },
      "> 1 GET /a 1.0 none\n"
      "end 1 head=19 body=0\n"
      "< 1=1 exact 200 1.0 close\n"
      "cut 1 head=19 body=3\n" },
    { "chunked with extension and trailers", 0, {
        C("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n000A \r\n0123456789\r\n0\r\nX: y\r\nContent-Length: 7\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n") },
      "> 1 POST /a 1.1 chunked\n"
      "end 1 head=57 body=15\n"
      "< 1=1 exact 200 1.1 chunked\n"
      "end 1 head=53 body=3\n"
      "! chunk_extension info C@57\n"
      "! trailer_forbidden warning C@99\n" },
    { "HTTP/0.9", 0, {
        C("GET /a\r\n"), S("<html>HTTP/1.1 200 OK\r\n\r\n"), SFIN },
      "> 1 GET /a 0.9 none\n"
      "end 1 head=8 body=0\n"
      "< 1=1 exact 0 0.9 close\n"
      "end 1 head=0 body=25\n"
      "! version_missing info C@0\n" },
    { "HTTP/0.9 answered by a newer server", 0, {
        C("GET /a\r\n"), S("HTTP/1.1 400 Bad\r\nContent-Length: 1\r\n\r\nx"), SFIN },
      "> 1 GET /a 0.9 none\n"
      "end 1 head=8 body=0\n"
      "< 1=1 exact 400 1.1 length\n"
      "end 1 head=39 body=1\n"
      "! version_missing info C@0\n" },
    { "HTTP/0.9 answer that begins like a status line", 0, {
        C("GET /a\n"), S("HTTX"), SFIN },
      "> 1 GET /a 0.9 none\n"
      "end 1 head=7 body=0\n"
      "< 1=1 exact 0 0.9 close\n"
      "end 1 head=0 body=4\n"
      "! line_lf warning C@0\n"
      "! version_missing info C@0\n" },
    { "status without reason", 0, {
        C("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"), S("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n") },
      "> 1 GET /a 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=35 body=0\n" },
    { "keep-alive figures", 0, {
        C("GET /a HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, TE\r\nTE: trailers\r\n\r\n"),
        S("HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=5, max = 99\r\nContent-Length: 0\r\n\r\n") },
      "> 1 GET /a 1.1 none\n"
      "end 1 head=70 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=95 body=0\n" },
};
/* clang-format on */

#define GET11 "GET / HTTP/1.1\r\nHost: h\r\n"

/* clang-format off */
static const struct script_case line_cases[] = {
    { "LF alone ends lines", 0, { C("GET / HTTP/1.1\nHost: h\n\nGET /b HTTP/1.1\r\nHost: h\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=24 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=27 body=0\n"
      "! line_lf warning C@0\n"
      "! line_lf warning C@41\n" },
    { "CR is no line end", 0, { C("GET / HTTP/1.1\r\nHost: h\r\nX: a\rContent-Length: 5\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=51 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! line_cr attack C@25\n"
      "! field_value_invalid warning C@25\n" },
    { "CR in the start line", 0, { C("GET /\ra HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 GET /\\ra 1.1 none\n"
      "end 1 head=29 body=0\n"
      "! request_target_invalid warning C@0\n"
      "! line_cr attack C@0\n" },
    { "leading empty lines", 0, { C("\r\n\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "! line_leading_empty info C@0\n" },
    { "one empty line after a body", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 length\n"
      "end 1 head=47 body=1\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n" },
    { "two empty lines after a body", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 length\n"
      "end 1 head=47 body=1\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "! line_leading_empty info C@50\n" },
    { "space in the target", 0, { C("GET /Hello Arkime HTTP/1.0\r\n\r\n") },
      "> 1 GET /Hello Arkime 1.0 none\n"
      "end 1 head=30 body=0\n"
      "! request_target_invalid warning C@0\n" },
    { "spacing", 0, { C("GET  /\tHTTP/1.1 \r\nHost: h\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=29 body=0\n"
      "! request_line_spacing warning C@0\n" },
    { "leading space", 0, { C(" GET / HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=28 body=0\n"
      "! request_line_spacing warning C@0\n" },
    { "method is no token", 0, { C("G@T / HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 G@T / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "! request_method_invalid warning C@0\n" },
    { "empty target", 0, { C("GET  HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 GET  1.1 none\n"
      "end 1 head=26 body=0\n"
      "! request_target_invalid warning C@0\n" },
    { "high bytes in the target", 0, { C("GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 GET /\\xc3\\xa9 1.1 none\n"
      "end 1 head=29 body=0\n"
      "! request_target_invalid warning C@0\n" },
    { "target forms", 0, {
        C("CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n"), S("HTTP/1.1 400 B\r\nContent-Length: 0\r\n\r\n"),
        C("GET * HTTP/1.1\r\nHost: h\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: h\r\n\r\nGET http://h/ HTTP/1.1\r\nHost: h\r\n\r\nGET x HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 CONNECT / 1.1 none\n"
      "end 1 head=31 body=0\n"
      "< 1=1 exact 400 1.1 length\n"
      "end 1 head=37 body=0\n"
      "> 2 GET * 1.1 none\n"
      "end 2 head=27 body=0\n"
      "> 3 OPTIONS * 1.1 none\n"
      "end 3 head=31 body=0\n"
      "> 4 GET http://h/ 1.1 none\n"
      "end 4 head=35 body=0\n"
      "> 5 GET x 1.1 none\n"
      "end 5 head=27 body=0\n"
      "! request_target_form warning C@0\n"
      "! request_target_form warning C@31\n"
      "! request_target_form warning C@124\n" },
    { "versions", 0, { C("GET / HTTP/2.0\r\n\r\nGET / http/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.10\r\n\r\nGET / HTTP/1.2\r\nHost: h\r\n\r\nGET / HTTP/0.9\r\n\r\n") },
      "> 1 GET / x none\n"
      "end 1 head=18 body=0\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "> 3 GET / x none\n"
      "end 3 head=19 body=0\n"
      "> 4 GET / 1.1 none\n"
      "end 4 head=27 body=0\n"
      "> 5 GET / x none\n"
      "end 5 head=18 body=0\n"
      "! version_invalid warning C@0\n"
      "! version_invalid warning C@18\n"
      "! version_invalid warning C@45\n"
      "! version_invalid warning C@91\n" },
    { "status lines", 0, {
        C("A / HTTP/1.0\r\n\r\nB / HTTP/1.0\r\n\r\nC / HTTP/1.0\r\n\r\nD / HTTP/1.0\r\n\r\nE / HTTP/1.0\r\n\r\n"),
        S("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1\r\nContent-Length: 0\r\n\r\nhttp/1.0 200 OK\r\nContent-Length: 0\r\n\r\n") },
      "> 1 A / 1.0 none\n"
      "end 1 head=16 body=0\n"
      "> 2 B / 1.0 none\n"
      "end 2 head=16 body=0\n"
      "> 3 C / 1.0 none\n"
      "end 3 head=16 body=0\n"
      "> 4 D / 1.0 none\n"
      "end 4 head=16 body=0\n"
      "> 5 E / 1.0 none\n"
      "end 5 head=16 body=0\n"
      "< 1=1 exact 0 1.1 length\n"
      "end 1 head=39 body=0\n"
      "< 2=2 exact 999 1.1 length\n"
      "end 2 head=38 body=0\n"
      "< 3=3 exact 200 1.1 length\n"
      "end 3 head=39 body=0\n"
      "< 4=4 exact 0 1.1 length\n"
      "end 4 head=31 body=0\n"
      "< 5=5 exact 200 1.0 length\n"
      "end 5 head=38 body=0\n"
      "! status_invalid warning S@0\n"
      "! status_invalid warning S@39\n"
      "! status_invalid warning S@77\n"
      "! status_invalid warning S@116\n"
      "! version_invalid warning S@147\n" },
};

static const struct script_case field_cases[] = {
    { "odd names", 0, { C(GET11 "no colon\r\n: empty\r\nb@d: x\r\nsp : x\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=62 body=0\n"
      "! field_no_colon warning C@25\n"
      "! field_name_empty warning C@35\n"
      "! field_name_invalid warning C@44\n"
      "! field_space_before_colon attack C@52\n" },
    { "space before the colon does not frame", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 none\n"
      "end 1 head=48 body=0\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "! field_space_before_colon attack C@26\n" },
    { "first field indented", 0, { C("GET / HTTP/1.1\r\n Content-Length: 5\r\nHost: h\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=47 body=0\n"
      "! field_first_indented attack C@16\n" },
    { "folded", 0, { C(GET11 "User-Agent: a\r\n  b\r\n\tc\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=51 body=0\n"
      "! field_folded warning C@25\n" },
    { "folded framing", 0, { C("POST / HTTP/1.1\r\nHost:\r\n h\r\nContent-Length:\r\n 5\r\n\r\nhello") },
      "> 1 POST / 1.1 length\n"
      "end 1 head=51 body=5\n"
      "! field_folded attack C@17\n"
      "! field_folded attack C@28\n" },
    { "folded coding", 0, { S("HTTP/1.1 200 OK\r\nTransfer-Encoding:\n\tchunked\r\n\r\n1\r\na\r\n0\r\n\r\n") },
      "< 1=0 orphan 200 1.1 close\n"
      "cut 1 head=48 body=11\n"
      "! field_folded attack S@17\n"
      "! desync_response_unasked attack S@0\n"
      "! coding_not_final attack S@0\n" },
    { "control bytes", 0, { CB("POST / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\nContent-Length: 1\0\r\n\r\n") },
      "> 1 POST / 1.1 invalid\n"
      "end 1 head=56 body=0\n"
      "! field_value_invalid warning C@26\n"
      "! field_value_invalid attack C@34\n"
      "! length_invalid attack C@34\n" },
    { "Host", 0, {
        C("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET / HTTP/1.1\r\nHost: a b\r\n\r\n"
          "GET http://u@A:80/x HTTP/1.1\r\nHost: a\r\n\r\nGET http://a/x HTTP/1.1\r\nHost: b\r\n\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=18 body=0\n"
      "> 2 GET / 1.0 none\n"
      "end 2 head=18 body=0\n"
      "> 3 GET / 1.1 none\n"
      "end 3 head=36 body=0\n"
      "> 4 GET / 1.1 none\n"
      "end 4 head=29 body=0\n"
      "> 5 GET http://u@A:80/x 1.1 none\n"
      "end 5 head=41 body=0\n"
      "> 6 GET http://a/x 1.1 none\n"
      "end 6 head=36 body=0\n"
      "> 7 GET / 1.1 none\n"
      "end 7 head=25 body=0\n"
      "! host_missing warning C@0\n"
      "! host_repeated warning C@61\n"
      "! host_invalid warning C@88\n"
      "! host_mismatch warning C@142\n" },
    { "hop-by-hop fields unlisted", 0, { C(GET11 "TE: trailers\r\nUpgrade: h2c\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=103 body=0\n"
      "! hop_field_unlisted warning C@0\n"
      "! hop_field_unlisted warning C@0\n"
      "! hop_field_unlisted warning C@0\n"
      "! hop_field_unlisted info C@0\n" },
};

static const struct script_case framing_cases[] = {
    { "repeated lengths", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\nContent-Length: 05\r\n\r\nhello") },
      "> 1 POST / 1.1 length\n"
      "end 1 head=70 body=5\n"
      "! length_repeated warning C@26\n"
      "! length_leading_zeros info C@48\n"
      "! length_repeated warning C@48\n" },
    { "conflict hides a request", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 33\r\n\r\nGET /hidden HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 invalid\n"
      "end 1 head=67 body=0\n"
      "> 2 GET /hidden 1.1 none\n"
      "end 2 head=33 body=0\n"
      "! length_conflict attack C@45\n" },
    { "invalid length, then a body, then a request", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\na=b\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"), S(OK_RESPONSE OK_RESPONSE) },
      "> 1 POST / 1.1 invalid\n"
      "end 1 head=48 body=0\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! length_invalid attack C@26\n"
      "! request_line_garbage warning C@48\n" },
    { "invalid length, a body runs into a request line", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\na=bPOST /b HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 invalid\n"
      "end 1 head=47 body=0\n"
      "resync C\n"
      "> 2 GET /c 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! length_invalid attack C@26\n"
      "! request_line_garbage warning C@47\n" },
    { "lengths that are none", 0, { C("A / HTTP/1.0\r\nContent-Length: 0x5\r\n\r\nA / HTTP/1.0\r\nContent-Length:\r\n\r\nA / HTTP/1.0\r\nContent-Length: 5 5\r\n\r\nA / HTTP/1.0\r\nContent-Length: 9223372036854775808\r\n\r\nA / HTTP/1.0\r\nContent-Length: 9223372036854775807\r\n\r\n") },
      "> 1 A / 1.0 invalid\n"
      "end 1 head=37 body=0\n"
      "> 2 A / 1.0 invalid\n"
      "end 2 head=33 body=0\n"
      "> 3 A / 1.0 invalid\n"
      "end 3 head=37 body=0\n"
      "> 4 A / 1.0 invalid\n"
      "end 4 head=53 body=0\n"
      "> 5 A / 1.0 length\n"
      "cut 5 head=53 body=0\n"
      "! length_invalid attack C@14\n"
      "! length_invalid attack C@51\n"
      "! length_invalid attack C@84\n"
      "! length_invalid attack C@121\n" },
    { "invalid length in a response", 0, { C(GET11 "\r\n"), S("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc"), SFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 invalid\n"
      "cut 1 head=38 body=3\n"
      "! length_invalid attack S@17\n" },
    { "length beside coding", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "end 1 head=75 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! length_with_coding attack C@0\n" },
    { "coding not final", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\nabc"), SFIN },
      "> 1 POST / 1.1 invalid\n"
      "end 1 head=62 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 1=1 exact 200 1.1 close\n"
      "end 1 head=57 body=3\n"
      "! coding_not_final attack C@0\n"
      "! coding_unknown warning S@17\n"
      "! coding_not_final attack S@0\n" },
    { "codings that are none", 0, { C("A / HTTP/1.0\r\nTransfer-Encoding: xchunked\r\n\r\nA / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked;a=b\r\n\r\nA / HTTP/1.1\r\nHost: h\r\nTransfer_Encoding: chunked\r\n\r\nA / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n") },
      "> 1 A / 1.0 invalid\n"
      "end 1 head=45 body=0\n"
      "> 2 A / 1.1 invalid\n"
      "end 2 head=57 body=0\n"
      "> 3 A / 1.1 none\n"
      "end 3 head=53 body=0\n"
      "> 4 A / 1.1 none\n"
      "end 4 head=54 body=0\n"
      "! coding_obfuscated attack C@14\n"
      "! coding_http10 attack C@0\n"
      "! coding_not_final attack C@0\n"
      "! coding_obfuscated attack C@68\n"
      "! coding_not_final attack C@45\n"
      "! coding_obfuscated attack C@125\n"
      "! field_space_before_colon attack C@178\n"
      "! coding_obfuscated attack C@178\n" },
    { "coding repeated", 0, { C("A / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nA / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n") },
      "> 1 A / 1.1 chunked\n"
      "end 1 head=78 body=0\n"
      "> 2 A / 1.1 chunked\n"
      "end 2 head=62 body=0\n"
      "! coding_repeated attack C@48\n"
      "! coding_repeated attack C@106\n" },
    { "coding in HTTP/1.0", 0, { C("A / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") },
      "> 1 A / 1.0 chunked\n"
      "end 1 head=44 body=0\n"
      "! coding_http10 attack C@0\n" },
    { "forbidden", 0, { C(GET11 "\r\n"), S("HTTP/1.1 100 C\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 204 N\r\nContent-Length: 3\r\n\r\n") },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 100 1.1 none\n"
      "end 1 head=46 body=0\n"
      "< 2=1 exact 204 1.1 none\n"
      "end 2 head=37 body=0\n"
      "! coding_forbidden warning S@0\n"
      "! length_forbidden warning S@46\n" },
    { "bytes behind a bodiless response", 0, { C("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"), S("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), C(GET11 "\r\n"), S(OK_RESPONSE), SFIN },
      "> 1 HEAD / 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 exact 200 1.1 none\n"
      "end 1 head=38 body=0\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "resync S\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! body_unexpected warning S@38\n" },
    { "bytes behind a bodiless response, with line ends", 0, { C("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" GET11 "\r\n"), S("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\r\n" OK_RESPONSE), SFIN },
      "> 1 HEAD / 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 1=1 exact 200 1.1 none\n"
      "end 1 head=38 body=0\n"
      "resync S\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! body_unexpected warning S@38\n" },
};

#define CHUNKED "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct script_case chunk_cases[] = {
    { "chunk lines by LF", 0, { C(CHUNKED "1\na\r\n1\r\nb\n0\n\n") },
      "> 1 POST / 1.1 chunked\n"
      "end 1 head=56 body=2\n"
      "! chunk_line_lf attack C@56\n"
      "! chunk_line_lf attack C@65\n"
      "! chunk_line_lf attack C@66\n"
      "! line_lf warning C@68\n" },
    { "chunk size invalid", 0, { C(CHUNKED "g\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n"), C("GET /b HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! chunk_size_invalid attack C@56\n" },
    { "chunk size with junk", 0, { C(CHUNKED "1 2\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "! chunk_size_invalid attack C@56\n" },
    { "chunk size empty", 0, { C(CHUNKED "\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "! chunk_size_invalid attack C@56\n" },
    { "chunk size largest", 0, { C(CHUNKED "7fffffffffffffff\r\nabc"), CEND },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=3\n" },
    { "chunk size overflow", 0, { C(CHUNKED "8000000000000000\r\nabc") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "! chunk_size_overflow attack C@56\n" },
    { "chunk data overrun", 0, { C(CHUNKED "1\r\nabc\r\n0\r\n\r\n"), C("GET /b HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=1\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! chunk_data_overrun attack C@60\n" },
    { "chunk CR without LF", 0, { C(CHUNKED "1\r\na\rb") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=1\n"
      "! chunk_data_overrun attack C@61\n" },
    { "extension with CR", 0, { C(CHUNKED "1;a\rb\r\na\r\n0;c\r\n\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "end 1 head=56 body=1\n"
      "! chunk_extension attack C@56\n" },
    { "trailers", 0, { C(CHUNKED "0\r\nHost: x\r\nX-Sum: 1\r\n 2\r\nbad\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "end 1 head=56 body=0\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! trailer_forbidden warning C@59\n"
      "! field_folded warning C@68\n"
      "! field_no_colon warning C@82\n" },
};

static const struct script_case end_cases[] = {
    { "cut in the target", 0, { C("GET /abc"), CFIN },
      "> 1 GET /abc ? unknown headcut\n"
      "cut 1 head=8 body=0\n"
      "! message_cut warning C@0\n" },
    { "cut in the method", 0, { C("GE"), CFIN },
      "! message_cut warning C@0\n" },
    { "cut in the fields", 0, { C("GET /abc HTTP/1.1\r\nHost: h\r\nX: y"), CRST },
      "> 1 GET /abc 1.1 unknown headcut\n"
      "cut 1 head=32 body=0\n"
      "! message_cut warning C@0\n" },
    { "cut in the fields by the capture's end", 0, { C("GET /abc HTTP/1.1\r\nHost: h\r\nX: y"), CEND },
      "> 1 GET /abc 1.1 unknown headcut\n"
      "cut 1 head=32 body=0\n" },
    { "cut in a body", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"), CFIN },
      "> 1 POST / 1.1 length\n"
      "cut 1 head=48 body=3\n"
      "! message_cut warning C@0\n" },
    { "cut in a chunk line", 0, { C(CHUNKED "5"), CFIN },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "! message_cut warning C@0\n" },
    { "cut in a status line", 0, { C(GET11 "\r\n"), S("HTTP/1.1 20"), SFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "! message_cut warning S@0\n" },
    { "cut behind a status line", 0, { C(GET11 "\r\n"), S("HTTP/1.1 200 OK\r\nServer: s"), SFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 unknown headcut\n"
      "cut 1 head=26 body=0\n"
      "! message_cut warning S@0\n" },
    { "garbage cut", 0, { C(GET11 "\r\n\x01\x02"), CFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "! request_line_garbage warning C@27\n" },
    { "garbage from the server cut", 0, { C(GET11 "\r\n"), S(OK_RESPONSE "abc"), SFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "! status_invalid warning S@40\n" },
    { "a body withheld after a refusal", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"), S("HTTP/1.1 417 E\r\nContent-Length: 0\r\n\r\n"), CFIN },
      "> 1 POST / 1.1 length\n"
      "< 1=1 exact 417 1.1 length\n"
      "end 1 head=37 body=0\n"
      "cut 1 head=69 body=0\n" },
    { "entered within a body", OPEN_MIDSTREAM, { S("xxxx"), S("xx\nxxx"), C(GET11 "\r\n"), S(OK_RESPONSE), SFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n" },
    { "entered within a body, to its end", OPEN_MIDSTREAM, { C("xxxx"), S("xx\nxxx"), SFIN, CFIN },
      "" },
    { "half an empty line", 0, { C(GET11 "\r\n\r"), CFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n" },
    { "closed without an end", 0, { C("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"), S("HTTP/1.1 200 OK\r\n") },
      "> 1 POST / 1.1 length\n"
      "cut 1 head=48 body=3\n"
      "< 1=1 exact 200 1.1 unknown headcut\n"
      "cut 1 head=17 body=0\n" },
};

static const struct script_case resync_cases[] = {
    { "garbage, then a request on the next line", 0, { C(GET11 "\r\n~~ what\r\nis this\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n"), S(OK_RESPONSE OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! request_line_garbage warning C@27\n" },
    { "a proxy's preamble", 0, { C("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" GET11 "\r\n"), S(OK_RESPONSE) },
      "resync C\n"
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 inferred 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "! request_line_garbage warning C@0\n" },
    { "garbage without line ends", 0, { C(GET11 "\r\n\x01\x02\x03"), C("GET /b HTTP/1.1\r\nHost: h\r\n\r\n"), S(OK_RESPONSE OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! request_line_garbage warning C@27\n" },
    { "a start line cut over segments", 0, { C(CHUNKED "x\r\n"), C("GET /b HT"), C("TP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! chunk_size_invalid attack C@56\n" },
    { "a candidate that was none", 0, { C(CHUNKED "x\r\n"), C("junk"), C("GET /b HTTP/1.1\r\nHost: h\r\n\r\n"), C(GET11 "\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "resync C\n"
      "> 2 GET /b 1.1 none\n"
      "end 2 head=28 body=0\n"
      "> 3 GET / 1.1 none\n"
      "end 3 head=27 body=0\n"
      "! chunk_size_invalid attack C@56\n" },
    { "a start line cut where the rest looks like one", 0, { C(CHUNKED "x\r\n"), C("GET /"), C("3 HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 POST / 1.1 chunked\n"
      "cut 1 head=56 body=0\n"
      "resync C\n"
      "> 2 GET /3 1.1 none\n"
      "end 2 head=28 body=0\n"
      "! chunk_size_invalid attack C@56\n" },
    { "server's garbage", 0, { C(GET11 "\r\n" GET11 "\r\n"), S(OK_RESPONSE "what\r\n"), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync S\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! status_invalid warning S@40\n" },
};
/* clang-format on */

static void test_plain(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(plain_cases, ARRAY_LENGTH(plain_cases)), 0);
}

static void test_line(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(line_cases, ARRAY_LENGTH(line_cases)), 0);
}

static void test_field(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(field_cases, ARRAY_LENGTH(field_cases)), 0);
}

static void test_framing(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(framing_cases, ARRAY_LENGTH(framing_cases)), 0);
}

static void test_chunk(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(chunk_cases, ARRAY_LENGTH(chunk_cases)), 0);
}

static void test_end(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(end_cases, ARRAY_LENGTH(end_cases)), 0);
}

static void test_resync(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(resync_cases, ARRAY_LENGTH(resync_cases)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),  cmocka_unit_test(test_line),
        cmocka_unit_test(test_field),  cmocka_unit_test(test_framing),
        cmocka_unit_test(test_chunk),  cmocka_unit_test(test_end),
        cmocka_unit_test(test_resync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
