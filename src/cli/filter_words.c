/* Where a filter begins on the command line. A mistyped file name must not be taken for
 * one, nor be looked up as a host name, so a word has to look like pcap-filter(7). */
#include "cli/options.h"

#include <arpa/inet.h>
#include <string.h>

/* clang-format off */
static const char *const keywords[] = {
    "action", "address1", "address2", "address3", "address4", "addr1", "addr2", "addr3",
    "addr4", "aarp", "ah", "arp", "atalk", "broadcast", "carp", "dir", "direction",
    "dpc", "dst", "esp", "ether", "fddi", "gateway", "geneve", "greater", "host", "icmp",
    "icmp6", "ifindex", "ifname", "igmp", "igrp", "inbound", "ip", "ip6", "ipx", "iso",
    "lane", "len", "less", "link", "mpls", "multicast", "net", "netbeui", "not", "on",
    "outbound", "pim", "port", "portrange", "ppp", "pppoed", "pppoes", "proto",
    "protochain", "ra", "radio", "rarp", "reason", "rnr", "rulenum", "ruleset", "sca",
    "sctp", "slip", "src", "stp", "subrulenum", "subtype", "ta", "tcp", "tr", "type",
    "udp", "vlan", "vrrp", "wlan",
};
/* clang-format on */

static bool filter_words_is_address(const char *word)
{
    unsigned char address[16];
    return inet_pton(AF_INET, word, address) == 1 ||
           inet_pton(AF_INET6, word, address) == 1;
}

bool filter_words_begin(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    if (*word == '(' || *word == '!') return true;
    if (filter_words_is_address(word)) return true;
    size_t length = strspn(word, letters);
    /* "tcp.pcap" is a file: after a keyword comes a blank, a bracket or an operator. */
    if (word[length] && !strchr(" \t[()<>=!&|+-*/", word[length])) return false;
    for (size_t i = 0; i < ARRAY_LENGTH(keywords); i++) {
        if (strlen(keywords[i]) == length && memcmp(word, keywords[i], length) == 0)
            return true;
    }
    return false;
}
