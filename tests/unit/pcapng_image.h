/* Writes pcapng blocks into an image. */
#ifndef PCAPNG_IMAGE_H
#define PCAPNG_IMAGE_H

#include "capture_image.h"

/* Counts from the block's begin: behind a pcap file that may be anywhere. */
static inline void image_align(struct image *im)
{
    while ((im->data.len - im->block_at) % 4 != 0) image_put(im, 1, 0);
}

/* Begins a block and returns where; image_block_end fills in both lengths. */
static inline size_t image_block(struct image *im, uint32_t type)
{
    size_t at = im->data.len;
    im->block_at = at;
    image_put(im, 4, type);
    image_put(im, 4, 0);
    return at;
}

static inline void image_block_end(struct image *im, size_t at, bool is_frame)
{
    image_align(im);
    uint32_t length = (uint32_t)(im->data.len - at + 4);
    struct image field = {.is_little = im->is_little};
    image_put(&field, 4, length);
    memcpy(im->data.ptr + at + 4, field.data.ptr, 4);
    image_done(&field);
    image_put(im, 4, length);
    image_end(im, is_frame);
}

static inline void image_option(struct image *im, uint16_t code, struct bytes value)
{
    image_put(im, 2, code);
    image_put(im, 2, value.len);
    buffer_append(&im->data, value);
    image_align(im);
}

static inline void image_option_number(struct image *im, uint16_t code, size_t size,
                                       uint64_t value)
{
    image_put(im, 2, code);
    image_put(im, 2, size);
    image_put(im, size, value);
    image_align(im);
}

static inline void image_section(struct image *im)
{
    size_t at = image_block(im, 0x0a0d0d0a);
    image_put(im, 4, 0x1a2b3c4d);
    image_put(im, 2, 1);
    image_put(im, 2, 0);
    image_put(im, 8, UINT64_MAX);
    image_option(im, 4, bytes_of_text("a test"));
    image_put(im, 4, 0);
    image_block_end(im, at, false);
}

/* resolution 0: no option; else if_tsresol. */
static inline void image_interface(struct image *im, uint16_t link_type,
                                   uint32_t snaplen, uint8_t resolution)
{
    size_t at = image_block(im, 1);
    image_put(im, 2, link_type);
    image_put(im, 2, 0);
    image_put(im, 4, snaplen);
    image_option(im, 2, bytes_of_text("eth0"));
    if (resolution) image_option_number(im, 9, 1, resolution);
    image_put(im, 4, 0);
    image_block_end(im, at, false);
}

static inline void image_enhanced(struct image *im, uint32_t interface, uint64_t ticks,
                                  uint32_t captured, uint32_t length)
{
    size_t at = image_block(im, 6);
    image_put(im, 4, interface);
    image_put(im, 4, ticks >> 32);
    image_put(im, 4, ticks & UINT32_MAX);
    image_put(im, 4, captured);
    image_put(im, 4, length);
    image_put_content(im, captured);
    image_align(im);
    image_option(im, 1, bytes_of_text("a comment"));
    image_block_end(im, at, true);
}

static inline void image_simple(struct image *im, uint32_t captured, uint32_t length)
{
    size_t at = image_block(im, 3);
    image_put(im, 4, length);
    image_put_content(im, captured);
    image_block_end(im, at, true);
}

static inline void image_old_packet(struct image *im, uint16_t interface,
                                    uint64_t ticks, uint32_t captured, uint32_t length)
{
    size_t at = image_block(im, 2);
    image_put(im, 2, interface);
    image_put(im, 2, 0xffff);
    image_put(im, 4, ticks >> 32);
    image_put(im, 4, ticks & UINT32_MAX);
    image_put(im, 4, captured);
    image_put(im, 4, length);
    image_put_content(im, captured);
    image_block_end(im, at, true);
}

static inline void image_statistics(struct image *im, uint32_t interface,
                                    uint64_t interface_drops, uint64_t kernel_drops)
{
    size_t at = image_block(im, 5);
    image_put(im, 4, interface);
    image_put(im, 8, 0);
    image_option_number(im, 4, 8, 1000);
    image_option_number(im, 5, 8, interface_drops);
    image_option_number(im, 7, 8, kernel_drops);
    image_put(im, 4, 0);
    image_block_end(im, at, false);
}

static inline void image_secrets(struct image *im, uint32_t type, struct bytes data)
{
    size_t at = image_block(im, 10);
    image_put(im, 4, type);
    image_put(im, 4, data.len);
    buffer_append(&im->data, data);
    image_block_end(im, at, false);
}

#endif
