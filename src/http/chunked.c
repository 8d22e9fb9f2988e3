/* chunk-size [ chunk-ext ] CRLF, with BWS before the extension (RFC 9112, section
 * 7.1.1); white space alone before the line's end is let pass like BWS. */
#include "http/chunked.h"

#include <string.h>

#include "http/chars.h"

static int chunked_digit(uint8_t c)
{
    if (chars_is_digit(c)) return c - '0';
    uint8_t lower = chars_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static void chunked_note_extension(struct bytes extension, const struct notes *n)
{
    enum severity severity = SEVERITY_UNKNOWN;
    if (extension.len > CHUNKED_EXTENSION_BYTES_MAX) severity = SEVERITY_WARNING;
    if (memchr(extension.ptr, '\r', extension.len)) severity = SEVERITY_ATTACK;
    notes_add(n, FINDING_CHUNK_EXTENSION, severity, extension);
}

bool chunked_read_line(const struct line *line, const struct notes *n, uint64_t *size,
                       bool *had_extension)
{
    struct bytes text = line->text;
    uint64_t sum = 0;
    size_t i = 0;
    for (; i < text.len && chunked_digit(text.ptr[i]) >= 0; i++) {
        if (sum > INT64_MAX >> 4) {
            notes_add(n, FINDING_CHUNK_SIZE_OVERFLOW, SEVERITY_UNKNOWN,
                      line_evidence(line));
            return false;
        }
        sum = sum << 4 | (uint64_t)chunked_digit(text.ptr[i]);
    }
    struct bytes rest = chars_trim(bytes_from(text, i));
    if (i == 0 || (rest.len > 0 && rest.ptr[0] != ';')) {
        notes_add(n, FINDING_CHUNK_SIZE_INVALID, SEVERITY_UNKNOWN, line_evidence(line));
        return false;
    }
    if (line->is_lf_only)
        notes_add(n, FINDING_CHUNK_LINE_LF, SEVERITY_UNKNOWN, line_evidence(line));
    if (rest.len > 0 && !*had_extension) {
        chunked_note_extension(rest, n);
        *had_extension = true;
    }
    *size = sum;
    return true;
}
