/* Inputs that look for work that grows faster than they do, and for memory that does.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include "forge.h"

enum pattern_form {
    PATTERN_PCAP,  /* records behind a header that the caller writes */
    PATTERN_RAW,   /* the pattern writes the whole file */
    PATTERN_FILES, /* numbered files of PATTERN_FILE_BYTES in a directory */
};

enum { PATTERN_FILE_BYTES = 4 << 10 };

struct pattern {
    const char *name;
    void (*write)(struct forge *f); /* until the forge has no room */
    enum pattern_form form;
};

/* The index-th; NULL: no more. */
const struct pattern *pattern_at(size_t index);

/* ---- one connection that says the same again and again: pattern_verse.c ---- */

enum verse_order {
    VERSE_FLOW,   /* in turn, in full segments */
    VERSE_PIECES, /* in turn, each a segment of its own */
    VERSE_HALVES, /* the server's when the client's have had half of the room */
};

struct verse {
    const char *name;
    /* Said once, and then over and over in turn; '#' becomes a number that counts up.
     * NULL: nothing. */
    struct bytes first[2], again[2];
    enum verse_order order;
};

/* The index-th; NULL: no more. */
const struct verse *pattern_verse_at(size_t index);
/* Writes it until the forge has no room. */
void pattern_verse_write(struct forge *f, const struct verse *v);

/* ---- segments: pattern_segments.c, pattern_crowd.c ---- */

void pattern_one_byte_segments(struct forge *f);
void pattern_held_in_reverse(struct forge *f);
void pattern_held_every_second(struct forge *f);
void pattern_hole_never_filled(struct forge *f);
void pattern_holes_acknowledged(struct forge *f);
void pattern_overlaps_that_differ(struct forge *f);
void pattern_sent_again_and_again(struct forge *f);
void pattern_bad_checksums(struct forge *f);
void pattern_keep_alive_probes(struct forge *f);
void pattern_mirror_copies(struct forge *f);
void pattern_times_back_and_forth(struct forge *f);
void pattern_times_at_the_ends(struct forge *f);
void pattern_resets_in_one(struct forge *f);

void pattern_spoofed_syns(struct forge *f);
void pattern_spoofed_resets(struct forge *f);
void pattern_spoofed_segments(struct forge *f);
void pattern_port_reuse(struct forge *f);
void pattern_idle_connections(struct forge *f);
void pattern_silent_connections(struct forge *f);
void pattern_holes_in_many(struct forge *f);
void pattern_heads_in_many(struct forge *f);
void pattern_hash_collisions(struct forge *f);
void pattern_hash_collisions_syn(struct forge *f);
void pattern_hosts_in_many(struct forge *f);
void pattern_findings_in_many(struct forge *f);

/* ---- what stands around a segment: pattern_layers.c ---- */

void pattern_vlan_nest(struct forge *f);
void pattern_mpls_nest(struct forge *f);
void pattern_gre_nest(struct forge *f);
void pattern_ipip_nest(struct forge *f);
void pattern_network_ids(struct forge *f);
void pattern_fragments_tiny(struct forge *f);
void pattern_fragments_reverse(struct forge *f);
void pattern_fragments_overlap(struct forge *f);
void pattern_fragments_never_whole(struct forge *f);
void pattern_extension_chain(struct forge *f);
void pattern_extension_options(struct forge *f);
void pattern_cut_packets(struct forge *f);

/* ---- the file: pattern_files.c ---- */

void pattern_interfaces(struct forge *f);
void pattern_sections(struct forge *f);
void pattern_block_options(struct forge *f);
void pattern_unknown_blocks(struct forge *f);
void pattern_gzip_bomb(struct forge *f);
void pattern_one_of_many_files(struct forge *f);

#endif
