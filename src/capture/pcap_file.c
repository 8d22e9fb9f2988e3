#include "capture/pcap_file.h"

#include <string.h>

#include "capture/capture_time.h"
#include "capture/link_type.h"
#include "capture/savefile_info.h"

enum { PCAP_FILE_RECORD_BYTES = 16 }; /* of a record's header, but for one kind */

struct pcap_file_kind {
    uint8_t magic[4]; /* as a big-endian machine writes it */
    uint8_t record_header_bytes;
    uint32_t unit_ns; /* of a record's fraction of a second */
};

/* clang-format off */
static const struct pcap_file_kind pcap_file_kinds[] = {
    { { 0xa1, 0xb2, 0xc3, 0xd4 }, 16, 1000 },
    { { 0xa1, 0xb2, 0x3c, 0x4d }, 16, 1 },
    /* Alexey Kuznetzov's patch of 1999: interface, protocol and packet type follow. */
    { { 0xa1, 0xb2, 0xcd, 0x34 }, 24, 1000 },
};

static const struct { uint16_t major, minor; enum pcap_file_lengths lengths; }
pcap_file_versions[] = {
    { 2,   4, PCAP_LENGTHS_PLAIN },
    { 2,   3, PCAP_LENGTHS_EITHER },
    { 2,   2, PCAP_LENGTHS_SWAPPED },
    { 2,   1, PCAP_LENGTHS_SWAPPED },
    { 2,   0, PCAP_LENGTHS_SWAPPED },
    { 543, 0, PCAP_LENGTHS_SWAPPED }, /* tcpdump of DG/UX */
};
/* clang-format on */

/* Any magic of the table, in either byte order. */
static const struct pcap_file_kind *pcap_file_kind_of(struct bytes start,
                                                      bool *is_little)
{
    if (start.len < 4) return NULL;
    const uint8_t *b = start.ptr;
    const uint8_t reversed[4] = {b[3], b[2], b[1], b[0]};
    for (size_t i = 0; i < ARRAY_LENGTH(pcap_file_kinds); i++) {
        const struct pcap_file_kind *kind = &pcap_file_kinds[i];
        *is_little = memcmp(kind->magic, reversed, 4) == 0;
        if (*is_little || memcmp(kind->magic, b, 4) == 0) return kind;
    }
    return NULL;
}

static enum pcap_file_lengths pcap_file_lengths_of(uint16_t major, uint16_t minor)
{
    for (size_t i = 0; i < ARRAY_LENGTH(pcap_file_versions); i++) {
        if (pcap_file_versions[i].major == major &&
            pcap_file_versions[i].minor == minor)
            return pcap_file_versions[i].lengths;
    }
    return PCAP_LENGTHS_UNKNOWN;
}

bool pcap_file_has_magic(struct bytes start)
{
    bool is_little;
    return pcap_file_kind_of(start, &is_little) != NULL;
}

bool pcap_file_is_header(struct bytes start)
{
    if (start.len < PCAP_FILE_PROBE_BYTES) return false;
    struct cursor in = cursor_of(bytes_from(start, 8));
    /* Zone and accuracy, which nobody sets: read as a record, it would be empty. */
    if (cursor_64(&in) != 0) return false;
    bool is_little = false;
    if (!pcap_file_kind_of(start, &is_little)) return false;
    in = cursor_of(bytes_from(start, 4));
    in.is_little = is_little;
    uint16_t major = cursor_16(&in);
    uint16_t minor = cursor_16(&in);
    return pcap_file_lengths_of(major, minor) != PCAP_LENGTHS_UNKNOWN;
}

enum record pcap_file_open(struct pcap_file *f, struct block_reader *in,
                           struct capture_info *info)
{
    block_reader_mark(in);
    struct bytes start = block_reader_want(in, PCAP_FILE_HEADER_BYTES);
    if (start.len < PCAP_FILE_HEADER_BYTES)
        return savefile_record_cut(in, PCAP_FILE_HEADER_BYTES, "the pcap header");
    f->kind = pcap_file_kind_of(start, &f->is_little);
    struct cursor c = cursor_of(start);
    c.is_little = f->is_little;
    cursor_skip(&c, 4); /* magic */
    uint16_t major = cursor_16(&c);
    uint16_t minor = cursor_16(&c);
    cursor_skip(&c, 8); /* zone, accuracy */
    uint32_t snaplen = cursor_32(&c);
    f->link_type = link_type_from_file(cursor_32(&c));
    f->lengths = pcap_file_lengths_of(major, minor);
    if (f->lengths == PCAP_LENGTHS_UNKNOWN) {
        problem_set(&in->reason, STATUS_DAMAGED, "pcap version %u.%u is not known",
                    (unsigned)major, (unsigned)minor);
        return RECORD_DAMAGED;
    }
    block_reader_take(in, PCAP_FILE_HEADER_BYTES);
    savefile_info_add_interface(info, f->link_type, snaplen);
    return RECORD_SKIPPED;
}

/* The lengths as this file's version means them. */
static void pcap_file_order_lengths(const struct pcap_file *f, struct frame *frame)
{
    bool is_swapped =
        f->lengths == PCAP_LENGTHS_SWAPPED ||
        (f->lengths == PCAP_LENGTHS_EITHER && frame->captured > frame->length);
    if (!is_swapped) return;
    uint32_t first = frame->captured;
    frame->captured = frame->length;
    frame->length = first;
}

enum record pcap_file_next(struct pcap_file *f, struct block_reader *in,
                           struct capture_info *info, struct frame *frame)
{
    block_reader_mark(in);
    size_t header = f->kind->record_header_bytes;
    struct bytes record = block_reader_want(in, header);
    if (record.len == 0) return savefile_record_end(in);
    if (savefile_record_is_header(record)) return RECORD_HEADER;
    if (record.len < header)
        return savefile_record_cut(in, header, "a record's header");

    struct cursor c = cursor_of(bytes_first(record, header));
    c.is_little = f->is_little;
    uint32_t seconds = cursor_32(&c);
    uint32_t fraction = cursor_32(&c);
    frame->captured = cursor_32(&c);
    frame->length = cursor_32(&c);
    pcap_file_order_lengths(f, frame);
    if (frame->captured == 0 && block_reader_is_cut(in)) return savefile_record_end(in);
    if (frame->captured > CAPTURE_FRAME_MAX) {
        problem_set(&in->reason, STATUS_DAMAGED,
                    "a record claims a frame of %u bytes, which no link carries",
                    (unsigned)frame->captured);
        return RECORD_DAMAGED;
    }
    /* Longer than the header's snaplen is no reason to cut: the bytes are there. */
    record = block_reader_want(in, header + frame->captured);
    if (record.len < header + frame->captured)
        return savefile_record_cut(in, header + frame->captured, "a record");
    if (frame->length < frame->captured) frame->length = frame->captured;
    uint64_t fraction_ns =
        capture_time_fraction((uint64_t)fraction * f->kind->unit_ns, &info->odd_times);
    frame->captured_ns = capture_time_of(seconds, fraction_ns);
    frame->link_type = f->link_type;
    frame->data = bytes_of(record.ptr + header, frame->captured);
    block_reader_take(in, header + frame->captured);
    return RECORD_FRAME;
}

/* Any record of the file is read here as pcap_file_next would read it, or left to it.
 * `is_little` is a constant at each call. */
__attribute__((always_inline)) static inline size_t
pcap_file_take_records(const struct pcap_file *f, struct block_reader *in,
                       struct frame *frames, size_t room, bool is_little)
{
    const uint32_t unit_ns = f->kind->unit_ns;
    const uint32_t second = CAPTURE_TIME_SECOND_NS / unit_ns;
    struct cursor all = cursor_of(bytes_of(in->at, (size_t)(in->end - in->at))), c;
    size_t count = 0;
    for (struct cursor ahead = all; count < room; count++, all = ahead) {
        if (!cursor_enter(&ahead, PCAP_FILE_RECORD_BYTES, &c)) break;
        c.is_little = is_little;
        uint32_t seconds = cursor_32(&c);
        uint32_t fraction = cursor_32(&c);
        uint32_t captured = cursor_32(&c);
        uint32_t length = cursor_32(&c);
        /* Another capture's header: a pcap's reads as no bytes at all, a pcapng's as
         * more than any link carries. */
        if (captured == 0 || captured > CAPTURE_FRAME_MAX || fraction >= second) break;
        struct bytes data = cursor_take(&ahead, captured);
        if (ahead.is_short) break;
        block_reader_expect(data.ptr, captured);
        frames[count] = (struct frame){
            .captured_ns = capture_time_of(seconds, (uint64_t)fraction * unit_ns),
            .link_type = f->link_type,
            .captured = captured,
            .length = length < captured ? captured : length,
            .data = data,
        };
    }
    block_reader_take(in, (size_t)(all.at - in->at));
    return count;
}

size_t pcap_file_take_plain(const struct pcap_file *f, struct block_reader *in,
                            struct frame *frames, size_t room)
{
    if (f->lengths != PCAP_LENGTHS_PLAIN ||
        f->kind->record_header_bytes != PCAP_FILE_RECORD_BYTES)
        return 0;
    return f->is_little ? pcap_file_take_records(f, in, frames, room, true)
                        : pcap_file_take_records(f, in, frames, room, false);
}
