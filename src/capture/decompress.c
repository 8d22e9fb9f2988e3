/* One loop for all formats: feed the packed bytes to the format's step, which says
 * whether a member ended. A step never unpacks past one block of zstd and LZ4, because
 * their libraries throw away what a call unpacked before it met an error, and frames in
 * front of the damage must come out. */
#define ZLIB_CONST /* next_in points to const */
#include "capture/decompress.h"

#include <limits.h>
#include <lz4frame.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum unpacked { UNPACKED_MORE, UNPACKED_MEMBER_END, UNPACKED_BAD };

struct decompress_format {
    const char *suffix;
    uint8_t magic[DECOMPRESS_MAGIC_BYTES], mask[DECOMPRESS_MAGIC_BYTES];
    void (*open)(struct decompress *d);
    /* Takes from d->in, writes up to `room` bytes; says why on UNPACKED_BAD. */
    enum unpacked (*step)(struct decompress *d, uint8_t *out, size_t room, size_t *got);
    void (*close)(struct decompress *d);
};

struct decompress {
    const struct decompress_format *format;
    struct raw_file *raw;
    uint8_t *block; /* NULL: all input stands in memory */
    size_t capacity;
    struct bytes in;
    size_t hint; /* packed bytes up to the end of the block, as told */
    bool is_raw_at_end;
    bool is_inside_member;  /* the end of the data here is a cut */
    struct problem trouble; /* told after the bytes in front of it are given */
    union {
        z_stream gzip;
        ZSTD_DStream *zstd;
        LZ4F_dctx *lz4;
        lzma_stream xz;
    };
};

/* ---- gzip ---- */

static _Noreturn void decompress_no_memory(void)
{
    mem_free(mem_alloc_array(SIZE_MAX, 2)); /* ends the program, in order */
    for (;;) continue;
}

static void decompress_gzip_open(struct decompress *d)
{
    if (inflateInit2(&d->gzip, 15 + 16) != Z_OK) decompress_no_memory();
}

static enum unpacked decompress_gzip_step(struct decompress *d, uint8_t *out,
                                          size_t room, size_t *got)
{
    z_stream *z = &d->gzip;
    uInt given = (uInt)(d->in.len < UINT_MAX ? d->in.len : UINT_MAX);
    uInt asked = (uInt)(room < UINT_MAX ? room : UINT_MAX);
    z->next_in = d->in.ptr;
    z->avail_in = given;
    z->next_out = out;
    z->avail_out = asked;
    int rc = inflate(z, Z_NO_FLUSH);
    d->in = bytes_from(d->in, given - z->avail_in);
    *got = asked - z->avail_out;
    if (rc == Z_OK || rc == Z_BUF_ERROR) return UNPACKED_MORE;
    if (rc == Z_STREAM_END && inflateReset(z) == Z_OK) return UNPACKED_MEMBER_END;
    problem_set(&d->trouble, STATUS_FAILED, "%s", z->msg ? z->msg : "no gzip data");
    return UNPACKED_BAD;
}

static void decompress_gzip_close(struct decompress *d)
{
    inflateEnd(&d->gzip);
}

/* ---- zstd ---- */

static void decompress_zstd_open(struct decompress *d)
{
    d->zstd = ZSTD_createDStream();
    if (!d->zstd) decompress_no_memory();
}

static size_t decompress_hinted(const struct decompress *d)
{
    return d->hint > 0 && d->hint < d->in.len ? d->hint : d->in.len;
}

/* The first call of a member knows no hint: its header alone is asked for. */
enum { DECOMPRESS_FIRST_HINT = 5 };

static enum unpacked decompress_zstd_step(struct decompress *d, uint8_t *out,
                                          size_t room, size_t *got)
{
    if (!d->is_inside_member) d->hint = DECOMPRESS_FIRST_HINT;
    ZSTD_inBuffer in = {.src = d->in.ptr, .size = decompress_hinted(d)};
    ZSTD_outBuffer to = {.size = room};
    to.dst = out;
    size_t rc = ZSTD_decompressStream(d->zstd, &to, &in);
    d->in = bytes_from(d->in, in.pos);
    *got = to.pos;
    if (ZSTD_isError(rc)) {
        problem_set(&d->trouble, STATUS_FAILED, "%s", ZSTD_getErrorName(rc));
        return UNPACKED_BAD;
    }
    d->hint = rc;
    return rc == 0 ? UNPACKED_MEMBER_END : UNPACKED_MORE;
}

static void decompress_zstd_close(struct decompress *d)
{
    ZSTD_freeDStream(d->zstd);
}

/* ---- LZ4 ---- */

static void decompress_lz4_open(struct decompress *d)
{
    if (LZ4F_isError(LZ4F_createDecompressionContext(&d->lz4, LZ4F_VERSION)))
        decompress_no_memory();
}

static enum unpacked decompress_lz4_step(struct decompress *d, uint8_t *out,
                                         size_t room, size_t *got)
{
    if (!d->is_inside_member) d->hint = DECOMPRESS_FIRST_HINT;
    size_t used = decompress_hinted(d), made = room;
    size_t rc = LZ4F_decompress(d->lz4, out, &made, d->in.ptr, &used, NULL);
    if (LZ4F_isError(rc)) {
        problem_set(&d->trouble, STATUS_FAILED, "%s", LZ4F_getErrorName(rc));
        return UNPACKED_BAD;
    }
    d->in = bytes_from(d->in, used);
    *got = made;
    d->hint = rc;
    return rc == 0 ? UNPACKED_MEMBER_END : UNPACKED_MORE;
}

static void decompress_lz4_close(struct decompress *d)
{
    LZ4F_freeDecompressionContext(d->lz4);
}

/* ---- xz ---- */

/* xz -9 wants half of it; a header may claim 4 GiB. */
#define DECOMPRESS_XZ_MEMORY_MAX (UINT64_C(128) << 20)

static lzma_ret decompress_xz_begin(struct decompress *d)
{
    lzma_ret rc = lzma_stream_decoder(&d->xz, DECOMPRESS_XZ_MEMORY_MAX, 0);
    if (rc == LZMA_MEM_ERROR) decompress_no_memory();
    return rc;
}

static void decompress_xz_open(struct decompress *d)
{
    d->xz = (lzma_stream)LZMA_STREAM_INIT;
    (void)decompress_xz_begin(d); /* a failure shows at the first step */
}

static const char *decompress_xz_error(lzma_ret rc)
{
    if (rc == LZMA_MEMLIMIT_ERROR) return "it wants more than 128 MiB of memory";
    if (rc == LZMA_FORMAT_ERROR) return "no xz data";
    return rc == LZMA_OPTIONS_ERROR ? "packed in a way that is not known"
                                    : "wrong bytes";
}

static enum unpacked decompress_xz_step(struct decompress *d, uint8_t *out, size_t room,
                                        size_t *got)
{
    lzma_stream *z = &d->xz;
    z->next_in = d->in.ptr;
    z->avail_in = d->in.len;
    z->next_out = out;
    z->avail_out = room;
    lzma_ret rc = lzma_code(z, LZMA_RUN);
    d->in = bytes_from(d->in, d->in.len - z->avail_in);
    *got = room - z->avail_out;
    if (rc == LZMA_OK || rc == LZMA_BUF_ERROR) return UNPACKED_MORE;
    if (rc == LZMA_MEM_ERROR) decompress_no_memory();
    if (rc == LZMA_STREAM_END) rc = decompress_xz_begin(d);
    if (rc == LZMA_OK) return UNPACKED_MEMBER_END;
    problem_set(&d->trouble, STATUS_FAILED, "%s", decompress_xz_error(rc));
    return UNPACKED_BAD;
}

static void decompress_xz_close(struct decompress *d)
{
    lzma_end(&d->xz);
}

/* ---- the formats ---- */

/* clang-format off */
static const struct decompress_format decompress_formats[] = {
    { "gz",  { 0x1f, 0x8b, 0x08, 0x00 }, { 0xff, 0xff, 0xff, 0xe0 },
      decompress_gzip_open, decompress_gzip_step, decompress_gzip_close },
    { "zst", { 0x28, 0xb5, 0x2f, 0xfd }, { 0xff, 0xff, 0xff, 0xff },
      decompress_zstd_open, decompress_zstd_step, decompress_zstd_close },
    { "zst", { 0x50, 0x2a, 0x4d, 0x18 }, { 0xf0, 0xff, 0xff, 0xff }, /* skippable */
      decompress_zstd_open, decompress_zstd_step, decompress_zstd_close },
    { "lz4", { 0x04, 0x22, 0x4d, 0x18 }, { 0xff, 0xff, 0xff, 0xff },
      decompress_lz4_open,  decompress_lz4_step,  decompress_lz4_close },
    { "xz",  { 0xfd, 0x37, 0x7a, 0x58 }, { 0xff, 0xff, 0xff, 0xff },
      decompress_xz_open,   decompress_xz_step,   decompress_xz_close },
};
/* clang-format on */

const struct decompress_format *decompress_format_of(struct bytes start)
{
    if (start.len < DECOMPRESS_MAGIC_BYTES) return NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(decompress_formats); i++) {
        const struct decompress_format *format = &decompress_formats[i];
        size_t same = 0;
        while (same < DECOMPRESS_MAGIC_BYTES &&
               (start.ptr[same] & format->mask[same]) == format->magic[same])
            same++;
        if (same == DECOMPRESS_MAGIC_BYTES) return format;
    }
    return NULL;
}

const char *decompress_format_suffix(const struct decompress_format *format)
{
    return format->suffix;
}

struct decompress *decompress_new(const struct decompress_format *format,
                                  struct raw_file *raw, struct bytes first,
                                  uint8_t *owned, size_t capacity)
{
    struct decompress *d = mem_alloc(sizeof *d);
    d->format = format;
    d->raw = raw;
    d->in = first;
    d->block = owned;
    d->capacity = capacity;
    d->is_raw_at_end = !owned;
    format->open(d);
    return d;
}

void decompress_free(struct decompress *d)
{
    if (!d) return;
    d->format->close(d);
    mem_free(d->block);
    mem_free(d);
}

/* ---- the loop ---- */

static enum status decompress_refill(struct decompress *d, struct problem *why)
{
    if (d->in.len > 0 || d->is_raw_at_end) return STATUS_OK;
    size_t got = 0;
    enum status rc = raw_file_read(d->raw, d->block, d->capacity, &got, why);
    d->in = bytes_of(d->block, got);
    d->is_raw_at_end = got == 0;
    return rc;
}

/* gzip(1) writes none, but tapes and some copiers fill up with zeros; they mean
 * nothing between members. */
static void decompress_skip_padding(struct decompress *d)
{
    while (!d->is_inside_member && d->in.len > 0 && d->in.ptr[0] == 0)
        d->in = bytes_from(d->in, 1);
}

static enum status decompress_tell(const struct decompress *d, struct problem *why)
{
    return problem_set(why, STATUS_FAILED, "the %s data is damaged: %s",
                       d->format->suffix, d->trouble.text);
}

enum status decompress_read(struct decompress *d, uint8_t *out, size_t room,
                            size_t *got, struct problem *why)
{
    *got = 0;
    while (*got == 0) {
        if (d->trouble.text[0]) return decompress_tell(d, why);
        enum status rc = decompress_refill(d, why);
        if (rc != STATUS_OK) return rc;
        decompress_skip_padding(d);
        if (d->in.len == 0 && !d->is_raw_at_end) continue;
        if (d->in.len == 0 && !d->is_inside_member) return STATUS_OK;
        size_t before = d->in.len;
        enum unpacked result = d->format->step(d, out, room, got);
        d->is_inside_member = result != UNPACKED_MEMBER_END;
        bool is_stuck = result == UNPACKED_MORE && *got == 0 && d->in.len == before;
        if (!is_stuck) continue;
        if (d->raw->is_stopped) return STATUS_OK;
        problem_set(&d->trouble, STATUS_FAILED, "it is cut off");
    }
    return STATUS_OK;
}
