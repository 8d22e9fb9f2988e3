/* Small whole captures of every kind, with what they hold. */
#ifndef CAPTURE_SAMPLES_H
#define CAPTURE_SAMPLES_H

#include "pcap_image.h"
#include "pcapng_image.h"

enum { SAMPLE_KINDS = 8, SAMPLE_ROOM = 4096 };

/* The images that every test here goes through: pcap of each record kind and pcapng
 * with every block, in both byte orders, and files in a row. */
static inline void sample_build(struct image *im, int kind)
{
    static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2c3d4};
    *im = (struct image){.is_little = kind % 2};
    if (kind / 2 < 3) {
        image_pcap_begin(im, (struct image_pcap){.magic = magics[kind / 2],
                                                 .snaplen = 96,
                                                 .link_type = 1});
        image_pcap_record(im, 1700000000, 1, 41, 60);
        image_pcap_record(im, 1700000001, 2, 0, 60);
        image_pcap_record(im, 1700000002, 3, 60, 60);
    }
    if (kind / 2 < 2) return;
    image_section(im);
    image_interface(im, 1, 96, 9);
    image_interface(im, 276, 0, 0);
    image_enhanced(im, 0, 1700000003000000004, 33, 60);
    image_statistics(im, 1, 3, 4);
    image_secrets(im, 0x544c534b, bytes_of_text("CLIENT_RANDOM 0 0\n"));
    image_enhanced(im, 1, 1700000004000005, 20, 20);
    image_simple(im, 13, 13);
    image_old_packet(im, 1, 1700000005000006, 15, 15);
}

/* 60 frames of all sizes, which together fill many blocks; one is larger than a block.
 */
static inline void sample_build_large(struct image *im)
{
    *im = (struct image){.is_little = true};
    image_pcap_begin(im, (struct image_pcap){.link_type = 1});
    for (uint32_t n = 0; n < 60; n++) {
        uint32_t size = n == 40 ? 3000000 : 50021 * (n % 7);
        im->end_count = 0;
        image_pcap_record(im, n, 0, size, size);
    }
}

/* The frames of the first `len` bytes, and whether a record ends there. */
static inline size_t sample_frames_within(const struct image *im, size_t len,
                                          bool *is_boundary)
{
    size_t frames = 0;
    *is_boundary = false;
    for (size_t i = 0; i < im->end_count && im->ends[i] <= len; i++) {
        frames = im->frames_at[i];
        *is_boundary = im->ends[i] == len;
    }
    return frames;
}

#endif
