/* damage: captures that are cut, and whose bits are flipped, wherever that can be.
 *
 *   specimen --cut at every byte---> account = that of the whole records before
 *           '--every bit flipped---> account has what was complete before
 *
 *   damage [--every N]               of all cuts and flips each Nth (1)
 *   damage --random COUNT [--from I] FILE...
 *       COUNT mutations of files: bits, bytes, cuts, splices, numbers; the same each
 *       time. What goes on is written to the file damage.case, for a run that crashes.
 *   damage --write INDEX             a specimen, on standard output
 *
 * No run may take RUN_NS_MAX of its thread's time, and none RUN_SECONDS_MAX at all. */
#include "damage_account.h"
#include "mutation_kinds.h"
#include "specimen.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RUN_SECONDS_MAX = 60, RECORDS_MAX = 128 };

static const int64_t run_ns_max = 1000000000;

struct tests {
    uint64_t runs, faults;
    int64_t longest_ns;
    int place; /* damage.case; -1: none */
};

static void fail(struct tests *t, const char *subject, size_t at, const char *what)
{
    if (t->faults++ < 20) printf("%s, %zu: %s\n", subject, at, what);
}

/* Reads an image, and checks what holds of any. `image` is given back as it was, but in
 * a block of its own size, so that a read past its end is seen. */
static void run(struct tests *t, struct bytes image, const char *subject, size_t at,
                struct damage_account *out)
{
    uint8_t *copy = malloc(image.len + (image.len == 0));
    if (copy == NULL) abort();
    if (image.len > 0) memcpy(copy, image.ptr, image.len);
    alarm(RUN_SECONDS_MAX);
    damage_account_read(bytes_of(copy, image.len), t->place >= 0, out);
    alarm(0);
    free(copy);
    t->runs++;
    if (out->took_ns > t->longest_ns) t->longest_ns = out->took_ns;
    if (out->took_ns > run_ns_max) fail(t, subject, at, "took more than a second");
    if (out->opened != STATUS_OK && out->why.text[0] == '\0')
        fail(t, subject, at, "was refused, and nothing said why");
    if (out->opened != STATUS_OK && out->row_count > 0)
        fail(t, subject, at, "was refused, and there are rows");
    if (out->damage.text[0] != '\0' && strstr(out->damage.text, "at byte ") == NULL)
        fail(t, subject, at, "its damage has no place");
}

/* ---- cuts and flips of the specimens ---- */

struct whole {
    struct bytes image;
    const char *name;
    size_t ends[RECORDS_MAX]; /* ends[n]: where the first n frames are whole */
    size_t records;
    struct damage_account before[RECORDS_MAX]; /* what they make, nothing behind */
};

/* Where frames end is told by the reader itself, of what is cut there. */
static void survey(struct tests *t, struct whole *w)
{
    w->records = 0;
    for (size_t cut = 0; cut <= w->image.len; cut++) {
        struct damage_account a;
        run(t, bytes_first(w->image, cut), w->name, cut, &a);
        bool is_end = a.opened == STATUS_OK && a.damage.text[0] == '\0' &&
                      (w->records == 0 || a.frames >= w->records);
        if (!is_end || w->records == RECORDS_MAX) {
            damage_account_done(&a);
            continue;
        }
        if (a.frames + 1 == w->records) { /* a block without a frame ends here */
            damage_account_done(&w->before[--w->records]);
        }
        w->ends[w->records] = cut;
        w->before[w->records++] = a;
    }
}

/* The frames that stand whole within the first `length` bytes. */
static size_t frames_within(const struct whole *w, size_t length)
{
    size_t n = w->records;
    while (n > 0 && w->ends[n - 1] > length) n--;
    return n == 0 ? 0 : n - 1;
}

static bool is_opened_within(const struct whole *w, size_t length)
{
    return w->records > 0 && w->ends[0] <= length;
}

static void check_cut(struct tests *t, const struct whole *w, size_t cut)
{
    struct damage_account a;
    run(t, bytes_first(w->image, cut), w->name, cut, &a);
    const struct damage_account *before = &w->before[frames_within(w, cut)];
    if (a.opened == STATUS_OK && is_opened_within(w, cut)) {
        if (a.frames != before->frames) fail(t, w->name, cut, "cut: frames are lost");
        if (a.rows != before->rows) fail(t, w->name, cut, "cut: other rows");
    } else if (is_opened_within(w, cut)) {
        fail(t, w->name, cut, "cut: refused, though its beginning is whole");
    }
    damage_account_done(&a);
}

static void check_flip(struct tests *t, const struct whole *w, uint8_t *image,
                       size_t bit)
{
    struct damage_account a;
    size_t at = bit / 8;
    image[at] ^= (uint8_t)(1 << bit % 8);
    run(t, bytes_of(image, w->image.len), w->name, bit, &a);
    image[at] ^= (uint8_t)(1 << bit % 8);
    if (is_opened_within(w, at)) {
        const struct damage_account *before = &w->before[frames_within(w, at)];
        if (a.opened != STATUS_OK) fail(t, w->name, bit, "flip: refused");
        if (a.frames < before->frames) fail(t, w->name, bit, "flip: frames are lost");
        if (!damage_account_includes(&a, before))
            fail(t, w->name, bit, "flip: an exchange that was complete is lost");
    }
    damage_account_done(&a);
}

static void check_specimen(struct tests *t, size_t index, size_t every)
{
    struct buffer image = {.ptr = NULL};
    struct whole *w = mem_alloc(sizeof *w);
    specimen_write(index, &image);
    w->image = buffer_bytes(&image);
    w->name = specimen_name(index);
    survey(t, w);
    size_t exchanges = w->records == 0 ? 0 : w->before[w->records - 1].exchange_count;
    printf("%s: %zu bytes, %zu frames, %zu exchanges\n", w->name, w->image.len,
           w->records == 0 ? 0 : w->records - 1, exchanges);
    if (exchanges == 0) fail(t, w->name, 0, "has no exchange at all");
    for (size_t cut = 0; cut < w->image.len; cut += every) check_cut(t, w, cut);
    uint8_t *bits = mem_alloc(image.len);
    memcpy(bits, image.ptr, image.len);
    for (size_t bit = 0; bit < image.len * 8; bit += every) check_flip(t, w, bits, bit);
    mem_free(bits);
    for (size_t i = 0; i < w->records; i++) damage_account_done(&w->before[i]);
    mem_free(w);
    buffer_done(&image);
}

/* ---- random mutations of files ---- */

static void check_random(struct tests *t, const struct mutation_corpus *corpus,
                         uint64_t from, uint64_t count)
{
    for (uint64_t i = from; i < from + count; i++) {
        struct buffer image = {.ptr = NULL};
        struct damage_account a;
        char line[32];
        int length = snprintf(line, sizeof line, "%20llu\n", (unsigned long long)i);
        if (pwrite(t->place, line, (size_t)length, 0) != length) abort();
        const char *path = mutation_make(corpus, i, &image);
        run(t, buffer_bytes(&image), path, (size_t)i, &a);
        damage_account_done(&a);
        buffer_done(&image);
    }
}

static int random_main(struct tests *t, int count, char **arguments)
{
    uint64_t runs = strtoull(arguments[0], NULL, 10), from = 0;
    struct mutation_corpus corpus = {.count = 0};
    int at = 1;
    if (at + 1 < count && strcmp(arguments[at], "--from") == 0) {
        from = strtoull(arguments[at + 1], NULL, 10);
        at += 2;
    }
    for (; at < count; at++) mutation_add_file(&corpus, arguments[at]);
    if (corpus.count == 0) return 2;
    t->place = open("damage.case", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (t->place < 0) return 1;
    check_random(t, &corpus, from, runs);
    close(t->place);
    mutation_done(&corpus);
    return 0;
}

static int write_specimen(size_t index)
{
    struct buffer image = {.ptr = NULL};
    if (index >= SPECIMEN_COUNT) return 2;
    specimen_write(index, &image);
    size_t written = fwrite(image.ptr, 1, image.len, stdout);
    bool is_done = written == image.len && fflush(stdout) == 0;
    buffer_done(&image);
    return is_done ? 0 : 1;
}

int main(int count, char **arguments)
{
    struct tests t = {.place = -1};
    size_t every = 1;
    int rc = 0;
    const char *what = count > 2 ? arguments[1] : "";
    if (strcmp(what, "--write") == 0)
        return write_specimen((size_t)strtoull(arguments[2], NULL, 10));
    if (strcmp(what, "--every") == 0) every = (size_t)strtoull(arguments[2], NULL, 10);
    if (every == 0) return 2;
    if (strcmp(what, "--random") == 0)
        rc = random_main(&t, count - 2, arguments + 2);
    else
        for (size_t i = 0; i < SPECIMEN_COUNT; i++) check_specimen(&t, i, every);
    printf("%llu runs, the longest took %lld ms, %llu faults\n",
           (unsigned long long)t.runs, (long long)(t.longest_ns / 1000000),
           (unsigned long long)t.faults);
    return rc != 0 ? rc : t.faults > 0;
}
