/* Notes findings with the packet that carried the line's first byte, which may be an
 * earlier one than the packet that completed it. */
#include "http/notes.h"

#include <string.h>

void evidence_add(struct evidence *e, struct bytes text)
{
    text = bytes_first(text, (size_t)FINDING_EVIDENCE_MAX - e->length);
    if (text.len == 0) return;
    memcpy(e->text + e->length, text.ptr, text.len);
    e->length = (uint8_t)(e->length + text.len);
}

void notes_add(const struct notes *n, enum finding_code code, enum severity severity,
               struct bytes evidence)
{
    struct chunk at = {.kind = CHUNK_DATA,
                       .from = n->from,
                       .offset = n->at->offset,
                       .captured_ns = n->at->captured_ns,
                       .ref = n->at->ref,
                       .peer_acked = n->at->peer_acked};
    if (evidence.len == 0) evidence = n->line;
    conn_note(n->conn, code, severity, &at, n->at->offset, evidence);
}

void notes_add_rows(const struct notes *n, uint32_t bits, const struct notes_row *rows,
                    size_t count, struct bytes evidence)
{
    for (size_t i = 0; i < count; i++) {
        if (bits & rows[i].bit) notes_add(n, rows[i].code, SEVERITY_UNKNOWN, evidence);
    }
}
