/* Transfer-Encoding in every disguise that is known, as a request's and as a
 * response's: only an exact list that ends in `chunked` is chunked, and whatever is not
 * exactly Transfer-Encoding as a careful sender writes it is a finding of the header
 * section.
 *
 *   form --+--> silent   exact: decoded, nothing said
 *          +--> told     decoded, and something else about it is odd: said
 *          '--> refused  not decoded, and said */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http_script.h"

enum verdict { SILENT, TOLD, REFUSED, VERDICT_COUNT };

static const char *const verdict_names[] = {
    "exact: chunked, nothing said",
    "told: chunked by an exact list, oddity said",
    "refused: not chunked, said",
};

struct tally {
    int forms[VERDICT_COUNT], faults;
};

/* ---- one form ---- */

static void *see_open(void *context, struct conn *conn)
{
    (void)conn;
    return context;
}

static void see_head(void *opened, const struct message *m)
{
    enum framing *framing = opened;
    if (m->number == 1) *framing = m->framing;
}

static void see_end(void *opened, const struct message *m)
{
    (void)opened, (void)m;
}

static void see_lost(void *opened, uint64_t first, uint64_t count, uint64_t missing)
{
    (void)opened, (void)first, (void)count, (void)missing;
}

static void see_resync(void *opened, enum side from)
{
    (void)opened, (void)from;
}

/* Feeds the head, whole or in bytes. Returns the number of findings in it. */
static uint32_t read_head(struct bytes head, enum side from, size_t step,
                          enum framing *framing)
{
    static const char asked[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    struct script_run r;
    struct stream stream = {.run = &r};
    script_run_init(&r);
    *framing = FRAMING_UNKNOWN;
    r.sink = (struct message_sink){.context = framing,
                                   .open = see_open,
                                   .head = see_head,
                                   .end = see_end,
                                   .lost = see_lost,
                                   .resync = see_resync};
    r.protocol = script_protocol(&r.sink);
    r.instance = r.protocol.open(r.protocol.context, &stream, &r.conn);
    struct chunk chunk = {.starts_segment = true,
                          .data = bytes_of(asked, sizeof asked - 1)};
    uint64_t request_end = from == SIDE_SERVER ? sizeof asked - 1 : 0;
    if (from == SIDE_SERVER) r.protocol.feed(r.instance, &chunk);
    *framing = FRAMING_UNKNOWN;
    for (size_t at = 0; at < head.len; at += step) {
        chunk = (struct chunk){
            .from = from,
            .offset = at,
            .starts_segment = at == 0,
            .peer_acked = from == SIDE_SERVER ? request_end : 0,
            .data = guard_page_place(&r.guard, bytes_first(bytes_from(head, at), step)),
        };
        r.protocol.feed(r.instance, &chunk);
    }
    r.protocol.close(r.instance);
    uint32_t count = 0;
    for (uint32_t i = 0; r.conn.findings && i < r.conn.findings->count; i++) {
        const struct finding *f = &r.conn.findings->rows[i];
        if (f->side == from && f->severity > SEVERITY_INFO) count++;
    }
    script_run_done(&r);
    return count;
}

static enum verdict judge(uint32_t findings, enum framing framing)
{
    if (framing == FRAMING_CHUNKED) return findings > 0 ? TOLD : SILENT;
    return REFUSED;
}

static void complain(struct bytes head, enum verdict wanted, const char *what)
{
    char escaped[512];
    bytes_escape(head, escaped, sizeof escaped);
    fprintf(stderr, "%s, wanted %s: %s\n", what, verdict_names[wanted], escaped);
}

/* `form`: whatever stands between Host and the empty line. */
static void check(struct tally *t, struct bytes form, enum verdict wanted)
{
    static const char *const starts[] = {
        [SIDE_CLIENT] = "POST / HTTP/1.1\r\nHost: h\r\n",
        [SIDE_SERVER] = "HTTP/1.1 200 OK\r\nServer: s\r\n",
    };
    for (int from = SIDE_CLIENT; from <= SIDE_SERVER; from++) {
        struct buffer head = {.ptr = NULL};
        buffer_append_text(&head, starts[from]);
        buffer_append(&head, form);
        buffer_append_text(&head, "\r\n\r\n");
        t->forms[wanted]++;
        for (size_t step = 1; step <= head.len; step += head.len - 1) {
            enum framing framing;
            uint32_t findings =
                read_head(buffer_bytes(&head), (enum side)from, step, &framing);
            const char *fault = NULL;
            if (judge(findings, framing) != wanted) fault = "framed otherwise";
            if (wanted == REFUSED && findings == 0) fault = "nothing said";
            if (fault) complain(buffer_bytes(&head), wanted, fault);
            if (fault) t->faults++;
        }
        buffer_done(&head);
    }
}

static void check_text(struct tally *t, const char *form, enum verdict wanted)
{
    check(t, bytes_of_text(form), wanted);
}

static void check_value(struct tally *t, const char *value, enum verdict wanted)
{
    struct buffer form = {.ptr = NULL};
    buffer_print(&form, "Transfer-Encoding: %s", value);
    check(t, buffer_bytes(&form), wanted);
    buffer_done(&form);
}

static void conclude(const char *what, const struct tally *t)
{
    int all = 0;
    for (int i = 0; i < VERDICT_COUNT; i++) all += t->forms[i];
    fprintf(stderr, "%s: %d forms", what, all);
    for (int i = 0; i < VERDICT_COUNT; i++)
        fprintf(stderr, "; %d %s", t->forms[i], verdict_names[i]);
    fprintf(stderr, "\n");
    assert_int_equal(t->faults, 0);
}

/* ---- the forms ---- */

/* Every byte at every place. */
static void test_bytes(void **state)
{
    static const struct {
        const char *before, *after;
        bool is_white_allowed;
    } places[] = {
        {"", "Transfer-Encoding: chunked", false},
        {"Transfer", "-Encoding: chunked", false},
        {"Transfer-", "Encoding: chunked", false},
        {"Transfer-Encod", "ing: chunked", false},
        {"Transfer-Encoding", ": chunked", false},
        {"Transfer-Encoding:", "chunked", true},
        {"Transfer-Encoding: ", "chunked", true},
        {"Transfer-Encoding: chun", "ked", false},
        {"Transfer-Encoding: c", "hunked", false},
        {"Transfer-Encoding: chunked", "", true},
        {"Transfer-Encoding: chunked", " ", true},
        {"Transfer-Encoding: gzip", ", chunked", true},
        {"Transfer-Encoding: gzip,", "chunked", true},
    };
    struct tally t = {.faults = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        for (int c = 0; c < 256; c++) {
            if (c > 0x20 && c < 0x7f) continue;
            struct buffer form = {.ptr = NULL};
            uint8_t byte = (uint8_t)c;
            bool is_white = c == ' ' || c == '\t';
            buffer_append_text(&form, places[i].before);
            buffer_append(&form, bytes_of(&byte, 1));
            buffer_append_text(&form, places[i].after);
            enum verdict wanted =
                is_white && places[i].is_white_allowed ? SILENT : REFUSED;
            /* An LF ends the line, and what stands before it is exact. */
            bool is_line_end = c == '\n' && *places[i].after == '\0';
            check(&t, buffer_bytes(&form), is_line_end ? TOLD : wanted);
            buffer_done(&form);
        }
    }
    conclude("bytes", &t);
}

static void test_case(void **state)
{
    static const char *const forms[] = {
        "transfer-encoding: chunked",
        "TRANSFER-ENCODING: CHUNKED",
        "Transfer-Encoding:chunked",
        "Transfer-Encoding: Chunked",
        "tRANSFER-eNCODING: cHUNKED",
        "Transfer-encoding:\t \tCHUNKed \t",
        "TE: x\r\nConnection: TE\r\nTransfer-Encoding: chunked",
    };
    struct tally t = {.faults = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) check_text(&t, forms[i], SILENT);
    conclude("case and white space", &t);
}

static void test_folds(void **state)
{
    static const char *const folds[] = {"\r\n ", "\r\n\t", "\n ", "\n\t", "\r\n \r\n "};
    static const struct {
        const char *before, *after;
    } places[] = {
        {"Transfer-Encoding:", "chunked"},
        {"Transfer-Encoding: ", "chunked"},
        {"Transfer-Encoding: chun", "ked"},
        {"Transfer-Encoding: chunked", ""},
        {"Transfer-Encoding: gzip,", "chunked"},
        {"Transfer-Encoding: gzip", ", chunked"},
        {"Transfer-", "Encoding: chunked"},
        {"Transfer-Encoding", ": chunked"},
        {"X: y", "Transfer-Encoding: chunked"},
        {"X:", "Transfer-Encoding: chunked"},
    };
    struct tally t = {.faults = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(folds); k++) {
            struct buffer form = {.ptr = NULL};
            buffer_print(&form, "%s%s%s", places[i].before, folds[k], places[i].after);
            check(&t, buffer_bytes(&form), REFUSED);
            buffer_done(&form);
        }
    }
    conclude("folds", &t);
}

static void test_lists(void **state)
{
    static const char *const known[] = {"gzip",    "GZip",     "x-gzip",
                                        "deflate", "compress", "x-compress"};
    static const char *const unknown[] = {"identity", "cow", "br", "gzip;q=1", "x"};
    static const char *const separators[] = {",", ", ", " ,", "\t,\t", " , "};
    static const char *const others[] = {";", " ", "\t", "/", "|", "&", "+", "\\", ":"};
    static const char *const empties[] = {",%s",  "%s,",    ", %s",     "%s ,",
                                          ",,%s", " , ,%s", "gzip,,%s", "gzip, ,%s",
                                          "%s,,", ",%s,"};
    struct tally t = {.faults = 0};
    char value[64];
    (void)state;
    for (size_t k = 0; k < ARRAY_LENGTH(separators); k++) {
        for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
            snprintf(value, sizeof value, "%s%schunked", known[i], separators[k]);
            check_value(&t, value, SILENT);
            snprintf(value, sizeof value, "chunked%s%s", separators[k], known[i]);
            check_value(&t, value, REFUSED);
        }
        for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++) {
            snprintf(value, sizeof value, "%s%schunked", unknown[i], separators[k]);
            check_value(&t, value, TOLD);
            snprintf(value, sizeof value, "chunked%s%s", separators[k], unknown[i]);
            check_value(&t, value, REFUSED);
        }
        snprintf(value, sizeof value, "chunked%schunked", separators[k]);
        check_value(&t, value, TOLD);
    }
    for (size_t k = 0; k < ARRAY_LENGTH(others); k++) {
        snprintf(value, sizeof value, "gzip%schunked", others[k]);
        check_value(&t, value, REFUSED);
        snprintf(value, sizeof value, "chunked%sgzip", others[k]);
        check_value(&t, value, REFUSED);
    }
    for (size_t k = 0; k < ARRAY_LENGTH(empties); k++) {
        struct buffer form = {.ptr = NULL};
        const char *hole = strstr(empties[k], "%s");
        buffer_append_text(&form, "Transfer-Encoding: ");
        buffer_append(&form, bytes_of(empties[k], (size_t)(hole - empties[k])));
        buffer_print(&form, "chunked%s", hole + 2);
        check(&t, buffer_bytes(&form), REFUSED);
        buffer_done(&form);
    }
    conclude("lists", &t);
}

/* NOLINTBEGIN(readability-function-size,bugprone-suspicious-missing-comma): a table; an
 * escape ends with its literal */
static void test_values(void **state)
{
    static const char *const values[] = {
        "",
        ",",
        "xchunked",
        "chunkedx",
        "x chunked",
        "chunked x",
        "x, xchunked",
        "xchunked, chunked",
        "chunk",
        "chunke",
        "hunked",
        "chunks",
        "ch unked",
        "chunked-",
        "-chunked",
        "chunked=",
        "=chunked",
        "chunked=1",
        "chunked:",
        ":chunked",
        "chunked;",
        "chunked ;",
        ";chunked",
        "chunked;q=1",
        "chunked; q=0",
        "chunked ; a=b",
        "chunked;a=\"b\"",
        "chunked; chunked",
        "\"chunked\"",
        "\"chunked",
        "chunked\"",
        "'chunked'",
        "`chunked`",
        "<chunked>",
        "(chunked)",
        "[chunked]",
        "{chunked}",
        "*chunked*",
        "chunked*",
        "%63hunked",
        "\\chunked",
        "chunked\\",
        "c\\hunked",
        "chun\xe2\x84\xaa"
        "ed",
        "\xe2\x80\x8b"
        "chunked",
        "chunked\xe2\x80\x8b",
        "\xef\xbb\xbf"
        "chunked",
        "\xc3\xa7hunked",
        "chunk\xc4\x97"
        "d",
        "chunked\xc2\xa0",
        "\"gzip\", chunk",
        "identity",
        "cow",
        "gzip",
        "gzip, deflate",
        "chunked, identity",
        "null",
        "true",
        "1",
        "chunked, xchunked",
        "\"gzip, chunked\"",
        "(a) chunked",
        "=?utf-8?q?chunked?=",
        "chunked/1.1",
        "http/chunked",
        "chunked chunked",
    };
    struct tally t = {.faults = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++)
        check_value(&t, values[i], REFUSED);
    conclude("values", &t);
}
/* NOLINTEND(readability-function-size,bugprone-suspicious-missing-comma) */

/* Two lines are one list (RFC 9110, section 5.3), and always said. */
static void test_repeated(void **state)
{
    static const struct {
        const char *value;
        bool is_odd, is_chunked;
    } rows[] = {
        {"chunked", false, true},
        {"CHUNKED", false, true},
        {"gzip", false, false},
        {"identity", false, false},
        {"cow", false, false},
        {"xchunked", true, false},
        {"", true, false},
        {",chunked", true, true},
        {"chunked;q=1", true, false},
        {"\"chunked\"", true, false},
        {"\vchunked", true, false},
    };
    struct tally t = {.faults = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        for (size_t k = 0; k < ARRAY_LENGTH(rows); k++) {
            struct buffer form = {.ptr = NULL};
            buffer_print(&form,
                         "Transfer-Encoding: %s\r\nA: b\r\nTransfer-encoding: %s",
                         rows[i].value, rows[k].value);
            bool is_exact = !rows[i].is_odd && !rows[k].is_odd && rows[k].is_chunked;
            check(&t, buffer_bytes(&form), is_exact ? TOLD : REFUSED);
            buffer_done(&form);
        }
    }
    conclude("repeated lines", &t);
}

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): an escape ends with its literal */
static void test_names(void **state)
{
    static const char *const names[] = {
        "TransferEncoding",
        "Transfer--Encoding",
        "Transfer-Encoding-",
        "-Transfer-Encoding",
        "X-Transfer-Encoding",
        "XTransfer-Encoding",
        "Transfer-EncodingX",
        "Transfer-Encoding-X",
        "Transfer-Encoding2",
        "2Transfer-Encoding",
        "Old-Transfer-Encoding",
        "Http-Transfer-Encoding",
        "HTTP_TRANSFER_ENCODING",
        "Content-Transfer-Encoding",
        "Transfer-Encodings",
        "Transfer-Encod\xc3\xadng",
        "Tr\xc3\xa4nsfer-Encoding",
        "Transfer\xe2\x80\x90"
        "Encoding",
        "Transfer\xe2\x80\x93"
        "Encoding",
        "\xef\xbb\xbfTransfer-Encoding",
        "Transfer-Encoding\xc2\xa0",
        "\xe2\x80\x8bTransfer-Encoding",
        "Transfer-Encoding ",
        "Transfer-Encoding\t",
        "Transfer-Encoding  ",
        "Transfer -Encoding",
        "Transfer- Encoding",
        "Transfer - Encoding",
        "\"Transfer-Encoding\"",
        "(Transfer-Encoding)",
        "x Transfer-Encoding",
        "Transfer-Encoding x",
    };
    struct tally t = {.faults = 0};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        struct buffer form = {.ptr = NULL};
        buffer_print(&form, "%s: chunked", names[i]);
        check(&t, buffer_bytes(&form), REFUSED);
        buffer_done(&form);
    }
    for (int c = 0x20; c < 0x7f; c++) { /* for the hyphen, and behind the name */
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        struct buffer form = {.ptr = NULL};
        if (is_letter) continue;
        buffer_print(&form, "Transfer%cEncoding: chunked", c);
        check(&t, buffer_bytes(&form), c == '-' ? SILENT : REFUSED);
        buffer_clear(&form);
        buffer_print(&form, "Transfer-Encoding%c: chunked", c);
        check(&t, buffer_bytes(&form), REFUSED);
        buffer_clear(&form);
        buffer_print(&form, "Transfer-Encoding%cchunked", c);
        check(&t, buffer_bytes(&form), c == ':' ? SILENT : REFUSED);
        buffer_done(&form);
    }
    conclude("names", &t);
}
/* NOLINTEND(bugprone-suspicious-missing-comma) */

/* What stands where a length would end that Transfer-Encoding overrules: the evidence
 * says so (RFC 9112, section 6.3-3), however the bytes come. */
static void test_overruled_lengths(void **state)
{
    static const char head[] = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    static const struct {
        const char *body, *said;
    } cases[] = {
        {"1e\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n0\r\n\r\n",
         "Content-Length: 4, a start line at its end: GET /admin HTTP/1.1\r"},
        {"5\r\nhello\r\n0\r\n\r\n", "Content-Length: 4, no start line at its end"},
        {"0\r\n", "Content-Length: 4"}, /* nothing has come that tells */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (size_t step = 1; step <= 1000; step += 333) {
            struct script_run r;
            struct stream stream = {.run = &r};
            struct buffer all = {.ptr = NULL};
            buffer_print(&all, "%s%s", head, cases[i].body);
            script_run_init(&r);
            r.instance = r.protocol.open(r.protocol.context, &stream, &r.conn);
            for (size_t at = 0; at < all.len; at += step) {
                struct chunk chunk = {.offset = at, .starts_segment = true};
                chunk.data = bytes_first(bytes_from(buffer_bytes(&all), at), step);
                r.protocol.feed(r.instance, &chunk);
            }
            r.protocol.close(r.instance);
            assert_non_null(r.conn.findings);
            const struct finding *f = &r.conn.findings->rows[0];
            assert_int_equal(f->code, FINDING_LENGTH_WITH_CODING);
            assert_int_equal(f->evidence_length, strlen(cases[i].said));
            assert_memory_equal(f->evidence, cases[i].said, f->evidence_length);
            buffer_done(&all);
            script_run_done(&r);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),  cmocka_unit_test(test_case),
        cmocka_unit_test(test_folds),  cmocka_unit_test(test_lists),
        cmocka_unit_test(test_values), cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_names),  cmocka_unit_test(test_overruled_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
