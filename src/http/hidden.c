/* Lines of a body, as long as they may be request lines:
 *
 *   bytes --cut at LF--> begins with a capital? --yes--> a request line? --> found
 *                              '--no--> passed over to the next LF
 *
 * A line is copied only as far as it is needed: it may be cut anywhere. */
#include "http/hidden.h"

#include <string.h>

#include "http/start_line.h"

void hidden_init(struct hidden *h)
{
    h->looked = 0;
    h->found_offset = OFFSET_UNKNOWN;
    hidden_begin_line(h);
}

void hidden_begin_line(struct hidden *h)
{
    if (h->found_offset != OFFSET_UNKNOWN) return;
    h->length = 0;
    h->is_passed_over = false;
}

/* Methods are written in capitals, and so is what one becomes behind another's bytes.
 */
static void hidden_keep(struct hidden *h, uint64_t offset, struct bytes part)
{
    if (h->is_passed_over) return;
    if (h->length == 0) {
        h->line_offset = offset;
        h->is_passed_over = part.ptr[0] < 'A' || part.ptr[0] > 'Z';
    }
    if (part.len > HIDDEN_LINE_MAX - (size_t)h->length) h->is_passed_over = true;
    if (h->is_passed_over) return;
    memcpy(h->text + h->length, part.ptr, part.len);
    h->length = (uint8_t)(h->length + part.len);
}

/* Of a line that has ended; without its end it is what is kept. */
static bool hidden_is_request(struct hidden *h)
{
    struct start_line l;
    if (h->is_passed_over) return false;
    h->length--;
    if (h->text[h->length - 1] == '\r') h->length--; /* behind a capital at least */
    return start_line_read(bytes_of(h->text, h->length), SIDE_CLIENT, &l) &&
           l.is_exact && start_line_is_likely(&l);
}

void hidden_look(struct hidden *h, uint64_t offset, struct bytes data)
{
    if (h->found_offset != OFFSET_UNKNOWN) return;
    data = bytes_first(data, (size_t)(HTTP_HIDDEN_BYTES_MAX - h->looked));
    h->looked += data.len;
    while (data.len > 0) {
        const uint8_t *lf = memchr(data.ptr, '\n', data.len);
        size_t len = lf == NULL ? data.len : (size_t)(lf - data.ptr) + 1;
        hidden_keep(h, offset, bytes_first(data, len));
        if (lf == NULL) return;
        if (hidden_is_request(h)) {
            h->found_offset = h->line_offset;
            return;
        }
        hidden_begin_line(h);
        data = bytes_from(data, len);
        offset += len;
    }
}
