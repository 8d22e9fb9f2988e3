/* Upgrade and CONNECT (SEMANTICS 8; RFC 9110, sections 7.8 and 9.3.6): what was
 * offered, and what came of it. The tunnel that remains is in inner.c. */
#include "exchange/story.h"

#include <string.h>

static bool has_offer(const struct exchange *e)
{
    const struct half *request = &e->half[SIDE_CLIENT];
    return exchange_has_text(e, TEXT_UPGRADE_OFFERED) &&
           (request->flags & MESSAGE_CONNECTION_UPGRADE) != 0;
}

bool upgrade_is_offered(const struct exchange *e)
{
    return e->method == METHOD_CONNECT || has_offer(e);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* The next member of a comma-separated list, which loses it; may be empty. */
static struct bytes next_member(struct bytes *list)
{
    const uint8_t *comma = memchr(list->ptr, ',', list->len);
    size_t len = comma == NULL ? list->len : (size_t)(comma - list->ptr);
    struct bytes member = bytes_first(*list, len);
    *list = bytes_from(*list, comma == NULL ? len : len + 1);
    while (member.len > 0 && is_blank(member.ptr[0])) member = bytes_from(member, 1);
    while (member.len > 0 && is_blank(member.ptr[member.len - 1])) member.len--;
    return member;
}

static bool list_contains(struct bytes list, struct bytes token)
{
    char wanted[64];
    if (token.len >= sizeof wanted || memchr(token.ptr, 0, token.len) != NULL)
        return false;
    memcpy(wanted, token.ptr, token.len);
    wanted[token.len] = 0;
    while (list.len > 0) {
        if (bytes_are_caseless(next_member(&list), wanted)) return true;
    }
    return false;
}

/* Whether all that was chosen had been offered. The HTTP above a chosen TLS need not be
 * (RFC 2817, section 3.3). */
static bool is_offered(const struct exchange *e)
{
    struct bytes offered = exchange_text(e, TEXT_UPGRADE_OFFERED);
    struct bytes chosen = exchange_text(e, TEXT_UPGRADE_CHOSEN);
    size_t count = 0;
    while (chosen.len > 0) {
        struct bytes member = next_member(&chosen);
        if (member.len == 0) continue;
        count++;
        if (count > 1 && bytes_start_with(member, "HTTP/")) continue;
        if (!list_contains(offered, member)) return false;
    }
    return count > 0;
}

static enum upgrade_result result_of(const struct exchange *e)
{
    bool is_switch = e->status == 101;
    if (e->method == METHOD_CONNECT && !is_switch) {
        if (e->status == 0) return UPGRADE_NONE;
        return e->status / 100 == 2 ? UPGRADE_TUNNEL : UPGRADE_DECLINED;
    }
    if (!is_switch) {
        if (e->status == 426) return UPGRADE_REQUIRED;
        return has_offer(e) && e->status != 0 ? UPGRADE_DECLINED : UPGRADE_NONE;
    }
    if (!has_offer(e)) return UPGRADE_UNSOLICITED;
    return is_offered(e) ? UPGRADE_SWITCHED : UPGRADE_INVALID;
}

/* RFC 6455, section 4.2.2: only who has read the key can send the answer to it. */
static bool is_accept_wrong(const struct exchange *e)
{
    struct bytes chosen = exchange_text(e, TEXT_UPGRADE_CHOSEN);
    if (e->status != 101 || !bytes_are_caseless(chosen, "websocket")) return false;
    if (!exchange_has_text(e, TEXT_WEBSOCKET_KEY)) return false;
    return !websocket_accepts(exchange_text(e, TEXT_WEBSOCKET_KEY),
                              exchange_text(e, TEXT_WEBSOCKET_ACCEPT));
}

void upgrade_fill(const struct exchange *e, const uint8_t *texts,
                  struct record_exchange *row)
{
    if (has_offer(e))
        row->upgrade_offered = exchange_text_in(e, TEXT_UPGRADE_OFFERED, texts);
    row->upgrade_result = (uint8_t)result_of(e);
    if (e->status == 101)
        row->upgrade_protocol = exchange_text_in(e, TEXT_UPGRADE_CHOSEN, texts);
}

void upgrade_account(struct story *s, const struct exchange *e)
{
    const struct half *response = &e->half[SIDE_SERVER];
    if (!response->is_seen) return;
    const struct mark *at = &response->start;
    enum upgrade_result result = result_of(e);
    if (result == UPGRADE_UNSOLICITED)
        story_note(s, FINDING_UPGRADE_UNSOLICITED, SEVERITY_UNKNOWN, SIDE_SERVER, at,
                   exchange_text(e, TEXT_UPGRADE_CHOSEN));
    if (result == UPGRADE_INVALID)
        story_note(s, FINDING_UPGRADE_UNOFFERED, SEVERITY_UNKNOWN, SIDE_SERVER, at,
                   exchange_text(e, TEXT_UPGRADE_CHOSEN));
    if (e->status == 426 && !exchange_has_text(e, TEXT_UPGRADE_CHOSEN))
        story_note(s, FINDING_UPGRADE_REQUIRED_BARE, SEVERITY_UNKNOWN, SIDE_SERVER, at,
                   exchange_text(e, TEXT_UPGRADE_CHOSEN));
    if (is_accept_wrong(e))
        story_note(s, FINDING_WS_ACCEPT_WRONG, SEVERITY_UNKNOWN, SIDE_SERVER, at,
                   exchange_text(e, TEXT_WEBSOCKET_ACCEPT));
}
