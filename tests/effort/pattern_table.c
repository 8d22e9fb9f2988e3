/* All patterns by name: the verses, which share a writer, and those that have one. */
#include "pattern.h"

/* clang-format off */
static const struct pattern patterns[] = {
    { "one-byte-segments",      pattern_one_byte_segments,     PATTERN_PCAP },
    { "held-in-reverse",        pattern_held_in_reverse,       PATTERN_PCAP },
    { "held-every-second",      pattern_held_every_second,     PATTERN_PCAP },
    { "hole-never-filled",      pattern_hole_never_filled,     PATTERN_PCAP },
    { "holes-acknowledged",     pattern_holes_acknowledged,    PATTERN_PCAP },
    { "overlaps-that-differ",   pattern_overlaps_that_differ,  PATTERN_PCAP },
    { "sent-again-and-again",   pattern_sent_again_and_again,  PATTERN_PCAP },
    { "bad-checksums",          pattern_bad_checksums,         PATTERN_PCAP },
    { "keep-alive-probes",      pattern_keep_alive_probes,     PATTERN_PCAP },
    { "mirror-copies",          pattern_mirror_copies,         PATTERN_PCAP },
    { "times-back-and-forth",   pattern_times_back_and_forth,  PATTERN_PCAP },
    { "times-at-the-ends",      pattern_times_at_the_ends,     PATTERN_PCAP },
    { "resets-in-one",          pattern_resets_in_one,         PATTERN_PCAP },
    { "spoofed-syns",           pattern_spoofed_syns,          PATTERN_PCAP },
    { "spoofed-resets",         pattern_spoofed_resets,        PATTERN_PCAP },
    { "spoofed-segments",       pattern_spoofed_segments,      PATTERN_PCAP },
    { "port-reuse",             pattern_port_reuse,            PATTERN_PCAP },
    { "idle-connections",       pattern_idle_connections,      PATTERN_PCAP },
    { "silent-connections",     pattern_silent_connections,    PATTERN_PCAP },
    { "holes-in-many",          pattern_holes_in_many,         PATTERN_PCAP },
    { "heads-in-many",          pattern_heads_in_many,         PATTERN_PCAP },
    { "hash-collisions",        pattern_hash_collisions,       PATTERN_PCAP },
    { "hash-collisions-syn",    pattern_hash_collisions_syn,   PATTERN_PCAP },
    { "hosts-in-many",          pattern_hosts_in_many,         PATTERN_PCAP },
    { "findings-in-many",       pattern_findings_in_many,      PATTERN_PCAP },
    { "vlan-nest",              pattern_vlan_nest,             PATTERN_PCAP },
    { "mpls-nest",              pattern_mpls_nest,             PATTERN_PCAP },
    { "gre-nest",               pattern_gre_nest,              PATTERN_PCAP },
    { "ipip-nest",              pattern_ipip_nest,             PATTERN_PCAP },
    { "network-ids",            pattern_network_ids,           PATTERN_PCAP },
    { "fragments-tiny",         pattern_fragments_tiny,        PATTERN_PCAP },
    { "fragments-reverse",      pattern_fragments_reverse,     PATTERN_PCAP },
    { "fragments-overlap",      pattern_fragments_overlap,     PATTERN_PCAP },
    { "fragments-never-whole",  pattern_fragments_never_whole, PATTERN_PCAP },
    { "extension-chain",        pattern_extension_chain,       PATTERN_PCAP },
    { "extension-options",      pattern_extension_options,     PATTERN_PCAP },
    { "cut-packets",            pattern_cut_packets,           PATTERN_PCAP },
    { "interfaces",             pattern_interfaces,            PATTERN_RAW },
    { "sections",               pattern_sections,              PATTERN_RAW },
    { "block-options",          pattern_block_options,         PATTERN_RAW },
    { "unknown-blocks",         pattern_unknown_blocks,        PATTERN_RAW },
    { "gzip-bomb",              pattern_gzip_bomb,             PATTERN_RAW },
    { "many-files",             pattern_one_of_many_files,     PATTERN_FILES },
};
/* clang-format on */

const struct pattern *pattern_at(size_t index)
{
    return index < ARRAY_LENGTH(patterns) ? &patterns[index] : NULL;
}
