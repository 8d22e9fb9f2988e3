/* Only an exact list that ends in `chunked` is chunked. Whatever some recipient may
 * take for it is a finding and does not frame: two recipients that disagree about it
 * see different messages from there on (RFC 9112, section 11.2).
 *
 *   line --elements--> exactly chunked | another coding | disguised, empty, no token
 *                             |                |                   |
 *                     last one: chunked    not chunked   nothing is, from here on */
#include "http/coding.h"

#include <string.h>

#include "http/chars.h"

/* clang-format off */
static const char *const coding_names[] = {
    "gzip", "x-gzip", "deflate", "compress", "x-compress",
};
/* clang-format on */

static bool coding_is_known(struct bytes element)
{
    for (size_t i = 0; i < ARRAY_LENGTH(coding_names); i++) {
        if (bytes_are_caseless(element, coding_names[i])) return true;
    }
    return false;
}

/* Its first letters in order, whatever other bytes stand between them. */
static bool coding_resembles_chunked(struct bytes text)
{
    static const char letters[] = "chunk";
    size_t matched = 0;
    for (size_t i = 0; i < text.len && letters[matched] != '\0'; i++) {
        uint8_t c = chars_lower(text.ptr[i]);
        if (c < 'a' || c > 'z') continue;
        if (c == (uint8_t)letters[matched])
            matched++;
        else
            matched = c == 'c' ? 1 : 0;
    }
    return letters[matched] == '\0';
}

/* A token, perhaps with parameters (RFC 9112, section 7). */
static bool coding_is_sound(struct bytes element)
{
    const uint8_t *semicolon = memchr(element.ptr, ';', element.len);
    size_t length = semicolon ? (size_t)(semicolon - element.ptr) : element.len;
    return chars_are_token(chars_trim(bytes_first(element, length)));
}

/* Parameters make "chunked" something else. Returns whether the list is still exact. */
static bool coding_judge_other(struct bytes element, const struct notes *n,
                               struct bytes all)
{
    if (coding_is_known(element)) return true;
    bool is_disguised = coding_resembles_chunked(element);
    notes_add(n, is_disguised ? FINDING_CODING_OBFUSCATED : FINDING_CODING_UNKNOWN,
              SEVERITY_UNKNOWN, all);
    return !is_disguised && coding_is_sound(element);
}

void coding_read(struct header *h, const struct field *f, const struct notes *n)
{
    struct bytes list = f->value, all = f->value, element;
    bool was_seen = header_has(h, FIELD_TRANSFER_ENCODING);
    bool was_twice = h->is_chunked_twice, is_last = h->is_chunked;
    size_t codings = 0, empty = 0;
    if (was_seen) notes_add(n, FINDING_CODING_REPEATED, SEVERITY_UNKNOWN, all);
    /* A fold is read as a space by some and refused by others. */
    if (f->is_folded) h->is_coding_odd = true;
    while (chars_next_element(&list, &element)) {
        if (element.len == 0) {
            empty++;
            continue;
        }
        codings++;
        is_last = bytes_are_caseless(element, "chunked");
        if (is_last && h->has_chunked) h->is_chunked_twice = true;
        h->has_chunked = h->has_chunked || is_last;
        if (!is_last && !coding_judge_other(element, n, all)) h->is_coding_odd = true;
    }
    if (codings == 0) {
        notes_add(n, FINDING_CODING_UNKNOWN, SEVERITY_UNKNOWN, all);
        h->is_coding_odd = true;
    } else if (empty > 0) { /* RFC 9110, section 5.6.1: no sender writes that */
        notes_add(n, FINDING_CODING_OBFUSCATED, SEVERITY_UNKNOWN, all);
        h->is_coding_odd = true;
    }
    if (h->is_chunked_twice && !was_twice && !was_seen)
        notes_add(n, FINDING_CODING_REPEATED, SEVERITY_UNKNOWN, all);
    h->is_chunked = is_last && !h->is_coding_odd;
}

void coding_note_look_alike(const struct field *f, const struct notes *n)
{
    if (coding_cannot_look_alike(f->name.len)) return;
    bool is_cut = bytes_are_caseless(f->name, "transfer") && /* a colon too early */
                  bytes_are_caseless(bytes_first(f->raw, 8), "encoding");
    bool is_meant = is_cut || names_resembles_coding(f->name) ||
                    (names_extends_coding(f->name) && coding_resembles_chunked(f->raw));
    if (is_meant) notes_add(n, FINDING_CODING_OBFUSCATED, SEVERITY_UNKNOWN, f->line);
}
