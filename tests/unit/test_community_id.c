/* record: the names that Zeek, Suricata and Wireshark give to the same flow, as a
 * block of records makes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hopscope/record.h"

/* Known names, in both orders; the block makes them one record ahead, so connections
 * stand alone, in a row, and behind something else. */
static const struct named_flow {
    struct endpoint client, server;
    const char *community_id;
} named_flows[] = {
    {{.address = {128, 232, 110, 120}, .port = 34855, .version = 4},
     {.address = {66, 35, 250, 204}, .port = 80, .version = 4},
     "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {{.address = {66, 35, 250, 204}, .port = 80, .version = 4},
     {.address = {128, 232, 110, 120}, .port = 34855, .version = 4},
     "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
    {{.address = {192, 0, 2, 1}, .port = 80, .version = 4}, /* alike: by port */
     {.address = {192, 0, 2, 1}, .port = 5000, .version = 4},
     "1:qwmd/gr/I2cShHORNbV3KVE6zqc="},
    {{.address = {0x20, 1, 0xd, 0xb8, [15] = 1}, .port = 5000, .version = 6},
     {.address = {0x20, 1, 0xd, 0xb8, [15] = 2}, .port = 80, .version = 6},
     "1:6A/HGcyRkSz2UtPb9OqNcE7PPKY="},
    {{.address = {192, 0, 2, 1}, .port = 80, .version = 4}, {.version = 0}, NULL},
    {{.address = {192, 0, 2, 1}, .port = 80, .version = 4},
     {.address = {192, 0, 2, 1}, .port = 80, .version = 6},
     NULL},
    {{.version = 0}, {.version = 0}, NULL},
};

static enum status expect_community_id(void *context, enum record_kind kind,
                                       const void *record)
{
    const struct record_connection *given = record;
    size_t *seen = context;
    if (kind != RECORD_CONNECTION) return STATUS_OK;
    const char *expected =
        named_flows[(*seen)++ % ARRAY_LENGTH(named_flows)].community_id;
    if (expected == NULL)
        assert_null(given->community_id.ptr);
    else
        assert_true(bytes_are(given->community_id, expected));
    return STATUS_OK;
}

static void put_named_flow(struct record_block *b, const struct named_flow *flow,
                           bool is_whole)
{
    struct conn c = {.history = "S", .client = flow->client, .server = flow->server};
    char community_id[40];
    struct record_connection row;
    record_clear(RECORD_CONNECTION, &row);
    if (is_whole)
        record_connection_of(&c, community_id, &row);
    else
        record_connection_fill(&c, &row);
    record_block_put(b, RECORD_CONNECTION, &row);
}

static void a_block_makes_the_community_id(void **state)
{
    (void)state;
    enum { ROUNDS = 4 }; /* bits: another record between; with the name already */
    struct record_block *b = record_block_new();
    struct record_finding other;
    record_clear(RECORD_FINDING, &other);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < ARRAY_LENGTH(named_flows); i++) {
            if (round & 1) record_block_put(b, RECORD_FINDING, &other);
            put_named_flow(b, &named_flows[i], round & 2);
        }
    }
    size_t seen = 0;
    struct record_sink sink = {.context = &seen, .put = expect_community_id};
    assert_int_equal(record_block_replay(b, &sink), STATUS_OK); /* and once more: */
    assert_int_equal(record_block_drain(b, &sink), STATUS_OK);
    assert_int_equal(seen, 2 * ROUNDS * ARRAY_LENGTH(named_flows));
    record_block_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_makes_the_community_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
