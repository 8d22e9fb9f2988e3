/* What can be captured on, and what a filter on ports does not see. */
#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/socket.h>

#include "capture/filter_gaps.h"
#include "hopscope/live_capture.h"

/* libpcap also finds USB, Bluetooth, D-Bus and netfilter queues. */
static bool interface_is_network(const pcap_if_t *found)
{
    return strcmp(found->name, "any") == 0 || if_nametoindex(found->name) != 0;
}

static void list_addresses(const pcap_if_t *found, struct buffer *out)
{
    for (const pcap_addr_t *a = found->addresses; a != NULL; a = a->next) {
        struct endpoint e = {.version = 0};
        if (a->addr != NULL && a->addr->sa_family == AF_INET) {
            e.version = 4;
            memcpy(e.address,
                   &((const struct sockaddr_in *)(const void *)a->addr)->sin_addr, 4);
        } else if (a->addr != NULL && a->addr->sa_family == AF_INET6) {
            e.version = 6;
            memcpy(e.address,
                   &((const struct sockaddr_in6 *)(const void *)a->addr)->sin6_addr,
                   16);
        }
        if (e.version == 0) continue;
        char text[ADDRESS_TEXT_MAX];
        endpoint_format_address(&e, text);
        buffer_print(out, "  %s", text);
    }
}

static void list_one(const pcap_if_t *found, struct buffer *out)
{
    char name[128];
    bytes_escape(bytes_of_text(found->name), name, sizeof name);
    bool is_any = strcmp(found->name, "any") == 0;
    const char *state = (found->flags & PCAP_IF_UP) != 0 ? "up" : "down";
    buffer_print(out, "%-16s %-5s", name, is_any ? "" : state);
    if (is_any) buffer_append_text(out, "  all interfaces");
    if ((found->flags & PCAP_IF_LOOPBACK) != 0) buffer_append_text(out, "  loopback");
    list_addresses(found, out);
    if (!interface_is_network(found) && found->description != NULL) {
        char words[160];
        bytes_escape(bytes_of_text(found->description), words, sizeof words);
        buffer_print(out, "  %s", words);
    }
    buffer_append_text(out, "\n");
}

enum status live_interfaces_list(bool wants_all, struct buffer *out,
                                 struct problem *why)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    pcap_if_t *all = NULL;
    if (pcap_findalldevs(&all, words) != 0)
        return problem_set(why, STATUS_FAILED, "cannot list the interfaces: %s", words);
    for (const pcap_if_t *i = all; i != NULL; i = i->next)
        if (interface_is_network(i)) list_one(i, out);
    for (const pcap_if_t *i = all; i != NULL && wants_all; i = i->next)
        if (!interface_is_network(i)) list_one(i, out);
    pcap_freealldevs(all);
    return STATUS_OK;
}

/* The kernel takes one tag off before it filters; a port stands in the first fragment
 * only. */
const char *live_capture_filter_warning(const char *filter)
{
    if (filter_gaps_of(filter) == 0) return NULL;
    return "a filter on ports passes neither the later fragments of an IP packet nor "
           "packets within two VLAN tags; where there are such, add: "
           "or ip[6:2] & 0x1fff != 0 or (vlan and vlan and ...)";
}
