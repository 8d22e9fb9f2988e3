/* Pseudonyms: addresses that share prefixes, words that stay apart, texts that keep
 * their shape; and that no text of a record goes by unseen. */
#include "hopscope/anonymizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct hash_key key = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};

/* The reference's test vectors (SipHash-2-4, 64 bits), by the length of 00 01 02 ... */
static void siphash_is_the_published_one(void **state)
{
    static const uint64_t published[] = {
        0x726fdb47dd0e0e31u, 0x74f839c593dc67fdu, 0x0d6c8009d9a94f5au,
        0x85676696d7fb7e2du, 0xcf2794e0277187b7u, 0x18765564cd99a68du,
        0xcbc9466e58fee3ceu, 0xab0200f58b01d137u, 0x93f5f5799a932462u,
    };
    uint8_t data[16];
    (void)state;
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)i;
    for (size_t i = 0; i < ARRAY_LENGTH(published); i++)
        assert_true(hash_secret(key, bytes_of(data, i)) == published[i]);
    assert_true(hash_secret(key, bytes_of(data, 15)) == 0xa129ca6149be45e5u);
}

/* ---- addresses ---- */

static unsigned shared_bits(const struct endpoint *a, const struct endpoint *b)
{
    unsigned bits = a->version == 4 ? 32 : 128;
    for (unsigned i = 0; i < bits; i++) {
        unsigned difference = a->address[i / 8] ^ b->address[i / 8];
        if ((difference & (0x80u >> i % 8)) != 0) return i;
    }
    return bits;
}

static void fill_random(uint64_t *seed, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*seed >> 56);
    }
}

/* A second address that shares any number of bits with the first. */
static void make_pair(uint64_t *seed, uint8_t version, struct endpoint pair[2])
{
    size_t len = version == 4 ? 4 : 16;
    uint8_t chance[2];
    memset(pair, 0, 2 * sizeof *pair);
    pair[0].version = version;
    pair[0].port = 443;
    fill_random(seed, pair[0].address, len);
    pair[1] = pair[0];
    fill_random(seed, chance, sizeof chance);
    size_t at = chance[0] % len;
    pair[1].address[at] ^= (uint8_t)(1u << chance[1] % 8);
    fill_random(seed, pair[1].address + at + 1, len - at - 1);
}

static void prefixes_are_kept(void **state)
{
    struct pseudonym *p = pseudonym_new(key);
    uint64_t seed = 1;
    unsigned same = 0;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct endpoint from[2], to[2];
        make_pair(&seed, i % 4 == 0 ? 6 : 4, from);
        memcpy(to, from, sizeof to);
        for (int k = 0; k < 2; k++) pseudonym_endpoint(p, &to[k]);
        assert_int_equal(shared_bits(&from[0], &from[1]), shared_bits(&to[0], &to[1]));
        assert_int_equal(to[0].port, 443);
        same += endpoint_equal(&from[0], &to[0]);
    }
    assert_true(same < 3);
    pseudonym_free(p);
}

static void keys_tell_addresses_apart(void **state)
{
    struct pseudonym *one = pseudonym_new(key);
    struct pseudonym *again = pseudonym_new(key);
    struct pseudonym *other = pseudonym_new((struct hash_key){1, 2});
    struct endpoint e[3];
    (void)state;
    for (int i = 0; i < 3; i++)
        e[i] = (struct endpoint){.address = {10, 1, 2, 3}, .port = 80, .version = 4};
    pseudonym_endpoint(one, &e[0]);
    pseudonym_endpoint(again, &e[1]);
    pseudonym_endpoint(other, &e[2]);
    assert_true(endpoint_equal(&e[0], &e[1]));
    assert_false(endpoint_equal(&e[0], &e[2]));
    struct endpoint none = {.version = 0}, before = none;
    pseudonym_endpoint(one, &none);
    assert_true(endpoint_equal(&none, &before));
    pseudonym_free(one);
    pseudonym_free(again);
    pseudonym_free(other);
}

/* ---- texts ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All words of `len` characters, in a text behind `before`: no two become one. */
static void expect_all_apart(const char *alphabet, size_t len, const char *before)
{
    struct pseudonym *p = pseudonym_new(key);
    size_t letters = strlen(alphabet), count = 1, start = strlen(before);
    for (size_t i = 0; i < len; i++) count *= letters;
    char(*seen)[16] = mem_alloc_array(count, sizeof *seen);
    for (size_t n = 0; n < count; n++) {
        size_t rest = n;
        memcpy(seen[n], before, start);
        for (size_t i = 0; i < len; i++, rest /= letters)
            seen[n][start + i] = alphabet[rest % letters];
        pseudonym_text(p, (uint8_t *)seen[n], start + len);
    }
    qsort(seen, count, sizeof *seen, compare_texts);
    for (size_t n = 1; n < count; n++) assert_string_not_equal(seen[n - 1], seen[n]);
    mem_free(seen);
    pseudonym_free(p);
}

static void words_stay_apart(void **state)
{
    (void)state;
    expect_all_apart("0123456789", 1, "");
    expect_all_apart("0123456789", 3, "/");
    expect_all_apart("abcdefghijklmnopqrstuvwxyz0123456789", 1, "");
    expect_all_apart("abcdefghijklmnopqrstuvwxyz0123456789", 2, "/ab/");
    expect_all_apart("abcxyz0123456789", 3, "?q=");
    expect_all_apart("\x80\x81\xfe\xff", 3, "");
}

enum shape { SHAPE_TEXT, SHAPE_HOST, SHAPE_TARGET };

/* In `kept`, what is a letter or a digit has become another one, or any; * is any. */
static const struct shape_case {
    enum shape shape;
    const char *text, *kept;
} shape_cases[] = {
    {SHAPE_TEXT, "Mozilla/5.0 (X11; é)", "*******/*.* (***; **)"},
    {SHAPE_TEXT, "", ""},
    {SHAPE_HOST, "api.shop.example:8443", "***.****.*******:8443"},
    {SHAPE_HOST, "10.20.30.40:80", "**.**.**.**:80"},
    {SHAPE_HOST, "[2001:db8::1]:80", "[****:***::*]:80"},
    {SHAPE_HOST, ".a..b.", ".*..*."},
    {SHAPE_HOST, ":80", ":80"},
    {SHAPE_TARGET, "/a/bc?d=ef#g", "/*/**?*=**#*"},
    {SHAPE_TARGET, "*", "*"},
    {SHAPE_TARGET, "http://a.example:81/x", "http://*.*******:81/*"},
    {SHAPE_TARGET, "http://u:p@a.example", "http://*:*@*.*******"},
    {SHAPE_TARGET, "secure.example:443", "******.*******:443"},
    {SHAPE_TARGET, "http://", "****://"},
};

static void expect_shape(struct pseudonym *p, const struct shape_case *c)
{
    char text[64];
    size_t len = strlen(c->text);
    memcpy(text, c->text, len + 1);
    if (c->shape == SHAPE_TEXT) pseudonym_text(p, (uint8_t *)text, len);
    if (c->shape == SHAPE_HOST) pseudonym_host(p, (uint8_t *)text, len);
    if (c->shape == SHAPE_TARGET) pseudonym_target(p, (uint8_t *)text, len);
    for (size_t i = 0; i < len; i++)
        if (c->kept[i] != '*') assert_int_equal(c->kept[i], text[i]);
    assert_int_equal(strlen(c->kept), len);
    if (strpbrk(c->text, "Mabs") != NULL) assert_string_not_equal(text, c->text);
}

static void shapes_stay(void **state)
{
    struct pseudonym *p = pseudonym_new(key);
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(shape_cases); i++)
        expect_shape(p, &shape_cases[i]);
    pseudonym_free(p);
}

static void suffixes_and_prefixes_are_shared(void **state)
{
    struct pseudonym *p = pseudonym_new(key);
    char one[] = "api.shop.example", other[] = "WWW.Shop.Example:80",
         far[] = "shop.test";
    char first[] = "/users/17/cart", second[] = "/users/17/name", third[] = "/users/18";
    (void)state;
    pseudonym_host(p, (uint8_t *)one, strlen(one));
    pseudonym_host(p, (uint8_t *)other, strlen(other));
    pseudonym_host(p, (uint8_t *)far, strlen(far));
    assert_memory_equal(one + 3, other + 3, 13);
    assert_memory_not_equal(one + 4, far, 4);
    pseudonym_target(p, (uint8_t *)first, strlen(first));
    pseudonym_target(p, (uint8_t *)second, strlen(second));
    pseudonym_target(p, (uint8_t *)third, strlen(third));
    assert_memory_equal(first, second, 10);
    assert_string_not_equal(first + 10, second + 10);
    assert_memory_equal(first, third, 7);
    assert_memory_not_equal(first + 7, third + 7, 2);
    pseudonym_free(p);
}

static void long_words_and_any_bytes_are_taken(void **state)
{
    struct pseudonym *p = pseudonym_new(key);
    size_t len = 20000;
    uint8_t *text = mem_alloc(len), *before = mem_alloc(len);
    uint64_t seed = 7;
    (void)state;
    memset(text, 'a', len);
    pseudonym_text(p, text, len);
    memset(text, 'a', len);
    pseudonym_host(p, text, len);
    for (int round = 0; round < 50; round++) {
        fill_random(&seed, before, 300);
        memcpy(text, before, 300);
        pseudonym_target(p, text, 300);
        for (size_t i = 0; i < 300; i++)
            assert_true((text[i] < 0x80) == (before[i] < 0x80));
        pseudonym_host(p, text, 300);
    }
    mem_free(text);
    mem_free(before);
    pseudonym_free(p);
}

/* ---- records ---- */

/* Texts that say nothing of anybody. */
static const char *const staying[] = {
    "kind",    "format",      "link_types", "program_version", "protocol", "conn_state",
    "history", "tls_version", NULL,
};

static bool is_staying(enum record_kind kind, const char *name)
{
    if (kind == RECORD_TUNNEL && strcmp(name, "protocol") == 0) return false;
    for (const char *const *s = staying; *s != NULL; s++)
        if (strcmp(*s, name) == 0) return true;
    return false;
}

static enum status expect_replaced(void *context, enum record_kind kind,
                                   const void *record)
{
    const struct record_layout *layout = record_layout(kind);
    unsigned *count = context;
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        if (f->type != FIELD_TEXT) continue;
        bool is_there = bytes_are(record_text(f, record), "Secretword");
        if (is_there != is_staying(kind, f->name))
            fail_msg("%s.%s", layout->table, f->name);
        ++*count;
    }
    return STATUS_OK;
}

static void every_text_of_a_record_is_thought_of(void **state)
{
    unsigned count = 0;
    struct record_sink out = {.context = &count, .put = expect_replaced};
    struct anonymizer *a = anonymizer_new(key, out);
    struct record_sink in = anonymizer_sink(a);
    static const struct bytes text = {(const uint8_t *)"Secretword", 10};
    (void)state;
    for (int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
        const struct record_layout *layout = record_layout((enum record_kind)kind);
        uint8_t *record = mem_alloc(layout->size);
        record_clear((enum record_kind)kind, record);
        for (size_t i = 0; i < layout->field_count; i++)
            if (layout->fields[i].type == FIELD_TEXT)
                memcpy(record + layout->fields[i].offset, &text, sizeof text);
        assert_int_equal(in.put(in.context, (enum record_kind)kind, record), STATUS_OK);
        mem_free(record);
    }
    assert_true(count > 20);
    assert_null(in.update);
    assert_null(in.tick);
    anonymizer_free(a);
}

static void fields_are_told_apart(void **state)
{
    struct pseudonym *p = pseudonym_new(key);
    char list[] = "keep-alive, X-Customer, close",
         type[] = "text/html; charset=utf-8; who=me";
    char secret[] = "Bearer abc";
    (void)state;
    assert_int_equal(anonymizer_field_of(bytes_of_text("X-Customer")),
                     ANONYMIZER_FIELD_UNKNOWN);
    assert_int_equal(anonymizer_field_of(bytes_of_text("cOOKIE")),
                     ANONYMIZER_FIELD_SECRET);
    anonymizer_field_value(p, anonymizer_field_of(bytes_of_text("Connection")),
                           (uint8_t *)list, strlen(list));
    assert_memory_equal(list, "keep-alive, ", 12);
    assert_null(strstr(list, "Customer"));
    assert_string_equal(list + 22, ", close");
    anonymizer_field_value(p, anonymizer_field_of(bytes_of_text("Content-Type")),
                           (uint8_t *)type, strlen(type));
    assert_memory_equal(type, "text/html; charset=utf-8; ", 26);
    assert_null(strstr(type, "who=me"));
    anonymizer_field_value(p, ANONYMIZER_FIELD_SECRET, (uint8_t *)secret, 10);
    assert_string_equal(secret, "xxxxxxxxxx");
    pseudonym_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_is_the_published_one),
        cmocka_unit_test(prefixes_are_kept),
        cmocka_unit_test(keys_tell_addresses_apart),
        cmocka_unit_test(words_stay_apart),
        cmocka_unit_test(shapes_stay),
        cmocka_unit_test(suffixes_and_prefixes_are_shared),
        cmocka_unit_test(long_words_and_any_bytes_are_taken),
        cmocka_unit_test(every_text_of_a_record_is_thought_of),
        cmocka_unit_test(fields_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
