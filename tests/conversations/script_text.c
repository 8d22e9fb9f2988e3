/* Escapes, names and words. */
#include "script_text.h"

#include "variation.h"

#include <stdlib.h>
#include <string.h>

struct escape {
    char letter, byte;
};

static const struct escape escapes[] = {
    {'r', '\r'}, {'n', '\n'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'},
};

/* Two hexadecimal digits at `text`, or -1. */
static int read_hex(const char *text)
{
    if (strspn(text, "0123456789abcdefABCDEF") < 2) return -1;
    char digits[3] = {text[0], text[1], '\0'};
    return (int)strtol(digits, NULL, 16);
}

/* One byte or escape of one byte; returns how much of `text` it took, 0: bad. */
static size_t take_byte(const char *text, struct buffer *out)
{
    if (text[0] != '\\') {
        buffer_append(out, bytes_of(text, 1));
        return 1;
    }
    if (text[1] == 'x') {
        int value = read_hex(text + 2);
        uint8_t byte = (uint8_t)value;
        if (value >= 0) buffer_append(out, bytes_of(&byte, 1));
        return value < 0 ? 0 : 4;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(escapes); i++) {
        if (text[1] != escapes[i].letter) continue;
        buffer_append(out, bytes_of(&escapes[i].byte, 1));
        return 2;
    }
    return 0;
}

/* "\{300*a: b\r\n}"; returns how much of `text` it took, 0: bad. */
static size_t take_repetition(const char *text, struct buffer *out)
{
    char *star = NULL;
    unsigned long count = strtoul(text + 2, &star, 10);
    if (count == 0 || *star != '*') return 0;
    const char *at = star + 1;
    size_t start = out->len;
    while (*at != '\0' && *at != '}') {
        size_t taken = take_byte(at, out);
        if (taken == 0) return 0;
        at += taken;
    }
    size_t length = out->len - start;
    if (*at != '}' || length == 0) return 0;
    struct buffer one = {0};
    buffer_append(&one, bytes_of(out->ptr + start, length));
    for (unsigned long i = 1; i < count; i++) buffer_append(out, buffer_bytes(&one));
    buffer_done(&one);
    return (size_t)(at + 1 - text);
}

bool script_text_unescape(const char *text, struct buffer *out)
{
    while (*text != '\0') {
        bool is_repetition = text[0] == '\\' && text[1] == '{';
        size_t taken =
            is_repetition ? take_repetition(text, out) : take_byte(text, out);
        if (taken == 0) return false;
        text += taken;
    }
    return true;
}

bool script_text_families(const char *names, unsigned *families)
{
    *families = strcmp(names, "all") == 0 ? VARIATION_ALL : 0;
    if (*families != 0) return true;
    while (*names != '\0') {
        size_t length = strcspn(names, ", ");
        size_t f = 0;
        while (f < VARIATION_FAMILY_COUNT) {
            const char *name = variation_family_name((enum variation_family)f);
            if (strlen(name) == length && strncmp(names, name, length) == 0) break;
            f++;
        }
        if (f == VARIATION_FAMILY_COUNT) return false;
        *families |= 1u << f;
        names += length;
        names += strspn(names, ", ");
    }
    return *families != 0;
}

char *script_text_word(char **at)
{
    char *from = *at + strspn(*at, " \t");
    if (*from == '\0') return NULL;
    char *word = from, *to = from;
    bool is_quoted = false;
    for (; *from != '\0'; from++) {
        if (!is_quoted && (*from == ' ' || *from == '\t')) break;
        if (*from == '"')
            is_quoted = !is_quoted;
        else
            *to++ = *from;
    }
    *at = *from == '\0' ? from : from + 1;
    *to = '\0';
    return word;
}
