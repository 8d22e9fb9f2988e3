/* Just enough of JSON (RFC 8259) to read lines that a program wrote: members of an
 * object, elements of an array, texts. Trusts that the input is well formed. */
#ifndef JSON_LINE_H
#define JSON_LINE_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static inline const char *json_skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* The place behind the value at `at`. */
static inline const char *json_skip(const char *at)
{
    int depth = 0;
    at = json_skip_space(at);
    do {
        if (*at == '"') {
            for (at++; *at && *at != '"'; at++)
                if (*at == '\\' && at[1]) at++;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        }
        if (*at) at++;
        if (depth == 0 && strchr(",]}", *at)) break;
    } while (*at);
    return at;
}

/* The value of a member of the object at `at`; NULL: there is none of that name. */
static inline const char *json_member(const char *at, const char *name)
{
    size_t length = strlen(name);
    at = json_skip_space(at);
    while (*at && *at != '}') {
        const char *key = json_skip_space(at + 1); /* behind '{' or ',' */
        if (*key != '"') return NULL;
        const char *value = strchr(json_skip_space(key + 1), '"') + 1;
        value = json_skip_space(value) + 1; /* behind ':' */
        if (strncmp(key + 1, name, length) == 0 && key[1 + length] == '"')
            return json_skip_space(value);
        at = json_skip(value);
    }
    return NULL;
}

/* The first element of the array at `at`, and the one after `element`; NULL: none. */
static inline const char *json_first(const char *at)
{
    at = json_skip_space(json_skip_space(at) + 1);
    return *at == ']' ? NULL : at;
}

static inline const char *json_next(const char *element)
{
    const char *at = json_skip_space(json_skip(element));
    return *at == ',' ? json_skip_space(at + 1) : NULL;
}

/* Decodes the text at `at` (cut to `size`, NUL-ended); its length. Letters beyond ASCII
 * written as \u become '?'. */
static inline size_t json_text(const char *at, char *out, size_t size)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    size_t length = 0;
    for (at++; *at && *at != '"' && length + 1 < size; at++) {
        char c = *at;
        if (c == '\\') {
            const char *letter = strchr(from, *++at);
            c = letter ? to[letter - from] : *at;
            if (*at == 'u') {
                char digits[5] = {at[1], at[2], at[3], at[4], '\0'};
                long code = strtol(digits, NULL, 16);
                c = code < 0x80 ? (char)code : '?';
                at += 4;
            }
        }
        out[length++] = c;
    }
    out[length] = '\0';
    return length;
}

#endif
