/* Texts: each word becomes another of its length and kind, by a Feistel network over
 * its characters (so no two become one), keyed by the words that stand before it.
 *
 *   word  --> left | right --ten times: left += F(context, round, right), swap--> word'
 *
 * What follows the same words is replaced the same way; the same word behind others is
 * not. So texts are comparable from their beginning, and who can put words into the
 * traffic has to guess a whole word with all that stands before it. */
#include "hopscope/pseudonym.h"

enum {
    TEXT_ROUNDS = 10,
    TEXT_WORD_MAX = 2048, /* a longer one is replaced in pieces */
    TEXT_SCHEME_MAX = 16,
};

enum word_kind { WORD_NONE, WORD_DIGITS, WORD_MIXED, WORD_HEX, WORD_HIGH };

static unsigned radix_of(enum word_kind kind)
{
    static const uint8_t radix[] = {
        [WORD_NONE] = 1, [WORD_DIGITS] = 10, [WORD_MIXED] = 36,
        [WORD_HEX] = 16, [WORD_HIGH] = 128,
    };
    return radix[kind];
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    uint8_t low = c | 0x20;
    return is_digit(c) || (low >= 'a' && low <= 'f');
}

static bool is_alphanumeric(uint8_t c)
{
    uint8_t low = c | 0x20;
    return is_digit(c) || (low >= 'a' && low <= 'z');
}

static uint8_t figure_of(uint8_t c)
{
    if (c >= 0x80) return c & 0x7f;
    return (uint8_t)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

static uint8_t character_of(uint8_t figure, enum word_kind kind)
{
    if (kind == WORD_HIGH) return figure | 0x80;
    return (uint8_t)(figure < 10 ? '0' + figure : 'a' + figure - 10);
}

/* ---- one word, as figures ---- */

static uint64_t hash_of(const struct pseudonym *p, uint64_t context, uint64_t number,
                        struct bytes text)
{
    uint8_t block[16 + TEXT_WORD_MAX];
    memcpy(block, &context, 8);
    memcpy(block + 8, &number, 8);
    if (text.len > 0) memcpy(block + 16, text.ptr, text.len);
    return hash_secret(p->key, bytes_of(block, 16 + text.len));
}

/* Adds F(context, round, other half) to one half, figure by figure. */
static void add_round(const struct pseudonym *p, uint64_t seed, unsigned radix,
                      uint8_t *half, size_t len)
{
    uint64_t stream = 0;
    for (size_t i = 0; i < len; i++) {
        if (i % 4 == 0) stream = hash_of(p, seed, i, bytes_of(NULL, 0));
        unsigned add = (unsigned)(stream >> 16 * (i % 4) & 0xffff);
        half[i] = (uint8_t)((half[i] + add) % radix);
    }
}

static void permute(const struct pseudonym *p, uint64_t context, enum word_kind kind,
                    uint8_t *figures, size_t len)
{
    size_t left = len / 2;
    uint8_t *half[2] = {figures, figures + left};
    size_t half_len[2] = {left, len - left};
    for (unsigned round = 0; round < TEXT_ROUNDS; round++) {
        unsigned at = round & 1;
        struct bytes other = bytes_of(half[1 - at], half_len[1 - at]);
        uint64_t number = (uint64_t)round << 32 | (uint64_t)kind << 16 | len;
        add_round(p, hash_of(p, context, number, other), radix_of(kind), half[at],
                  half_len[at]);
    }
}

static bool is_all_digits(const uint8_t *figures, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (figures[i] >= 10) return false;
    return true;
}

/* A word with letters stays one: it is taken round until it has some again, which keeps
 * different words different (cycle walking). */
static void replace_word(const struct pseudonym *p, uint64_t context,
                         enum word_kind kind, uint8_t *word, size_t len)
{
    for (size_t i = 0; i < len; i++) word[i] = figure_of(word[i]);
    do permute(p, context, kind, word, len);
    while (kind == WORD_MIXED && is_all_digits(word, len));
    for (size_t i = 0; i < len; i++) word[i] = character_of(word[i], kind);
}

/* ---- words in a text ---- */

/* The word that begins a text, and its kind; WORD_NONE: a byte that stays. */
static enum word_kind next_word(struct bytes text, bool only_hex, size_t *len)
{
    enum word_kind kind = WORD_NONE;
    *len = 0;
    if (text.ptr[0] >= 0x80) {
        while (*len < text.len && *len < TEXT_WORD_MAX && text.ptr[*len] >= 0x80)
            ++*len;
        return WORD_HIGH;
    }
    for (; *len < text.len && *len < TEXT_WORD_MAX; ++*len) {
        uint8_t c = text.ptr[*len];
        if (!(only_hex ? is_hex(c) : is_alphanumeric(c))) break;
        if (kind == WORD_NONE) kind = only_hex ? WORD_HEX : WORD_DIGITS;
        if (!is_digit(c) && !only_hex) kind = WORD_MIXED;
    }
    if (kind == WORD_NONE) *len = 1;
    return kind;
}

static bool is_percent_coded(struct bytes text)
{
    return text.len >= 3 && text.ptr[0] == '%' && is_hex(text.ptr[1]) &&
           is_hex(text.ptr[2]);
}

static uint64_t absorb(const struct pseudonym *p, uint64_t context, const uint8_t *word,
                       size_t len)
{
    uint8_t lower[TEXT_WORD_MAX];
    for (size_t i = 0; i < len; i++) {
        bool is_upper = word[i] >= 'A' && word[i] <= 'Z';
        lower[i] = is_upper ? word[i] | 0x20 : word[i];
    }
    return hash_of(p, context, UINT64_MAX, bytes_of(lower, len));
}

static uint64_t replace_words(const struct pseudonym *p, uint64_t context,
                              bool only_hex, uint8_t *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        struct bytes rest = bytes_of(text + at, len - at);
        size_t word = 1;
        enum word_kind kind = WORD_NONE;
        if (is_percent_coded(rest)) {
            context = absorb(p, context, text + at++, 1);
            word = 2;
            kind = WORD_HEX;
        } else {
            kind = next_word(rest, only_hex, &word);
        }
        uint64_t after = absorb(p, context, text + at, word);
        if (kind != WORD_NONE) replace_word(p, context, kind, text + at, word);
        context = after;
        at += word;
    }
    return context;
}

void pseudonym_text(struct pseudonym *p, uint8_t *text, size_t len)
{
    replace_words(p, 't', false, text, len);
}

/* ---- hosts and targets ---- */

/* Without ":port", where there is one. */
static size_t without_port(const uint8_t *text, size_t len)
{
    size_t end = len;
    while (end > 0 && is_digit(text[end - 1])) end--;
    return end > 0 && text[end - 1] == ':' ? end - 1 : len;
}

void pseudonym_host(struct pseudonym *p, uint8_t *text, size_t len)
{
    uint64_t context = 'h';
    size_t end = without_port(text, len);
    if (end > 0 && text[0] == '[') { /* an IPv6 address */
        replace_words(p, context, true, text, end);
        return;
    }
    while (end > 0) {
        size_t start = end;
        while (start > 0 && text[start - 1] != '.') start--;
        uint64_t before = context;
        for (size_t at = start; at < end; at += TEXT_WORD_MAX) {
            size_t some = end - at < TEXT_WORD_MAX ? end - at : TEXT_WORD_MAX;
            context = absorb(p, context, text + at, some);
        }
        replace_words(p, before, false, text + start, end - start);
        end = start == 0 ? 0 : start - 1;
    }
}

/* Where the authority of a target begins; `len`: it has none. */
static size_t find_authority(const uint8_t *text, size_t len)
{
    size_t at = 0;
    if (len == 0 || text[0] == '/' || text[0] == '*') return len;
    while (at < len && at < TEXT_SCHEME_MAX && is_alphanumeric(text[at])) at++;
    bool has_scheme = at + 2 < len && memcmp(text + at, "://", 3) == 0;
    return has_scheme ? at + 3 : 0;
}

void pseudonym_target(struct pseudonym *p, uint8_t *text, size_t len)
{
    size_t start = find_authority(text, len);
    size_t end = start;
    while (end < len && memchr("/?#", text[end], 3) == NULL) end++;
    size_t host = end;
    while (host > start && text[host - 1] != '@') host--;
    if (start == len) host = end = 0;
    if (host > start) replace_words(p, 'u', false, text + start, host - start);
    pseudonym_host(p, text + host, end - host);
    pseudonym_text(p, text + end, len - end);
}

/* ---- words that everybody knows ---- */

static bool is_known(const char *const *known, struct bytes word)
{
    for (; *known != NULL; known++)
        if (bytes_are_caseless(word, *known)) return true;
    return false;
}

void pseudonym_words(struct pseudonym *p, const char *const *known, uint8_t *text,
                     size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t end = at;
        while (end < len && memchr(" \t,;=\"", text[end], 6) == NULL) end++;
        if (!is_known(known, bytes_of(text + at, end - at)))
            pseudonym_text(p, text + at, end - at);
        at = end == len ? end : end + 1;
    }
}
