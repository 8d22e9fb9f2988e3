/* pcap-filter(7): `port` reads the place where a TCP header stands in an untagged and
 * unfragmented packet.
 *
 *   Ethernet | 8100 tag | IP | TCP   looked for 4 bytes too early
 *   Ethernet | IP, offset > 0 | ...  no TCP header in it, so it never passes */
#include "capture/filter_gaps.h"

#include <string.h>

enum {
    LINK_ETHERNET = 1,
    ETHERNET_TYPE_AT = 12,
    TYPE_IPV4 = 0x0800,
    IPV4_OFFSET_AT = 6,
    IPV4_OFFSET_MASK = 0x1fff,
};

/* Whether the word stands in the filter, alone. */
static bool has_word(const char *filter, const char *word)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    while (*filter != '\0') {
        size_t length = strspn(filter, letters);
        if (length == strlen(word) && memcmp(filter, word, length) == 0) return true;
        filter += length > 0 ? length : 1;
    }
    return false;
}

unsigned filter_gaps_of(const char *filter)
{
    unsigned gaps = 0;
    if (filter == NULL) return 0;
    if (!has_word(filter, "port") && !has_word(filter, "portrange")) return 0;
    if (!has_word(filter, "vlan")) gaps |= FILTER_GAP_TAGS;
    if (strstr(filter, "ip[6") == NULL) gaps |= FILTER_GAP_FRAGMENTS;
    return gaps;
}

unsigned filter_gaps_frame(unsigned gaps, const struct frame *frame)
{
    if (gaps == 0 || frame->link_type != LINK_ETHERNET) return 0;
    struct cursor in = cursor_of(frame->data);
    cursor_skip(&in, ETHERNET_TYPE_AT);
    uint16_t type = cursor_be16(&in);
    bool is_tagged = type == 0x8100 || type == 0x88a8 || type == 0x9100;
    cursor_skip(&in, IPV4_OFFSET_AT);
    bool is_later = type == TYPE_IPV4 && (cursor_be16(&in) & IPV4_OFFSET_MASK) != 0;
    if (in.is_short) return 0;
    if (is_tagged) return gaps & FILTER_GAP_TAGS;
    return is_later ? gaps & FILTER_GAP_FRAGMENTS : 0;
}

const char *filter_gaps_describe(unsigned gap)
{
    return gap == FILTER_GAP_TAGS
               ? "packets behind a VLAN tag (FILTER or (vlan and FILTER) takes them in)"
               : "the later fragments of IP packets (FILTER or ip[6:2] & 0x1fff != 0 "
                 "takes them in)";
}
