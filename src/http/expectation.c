/* There is one expectation, and its spelling matters: a proxy that sees it forwards the
 * header section alone, one that does not forwards the body too. Disguised ("y
 * 100-continue", folded) it tears the two ends' views of a message apart.
 *
 *   element --exactly 100-continue--> waits | --the same letters--> disguised | unknown
 */
#include "http/expectation.h"

#include "http/chars.h"

/* Its letters and digits in order, whatever stands between and around them. */
static bool expectation_resembles(struct bytes element)
{
    static const char letters[] = "100continue";
    enum { LENGTH = sizeof letters - 1 };
    size_t matched = 0;
    for (size_t i = 0; i < element.len && matched < LENGTH; i++) {
        uint8_t c = chars_lower(element.ptr[i]);
        if (c == (uint8_t)letters[matched]) matched++;
    }
    return matched == LENGTH;
}

void expectation_read(struct header *h, const struct field *f, const struct notes *n)
{
    struct bytes list = f->value, element;
    while (chars_next_element(&list, &element)) {
        bool is_exact = bytes_are_caseless(element, "100-continue") && !f->is_folded;
        if (is_exact) {
            h->expects_continue = true;
            continue;
        }
        bool is_disguised = expectation_resembles(element);
        h->is_expect_disguised = h->is_expect_disguised || is_disguised;
        notes_add(n, FINDING_EXPECT_UNKNOWN,
                  is_disguised ? SEVERITY_ATTACK : SEVERITY_UNKNOWN, f->line);
    }
}

void expectation_judge(const struct header *h, const struct message *m,
                       const struct notes *n)
{
    bool is_empty = m->framing == FRAMING_NONE ||
                    (m->framing == FRAMING_LENGTH && m->declared == 0);
    if (!h->expects_continue && !h->is_expect_disguised) return;
    if (!is_empty) return;
    notes_add(n, FINDING_EXPECT_NO_BODY,
              h->is_expect_disguised ? SEVERITY_ATTACK : SEVERITY_UNKNOWN,
              evidence_bytes(&h->lines[HEADER_LINE_EXPECT]));
}
