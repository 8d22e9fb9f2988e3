/* Gaps, what they cost, and which request a response answers then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http_script.h"

#define GET(path)   "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n" /* 27 bytes for "/" */
#define OK_RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" /* 40 bytes */
#define LENGTH(n)   "HTTP/1.1 200 OK\r\nContent-Length: " #n "\r\n\r\n"

/* clang-format off */
static const struct script_case gap_cases[] = {
    { "inside a body of known length", 0, { C(GET("/")), S(LENGTH(10) "ab"), SGAP(5), S("hij" ), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=39 body=10 missing=5\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "the whole body", 0, { C(GET("/")), S(LENGTH(10)), SGAP(10), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=39 body=10 missing=10\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "inside a chunk", 0, { C(GET("/")), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"), SGAP(4), S("\r\n0\r\n\r\n"), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 chunked\n"
      "end 1 head=47 body=5 missing=4\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "beyond a chunk", 0, { C(GET("/")), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"), SGAP(5), S("\n0\r\n\r\n"), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 chunked\n"
      "cut 1 head=47 body=1 missing=5\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "resync S\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "in a chunk line", 0, { C(GET("/")), S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5"), SGAP(9), S("0\r\n\r\n"), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 chunked\n"
      "cut 1 head=47 body=0 missing=9\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "resync S\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "in a close-delimited body", 0, { C(GET("/")), S("HTTP/1.1 200 OK\r\n\r\nab"), SGAP(9), S("c"), SFIN },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 close\n"
      "end 1 head=19 body=12 missing=9\n" },
    { "in a request line", 0, { C("GET /a"), CGAP(9), C("\r\n\r\n"), S(OK_RESPONSE), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET /a ? unknown headcut\n"
      "cut 1 head=6 body=0 missing=9\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync C\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "in a request's fields", 0, { C("GET /a HTTP/1.1\r\nHost: h\r\nX: "), CGAP(9), C("\r\n\r\n"), S(OK_RESPONSE), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET /a 1.1 unknown headcut\n"
      "cut 1 head=29 body=0 missing=9\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync C\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "in a response's fields", 0, { C(GET("/")), S("HTTP/1.1 200 OK\r\nServer: s\r\nX: "), SGAP(9), S("\r\n\r\n"), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "< 1=1 exact 200 1.1 unknown headcut\n"
      "cut 1 head=31 body=0 missing=9\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "resync S\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "in RESYNC", 0, { C(GET("/")), SGAP(3), S("HTTP/1.1 2"), SGAP(30), S("xx"), C(GET("/")), S(OK_RESPONSE) },
      "> 1 GET / 1.1 none\n"
      "end 1 head=27 body=0\n"
      "> 2 GET / 1.1 none\n"
      "end 2 head=27 body=0\n"
      "resync S\n"
      "lost 1 x1 missing=3\n"
      "< 1=2 inferred 200 1.1 length\n"
      "end 1 head=38 body=2\n" },
};

static const struct script_case pair_cases[] = {
    { "one of a sequence of responses is lost", 0, {
        C(GET("/1")), S(OK_RESPONSE), C(GET("/2")), SGAP(40), C(GET("/3")), S(OK_RESPONSE), C(GET("/4")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "resync S\n"
      "lost 2 x1 missing=40\n"
      "< 2=3 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 4 GET /4 1.1 none\n"
      "end 4 head=28 body=0\n"
      "< 3=4 exact 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "known only when the next request came", 0, {
        C(GET("/1")), CA(GET("/2"), 40), SGAP(40), S(OK_RESPONSE), C(GET("/3")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "resync S\n"
      "lost 1 x1 missing=40\n"
      "< 1=2 inferred 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 2=3 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "two of a sequence are lost", 0, {
        CA(GET("/1"), 0), CA(GET("/2"), 40), CA(GET("/3"), 80), SGAP(80), S(OK_RESPONSE), C(GET("/4")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "resync S\n"
      "lost 1 x2 missing=80\n"
      "< 1=3 inferred 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 4 GET /4 1.1 none\n"
      "end 4 head=28 body=0\n"
      "< 2=4 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "one of a pipeline is lost", 0, {
        C(GET("/1") GET("/2") GET("/3")), SGAP(40), S(OK_RESPONSE OK_RESPONSE), C(GET("/4")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "resync S\n"
      "lost 1 x1 missing=40\n"
      "< 1=2 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=3 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 4 GET /4 1.1 none\n"
      "end 4 head=28 body=0\n"
      "< 3=4 ambiguous 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "the second of a pipeline is lost", 0, {
        CA(GET("/1") GET("/2") GET("/3"), 0), S(OK_RESPONSE), SGAP(40), S(OK_RESPONSE), C(GET("/4")), S(OK_RESPONSE), C(GET("/5")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync S\n"
      "lost 2 x1 missing=40\n"
      "< 2=3 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 4 GET /4 1.1 none\n"
      "end 4 head=28 body=0\n"
      "< 3=4 ambiguous 200 1.1 length\n"
      "end 3 head=38 body=2\n"
      "> 5 GET /5 1.1 none\n"
      "end 5 head=28 body=0\n"
      "< 4=5 inferred 200 1.1 length\n"
      "end 4 head=38 body=2\n" },
    /* What was lost was interim, and the client asks on while an answer is owed. */
    { "an interim response of a pipeline is lost", 0, {
        CA(GET("/1"), 0), CA(GET("/2"), 0), SGAP(40), S(OK_RESPONSE), C(GET("/3")), S(OK_RESPONSE), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "resync S\n"
      "lost 1 x1 missing=40\n"
      "< 1=2 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 2=3 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "< 3=0 orphan 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "an interim response is lost", 0, {
        C("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n"), SGAP(25), C("ab"), S(OK_RESPONSE), C(GET("/2")), S(OK_RESPONSE) },
      "> 1 POST /1 1.1 length\n"
      "end 1 head=48 body=2\n"
      "resync S\n"
      "< 1=1 inferred 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "the server had not received the next request", 0, {
        CA(GET("/1"), 0), CA(GET("/2"), 25), SGAP(25), SA(OK_RESPONSE, 28), C(GET("/3")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "resync S\n"
      "< 1=1 inferred 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "a body's gap takes the next head", 0, {
        C(GET("/1") GET("/2")), S(LENGTH(10) "ab"), SGAP(20), C(GET("/3")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=39 body=10 missing=8\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "resync S\n"
      "lost 2 x1 missing=12\n"
      "< 2=3 ambiguous 200 1.1 length\n" /* a client that has pipelined */
      "end 2 head=38 body=2\n" },
    { "a response cut in its head has answered", 0, {
        C(GET("/1")), S("HTTP/1.1 200 OK\r\nSer"), SGAP(20), C(GET("/2")), S(OK_RESPONSE), C(GET("/3")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 exact 200 1.1 unknown headcut\n"
      "cut 1 head=20 body=0 missing=20\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "resync S\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 3 GET /3 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 3=3 exact 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "a lost answer is told at the end", 0, {
        C(GET("/1")), SGAP(40), SFIN, CFIN },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "lost 1 x1 missing=40\n" },
    { "a request is lost", 0, {
        CGAP(28), S(OK_RESPONSE), C(GET("/2")), S(OK_RESPONSE), C(GET("/3")), S(OK_RESPONSE) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync C\n"
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 2=1 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 2 GET /3 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 3=2 inferred 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "a request's loss is known after its response", 0, {
        SA(OK_RESPONSE, 28), CGAP(28), C(GET("/2")), S(OK_RESPONSE), C(GET("/3")), S(OK_RESPONSE) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync C\n"
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 2=1 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 2 GET /3 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 3=2 inferred 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "midstream, the end of something before a status line", OPEN_MIDSTREAM, {
        S("H"), S(OK_RESPONSE), C(GET("/2")) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n" },
    { "midstream, an empty line before a status line", OPEN_MIDSTREAM, {
        S("x"), S("\r\n" OK_RESPONSE) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n" },
    { "behind gaps, an empty line before each start line", 0, {
        CGAP(9), C("xy"), C("\r\n" GET("/1")), SGAP(9), S("xy"), S("\r\n" OK_RESPONSE) },
      "resync C\n"
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "resync S\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n" },
    { "behind gaps, an empty line behind half a start line", 0, {
        CGAP(9), C("GE"), C("\r\n" GET("/1")), SGAP(9), S("HT"), S("\r\n" OK_RESPONSE) },
      "resync C\n"
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "resync S\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n" },
    { "two bytes of a status line, and the next one", 0, {
        C(GET("/1")), S(OK_RESPONSE), C(GET("/2")), S("HT"), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "resync S\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! status_invalid warning S@40\n" },
    { "half a status line, one that is cut, and the end", 0, {
        C(GET("/1")), S("HTTP"), S("HTTP/1.1 20"), SFIN },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "lost 1 x1 missing=0\n"
      "! status_invalid warning S@0\n" },
    { "midstream, a response first", OPEN_MIDSTREAM, {
        S(OK_RESPONSE), C(GET("/1")), S(OK_RESPONSE), C(GET("/2")), S(OK_RESPONSE) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 2=1 ambiguous 200 1.1 length\n" /* others may have been outstanding */
      "end 2 head=38 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 3=2 inferred 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "midstream, a request first", OPEN_MIDSTREAM, {
        C(GET("/1")), S(OK_RESPONSE), C(GET("/2")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 inferred 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "midstream, a request crosses an older response", OPEN_MIDSTREAM, {
        C(GET("/1")), SA(OK_RESPONSE, 0), S(OK_RESPONSE), C(GET("/2")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=1 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 3=2 inferred 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "a stretch hid two requests, one answered before it was known", 0, {
        SA(OK_RESPONSE, 28), CGAP(56), CA(GET("/3"), 40), S(OK_RESPONSE OK_RESPONSE), C(GET("/4")), S(OK_RESPONSE), C(GET("/5")), S(OK_RESPONSE) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync C\n"
      "> 1 GET /3 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 2=1 ambiguous 200 1.1 length\n" /* it was sent when just the first had come */
      "end 2 head=38 body=2\n"
      "< 3=0 orphan 200 1.1 length\n"
      "end 3 head=38 body=2\n"
      "> 2 GET /4 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 4=2 inferred 200 1.1 length\n"
      "end 4 head=38 body=2\n"
      "> 3 GET /5 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 5=3 exact 200 1.1 length\n"
      "end 5 head=38 body=2\n" },
    { "requests behind a cut one, and its response lost", 0, {
        C("GET /1 HTTP/1.1\r\nHo"), CGAP(100), SGAP(40), SA(OK_RESPONSE, 120), C(GET("/4")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 unknown headcut\n"
      "cut 1 head=19 body=0 missing=100\n"
      "resync S\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "resync C\n"
      "> 2 GET /4 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "midstream, an older response was under way", OPEN_MIDSTREAM, {
        CA(GET("/2"), 0), SGAP(40), SA(OK_RESPONSE, 28) },
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n" },
    /* A client that pipelines may have asked for /4 while an answer was still owed. */
    { "midstream, the client had not acknowledged what came before", OPEN_MIDSTREAM, {
        S(OK_RESPONSE), CA(GET("/2"), 0), CA(GET("/3"), 0), S(OK_RESPONSE OK_RESPONSE), C(GET("/4")), S(OK_RESPONSE), C(GET("/5")), S(OK_RESPONSE) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n"
      "> 2 GET /3 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=1 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "< 3=2 ambiguous 200 1.1 length\n"
      "end 3 head=38 body=2\n"
      "> 3 GET /4 1.1 none\n"
      "end 3 head=28 body=0\n"
      "< 4=3 ambiguous 200 1.1 length\n"
      "end 4 head=38 body=2\n"
      "> 4 GET /5 1.1 none\n"
      "end 4 head=28 body=0\n"
      "< 5=4 inferred 200 1.1 length\n"
      "end 5 head=38 body=2\n" },
    { "midstream, an interim response before the final one", OPEN_MIDSTREAM, {
        C(GET("/0")), S(OK_RESPONSE), C(GET("/1")), S("HTTP/1.1 103 E\r\n\r\n"), S(OK_RESPONSE) },
      "> 1 GET /0 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 2 GET /1 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 inferred 103 1.1 none\n"
      "end 2 head=18 body=0\n"
      "< 3=2 inferred 200 1.1 length\n"
      "end 3 head=38 body=2\n" },
    { "midstream, a segment begins within a target", OPEN_MIDSTREAM, {
        C("xxxx HTTP/1.1\r\nHost: h\r\n\r\n"), S(OK_RESPONSE), C(GET("/2")), S(OK_RESPONSE) },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 2=1 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "midstream, a body's tail before the next request", OPEN_MIDSTREAM, {
        C("wxaf" GET("/1")), C(GET("/2")) },
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n" },
    { "behind a gap, a segment begins within a target", 0, {
        CGAP(9), C("xxxx HTTP/1.1\r\nHost: h\r\n\r\n"), C("wxafGET /1 HTTP/1.1\r\nHost: h\r\n\r\n"), C("PURGE-ALL /2 HTTP/1.1\r\n\r\n") },
      "resync C\n"
      "> 1 PURGE-ALL /2 1.1 none\n"
      "end 1 head=25 body=0\n"
      "! host_missing warning C@67\n" },
    { "midstream, a body behind what was taken for the response to HEAD", OPEN_MIDSTREAM, {
        S(OK_RESPONSE), C("HEAD /1 HTTP/1.1\r\nHost: h\r\n\r\n"),
        S("HTTP/1.1 208 A\r\nContent-Length: 3\r\n\r\nabc"),
        C("HEAD /2 HTTP/1.1\r\nHost: h\r\n\r\n"), S("HTTP/1.1 206 B\r\nContent-Length: 0\r\n\r\n") },
      "< 1=0 orphan 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "> 1 HEAD /1 1.1 none\n"
      "end 1 head=29 body=0\n"
      "< 2=1 ambiguous 208 1.1 none\n"
      "end 2 head=37 body=0\n"
      "> 2 HEAD /2 1.1 none\n"
      "end 2 head=29 body=0\n"
      "resync S\n"
      "< 3=2 ambiguous 206 1.1 none\n"
      "end 3 head=37 body=0\n"
      "! body_unexpected warning S@77\n" },
    { "midstream, a segment begins within a method", OPEN_MIDSTREAM, {
        C("ET /1 HTTP/1.1\r\nHost: h\r\n"), C("X: y\r\n\r\n"), C(GET("/2")) },
      "> 1 GET /2 1.1 none\n"
      "end 1 head=28 body=0\n" },
    { "midstream, a body's tail, then a target in two segments", OPEN_MIDSTREAM, {
        C("wxaf"), C("GET /1"), C("23 HTTP/1.1\r\nHost: h\r\n\r\n") },
      "> 1 GET /123 1.1 none\n"
      "end 1 head=30 body=0\n" },
    { "behind a gap, a body's tail, then a target in two segments", 0, {
        CGAP(9), C("wxaf"), C("GET /1"), C("23 HTTP/1.1\r\nHost: h\r\n\r\n") },
      "resync C\n"
      "> 1 GET /123 1.1 none\n"
      "end 1 head=30 body=0\n" },
    { "a response to what is not here yet, behind a lost one", 0, {
        CA(GET("/1"), 0), SGAP(40), SA(OK_RESPONSE, 90) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "resync S\n"
      "< 1=1 ambiguous 200 1.1 length\n"
      "end 1 head=38 body=2\n" },
    { "a response nobody asked for", 0, {
        C(GET("/1")), S(OK_RESPONSE OK_RESPONSE), C(GET("/2")), S(OK_RESPONSE) },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=0 orphan 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 3=2 exact 200 1.1 length\n"
      "end 3 head=38 body=2\n"
      "! desync_response_unasked attack S@40\n"
      "! response_split attack S@40\n" },
    { "a timeout told on an idle connection", 0, {
        C(GET("/1")), S(OK_RESPONSE "HTTP/1.1 408 T\r\nContent-Length: 0\r\n\r\n"), SFIN },
      "> 1 GET /1 1.1 none\n"
      "end 1 head=28 body=0\n"
      "< 1=1 exact 200 1.1 length\n"
      "end 1 head=38 body=2\n"
      "< 2=0 orphan 408 1.1 length\n"
      "end 2 head=37 body=0\n"
      "! desync_response_unasked info S@40\n" },
    { "an answer to a request whose header is incomplete", 0, {
        C("GET /1 HTTP/1.1\r\nHost: h\r\nX: "), S("HTTP/1.1 408 T\r\nContent-Length: 0\r\n\r\n"), SFIN, CRST },
      "> 1 GET /1 1.1 unknown headcut\n"
      "< 1=1 exact 408 1.1 length\n"
      "end 1 head=37 body=0\n"
      "> 1 GET /1 1.1 unknown headcut\n"
      "cut 1 head=29 body=0\n"
      "! message_cut warning C@0\n" },
    { "... and completed then", 0, {
        C("POST /1 HTTP/1.1\r\nHost: h\r\nX: "), S("HTTP/1.1 400 T\r\nContent-Length: 0\r\n\r\n"), C("y\r\nContent-Length: 2\r\n\r\nab" GET("/2")), S(OK_RESPONSE) },
      "> 1 POST /1 1.1 unknown headcut\n"
      "< 1=1 exact 400 1.1 length\n"
      "end 1 head=37 body=0\n"
      "> 1 POST /1 1.1 length\n"
      "end 1 head=54 body=2\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "an answer to a request line that is incomplete, and goes on", 0, {
        C("GET /lo"), S("HTTP/1.1 400 T\r\nContent-Length: 0\r\n\r\n"), C("ng HTTP/1.1\r\nHost: h\r\n\r\n" GET("/2")), S(OK_RESPONSE) },
      "> 1 GET /lo ? unknown headcut\n"
      "< 1=1 exact 400 1.1 length\n"
      "end 1 head=37 body=0\n"
      "> 1 GET /long 1.1 none\n"
      "end 1 head=31 body=0\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
    { "... and is none when it is whole", 0, {
        C("GET /lo"), S("HTTP/1.1 400 T\r\nContent-Length: 0\r\n\r\n"), C("\x01 x\r\n" GET("/2")), S(OK_RESPONSE) },
      "> 1 GET /lo ? unknown headcut\n"
      "< 1=1 exact 400 1.1 length\n"
      "end 1 head=37 body=0\n"
      "cut 1 head=7 body=0\n"
      "resync C\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 exact 200 1.1 length\n"
      "end 2 head=38 body=2\n"
      "! request_line_garbage warning C@0\n" },
    { "... and is lost", 0, {
        C("GET /lo"), S("HTTP/1.1 400 T\r\nContent-Length: 0\r\n\r\n"), CGAP(8), C(GET("/2")), S(OK_RESPONSE) },
      "> 1 GET /lo ? unknown headcut\n"
      "< 1=1 exact 400 1.1 length\n"
      "end 1 head=37 body=0\n"
      "> 1   ? unknown headcut\n"
      "cut 1 head=7 body=0 missing=8\n"
      "resync C\n"
      "> 2 GET /2 1.1 none\n"
      "end 2 head=28 body=0\n"
      "< 2=2 ambiguous 200 1.1 length\n"
      "end 2 head=38 body=2\n" },
};
/* clang-format on */

static void test_gaps(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(gap_cases, ARRAY_LENGTH(gap_cases)), 0);
}

static void test_pairs(void **state)
{
    (void)state;
    assert_int_equal(script_check_all(pair_cases, ARRAY_LENGTH(pair_cases)), 0);
}

/* More requests than the queue takes: the oldest are given up, one by one. */
static void test_overflow(void **state)
{
    (void)state;
    enum { EXTRA = 3 };
    struct script_run r;
    struct stream stream = {.run = &r};
    script_run_init(&r);
    r.instance = r.protocol.open(r.protocol.context, &stream, &r.conn);
    struct chunk chunk = {.from = SIDE_CLIENT};
    for (int i = 0; i < HTTP_UNANSWERED_MAX + EXTRA; i++) {
        chunk.data = bytes_of_text(GET("/"));
        r.protocol.feed(r.instance, &chunk);
        chunk.offset += chunk.data.len;
    }
    buffer_clear(&r.brief);
    chunk = (struct chunk){.from = SIDE_SERVER,
                           .peer_acked = chunk.offset,
                           .data = bytes_of_text(OK_RESPONSE)};
    r.protocol.feed(r.instance, &chunk);
    buffer_append(&r.brief, bytes_of("", 1));
    assert_string_equal((char *)r.brief.ptr, "< 1=4 ambiguous 200 1.1 length\n"
                                             "end 1 head=38 body=2\n");
    r.protocol.close(r.instance);
    script_run_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
