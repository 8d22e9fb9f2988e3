/* Fuzzes the filter language of the screens, over a model of some connections. The
 * input is a filter's text. What is refused comes with a sentence; what is taken says
 * of every row yes or no, and `not ( ... )` says the opposite. The words that may begin
 * a capture filter on the command line are looked at as well. */
#include "cli/options.h"
#include "ui/row_filter.h"

#include "fuzz_common.h"

enum { CONNECTIONS = 3, EXCHANGES = 2, START_US = 1000000 };

static const int64_t first_id = INT64_C(1) << 32;

static void put_exchange(struct model *m, int64_t connection, int ordinal)
{
    struct record_sink sink = model_sink(m);
    struct record_exchange e;
    record_clear(RECORD_EXCHANGE, &e);
    e.id = connection + ordinal;
    e.connection_id = connection;
    e.ordinal = ordinal;
    e.method = bytes_of_text(ordinal == 1 ? "GET" : "POST");
    e.target = bytes_of_text("/a\"b\\c?d=\xff");
    e.host = bytes_of_text("api.example");
    e.status = ordinal == 1 ? 200 : 503;
    e.request_start_us = START_US + ordinal;
    e.wait_us = 40;
    e.state = ordinal == 1 ? EXCHANGE_COMPLETE : EXCHANGE_NO_RESPONSE;
    e.user_agent = bytes_of_text("curl/8");
    sink.put(sink.context, RECORD_EXCHANGE, &e);
}

static struct model *model_made(void)
{
    struct model *m = model_new();
    struct record_sink sink = model_sink(m);
    for (int i = 0; i < CONNECTIONS; i++) {
        struct record_connection c;
        record_clear(RECORD_CONNECTION, &c);
        c.id = first_id + i * 65536;
        c.client = (struct endpoint){
            .address = {10, 0, 0, (uint8_t)i}, .version = 4, .port = 40000};
        c.server = (struct endpoint){
            .address = {0x20, 1, 0xd, 0xb8}, .version = 6, .port = 80};
        c.start_us = START_US;
        c.is_open = i == 0 ? TRI_YES : TRI_NO;
        c.close_cause = i == 1 ? CAUSE_IDLE_RACE : CAUSE_UNKNOWN;
        c.protocol = bytes_of_text("http/1.1");
        c.side[0].bytes = 1000 * i;
        for (int k = 1; i > 0 && k <= EXCHANGES; k++) put_exchange(m, c.id, k);
        sink.put(sink.context, RECORD_CONNECTION, &c);
    }
    return m;
}

/* libFuzzer hands no context round: the model is the same for every input. */
static struct model *fuzz_model;

static void check_opposite(const struct row_filter *f, const struct row_filter *not_f)
{
    const struct model *m = fuzz_model;
    const struct model_connection *c = m->oldest;
    for (; c != NULL; c = c->newer) {
        bool is_passed = row_filter_passes(f, m, c, NULL);
        must(row_filter_passes(f, m, c, NULL) == is_passed, "the same once more");
        if (not_f != NULL)
            must(row_filter_passes(not_f, m, c, NULL) != is_passed, "the opposite");
        bool any = is_passed && c->first == NULL;
        for (const struct model_exchange *e = c->first; e != NULL; e = e->after) {
            bool passes = row_filter_passes(f, m, c, e);
            any |= passes;
            if (not_f != NULL)
                must(row_filter_passes(not_f, m, c, e) != passes, "of an exchange");
        }
        must(!any || row_filter_connection(f, m, c), "one of its exchanges passes");
    }
}

static void check_filter(const char *text)
{
    char opposite[2 * ROW_FILTER_TEXT_MAX];
    struct row_filter *f = NULL, *not_f = NULL;
    struct problem why = {.text = ""};
    enum status rc = row_filter_new(text, &f, &why);
    if (rc != STATUS_OK) {
        must(rc == STATUS_USAGE && f == NULL && why.text[0] != '\0', "a sentence");
        return;
    }
    if (!row_filter_is_empty(f)) {
        snprintf(opposite, sizeof opposite, "not (%s)", text);
        row_filter_new(opposite, &not_f, &why); /* it may be too long, or too deep */
    }
    check_opposite(f, not_f);
    row_filter_free(not_f);
    row_filter_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[ROW_FILTER_TEXT_MAX + 32];
    if (size >= sizeof text) return 0;
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    if (fuzz_model == NULL) fuzz_model = model_made();
    filter_words_begin(text);
    check_filter(text);
    return 0;
}
