/* One or a few of the kinds below, at places and with values drawn from the number. */
#include "mutation_kinds.h"

#include <stdio.h>

enum { AT_ONCE_MAX = 4, FILE_BYTES_MAX = 1 << 20, RUN_MAX = 64 };

struct draw {
    uint64_t state;
};

/* Below `below`, which may be 0. splitmix64: any number begins well. */
static size_t draw_below(struct draw *d, size_t below)
{
    uint64_t x = d->state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    x ^= x >> 31;
    return below == 0 ? 0 : (size_t)(x % below);
}

/* ---- kinds ---- */

typedef void mutation_kind(const struct mutation_corpus *c, struct draw *d,
                           struct buffer *image);

static void flip_bits(const struct mutation_corpus *c, struct draw *d,
                      struct buffer *image)
{
    (void)c;
    for (size_t i = draw_below(d, 8) + 1; i > 0; i--)
        image->ptr[draw_below(d, image->len)] ^= (uint8_t)(1u << draw_below(d, 8));
}

static void set_bytes(const struct mutation_corpus *c, struct draw *d,
                      struct buffer *image)
{
    (void)c;
    for (size_t i = draw_below(d, 16) + 1; i > 0; i--)
        image->ptr[draw_below(d, image->len)] = (uint8_t)draw_below(d, 256);
}

static void cut_end(const struct mutation_corpus *c, struct draw *d,
                    struct buffer *image)
{
    (void)c;
    image->len = draw_below(d, image->len) + 1;
}

/* Takes a run out of the middle. */
static void take_out(const struct mutation_corpus *c, struct draw *d,
                     struct buffer *image)
{
    (void)c;
    size_t at = draw_below(d, image->len), length = draw_below(d, RUN_MAX) + 1;
    if (at + length >= image->len) return;
    memmove(image->ptr + at, image->ptr + at + length, image->len - at - length);
    image->len -= length;
}

/* Goes on with some place of another file. */
static void splice(const struct mutation_corpus *c, struct draw *d,
                   struct buffer *image)
{
    struct bytes other = buffer_bytes(&c->files[draw_below(d, c->count)].data);
    image->len = draw_below(d, image->len) + 1;
    buffer_append(image, bytes_from(other, draw_below(d, other.len)));
}

/* A number where it may be a length, in either byte order. */
static void set_number(const struct mutation_corpus *c, struct draw *d,
                       struct buffer *image)
{
    static const uint32_t numbers[] = {0,          1,          3,          0x7f,
                                       0xff,       0x7fff,     0xffff,     0x1000000,
                                       0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
    (void)c;
    if (image->len < 4) return;
    uint32_t number = numbers[draw_below(d, ARRAY_LENGTH(numbers))];
    size_t at = draw_below(d, image->len - 3), size = draw_below(d, 2) * 2 + 2;
    bool is_little = draw_below(d, 2) == 0;
    for (size_t i = 0; i < size; i++) {
        size_t shift = 8 * (is_little ? i : size - 1 - i);
        image->ptr[at + i] = (uint8_t)(number >> shift);
    }
}

/* The same bytes once more, somewhere else. */
static void copy_run(const struct mutation_corpus *c, struct draw *d,
                     struct buffer *image)
{
    (void)c;
    size_t length = draw_below(d, RUN_MAX) + 1;
    if (image->len <= length) return;
    size_t from = draw_below(d, image->len - length);
    memmove(image->ptr + draw_below(d, image->len - length), image->ptr + from, length);
}

static mutation_kind *const kinds[] = {flip_bits, set_bytes,  cut_end, take_out,
                                       splice,    set_number, copy_run};

/* ---- public ---- */

void mutation_add_file(struct mutation_corpus *c, const char *path)
{
    struct mutation_file file = {.path = NULL};
    uint8_t part[4096];
    size_t length = 0;
    FILE *in = fopen(path, "rb");
    if (in == NULL) return;
    while (file.data.len < FILE_BYTES_MAX &&
           (length = fread(part, 1, sizeof part, in)) > 0)
        buffer_append(&file.data, bytes_of(part, length));
    fclose(in);
    if (file.data.len == 0) return;
    file.path = mem_copy_text(path);
    c->files = mem_resize(c->files, (c->count + 1) * sizeof *c->files);
    c->files[c->count++] = file;
}

const char *mutation_make(const struct mutation_corpus *c, uint64_t number,
                          struct buffer *out)
{
    struct draw d = {.state = number * 0x2545f4914f6cdd1du};
    const struct mutation_file *file = &c->files[number % c->count];
    buffer_append(out, buffer_bytes(&file->data));
    for (size_t i = draw_below(&d, AT_ONCE_MAX) + 1; i > 0 && out->len > 0; i--)
        kinds[draw_below(&d, ARRAY_LENGTH(kinds))](c, &d, out);
    return file->path;
}

void mutation_done(struct mutation_corpus *c)
{
    for (size_t i = 0; i < c->count; i++) {
        mem_free(c->files[i].path);
        buffer_done(&c->files[i].data);
    }
    mem_free(c->files);
    c->files = NULL;
    c->count = 0;
}
