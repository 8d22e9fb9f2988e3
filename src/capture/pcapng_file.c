#include "capture/pcapng_file.h"

#include <string.h>

#include "capture/capture_secrets.h"
#include "capture/pcap_file.h"
#include "capture/pcapng_interface.h"
#include "capture/pcapng_options.h"
#include "capture/savefile_info.h"

enum {
    PCAPNG_BLOCK_FRAME_BYTES = 12, /* type and both lengths */
    PCAPNG_BODY_AT = 8,
    PCAPNG_OPTIONS_BYTES_MAX = 1 << 20, /* beside a frame of the largest size */
    PCAPNG_INTERFACES_MAX = 1 << 16,    /* of one section */
    PCAPNG_VERSION_MAJOR = 1,
};

static const uint8_t pcapng_section_type[4] = {0x0a, 0x0d, 0x0d, 0x0a};
#define PCAPNG_ORDER 0x1a2b3c4du
static const uint8_t pcapng_order_big[4] = {0x1a, 0x2b, 0x3c, 0x4d};
static const uint8_t pcapng_order_little[4] = {0x4d, 0x3c, 0x2b, 0x1a};

/* What a block's handler works on. */
struct pcapng_block {
    struct pcapng_file *file;
    struct block_reader *in;
    struct capture_info *info;
    struct frame *frame;
    struct cursor body;
};

bool pcapng_file_is_header(struct bytes start)
{
    if (start.len < PCAPNG_FILE_PROBE_BYTES) return false;
    const uint8_t *order = start.ptr + PCAPNG_BODY_AT;
    return memcmp(start.ptr, pcapng_section_type, 4) == 0 &&
           (memcmp(order, pcapng_order_big, 4) == 0 ||
            memcmp(order, pcapng_order_little, 4) == 0);
}

void pcapng_file_begin(struct pcapng_file *f, struct capture_secrets *secrets)
{
    f->interface_count = 0;
    f->secrets = secrets;
}

void pcapng_file_done(struct pcapng_file *f)
{
    mem_free(f->interfaces);
    *f = (struct pcapng_file){.interfaces = NULL};
}

static enum record pcapng_file_damage(struct block_reader *in, const char *reason)
{
    problem_set(&in->reason, STATUS_DAMAGED, "%s", reason);
    return RECORD_DAMAGED;
}

/* ---- blocks ---- */

/* 4.1: its byte order is the cursor's already, if it has one. */
static enum record pcapng_file_read_section(struct pcapng_block *b)
{
    if (cursor_32(&b->body) != PCAPNG_ORDER)
        return pcapng_file_damage(b->in, "a section does not tell its byte order");
    uint16_t major = cursor_16(&b->body);
    uint16_t minor = cursor_16(&b->body);
    if (major != PCAPNG_VERSION_MAJOR) {
        problem_set(&b->in->reason, STATUS_DAMAGED, "pcapng version %u.%u is not known",
                    (unsigned)major, (unsigned)minor);
        return RECORD_DAMAGED;
    }
    b->file->interface_count = 0;
    return RECORD_SKIPPED;
}

/* 4.2 */
static enum record pcapng_file_read_interface(struct pcapng_block *b)
{
    struct pcapng_file *f = b->file;
    if (f->interface_count == PCAPNG_INTERFACES_MAX)
        return pcapng_file_damage(b->in,
                                  "a section declares more than 65536 interfaces");
    if (f->interface_count == f->interface_capacity) {
        f->interface_capacity = f->interface_capacity ? 2 * f->interface_capacity : 4;
        f->interfaces =
            mem_resize(f->interfaces, f->interface_capacity * sizeof *f->interfaces);
    }
    struct pcapng_interface *i = &f->interfaces[f->interface_count];
    if (!pcapng_interface_read(i, b->body))
        return pcapng_file_damage(b->in, "the options of an interface are cut, so the "
                                         "times of its frames could not be trusted");
    f->interface_count++;
    savefile_info_add_interface(b->info, i->link_type, i->snaplen);
    struct capture_interface told = {.link_type = i->link_type, .snaplen = i->snaplen};
    memcpy(told.name, i->name, sizeof told.name);
    i->number = savefile_info_number(b->info, &told);
    return RECORD_SKIPPED;
}

static struct pcapng_interface *pcapng_file_interface(struct pcapng_block *b,
                                                      uint32_t id)
{
    if (id < b->file->interface_count) return &b->file->interfaces[id];
    problem_set(&b->in->reason, STATUS_DAMAGED,
                "a block names interface %u, and %zu are declared before it",
                (unsigned)id, b->file->interface_count);
    return NULL;
}

/* The frame has no time, or one that cannot be. The frame before is the nearest guess,
 * and unlike a far future it cannot make the connections around it look idle for years.
 */
static void pcapng_file_borrow_time(struct pcapng_block *b)
{
    b->frame->captured_ns = b->file->last_ns;
    b->info->odd_times++;
}

/* Takes the frame's bytes off the block's body. */
static enum record pcapng_file_give(struct pcapng_block *b,
                                    const struct pcapng_interface *i)
{
    struct frame *frame = b->frame;
    frame->data = cursor_take(&b->body, frame->captured);
    if (b->body.is_short)
        return pcapng_file_damage(b->in, "a frame is longer than the block it is in");
    if (frame->captured > CAPTURE_FRAME_MAX)
        return pcapng_file_damage(b->in, "a frame is longer than any link carries");
    if (frame->length < frame->captured) frame->length = frame->captured;
    frame->link_type = i->link_type;
    frame->interface = i->number;
    b->file->last_ns = frame->captured_ns;
    return RECORD_FRAME;
}

/* The fields that the two packet blocks have in common, behind the interface. */
static enum record pcapng_file_read_timed(struct pcapng_block *b, uint32_t interface_id)
{
    uint64_t high = cursor_32(&b->body);
    uint64_t low = cursor_32(&b->body);
    b->frame->captured = cursor_32(&b->body);
    b->frame->length = cursor_32(&b->body);
    const struct pcapng_interface *i = pcapng_file_interface(b, interface_id);
    if (!i) return RECORD_DAMAGED;
    b->frame->captured_ns = pcapng_interface_time(i, high << 32 | low);
    if (b->frame->captured_ns < 0) pcapng_file_borrow_time(b);
    return pcapng_file_give(b, i);
}

/* 4.3 */
static enum record pcapng_file_read_enhanced(struct pcapng_block *b)
{
    return pcapng_file_read_timed(b, cursor_32(&b->body));
}

/* Appendix A, obsolete: the interface's number and a drop counter in one word. */
static enum record pcapng_file_read_old_packet(struct pcapng_block *b)
{
    uint16_t interface_id = cursor_16(&b->body);
    cursor_skip(&b->body, 2);
    return pcapng_file_read_timed(b, interface_id);
}

/* 4.4: of the first interface, cut at its snaplen, and without a time. */
static enum record pcapng_file_read_simple(struct pcapng_block *b)
{
    const struct pcapng_interface *i = pcapng_file_interface(b, 0);
    if (!i) return RECORD_DAMAGED;
    uint32_t length = cursor_32(&b->body);
    size_t captured = cursor_left(&b->body);
    if (captured > length) captured = length;
    if (i->snaplen > 0 && captured > i->snaplen) captured = i->snaplen;
    b->frame->length = length;
    b->frame->captured = (uint32_t)captured;
    pcapng_file_borrow_time(b);
    return pcapng_file_give(b, i);
}

/* 4.6: only a count, so a cut one is passed over. */
static enum record pcapng_file_read_statistics(struct pcapng_block *b)
{
    uint32_t id = cursor_32(&b->body);
    cursor_skip(&b->body, 8); /* when they were taken */
    if (b->body.is_short || id >= b->file->interface_count) return RECORD_SKIPPED;
    pcapng_interface_count_drops(&b->file->interfaces[id], b->body,
                                 &b->info->kernel_dropped, &b->info->interface_dropped);
    return RECORD_SKIPPED;
}

/* 4.7 */
static enum record pcapng_file_read_secrets(struct pcapng_block *b)
{
    uint32_t type = cursor_32(&b->body);
    uint32_t length = cursor_32(&b->body);
    struct bytes data = cursor_take(&b->body, length);
    if (b->body.is_short)
        return pcapng_file_damage(b->in, "a secret is longer than the block it is in");
    b->info->secrets++;
    capture_secrets_keep(b->file->secrets, b->info->capture_id, type, data);
    return RECORD_SKIPPED;
}

enum {
    PCAPNG_BLOCK_ENHANCED = 0x00000006,
    PCAPNG_ENHANCED_BYTES = 20, /* before the frame */
};

struct pcapng_block_row {
    uint32_t type;
    uint32_t body_bytes_min;
    enum record (*read)(struct pcapng_block *b);
};

/* clang-format off */
static const struct pcapng_block_row pcapng_block_rows[] = {
    { PCAPNG_BLOCK_ENHANCED, PCAPNG_ENHANCED_BYTES, pcapng_file_read_enhanced },
    { 0x00000003,  4, pcapng_file_read_simple },
    { 0x00000002, 20, pcapng_file_read_old_packet },
    { 0x00000001,  8, pcapng_file_read_interface },
    { 0x00000005, 12, pcapng_file_read_statistics },
    { 0x0000000a,  8, pcapng_file_read_secrets },
    { 0x0a0d0d0a, 16, pcapng_file_read_section },
};
/* clang-format on */

static const struct pcapng_block_row *pcapng_file_row(uint32_t type)
{
    for (size_t i = 0; i < ARRAY_LENGTH(pcapng_block_rows); i++) {
        if (pcapng_block_rows[i].type == type) return &pcapng_block_rows[i];
    }
    return NULL; /* a kind that is not needed, or not known: passed over */
}

/* ---- framing, 3.1 ---- */

static enum record pcapng_file_check_trailer(const struct pcapng_file *f,
                                             struct block_reader *in,
                                             struct bytes trailer, uint32_t length)
{
    struct cursor c = cursor_of(trailer);
    c.is_little = f->is_little;
    if (cursor_32(&c) == length) return RECORD_SKIPPED;
    return pcapng_file_damage(in,
                              "a block's length at its end differs from that at its "
                              "beginning");
}

/* Passes over a block of any length, as far as its trailer proves it one. */
static enum record pcapng_file_skip(const struct pcapng_file *f,
                                    struct block_reader *in, uint32_t length)
{
    if (!block_reader_skip(in, length - 4))
        return savefile_record_cut(in, length, "a block");
    struct bytes trailer = block_reader_want(in, 4);
    if (trailer.len < 4) return savefile_record_cut(in, length, "a block");
    enum record result = pcapng_file_check_trailer(f, in, trailer, length);
    if (result == RECORD_SKIPPED) block_reader_take(in, 4);
    return result;
}

static enum record pcapng_file_read(struct pcapng_block *b,
                                    const struct pcapng_block_row *row, uint32_t length)
{
    struct block_reader *in = b->in;
    if (length - PCAPNG_BLOCK_FRAME_BYTES < row->body_bytes_min ||
        length > CAPTURE_FRAME_MAX + PCAPNG_OPTIONS_BYTES_MAX)
        return pcapng_file_damage(in, "a block's length does not fit its kind");
    struct bytes whole = block_reader_want(in, length);
    if (whole.len < length) return savefile_record_cut(in, length, "a block");
    whole = bytes_first(whole, length);
    enum record result =
        pcapng_file_check_trailer(b->file, in, bytes_from(whole, length - 4), length);
    if (result != RECORD_SKIPPED) return result;
    b->body = cursor_of(bytes_from(bytes_first(whole, length - 4), PCAPNG_BODY_AT));
    b->body.is_little = b->file->is_little;
    result = row->read(b);
    if (result != RECORD_DAMAGED) block_reader_take(in, length);
    return result;
}

enum record pcapng_file_next(struct pcapng_file *f, struct block_reader *in,
                             struct capture_info *info, struct frame *frame)
{
    block_reader_mark(in);
    struct bytes start = block_reader_want(in, PCAPNG_BLOCK_FRAME_BYTES);
    if (start.len == 0) return savefile_record_end(in);
    if (start.len < PCAPNG_BLOCK_FRAME_BYTES)
        return savefile_record_cut(in, PCAPNG_BLOCK_FRAME_BYTES, "a block's header");
    if (pcapng_file_is_header(start))
        f->is_little = memcmp(start.ptr + PCAPNG_BODY_AT, pcapng_order_little, 4) == 0;
    else if (pcap_file_is_header(block_reader_want(in, PCAP_FILE_PROBE_BYTES)))
        return RECORD_HEADER;
    start = block_reader_want(in, PCAPNG_BLOCK_FRAME_BYTES);
    struct cursor c = cursor_of(start);
    c.is_little = f->is_little;
    uint32_t type = cursor_32(&c);
    uint32_t length = cursor_32(&c);
    if (length < PCAPNG_BLOCK_FRAME_BYTES || length % 4 != 0)
        return pcapng_file_damage(in, "a block's length is impossible");
    const struct pcapng_block_row *row = pcapng_file_row(type);
    if (!row) return pcapng_file_skip(f, in, length);
    struct pcapng_block b = {.file = f, .in = in, .info = info, .frame = frame};
    return pcapng_file_read(&b, row, length);
}

/* ---- many at once ---- */

/* Moves `all` over an Enhanced Packet Block that pcapng_file_next would give `frame`
 * for. False: it is anything else, or has to be looked at. */
static inline bool pcapng_file_take_enhanced(const struct pcapng_file *f,
                                             struct cursor *all, struct frame *frame)
{
    struct cursor ahead = *all, c, body;
    if (!cursor_enter(&ahead, PCAPNG_BODY_AT, &c)) return false;
    uint32_t type = cursor_32(&c);
    uint32_t length = cursor_32(&c);
    if (type != PCAPNG_BLOCK_ENHANCED || length % 4 != 0 ||
        length > CAPTURE_FRAME_MAX ||
        length < PCAPNG_BLOCK_FRAME_BYTES + PCAPNG_ENHANCED_BYTES ||
        !cursor_enter(&ahead, length - PCAPNG_BLOCK_FRAME_BYTES, &body) ||
        cursor_32(&ahead) != length)
        return false;
    uint32_t interface_id = cursor_32(&body);
    uint64_t high = cursor_32(&body);
    uint64_t low = cursor_32(&body);
    uint32_t captured = cursor_32(&body);
    uint32_t on_wire = cursor_32(&body);
    if (interface_id >= f->interface_count || captured > cursor_left(&body))
        return false;
    const struct pcapng_interface *i = &f->interfaces[interface_id];
    block_reader_expect(body.at, captured);
    *frame = (struct frame){
        .captured_ns = pcapng_interface_time(i, high << 32 | low),
        .link_type = i->link_type,
        .captured = captured,
        .length = on_wire < captured ? captured : on_wire,
        .interface = i->number,
        .data = cursor_take(&body, captured),
    };
    *all = ahead;
    return frame->captured_ns >= 0;
}

size_t pcapng_file_take_plain(struct pcapng_file *f, struct block_reader *in,
                              struct frame *frames, size_t room)
{
    struct cursor all = cursor_of(bytes_of(in->at, (size_t)(in->end - in->at)));
    all.is_little = f->is_little;
    size_t count = 0;
    const uint8_t *end = all.at; /* of the last one that was taken */
    while (count < room && pcapng_file_take_enhanced(f, &all, &frames[count])) {
        f->last_ns = frames[count++].captured_ns;
        end = all.at;
    }
    block_reader_take(in, (size_t)(end - in->at));
    return count;
}
