/* Credentials and cookies, which are stored only when they are asked for: what stands
 * for them is how long they are. */
#ifndef EXCHANGE_SECRETS_H
#define EXCHANGE_SECRETS_H

#include "hopscope/base.h"
#include "hopscope/finding.h"

/* Authorization, Proxy-Authorization, Cookie, Set-Cookie, with or without blanks and
 * other bytes that are no part of a name around it. */
bool secrets_is_field(struct bytes name);
/* "user:pass@" in a host, a target or a URL (RFC 3986, section 3.2.1) becomes
 * "(9 bytes)@". Returns `text` itself where there is none, else borrows from `scratch`,
 * to which it is appended and which has to be large enough for what it had before to
 * stay (secrets_room). */
struct bytes secrets_hide_userinfo(struct bytes text, struct buffer *scratch);
/* Empties `scratch` and makes room in it for what may be made of so many bytes. */
void secrets_room(struct buffer *scratch, size_t len);
/* What may be shown of a header field's value. Borrows from it or from `scratch`, which
 * is emptied. */
struct bytes secrets_hide_value(struct bytes name, struct bytes value,
                                struct buffer *scratch);
/* What may be shown of a finding's evidence: the values of such fields, and userinfo,
 * become their length; of bytes that came out of the middle of a stream, all of it. */
struct bytes secrets_hide_evidence(enum finding_code code, struct bytes evidence,
                                   struct buffer *scratch);

#endif
