/* Builds capture files in memory, byte by byte and in either byte order, and reads them
 * back through the public header; for the tests of capture. */
#ifndef TESTS_CAPTURE_IMAGE_H
#define TESTS_CAPTURE_IMAGE_H

#include "hopscope/capture.h"

#include <string.h>

enum { IMAGE_MARKS_MAX = 64, IMAGE_FRAMES_MAX = 64 };

struct image {
    struct buffer data;
    bool is_little;
    size_t ends[IMAGE_MARKS_MAX];      /* offsets where a record ends */
    size_t frames_at[IMAGE_MARKS_MAX]; /* frames given out up to there */
    size_t end_count, frame_count;
    size_t block_at; /* where the block begins that is being written */
};

static inline void image_done(struct image *im)
{
    buffer_done(&im->data);
}

static inline struct bytes image_bytes(const struct image *im)
{
    return buffer_bytes(&im->data);
}

/* A number of `size` bytes in the image's byte order. */
static inline void image_put(struct image *im, size_t size, uint64_t value)
{
    uint8_t out[8];
    for (size_t i = 0; i < size; i++) {
        size_t shift = im->is_little ? i : size - 1 - i;
        out[i] = (uint8_t)(value >> (8 * shift));
    }
    buffer_append(&im->data, bytes_of(out, size));
}

/* A frame's content: counts up from its number, so that a wrong piece is seen. */
static inline uint8_t image_content(size_t frame, size_t at)
{
    return (uint8_t)(frame * 16 + at);
}

static inline void image_end(struct image *im, bool is_frame)
{
    if (is_frame) im->frame_count++;
    im->ends[im->end_count] = im->data.len;
    im->frames_at[im->end_count++] = im->frame_count;
}

static inline void image_put_content(struct image *im, size_t len)
{
    for (size_t i = 0; i < len; i++)
        image_put(im, 1, image_content(im->frame_count, i));
}

/* ---- reading back ---- */

struct image_account {
    enum status opened;
    struct problem why;
    size_t count;                          /* frames given out */
    struct frame frames[IMAGE_FRAMES_MAX]; /* without data */
    bool is_content_right;                 /* of every frame, if they came unfiltered */
    struct capture_info info;              /* of the first source */
    size_t secrets, secret_bytes;
};

/* Reads a set to its end and closes it. Checks what the header promises of each frame;
 * every byte of a frame is looked at. */
static inline void image_account_set(struct capture_set *set, struct image_account *out)
{
    struct frame frame;
    out->is_content_right = true;
    while (capture_set_next(set, &frame) == CAPTURE_FRAME) {
        bool is_right = frame.captured == frame.data.len &&
                        frame.captured <= frame.length && frame.captured_ns >= 0 &&
                        frame.captured_ns <= CAPTURE_TIME_NS_MAX;
        for (size_t i = 0; i < frame.data.len; i++)
            is_right &= frame.data.ptr[i] == image_content(out->count, i);
        out->is_content_right &= is_right;
        if (out->count < IMAGE_FRAMES_MAX) out->frames[out->count] = frame;
        out->count++;
    }
    out->info = *capture_set_info(set, 0);
    out->secrets = capture_set_secret_count(set);
    for (size_t i = 0; i < out->secrets; i++)
        out->secret_bytes += capture_set_secret(set, i).data.len;
    capture_set_close(set);
}

static inline void image_account(struct bytes image, struct image_account *out)
{
    *out = (struct image_account){.opened = STATUS_OK};
    struct capture_set *set = NULL;
    out->opened = capture_set_open_memory(image, NULL, &set, &out->why);
    if (out->opened == STATUS_OK) image_account_set(set, out);
}

static inline void image_account_path(const char *path, const char *filter,
                                      struct image_account *out)
{
    *out = (struct image_account){.opened = STATUS_OK};
    const struct capture_options options = {.filter = filter};
    struct capture_set *set = NULL;
    out->opened = capture_set_open(&path, 1, &options, &set, &out->why);
    if (out->opened == STATUS_OK) image_account_set(set, out);
}

#endif
