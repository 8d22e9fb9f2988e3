/* Writes classic pcap into an image. */
#ifndef PCAP_IMAGE_H
#define PCAP_IMAGE_H

#include "capture_image.h"

struct image_pcap {
    uint32_t magic;        /* 0: 0xa1b2c3d4 */
    uint16_t major, minor; /* 0, 0: 2.4 */
    uint32_t snaplen, link_type;
};

static inline void image_pcap_begin(struct image *im, struct image_pcap h)
{
    image_put(im, 4, h.magic ? h.magic : 0xa1b2c3d4);
    image_put(im, 2, h.major ? h.major : 2);
    image_put(im, 2, h.major ? h.minor : 4);
    image_put(im, 8, 0);
    image_put(im, 4, h.snaplen);
    image_put(im, 4, h.link_type);
    image_end(im, false);
}

static inline void image_pcap_record(struct image *im, uint32_t seconds,
                                     uint32_t fraction, uint32_t captured,
                                     uint32_t length)
{
    image_put(im, 4, seconds);
    image_put(im, 4, fraction);
    image_put(im, 4, captured);
    image_put(im, 4, length);
    image_put_content(im, captured);
    image_end(im, true);
}

#endif
