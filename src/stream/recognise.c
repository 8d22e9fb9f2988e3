/* Protocols that are told by their first bytes and only named. */
#include "hopscope/stream.h"

static enum probe match_prefix(struct bytes first, const void *prefix, size_t len)
{
    size_t have = first.len < len ? first.len : len;
    if (!bytes_equal(bytes_first(first, len), bytes_of(prefix, have))) return PROBE_NO;
    return have == len ? PROBE_CLIENT : PROBE_MORE;
}

/* RFC 8446, section 5.1 and appendix D.5: a handshake record of a 3.x version whose
 * first message is a ClientHello or ServerHello. */
enum probe recognise_tls(struct bytes first, bool is_all)
{
    static const uint8_t record[] = {0x16, 0x03};
    enum probe is_record = match_prefix(first, record, sizeof record);
    if (is_record == PROBE_NO) return PROBE_NO;
    if (first.len < 6) return is_all ? PROBE_NO : PROBE_MORE;
    if (first.ptr[2] > 4) return PROBE_NO;
    if (first.ptr[5] == 1) return PROBE_CLIENT;
    return first.ptr[5] == 2 ? PROBE_SERVER : PROBE_NO;
}

/* RFC 9113, section 3.4: the client's connection preface. */
enum probe recognise_h2(struct bytes first, bool is_all)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    enum probe is_preface = match_prefix(first, preface, sizeof preface - 1);
    return is_preface == PROBE_MORE && is_all ? PROBE_NO : is_preface;
}
