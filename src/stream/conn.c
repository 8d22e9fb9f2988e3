/* What any layer may do to a connection's account: note a finding, exchange the roles.
 */
#include "hopscope/stream.h"

#include <string.h>

void conn_note(struct conn *conn, enum finding_code code, enum severity severity,
               const struct chunk *at, uint64_t offset, struct bytes evidence)
{
    struct finding finding = {
        .code = code,
        .severity = severity,
        .side = (uint8_t)at->from,
        .ref = at->ref,
        .offset = offset,
        .captured_ns = at->captured_ns,
    };
    struct bytes kept = bytes_first(evidence, FINDING_EVIDENCE_MAX);
    finding.evidence_length = (uint8_t)kept.len;
    if (kept.len > 0) memcpy(finding.evidence, kept.ptr, kept.len);
    finding_list_add(&conn->findings, &finding);
}

const struct conn_trouble conn_no_trouble = {0};

void conn_flip(struct conn *conn, enum role_basis basis)
{
    struct endpoint was_client = conn->client;
    conn->client = conn->server;
    conn->server = was_client;
    struct conn_side was = conn->side[SIDE_CLIENT];
    conn->side[SIDE_CLIENT] = conn->side[SIDE_SERVER];
    conn->side[SIDE_SERVER] = was;
    conn->is_flipped = !conn->is_flipped;
    for (char *letter = conn->history; *letter != 0; letter++) *letter ^= 0x20;
    conn->role_basis = basis;
    if (conn->closed_by == CLOSED_BY_CLIENT)
        conn->closed_by = CLOSED_BY_SERVER;
    else if (conn->closed_by == CLOSED_BY_SERVER)
        conn->closed_by = CLOSED_BY_CLIENT;
    if (conn->findings == NULL) return;
    for (uint32_t i = 0; i < conn->findings->count; i++)
        conn->findings->rows[i].side ^= 1;
}
