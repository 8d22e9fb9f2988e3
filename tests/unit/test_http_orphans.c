/* http: what seldom meets between messages. Responses whose request is lost, unread or
 * unknown, responses without ACKs, and the ends of either side at odd places; each
 * whole and cut at every byte. */
#include "http_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define GET1 "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
#define GET2 "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK1  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
#define OK0  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* clang-format off */
static const struct script_case cases[] = {
    { "answers without ACKs", 0,
      { CN(GET1), SN(OK1), CN(GET2), CN(GET1), SN(OK1), SN(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "> 3 GET /1 1.1 none\n"
        "end 3 head=28 body=0\n"
        "< 2=2 exact 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "< 3=3 exact 200 1.1 length\n"
        "end 3 head=38 body=1\n" },
    { "a lost answer, and the next acknowledges a FIN", 0,
      { C(GET1), CFIN, SGAP(30), SA(OK1, 29) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync S\n"
        "< 1=1 inferred 200 1.1 length\n"
        "end 1 head=38 body=1\n" },
    { "a lost answer, and the next acknowledges what was not seen", 0,
      { C(GET1), CFIN, SGAP(30), SA(OK1, 30) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync S\n"
        "< 1=1 ambiguous 200 1.1 length\n"
        "end 1 head=38 body=1\n" },
    { "an answer to nothing, when the FIN was acknowledged", 0,
      { C(GET1), S(OK1), CFIN, SA(OK1, 29) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "! desync_response_unasked attack S@39\n" },
    { "an answer, perhaps to what was acknowledged and not seen", 0,
      { C(GET1), S(OK1), CFIN, SA(OK1, 30) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "a request that was captured behind its answer", 0,
      { SA(OK1, 28), CA(GET1, 0), S(OK1) },
        "< 1=0 orphan 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 2=1 ambiguous 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "behind an answer without ACK and without request, all is as usual", 0,
      { SN(OK1), C(GET1), S(OK1) },
        "< 1=0 orphan 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 2=1 exact 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "! desync_response_unasked attack S@0\n" },
    { "an answer without ACK and without request", 0,
      { CN(GET1), SN(OK1), SN(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "! desync_response_unasked attack S@39\n" },
    { "two answers in a packet, without ACKs", 0,
      { CN(GET1 GET2), SN(OK1 OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=2 exact 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "two answers in a packet where one request had come", 0,
      { C(GET1), CN(GET2), SA(OK1 OK1, 28) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=2 exact 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "! response_split attack S@39\n" },
    { "a 408 in the packet of another answer", 0,
      { C(GET1), S(OK1 "HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n"), SFIN },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 408 1.1 length\n"
        "end 2 head=43 body=0\n"
        "! desync_response_unasked info S@39\n" },
    { "a surplus answer while bytes wait for another", 0,
      { C("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n\x16\x03\x01"), S("HTTP/1.1 103 Early\r\n\r\n"),
        S("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), S(OK1) },
        "> 1 CONNECT a:1 1.1 none\n"
        "end 1 head=35 body=0\n"
        "< 1=1 exact 103 1.1 none\n"
        "end 1 head=22 body=0\n"
        "< 2=1 exact 403 1.1 length\n"
        "end 2 head=38 body=0\n"
        "< 3=0 orphan 200 1.1 length\n"
        "end 3 head=38 body=1\n" },
    { "a response body lost before its request's garbage is known", 0,
      { C("@@@ garbage\r\n" GET1), S("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"), S(OK1) },
        "resync C\n"
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 inferred 400 1.1 length\n"
        "end 1 head=39 body=0\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "! request_line_garbage warning C@0\n" },
    { "garbage behind a request, answered or not", 0,
      { C(GET1 "garbage here\r\n" GET2), S(OK1), S("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 400 1.1 length\n"
        "end 2 head=39 body=0\n"
        "< 3=2 ambiguous 200 1.1 length\n"
        "end 3 head=38 body=1\n"
        "! request_line_garbage warning C@28\n" },
    { "garbage behind a request, passed over", 0,
      { C(GET1 "garbage here\r\n" GET2), S(OK1), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=2 ambiguous 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "! request_line_garbage warning C@28\n" },
    { "an answer whose head was lost, one request", 0,
      { C(GET1), SGAP(30), S(OK1), C(GET2), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync S\n"
        "< 1=1 inferred 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 2=2 exact 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "an answer whose head was lost, two requests", 0,
      { C(GET1 GET2), SGAP(30), S(OK1), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "resync S\n"
        "lost 1 x1 missing=30\n"
        "< 1=2 ambiguous 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "a lost answer and an ACK that says nothing", 0,
      { C(GET1 GET2), SGAP(30), SN(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "resync S\n"
        "lost 1 x1 missing=30\n"
        "< 1=2 ambiguous 200 1.1 length\n"
        "end 1 head=38 body=1\n" },
    { "a lost answer and requests lost ahead of its ACK", 0,
      { C(GET1), SGAP(40), CGAP(40), C(GET2), S(OK1), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "resync S\n"
        "lost 1 x1 missing=40\n"
        "< 1=2 ambiguous 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "two lost answers, nothing else has come", 0,
      { C(GET1), SGAP(30), C(GET2), SGAP(30), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "resync S\n"
        "lost 1 x1 missing=30\n"
        "< 1=2 ambiguous 200 1.1 length\n"
        "end 1 head=38 body=1\n" },
    { "a lost request known when its answer was there", 0,
      { C(GET1), S(OK1), S(OK1), CGAP(28), C(GET2), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 3=2 ambiguous 200 1.1 length\n"
        "end 3 head=38 body=1\n"
        "! desync_response_unasked attack S@39\n" },
    { "a lost request and an answer that is early", 0,
      { C(GET1), S(OK1), CGAP(28), SA(OK1, 56), C(GET2), SA(OK1, 56), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 3=0 orphan 200 1.1 length\n"
        "end 3 head=38 body=1\n"
        "< 4=2 ambiguous 200 1.1 length\n"
        "end 4 head=38 body=1\n" },
    { "an orphan's body is lost at its beginning", OPEN_MIDSTREAM,
      { S("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), SGAP(5), S("HTTP/1.1 200 OK"), S(OK1) },
        "< 1=0 orphan 200 1.1 length\n"
        "end 1 head=39 body=20 missing=5\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "an orphan without a body, and its next head in pieces", OPEN_MIDSTREAM,
      { S("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), S("HTT"), S("P/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") },
        "< 1=0 orphan 200 1.1 length\n"
        "end 1 head=39 body=0\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=0\n" },
    { "an orphan, and what looked like the next head ends", OPEN_MIDSTREAM,
      { S("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), S("HTT"), SFIN },
        "< 1=0 orphan 200 1.1 length\n"
        "cut 1 head=39 body=3\n"
        "! message_cut warning S@0\n" },
    { "an orphan, and what looked like the next head is lost", OPEN_MIDSTREAM,
      { S("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), S("HTT"), SGAP(17), S(OK1) },
        "< 1=0 orphan 200 1.1 length\n"
        "end 1 head=39 body=20 missing=17\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "an orphan, and what looked like the next head stays", OPEN_MIDSTREAM,
      { S("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"), S("HTT") },
        "< 1=0 orphan 200 1.1 length\n"
        "cut 1 head=39 body=3\n" },
    { "a chunk's end that is lost", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na"), CGAP(2), C("0\r\n\r\n"), C(GET2) },
        "> 1 POST / 1.1 chunked\n"
        "cut 1 head=56 body=1 missing=2\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "trailers that are lost", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n"), CGAP(2), C(GET2) },
        "> 1 POST / 1.1 chunked\n"
        "cut 1 head=56 body=0 missing=2\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "bytes behind a FIN", 0,
      { C(GET1), CFIN, C(GET2), CGAP(3), S(OK1), SFIN, SGAP(4), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n" },
    { "a colon too early in the coding", 0,
      { C("GET / HTTP/1.1\r\nHost: h\r\nTransfer: encoding\r\nTransfer: other\r\n\r\n") },
        "> 1 GET / 1.1 none\n"
        "end 1 head=64 body=0\n"
        "! coding_obfuscated attack C@25\n" },
    { "a lone CR where a message is due, midstream", OPEN_MIDSTREAM,
      { C("\rabc\r\n"), C(GET1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n" },
    { "a lone CR where a response is due", 0,
      { C(GET1), S("\rHTTP/1.1 200 OK\r\n\r\n"), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync S\n"
        "< 1=1 inferred 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "! status_invalid warning S@0\n" },
    { "garbage twice", 0,
      { C("@@ a\r\n" GET1 "@@ b\r\n" GET2 "@@ c\r\n"), S(OK1) },
        "resync C\n"
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 1=1 ambiguous 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "! request_line_garbage warning C@0\n"
        "! request_line_garbage warning C@34\n"
        "! request_line_garbage warning C@68\n" },
    { "resync: a line with an odd version is none", 0,
      { C(GET1), CGAP(10), C("GET / HTTP/1x1\r\n"), C(GET2) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n" },
    { "resync: the start in the last segment of a line", 0,
      { C(GET1), CGAP(10), C("GE"), C("GET / HTTP/1.1\r\n\r\n") },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync C\n"
        "> 2 GET / 1.1 none\n"
        "end 2 head=18 body=0\n"
        "! host_missing warning C@40\n" },
    { "resync: an odd start in the last segment of a line", 0,
      { C(GET1), CGAP(10), C("GE"), C("GET  / HTTP/1.1\r\n\r\n") },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "resync C\n"
        "> 2 GET / 1.1 none\n"
        "end 2 head=19 body=0\n"
        "! request_line_spacing warning C@40\n"
        "! host_missing warning C@40\n" },
    { "resync: an empty line, and the end", 0,
      { C(GET1), CGAP(10), C("\r\n"), C("\r"), CFIN, S(OK1), SGAP(4), S("\r\n"), S(OK1) },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=1\n"
        "resync S\n"
        "< 2=0 orphan 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "a head that goes on after its answer, and is lost", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nA: "), S(OK0), CGAP(8), C(GET2), S(OK1) },
        "> 1 POST / 1.1 unknown headcut\n"
        "< 1=1 exact 200 1.1 length\n"
        "end 1 head=38 body=0\n"
        "> 1 POST / 1.1 unknown headcut\n"
        "cut 1 head=29 body=0 missing=8\n"
        "resync C\n"
        "> 2 GET /2 1.1 none\n"
        "end 2 head=28 body=0\n"
        "< 2=2 ambiguous 200 1.1 length\n"
        "end 2 head=38 body=1\n" },
    { "a cut body that was never sent", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"), CRST },
        "> 1 POST / 1.1 length\n"
        "cut 1 head=69 body=0\n" },
    { "a cut body, a byte of which was sent", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nb"), CRST },
        "> 1 POST / 1.1 length\n"
        "cut 1 head=69 body=1\n"
        "! message_cut warning C@0\n" },
    { "a cut chunked body, whose first size was sent", 0,
      { C("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n5"), CRST },
        "> 1 POST / 1.1 chunked\n"
        "cut 1 head=78 body=0\n"
        "! message_cut warning C@0\n" },
    { "a line begun at the end of the capture", 0,
      { C(GET1 "@@@"), CEND, S("XYZ"), SEND },
        "> 1 GET /1 1.1 none\n"
        "end 1 head=28 body=0\n"
        "lost 1 x1 missing=0\n"
        "! status_invalid warning S@0\n" },
    { "no head, and the end", 0, { C("\r\n"), CFIN, S("\r\n\r"), SFIN },
        "! line_leading_empty info C@0\n"
        "! line_leading_empty info S@0\n" },
    { "HTTP/0.9 after a lost answer", 0, { C("GET /a\r\n"), SGAP(5), S("body"), SFIN },
        "> 1 GET /a 0.9 none\n"
        "end 1 head=8 body=0\n"
        "lost 1 x1 missing=5\n"
        "! version_missing info C@0\n" },
};
/* clang-format on */

/* More requests than are kept waiting: the oldest is given up, and it alone. */
static void unanswered_requests_have_a_cap(void **state)
{
    enum { MORE = 2 };
    struct script_run r;
    struct stream stream = {.run = &r};
    (void)state;
    script_run_init(&r);
    r.instance = r.protocol.open(r.protocol.context, &stream, &r.conn);
    struct chunk chunk = {.from = SIDE_CLIENT, .data = bytes_of_text(GET1)};
    for (int i = 0; i < HTTP_UNANSWERED_MAX + MORE; i++) {
        r.protocol.feed(r.instance, &chunk);
        chunk.offset += chunk.data.len;
    }
    buffer_append(&r.brief, bytes_of("", 1));
    const char *told = strstr((const char *)r.brief.ptr, "lost ");
    assert_non_null(told);
    assert_memory_equal(told, "lost 1 x1 missing=0\n", 20);
    told = strstr(told + 1, "lost ");
    assert_non_null(told);
    assert_memory_equal(told, "lost 2 x1 missing=0\n", 20);
    assert_null(strstr(told + 1, "lost "));
    r.protocol.close(r.instance);
    script_run_done(&r);
}

/* The unseen request may have been a HEAD: then the one byte that the length took was
 * the next head's, and the end of the body is nowhere. In one segment nothing tells;
 * what is looked for behind it is a start line where a segment begins, not one in the
 * middle of a body. */
static void a_guessed_end_is_no_place_for_lines(void **state)
{
    static const struct script_step steps[SCRIPT_STEPS_MAX] = {
        CGAP(29),
        S("HTTP/1.1 424 A\r\nContent-Length: 1\r\n\r\n"
          "HTTP/1.1 201 B\r\nContent-Length: 24\r\n\r\n"
          "a\r\nHTTP/1.1 299 Trap\r\n\r\n"),
        S(OK1),
    };
    struct script_run r;
    (void)state;
    script_account(&r, steps, OPEN_HANDSHAKE, SCRIPT_WHOLE);
    assert_string_equal((char *)r.brief.ptr, "< 1=0 orphan 424 1.1 length\n"
                                             "end 1 head=37 body=1\n"
                                             "resync S\n"
                                             "< 2=0 orphan 200 1.1 length\n"
                                             "end 2 head=38 body=1\n"
                                             "! status_invalid warning S@38\n");
    script_run_done(&r);
}

static void test_cases(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(cases, ARRAY_LENGTH(cases)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(unanswered_requests_have_a_cap),
        cmocka_unit_test(a_guessed_end_is_no_place_for_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
