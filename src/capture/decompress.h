/* Unpacks gzip (RFC 1952), zstd (RFC 8878), LZ4 and xz as they are read. Members or
 * frames that follow each other are one stream, as `cat a.gz b.gz` means them. */
#ifndef CAPTURE_DECOMPRESS_H
#define CAPTURE_DECOMPRESS_H

#include "capture/raw_file.h"

enum { DECOMPRESS_MAGIC_BYTES = 4 };

struct decompress;
struct decompress_format;

/* The format whose magic `start` begins with; NULL: none. */
const struct decompress_format *decompress_format_of(struct bytes start);
/* "gz", "zst", "lz4", "xz"; static text. */
const char *decompress_format_suffix(const struct decompress_format *format);

/* `first` has been read from `raw` already; `owned` is the block it lies in, which now
 * belongs to the new object and takes up to `capacity` bytes (NULL: `first` borrows,
 * and `raw` has no more). `raw` must outlive the object. */
struct decompress *decompress_new(const struct decompress_format *format,
                                  struct raw_file *raw, struct bytes first,
                                  uint8_t *owned, size_t capacity);
void decompress_free(struct decompress *d); /* NULL is allowed */

/* Like raw_file_read, with the unpacked bytes. STATUS_FAILED also when the packed data
 * is damaged or cut; all that could be unpacked before has been given. */
enum status decompress_read(struct decompress *d, uint8_t *out, size_t room,
                            size_t *got, struct problem *why);

#endif
