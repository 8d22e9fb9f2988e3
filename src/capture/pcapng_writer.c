/* A pcapng file as it grows: section, one interface for each link type, packets, and at
 * the end what was lost (draft-ietf-opsawg-pcapng, 4.1 to 4.6).
 *
 *   frame --> waiting bytes --a quarter of a MiB, or flush--> write(2)
 *
 * Numbers are little-endian, times nanoseconds. */
#include "hopscope/live_capture.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/pcapng_options.h"

enum {
    PCAPNG_WRITER_WAITING_BYTES = 256 << 10,
    PCAPNG_WRITER_INTERFACES_MAX = 64,
    PCAPNG_WRITER_PACKET_BYTES = 32, /* of a packet's block beside its data */
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
    BLOCK_SECRETS = 10,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_INTERFACE_NAME = 2,    /* if_name */
    OPTION_RESOLUTION = 9,        /* if_tsresol */
    OPTION_FILTER = 11,           /* if_filter */
    OPTION_PROGRAM = 4,           /* shb_userappl */
    OPTION_INTERFACE_DROPPED = 5, /* isb_ifdrop */
    OPTION_KERNEL_DROPPED = 7,    /* isb_osdrop */
};

struct pcapng_writer {
    struct pcapng_writer_options options; /* its texts are ours */
    char *texts[4];
    int fd;
    struct buffer waiting;
    uint64_t written_bytes;
    int64_t last_ns;
    struct capture_interface interfaces[PCAPNG_WRITER_INTERFACES_MAX];
    uint32_t interface_count;
    enum status status;
    struct problem why;
};

/* ---- bytes ---- */

static void add_number(struct buffer *out, uint64_t value, size_t bytes)
{
    uint8_t text[8];
    for (size_t i = 0; i < bytes; i++) text[i] = (uint8_t)(value >> 8 * i);
    buffer_append(out, bytes_of(text, bytes));
}

/* The same for what every packet has: all at once is quicker. */
static void pack_32(uint8_t *out, uint32_t value)
{
    for (size_t i = 0; i < 4; i++) out[i] = (uint8_t)(value >> 8 * i);
}

static void add_padded(struct buffer *out, struct bytes data)
{
    static const uint8_t zeros[4];
    buffer_append(out, data);
    buffer_append(out, bytes_of(zeros, pcapng_options_padding(data.len)));
}

static void add_option(struct buffer *out, unsigned code, struct bytes value)
{
    if (code != OPTION_END && value.ptr == NULL) return;
    struct bytes kept = bytes_first(value, UINT16_MAX);
    add_number(out, code, 2);
    add_number(out, kept.len, 2);
    add_padded(out, kept);
}

/* A block's type and length, which is known when it is whole. Returns its start. */
static size_t begin_block(struct buffer *out, uint32_t type)
{
    size_t start = out->len;
    add_number(out, type, 4);
    add_number(out, 0, 4);
    return start;
}

static void end_block(struct buffer *out, size_t start)
{
    uint32_t length = (uint32_t)(out->len - start + 4);
    add_number(out, length, 4);
    memcpy(out->ptr + start + 4, out->ptr + out->len - 4, 4);
}

/* ---- blocks ---- */

static void add_section(struct pcapng_writer *w)
{
    struct buffer *out = &w->waiting;
    size_t start = begin_block(out, BLOCK_SECTION);
    add_number(out, 0x1a2b3c4d, 4);
    add_number(out, 1, 2); /* version 1.0 */
    add_number(out, 0, 2);
    add_number(out, UINT64_MAX, 8); /* the section's length is not known */
    add_option(out, OPTION_PROGRAM, bytes_of_text(w->options.program));
    add_option(out, OPTION_END, bytes_of("", 0));
    end_block(out, start);
}

static void add_interface(struct pcapng_writer *w,
                          const struct capture_interface *interface)
{
    struct buffer *out = &w->waiting;
    size_t start = begin_block(out, BLOCK_INTERFACE);
    struct bytes name = bytes_of_text(interface->name);
    add_number(out, interface->link_type, 2);
    add_number(out, 0, 2);
    add_number(out, interface->snaplen, 4);
    if (name.len == 0) name = bytes_of_text(w->options.interface);
    add_option(out, OPTION_INTERFACE_NAME, name);
    add_option(out, OPTION_RESOLUTION, bytes_of("\x09", 1));
    if (w->options.filter != NULL) {
        struct buffer filter = {.ptr = NULL};
        add_number(&filter, 0, 1); /* as text */
        buffer_append_text(&filter, w->options.filter);
        add_option(out, OPTION_FILTER, buffer_bytes(&filter));
        buffer_done(&filter);
    }
    add_option(out, OPTION_END, bytes_of("", 0));
    end_block(out, start);
}

/* The number of an interface; one that is new is declared. Beyond the cap, one of the
 * same link type lends its own, if there is any. */
static uint32_t interface_of(struct pcapng_writer *w,
                             const struct capture_interface *interface)
{
    uint32_t alike = 0;
    for (uint32_t i = 0; i < w->interface_count; i++) {
        const struct capture_interface *known = &w->interfaces[i];
        if (known->link_type != interface->link_type) continue;
        alike = i;
        bool is_same = known->snaplen == interface->snaplen &&
                       strcmp(known->name, interface->name) == 0;
        if (is_same) return i;
    }
    if (w->interface_count == PCAPNG_WRITER_INTERFACES_MAX) return alike;
    add_interface(w, interface);
    w->interfaces[w->interface_count] = *interface;
    return w->interface_count++;
}

static uint32_t interface_of_link_type(struct pcapng_writer *w, uint32_t link_type)
{
    const struct capture_interface interface = {.link_type = link_type,
                                                .snaplen = w->options.snaplen};
    return interface_of(w, &interface);
}

static void add_drops(struct pcapng_writer *w, const struct live_capture_drops *drops)
{
    struct buffer *out = &w->waiting, number = {.ptr = NULL};
    size_t start = begin_block(out, BLOCK_STATISTICS);
    add_number(out, 0, 4); /* the first interface */
    add_number(out, (uint64_t)w->last_ns >> 32, 4);
    add_number(out, (uint64_t)w->last_ns & UINT32_MAX, 4);
    add_number(&number, drops->interface, 8);
    add_option(out, OPTION_INTERFACE_DROPPED, buffer_bytes(&number));
    buffer_clear(&number);
    add_number(&number, drops->kernel, 8);
    add_option(out, OPTION_KERNEL_DROPPED, buffer_bytes(&number));
    add_option(out, OPTION_END, bytes_of("", 0));
    end_block(out, start);
    buffer_done(&number);
}

/* ---- the file ---- */

enum status pcapng_writer_flush(struct pcapng_writer *w)
{
    struct bytes rest = buffer_bytes(&w->waiting);
    while (w->status == STATUS_OK && rest.len > 0) {
        ssize_t done = write(w->fd, rest.ptr, rest.len);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            w->status = problem_set(&w->why, STATUS_FAILED,
                                    "packets cannot be written to %s any more: %s",
                                    w->options.path, strerror(errno));
            break;
        }
        w->written_bytes += (uint64_t)done;
        rest = bytes_from(rest, (size_t)done);
    }
    buffer_clear(&w->waiting);
    return w->status;
}

static const char *keep(struct pcapng_writer *w, size_t at, const char *text)
{
    if (text != NULL) w->texts[at] = mem_copy_text(text);
    return w->texts[at];
}

static void writer_free(struct pcapng_writer *w)
{
    if (w->fd >= 0) close(w->fd);
    for (size_t i = 0; i < ARRAY_LENGTH(w->texts); i++) mem_free(w->texts[i]);
    buffer_done(&w->waiting);
    mem_free(w);
}

/* Half a file is worse than none; a pipe or a device is not ours to remove. */
static void remove_file(const struct pcapng_writer *w)
{
    struct stat about;
    if (fstat(w->fd, &about) == 0 && S_ISREG(about.st_mode)) unlink(w->options.path);
}

enum status pcapng_writer_open(const struct pcapng_writer_options *options,
                               struct pcapng_writer **out, struct problem *why)
{
    int flags = O_CREAT | O_WRONLY | (options->replaces ? O_TRUNC : O_EXCL);
    int fd = output_file_open(options->path, flags);
    if (fd < 0 && errno == EEXIST)
        return problem_set(why, STATUS_FAILED,
                           "%s is there already: remove it, or choose another name",
                           options->path);
    if (fd < 0)
        return problem_set(why, STATUS_FAILED, "cannot make %s: %s", options->path,
                           output_file_error(errno));
    struct pcapng_writer *w = mem_alloc(sizeof *w);
    w->fd = fd;
    w->options = *options;
    w->options.path = keep(w, 0, options->path);
    w->options.interface = keep(w, 1, options->interface);
    w->options.filter = keep(w, 2, options->filter);
    w->options.program = keep(w, 3, options->program);
    add_section(w);
    if (!options->is_part) interface_of_link_type(w, options->link_type);
    enum status rc = pcapng_writer_flush(w);
    if (rc == STATUS_OK) {
        *out = w;
        return rc;
    }
    problem_set(why, rc, "%s", w->why.text);
    remove_file(w);
    writer_free(w);
    return rc;
}

/* The packet's block, which ends in `options`. */
static enum status add_packet(struct pcapng_writer *w, const struct frame *frame,
                              uint32_t interface, struct bytes options)
{
    struct buffer *out = &w->waiting;
    size_t padding = pcapng_options_padding(frame->captured);
    uint32_t length = (uint32_t)(PCAPNG_WRITER_PACKET_BYTES + frame->captured +
                                 padding + options.len);
    uint64_t time = (uint64_t)frame->captured_ns;
    const uint32_t head[] = {BLOCK_PACKET,           length,         interface,
                             (uint32_t)(time >> 32), (uint32_t)time, frame->captured,
                             frame->length};
    uint8_t packed[sizeof head], tail[4] = {0}, last[4];
    for (size_t i = 0; i < ARRAY_LENGTH(head); i++) pack_32(packed + 4 * i, head[i]);
    pack_32(last, length);
    buffer_append(out, bytes_of(packed, sizeof packed));
    buffer_append(out, frame->data);
    buffer_append(out, bytes_of(tail, padding));
    buffer_append(out, options);
    buffer_append(out, bytes_of(last, sizeof last));
    w->last_ns = frame->captured_ns;
    if (out->len < PCAPNG_WRITER_WAITING_BYTES) return STATUS_OK;
    return pcapng_writer_flush(w);
}

enum status pcapng_writer_frame(struct pcapng_writer *w, const struct frame *frame)
{
    if (w->status != STATUS_OK) return w->status;
    uint32_t interface = interface_of_link_type(w, frame->link_type);
    return add_packet(w, frame, interface, bytes_of("", 0));
}

enum status pcapng_writer_packet(struct pcapng_writer *w, const struct frame *frame,
                                 const struct capture_interface *interface,
                                 struct bytes comment)
{
    if (w->status != STATUS_OK) return w->status;
    struct buffer options = {.ptr = NULL};
    uint32_t number = interface == NULL ? interface_of_link_type(w, frame->link_type)
                                        : interface_of(w, interface);
    if (comment.len > 0) {
        add_option(&options, OPTION_COMMENT, comment);
        add_option(&options, OPTION_END, bytes_of("", 0));
    }
    enum status rc = add_packet(w, frame, number, buffer_bytes(&options));
    buffer_done(&options);
    return rc;
}

enum status pcapng_writer_secret(struct pcapng_writer *w,
                                 const struct capture_secret *secret)
{
    if (w->status != STATUS_OK) return w->status;
    struct buffer *out = &w->waiting;
    size_t start = begin_block(out, BLOCK_SECRETS);
    add_number(out, secret->type, 4);
    add_number(out, secret->data.len, 4);
    add_padded(out, secret->data);
    end_block(out, start);
    return pcapng_writer_flush(w);
}

uint64_t pcapng_writer_bytes(const struct pcapng_writer *w)
{
    return w->written_bytes + w->waiting.len;
}

void pcapng_writer_give_up(struct pcapng_writer *w, const char *reason)
{
    if (w->status != STATUS_OK) return;
    w->status = problem_set(&w->why, STATUS_FAILED, "%s", reason);
}

enum status pcapng_writer_close(struct pcapng_writer *w,
                                const struct live_capture_drops *drops,
                                struct problem *why)
{
    if (drops != NULL && w->status == STATUS_OK) add_drops(w, drops);
    pcapng_writer_flush(w);
    if (w->status != STATUS_OK && w->options.is_part) remove_file(w);
    int fd = w->fd;
    w->fd = -1;
    if (close(fd) != 0 && w->status == STATUS_OK)
        w->status = problem_set(&w->why, STATUS_FAILED, "writing %s failed: %s",
                                w->options.path, strerror(errno));
    enum status rc = w->status;
    if (rc != STATUS_OK) problem_set(why, rc, "%s", w->why.text);
    writer_free(w);
    return rc;
}
