/* The client knew the final response when it sent these bytes, and nothing of the body
 * had gone out before them:
 *
 *   POST ... Expect --> 417 --> "POST / HTTP/1.1" : a flawless line: the next request
 *                          '--> anything else     : the body, late
 *
 * A body that is itself such a line is read as a request: so did the server, if it
 * answers. */
#include "http/withheld.h"

#include <string.h>

#include "http/names.h"

enum { WITHHELD_LINE_MAX = 4096 }; /* longer lines are not taken for request lines */

static bool withheld_is_untouched(const struct parser *p)
{
    const struct message *m = &p->draft->m;
    bool is_body = p->state == PARSER_BODY_LENGTH || p->state == PARSER_CHUNK_LINE;
    return is_body && !p->draft->line.is_begun && m->missing_bytes == 0 &&
           m->body_start.offset == OFFSET_UNKNOWN;
}

bool withheld_is_due(const struct parser *client, const struct withheld_answer *last,
                     const struct chunk *chunk)
{
    if (client->draft == NULL || client->draft->is_over) return false;
    const struct message *m = &client->draft->m;
    bool is_known =
        chunk->peer_acked == OFFSET_UNKNOWN || chunk->peer_acked >= last->end;
    return last->number != 0 && last->number == m->number && is_known &&
           (m->flags & MESSAGE_EXPECTS_CONTINUE) && withheld_is_untouched(client);
}

static enum withheld withheld_judge_text(struct bytes text)
{
    struct start_line line;
    if (text.len == 0) return WITHHELD_UNDECIDED;
    if (!names_may_begin_method(text)) return WITHHELD_COMES;
    const uint8_t *lf = memchr(text.ptr, '\n', text.len);
    if (lf == NULL)
        return text.len < WITHHELD_LINE_MAX ? WITHHELD_UNDECIDED : WITHHELD_COMES;
    text = bytes_first(text, (size_t)(lf - text.ptr));
    if (text.len > 0 && text.ptr[text.len - 1] == '\r') text.len--;
    bool is_next = start_line_read(text, SIDE_CLIENT, &line) && line.is_flawless;
    return is_next ? WITHHELD_NEXT : WITHHELD_COMES;
}

enum withheld withheld_judge(const struct hold *held, const struct chunk *chunk)
{
    if (chunk->kind != CHUNK_DATA) return WITHHELD_COMES;
    if (held->first == NULL) return withheld_judge_text(chunk->data);
    struct buffer text = {.ptr = NULL};
    for (const struct hold_chunk *kept = held->first; kept; kept = kept->next)
        buffer_append(&text, kept->chunk.data);
    buffer_append(&text, chunk->data);
    enum withheld verdict = withheld_judge_text(buffer_bytes(&text));
    buffer_done(&text);
    return verdict;
}

void withheld_end(struct parser *client)
{
    const struct mark end = client->draft->m.head_end;
    parser_end_message(client, &end, false);
}
