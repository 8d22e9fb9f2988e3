#include "capture/savefile.h"

#include "capture/decompress.h"
#include "capture/savefile_info.h"

#include <string.h>

enum { SAVEFILE_PACKINGS = 4 };

struct savefile_format {
    const char *name,
        *packed_names[SAVEFILE_PACKINGS]; /* in the order of savefile_suffixes */
    bool (*is_begun_by)(struct bytes start);
    enum record (*open)(struct savefile *f);
    enum record (*next)(struct savefile *f, struct frame *frame);
    size_t (*take_plain)(struct savefile *f, struct frame *frames, size_t room);
};

static const char *const savefile_suffixes[SAVEFILE_PACKINGS] = {"gz", "zst", "lz4",
                                                                 "xz"};

/* ---- formats ---- */

static enum record savefile_open_pcap(struct savefile *f)
{
    return pcap_file_open(&f->pcap, &f->in, &f->info);
}

static enum record savefile_next_pcap(struct savefile *f, struct frame *frame)
{
    return pcap_file_next(&f->pcap, &f->in, &f->info, frame);
}

static size_t savefile_take_plain_pcap(struct savefile *f, struct frame *frames,
                                       size_t room)
{
    return pcap_file_take_plain(&f->pcap, &f->in, frames, room);
}

static enum record savefile_open_pcapng(struct savefile *f)
{
    pcapng_file_begin(&f->pcapng, f->secrets);
    struct frame none;
    /* The Section Header Block, so that a file which ends inside it is refused. */
    return pcapng_file_next(&f->pcapng, &f->in, &f->info, &none);
}

static enum record savefile_next_pcapng(struct savefile *f, struct frame *frame)
{
    return pcapng_file_next(&f->pcapng, &f->in, &f->info, frame);
}

static size_t savefile_take_plain_pcapng(struct savefile *f, struct frame *frames,
                                         size_t room)
{
    return pcapng_file_take_plain(&f->pcapng, &f->in, frames, room);
}

static bool savefile_is_anything(struct bytes start)
{
    (void)start;
    return true;
}

static enum record savefile_open_fallback(struct savefile *f)
{
    struct problem words = {.text = ""};
    if (pcap_fallback_open(&f->in, &f->info, &f->fallback, &words) == STATUS_OK)
        return RECORD_SKIPPED;
    if (!f->in.reason.text[0])
        problem_set(&f->in.reason, STATUS_FAILED,
                    "neither pcap nor pcapng (libpcap: %s)", words.text);
    return RECORD_DAMAGED;
}

static enum record savefile_next_fallback(struct savefile *f, struct frame *frame)
{
    return pcap_fallback_next(f->fallback, &f->in, &f->info, frame);
}

/* libpcap has one buffer for all. */
static size_t savefile_take_plain_fallback(struct savefile *f, struct frame *frames,
                                           size_t room)
{
    (void)f, (void)frames, (void)room;
    return 0;
}

/* clang-format off */
static const struct savefile_format savefile_formats[] = {
    { "pcap",    { "pcap.gz",    "pcap.zst",    "pcap.lz4",    "pcap.xz" },
      pcap_file_has_magic,   savefile_open_pcap,     savefile_next_pcap,
      savefile_take_plain_pcap },
    { "pcapng",  { "pcapng.gz",  "pcapng.zst",  "pcapng.lz4",  "pcapng.xz" },
      pcapng_file_is_header, savefile_open_pcapng,   savefile_next_pcapng,
      savefile_take_plain_pcapng },
    { "libpcap", { "libpcap.gz", "libpcap.zst", "libpcap.lz4", "libpcap.xz" },
      savefile_is_anything,  savefile_open_fallback, savefile_next_fallback,
      savefile_take_plain_fallback },
};
/* clang-format on */

/* Finds the format of what stands at the reader and reads its header. */
static enum record savefile_begin(struct savefile *f)
{
    struct bytes start = block_reader_want(&f->in, PCAPNG_FILE_PROBE_BYTES);
    f->format = savefile_formats;
    while (!f->format->is_begun_by(start)) f->format++;
    return f->format->open(f);
}

static const char *savefile_format_name(const struct savefile *f)
{
    const struct decompress_format *packed = f->in.packed;
    for (size_t i = 0; packed && i < ARRAY_LENGTH(savefile_suffixes); i++) {
        if (strcmp(savefile_suffixes[i], decompress_format_suffix(packed)) == 0)
            return f->format->packed_names[i];
    }
    return f->format->name;
}

/* ---- open ---- */

static enum status savefile_refuse(struct savefile *f, struct problem *why)
{
    const char *name = raw_file_name(f->info.path);
    struct problem reason = f->in.reason;
    bool is_empty = f->in.offset == 0 && block_reader_want(&f->in, 1).len == 0;
    bool is_stopped = f->in.raw.is_stopped;
    savefile_close(f);
    if (is_stopped)
        return problem_set(why, STATUS_FAILED, "%s: stopped before a capture came",
                           name);
    if (is_empty && !reason.text[0])
        return problem_set(why, STATUS_FAILED,
                           "%s: is empty: not even a capture's header was written",
                           name);
    return problem_set(why, STATUS_FAILED, "%s: not a capture that can be read: %s",
                       name, reason.text);
}

enum status savefile_open(struct savefile *f, const struct raw_origin *origin,
                          uint32_t capture_id, size_t block_bytes,
                          struct capture_secrets *secrets, struct problem *why)
{
    *f = (struct savefile){.secrets = secrets};
    savefile_info_begin(&f->info, origin->path ? origin->path : "memory", capture_id);
    enum status rc = block_reader_open(&f->in, origin, block_bytes, why);
    if (rc != STATUS_OK) {
        savefile_close(f);
        return rc;
    }
    if (block_reader_want(&f->in, 1).len == 0) return savefile_refuse(f, why);
    enum record begun = savefile_begin(f);
    if (begun == RECORD_SKIPPED) {
        f->info.format = savefile_format_name(f);
        return STATUS_OK;
    }
    return savefile_refuse(f, why);
}

/* ---- next ---- */

static void savefile_tell_damage(struct savefile *f)
{
    const char *packed = f->in.packed ? " of the unpacked data" : "";
    problem_set(&f->info.damage, STATUS_DAMAGED,
                "%s: damaged at byte %llu%s: %s; rows before it are kept",
                raw_file_name(f->info.path), (unsigned long long)f->in.mark, packed,
                f->in.reason.text);
}

bool savefile_next(struct savefile *f, struct frame *frame)
{
    frame->interface = 0;
    for (;;) {
        enum record result = f->format->next(f, frame);
        if (result == RECORD_HEADER) result = savefile_begin(f);
        switch (result) {
        case RECORD_FRAME:
            f->number++;
            frame->ref = (uint64_t)f->info.capture_id << 32 | f->number;
            return true;
        case RECORD_SKIPPED:
        case RECORD_HEADER: break;
        case RECORD_END: f->info.is_at_end = !f->in.raw.is_stopped; return false;
        case RECORD_DAMAGED:
            f->info.is_at_end = true;
            savefile_tell_damage(f);
            return false;
        }
    }
}

size_t savefile_take_plain(struct savefile *f, struct frame *frames, size_t room)
{
    size_t count = f->format->take_plain(f, frames, room);
    uint64_t ref = (uint64_t)f->info.capture_id << 32 | f->number;
    for (size_t i = 0; i < count; i++) frames[i].ref = ++ref;
    f->number += (uint32_t)count;
    return count;
}

struct capture_block *savefile_hold(struct savefile *f)
{
    return f->fallback ? NULL : block_reader_hold(&f->in); /* libpcap has its own */
}

void savefile_close(struct savefile *f)
{
    pcap_fallback_free(f->fallback);
    f->fallback = NULL;
    pcapng_file_done(&f->pcapng);
    block_reader_close(&f->in);
    f->format = NULL;
}
