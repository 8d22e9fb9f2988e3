/* Community ID v1, seed 0: the name that Zeek, Suricata and Wireshark give to a flow,
 * so that users can join on it. */
#ifndef RECORD_COMMUNITY_ID_H
#define RECORD_COMMUNITY_ID_H

#include "hopscope/base.h"

enum { COMMUNITY_ID_MAX = 40, COMMUNITY_DIGEST_BYTES = 20 };

/* The SHA-1 that the name is made of; the order of the two makes no difference. False
 * without two addresses of one version. */
bool community_id_digest(const struct endpoint *a, const struct endpoint *b,
                         uint8_t digest[COMMUNITY_DIGEST_BYTES]);
/* "1:" and the base64 of such a digest, in `out`. */
struct bytes community_id_text(const uint8_t digest[COMMUNITY_DIGEST_BYTES],
                               char out[COMMUNITY_ID_MAX]);
/* Both at once; ptr NULL: there is none. */
struct bytes community_id_write(const struct endpoint *a, const struct endpoint *b,
                                char out[COMMUNITY_ID_MAX]);

#endif
