/* chunk-size [ chunk-ext ] CRLF, with BWS before the extension (RFC 9112, section
 * 7.1.1); white space alone before the line's end does not keep it from being read. */
#include "http/chunked.h"

#include <string.h>

#include "http/chars.h"

static int chunked_digit(uint8_t c)
{
    if (chars_is_digit(c)) return c - '0';
    uint8_t lower = chars_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* White space alone is one, too: not even that may stand there without an extension.
 * A CR or LF in it ends the line for some recipients and not for others. */
static enum severity chunked_judge_extension(struct bytes extension, bool is_lf_only)
{
    if (extension.len == 0) return SEVERITY_INFO;
    if (is_lf_only || memchr(extension.ptr, '\r', extension.len))
        return SEVERITY_ATTACK;
    return extension.len > CHUNKED_EXTENSION_BYTES_MAX ? SEVERITY_WARNING
                                                       : SEVERITY_INFO;
}

bool chunked_read_line(const struct line *line, const struct notes *n, uint64_t *size,
                       enum severity *told)
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
    enum severity severity = SEVERITY_UNKNOWN;
    struct bytes behind = bytes_from(text, i);
    if (behind.len > 0) severity = chunked_judge_extension(rest, line->is_lf_only);
    if (severity > *told) {
        notes_add(n, FINDING_CHUNK_EXTENSION, severity, behind);
        *told = severity;
    }
    *size = sum;
    return true;
}
