/* llhttp's own cases (SHARED/llhttp-cases/cases.jsonl) read by our parser. Where llhttp
 * reports no error: the same messages, by method, target, status and body bytes. Where
 * it gives up: a finding at or before that place, and we go on. Exceptions stand in a
 * table, each with its reason. Skipped, visibly, when the cases are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http_script.h"
#include "json_line.h"

#include <stdlib.h>

#ifndef HOPSCOPE_SHARED
#define HOPSCOPE_SHARED "../shared"
#endif

enum { SEEN_MAX = 16, TEXT_BYTES_MAX = 256 };

struct seen_message {
    char name[16]; /* method or status */
    char target[TEXT_BYTES_MAX];
    uint64_t body;
    bool has_head;
};

struct seen {
    struct seen_message list[SEEN_MAX];
    size_t count;
    long error_at; /* -1: none */
    int error_code;
    long last_offset; /* that is mentioned */
};

struct exception {
    const char *file;
    int line;
    const char *reason;
};

/* clang-format off */
static const struct exception exceptions[] = {
    /* Modes of llhttp that take more for sound than a strict reader would. */
    { "request/content-length.md", 192, "white space before the colon: the field does not frame" },
    { "request/content-length.md", 522, "CR alone ends no line: the header section is incomplete" },
    { "request/lenient-headers.md", 112, "CR alone ends no line: Transfer-Encoding is no field there" },
    { "request/transfer-encoding.md", 539, "coding not final in a request: invalid, not until close (6.3-4)" },
    { "request/transfer-encoding.md", 683, "coding not final in a request: invalid, not until close (6.3-4)" },
    { "request/transfer-encoding.md", 716, "coding not final in a request: invalid, not until close (6.3-4)" },
    { "request/transfer-encoding.md", 1029, "CR in a chunk line: no size that two readers agree on" },
    /* The test of llhttp sets its length back by hand between two messages. */
    { "request/content-length.md", 447, "the second message stands in the first one's body" },
    { "response/content-length.md", 126, "the second message stands in the first one's body" },
    /* llhttp leaves everything behind a CONNECT's header to its caller. */
    { "request/method.md", 99, "RFC 9112, 6.3-6: Content-Length frames a body" },
    /* Other protocols that llhttp reads as well, and their methods. */
    { "request/invalid.md", 69, "any token is a method (RFC 9110, 9.1), also one that RTSP has" },
    { "request/method.md", 375, "ICE is not HTTP" },
    { "request/method.md", 405, "RTSP is not HTTP" },
    { "request/method.md", 433, "RTSP is not HTTP" },
    { "response/sample.md", 43, "RTSP is not HTTP" },
    { "response/sample.md", 63, "ICE is not HTTP" },
};

enum { /* llhttp's errno values that are no faults of the message */
    LLHTTP_CLOSED_CONNECTION = 5, /* our exchange layer notes close_ignored */
    LLHTTP_PAUSED_UPGRADE = 22,
    LLHTTP_PAUSED_H2 = 23,
};
/* clang-format on */

/* ---- what llhttp says ---- */

static void seen_append(char *to, size_t size, const char *from, size_t length)
{
    size_t used = strlen(to);
    if (length > size - 1 - used) length = size - 1 - used;
    memcpy(to + used, from, length);
    to[used + length] = '\0';
}

static void seen_span(struct seen_message *m, const char *kind, const char *text,
                      long length)
{
    const char *open = strchr(text, '"');
    const char *close = strrchr(text, '"');
    if (strncmp(kind, "body]", 5) == 0) m->body += (uint64_t)length;
    if (!open || close == open) return;
    size_t inner = (size_t)(close - open - 1);
    if (strncmp(kind, "method]", 7) == 0)
        seen_append(m->name, sizeof m->name, open + 1, inner);
    if (strncmp(kind, "url]", 4) == 0)
        seen_append(m->target, sizeof m->target, open + 1, inner);
}

static void seen_event(struct seen *s, const char *event)
{
    long offset = 0, length = 0;
    if (sscanf(event, "off=%ld", &offset) == 1 && offset > s->last_offset)
        s->last_offset = offset;
    const char *span = strstr(event, "span[");
    if (strstr(event, " message begin") && s->count < SEEN_MAX) s->count++;
    if (s->count == 0) return;
    struct seen_message *m = &s->list[s->count - 1];
    if (span && sscanf(event, "off=%*d len=%ld", &length) == 1) {
        seen_span(m, span + 5, span, length);
    } else if (strstr(event, " headers complete")) {
        const char *status = strstr(event, "status=");
        if (status) snprintf(m->name, sizeof m->name, "%d", atoi(status + 7));
        m->has_head = true;
    } else if (strstr(event, " error code=") && s->error_at < 0) {
        s->error_at = offset;
        s->error_code = atoi(strstr(event, "code=") + 5);
    }
}

static struct seen seen_by_llhttp(const char *expected)
{
    struct seen s = {.error_at = -1};
    char event[1024];
    for (const char *at = json_first(expected); at; at = json_next(at)) {
        json_text(at, event, sizeof event);
        seen_event(&s, event);
    }
    return s;
}

/* ---- what we say ---- */

struct own {
    struct script_run run;
    struct seen seen;
};

static void own_head(void *opened, const struct message *m)
{
    struct seen *s = &((struct own *)opened)->seen;
    if (s->count == SEEN_MAX) return;
    struct seen_message *seen = &s->list[s->count++];
    seen->has_head = !(m->flags & MESSAGE_HEAD_CUT);
    if (m->from == SIDE_SERVER) {
        snprintf(seen->name, sizeof seen->name, "%d", m->status);
        return;
    }
    seen_append(seen->name, sizeof seen->name, (const char *)m->method_text.ptr,
                m->method_text.len);
    seen_append(seen->target, sizeof seen->target, (const char *)m->target.ptr,
                m->target.len);
}

static void own_end(void *opened, const struct message *m)
{
    struct seen *s = &((struct own *)opened)->seen;
    if (m->number - 1 < SEEN_MAX) s->list[m->number - 1].body = m->body_bytes;
}

static void own_lost(void *opened, uint64_t first, uint64_t count, uint64_t missing)
{
    (void)opened, (void)first, (void)count, (void)missing;
}

static void own_resync(void *opened, enum side from)
{
    (void)opened, (void)from;
}

static void own_switched(void *opened, const struct message *response,
                         const uint64_t offsets[2])
{
    (void)opened, (void)response, (void)offsets;
}

static void own_read(struct own *o, struct bytes raw, enum side from)
{
    struct stream stream = {.run = &o->run};
    script_run_init(&o->run);
    o->seen = (struct seen){.error_at = -1};
    o->run.sink = (struct message_sink){.context = o,
                                        .open = script_open,
                                        .head = own_head,
                                        .end = own_end,
                                        .lost = own_lost,
                                        .resync = own_resync,
                                        .switched = own_switched};
    o->run.protocol = script_protocol(&o->run.sink);
    o->run.instance =
        o->run.protocol.open(o->run.protocol.context, &stream, &o->run.conn);
    struct chunk chunk = {.from = from, .starts_segment = true, .data = raw};
    script_feed(&o->run, &stream, &chunk);
    chunk = (struct chunk){.kind = CHUNK_END, .end = CHUNK_END_FIN, .from = from};
    chunk.offset = raw.len;
    script_feed(&o->run, &stream, &chunk);
    if (o->run.instance) o->run.protocol.close(o->run.instance);
}

/* ---- comparing ---- */

static size_t base64_decode(const char *text, uint8_t *out)
{
    uint32_t group = 0;
    unsigned bits = 0;
    size_t length = 0;
    for (; *text && *text != '='; text++) {
        const char *alphabet =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        group = group << 6 | (uint32_t)(strchr(alphabet, *text) - alphabet);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out[length++] = (uint8_t)(group >> bits);
    }
    return length;
}

/* What is noted because the case ends there, or because it has one side only. */
static bool own_is_about_end(enum finding_code code)
{
    return code == FINDING_MESSAGE_CUT || code == FINDING_DESYNC_RESPONSE_UNASKED;
}

/* Whether something was noted at or before the place where llhttp gave up. */
static bool own_noted_before(const struct own *o, long offset)
{
    const struct finding_list *l = o->run.conn.findings;
    for (uint32_t i = 0; l && i < l->count; i++) {
        bool is_own = !own_is_about_end(l->rows[i].code);
        if (is_own && (long)l->rows[i].offset <= offset) return true;
    }
    return false;
}

/* NULL: they agree; else what differs. */
static const char *own_compare(const struct own *o, const struct seen *their,
                               bool skips_body)
{
    bool is_error = their->error_at >= 0 && their->error_code < LLHTTP_PAUSED_UPGRADE;
    if (is_error && their->error_code != LLHTTP_CLOSED_CONNECTION)
        return own_noted_before(o, their->error_at) ? NULL : "no finding";
    const struct seen *own = &o->seen;
    for (size_t i = 0; i < their->count && their->list[i].has_head; i++) {
        const struct seen_message *a = &own->list[i], *b = &their->list[i];
        if (i >= own->count) return "a message is missing";
        if (strcmp(a->name, b->name) != 0) return "method or status";
        if (strcmp(a->target, b->target) != 0) return "target";
        if (a->body != b->body && !skips_body) return "body";
    }
    bool is_all = their->error_at < 0;
    if (is_all && own->count > their->count) return "a message too many";
    return NULL;
}

static const char *exception_reason(const char *file, int line)
{
    for (size_t i = 0; i < ARRAY_LENGTH(exceptions); i++) {
        const struct exception *e = &exceptions[i];
        if (strcmp(e->file, file) == 0 && e->line == line) return e->reason;
    }
    return NULL;
}

/* The cases lost the empty line at their end when they were taken out of their pages.
 * What comes behind the place where llhttp gave up is of no account. */
static size_t case_complete(uint8_t *raw, size_t length, const struct seen *their)
{
    long beyond = their->last_offset - (long)length;
    if (their->error_at >= 0 && beyond <= 0) {
        memcpy(raw + length, "\r\n\r\n", 4);
        return length + 4;
    }
    if (beyond <= 0) return length;
    memcpy(raw + length, "\r\n", 2);
    return length + 2;
}

static int case_check(const char *row)
{
    char file[64], type[64], name[128];
    const char *meta = json_member(row, "meta");
    const char *encoded = json_member(row, "raw_b64");
    const char *skips = json_member(meta, "skipBody");
    int line = atoi(json_member(row, "line"));
    json_text(json_member(row, "file"), file, sizeof file);
    json_text(json_member(row, "name"), name, sizeof name);
    json_text(json_member(meta, "type"), type, sizeof type);
    struct seen their = seen_by_llhttp(json_member(row, "expected"));
    size_t room = strlen(row);
    char *text = mem_alloc(room);
    uint8_t *raw = mem_alloc(room);
    json_text(encoded, text, room);
    size_t length = case_complete(raw, base64_decode(text, raw), &their);
    struct own o;
    bool is_request = strncmp(type, "request", 7) == 0;
    own_read(&o, bytes_of(raw, length), is_request ? SIDE_CLIENT : SIDE_SERVER);
    const char *fault = own_compare(&o, &their, skips && *skips == 't');
    bool is_expected = exception_reason(file, line) != NULL;
    if ((fault != NULL) != is_expected) {
        fprintf(stderr, "%s:%d %s: %s\n%.*s---\n", file, line, name,
                fault ? fault : "agrees, though it is an exception", (int)length, raw);
        for (size_t i = 0; i < o.seen.count; i++)
            fprintf(stderr, "ours: %s %s %d %d\n", o.seen.list[i].name,
                    o.seen.list[i].target, (int)o.seen.list[i].body,
                    o.seen.list[i].has_head);
        for (size_t i = 0; i < their.count; i++)
            fprintf(stderr, "llhttp: %s %s %d %d\n", their.list[i].name,
                    their.list[i].target, (int)their.list[i].body,
                    their.list[i].has_head);
        fprintf(stderr, "error %d at %ld\n\n", their.error_code, their.error_at);
    }
    script_run_done(&o.run);
    mem_free(raw);
    mem_free(text);
    return (fault != NULL) != is_expected;
}

static FILE *cases_open(void)
{
    const char *shared = getenv("SHARED");
    char path[4096];
    if (shared == NULL || *shared == '\0') shared = HOPSCOPE_SHARED;
    snprintf(path, sizeof path, "%s/llhttp-cases/cases.jsonl", shared);
    return fopen(path, "r");
}

static void test_cases(void **state)
{
    FILE *in = *state;
    int faults = 0, count = 0;
    char *row = NULL;
    size_t room = 0;
    for (; getline(&row, &room, in) > 0; count++) faults += case_check(row);
    free(row);
    fprintf(stderr, "%d cases, %d exceptions\n", count, (int)ARRAY_LENGTH(exceptions));
    assert_true(count > 200);
    assert_int_equal(faults, 0);
}

int main(void)
{
    enum { EXIT_SKIPPED = 77 };
    FILE *in = cases_open();
    if (in == NULL) {
        fprintf(stderr, "no llhttp-cases/cases.jsonl under SHARED: skipped\n");
        return EXIT_SKIPPED;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_cases, in)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fclose(in);
    return failed;
}
