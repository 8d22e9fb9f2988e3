/* Community ID v1, seed 0: the name that Zeek, Suricata and Wireshark give to a flow,
 * so that users can join on it. */
#ifndef RECORD_COMMUNITY_ID_H
#define RECORD_COMMUNITY_ID_H

#include "hopscope/base.h"

enum { COMMUNITY_ID_MAX = 40 };

/* "1:" and the base64 of a SHA-1; the order of the two makes no difference. Returns
 * `out`, or NULL without two addresses of one version. */
const char *community_id_write(const struct endpoint *a, const struct endpoint *b,
                               char out[COMMUNITY_ID_MAX]);

#endif
