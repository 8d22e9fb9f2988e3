/* Fuzzes the whole way from a capture's bytes to records. The input is a capture file.
 * What is said of it: every connection once, its exchanges, tunnels and findings beside
 * it, as many as the pipeline counted, and the same when frames come one by one. When
 * memory runs out on the way, the program ends in order.
 *
 * Mutation knows frames: it changes a TCP header or payload and mends the lengths and
 * checksums, repeats, exchanges and drops frames, so that what it makes reaches HTTP.
 *
 *   pcap   24 bytes | 16 bytes, Ethernet, IP, TCP, payload | 16 bytes, ...
 *                     '-- time, captured, length               */
#include "hopscope/capture.h"
#include "hopscope/engine.h"
#include "hopscope/exchange.h"

#include "fuzz_common.h"
#include "starve.h"

enum {
    FILE_HEAD = 24,
    FRAME_HEAD = 16,
    FRAME_BYTES_MAX = 4096, /* of one that is mutated */
    ETHERNET = 14,
    ONE_BY_ONE = 4,      /* every so many sizes, frames come so as well */
    STARVED = 16,        /* every so many sums, memory runs out in a further run, */
    STARVED_FIRST = 200, /* at one of its first so many allocations */
};

/* ---- what is said ---- */

struct account {
    uint64_t sum, connections, exchanges, rows;
};

static void add(struct account *a, uint64_t value)
{
    a->sum = (a->sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    a->sum ^= a->sum >> 29;
}

static enum status on_put(void *context, enum record_kind kind, const void *record)
{
    struct account *a = context;
    const struct record_layout *layout = record_layout(kind);
    for (size_t i = 0; i < layout->field_count; i++) {
        const struct field *f = &layout->fields[i];
        struct bytes text = record_text(f, record);
        add(a, (uint64_t)record_integer(f, record));
        add(a, text.ptr == NULL ? UINT64_MAX : text.len);
        for (size_t k = 0; k < text.len; k++) add(a, text.ptr[k]);
    }
    a->rows++;
    a->connections += kind == RECORD_CONNECTION;
    a->exchanges += kind == RECORD_EXCHANGE;
    return STATUS_OK;
}

static struct account account_of(struct bytes image, bool one_by_one)
{
    struct account a = {.sum = 1};
    const struct capture_options options = {.first_capture_id = 1};
    struct pipeline_options how = {.sink = {.context = &a, .put = on_put},
                                   .key = {.k0 = 1, .k1 = 2},
                                   .first_capture_id = 1,
                                   .wants_headers = true,
                                   .rests_at_once = one_by_one};
    struct capture_set *set = NULL;
    if (capture_set_open_memory(image, &options, &set, NULL) != STATUS_OK) return a;
    struct pipeline *p = pipeline_new(&how);
    struct frame frames[CAPTURE_BATCH_MAX];
    for (;;) {
        size_t count = 1;
        if (!one_by_one)
            count = capture_set_next_batch(set, frames);
        else if (capture_set_next(set, frames) == CAPTURE_END)
            break;
        if (count == 0) break;
        must(pipeline_frames(p, frames, count) == STATUS_OK, "frames are taken");
    }
    must(pipeline_finish(p) == STATUS_OK, "the end is taken");
    struct pipeline_counters counted = pipeline_counters(p, 1);
    must(counted.connections == a.connections, "every connection once");
    must(counted.exchanges == a.exchanges, "every exchange once");
    pipeline_free(p);
    capture_set_close(set);
    return a;
}

/* ---- frames of a file ---- */

static uint32_t read_32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static void write_32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

static uint32_t read_be16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static void write_be16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* RFC 1071. */
static uint32_t sum_of(uint32_t sum, const uint8_t *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

struct found_frame {
    size_t at, length; /* of its head in the file; of the frame */
};

/* The frames of a pcap file of this machine's byte order, as many as stand whole. */
static size_t find_frames(const uint8_t *data, size_t size, struct found_frame *out,
                          size_t max)
{
    size_t count = 0, at = FILE_HEAD;
    if (size < FILE_HEAD) return 0;
    if (read_32(data) != 0xa1b2c3d4 && read_32(data) != 0xa1b23c4d) return 0;
    while (count < max && size - at > FRAME_HEAD) {
        size_t length = read_32(data + at + 8);
        if (length > size - at - FRAME_HEAD) break;
        out[count++] = (struct found_frame){.at = at, .length = length};
        at += FRAME_HEAD + length;
    }
    return count;
}

static void run_starved(void *context)
{
    const struct bytes *image = context;
    account_of(*image, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes image = bytes_of(data, size);
    struct found_frame first;
    struct account a = account_of(image, false);
    if (size % ONE_BY_ONE == 0) {
        struct account b = account_of(image, true);
        must(a.sum == b.sum && a.rows == b.rows, "the same one by one");
    }
    /* What libraries hold for other formats would be lost. */
    if (a.sum % STARVED != 0 || find_frames(data, size, &first, 1) == 0) return 0;
    starve_run(run_starved, &image, 1 + (uint32_t)(a.sum >> 32) % STARVED_FIRST);
    return 0;
}

/* ---- mutation ---- */

/* Where TCP begins in an Ethernet frame, and where its payload; false: it has none. */
static bool find_tcp(const uint8_t *frame, size_t length, size_t *tcp, size_t *payload)
{
    if (length < ETHERNET + 40) return false;
    bool is_4 = read_be16(frame + 12) == 0x0800 && frame[ETHERNET] == 0x45 &&
                frame[ETHERNET + 9] == 6;
    bool is_6 = read_be16(frame + 12) == 0x86dd && frame[ETHERNET + 6] == 6;
    *tcp = ETHERNET + (is_4 ? 20u : 40u);
    if ((!is_4 && !is_6) || length < *tcp + 20) return false;
    *payload = *tcp + (size_t)(frame[*tcp + 12] >> 4) * 4;
    return *payload >= *tcp + 20 && *payload <= length;
}

static void mend(uint8_t *frame, size_t length, size_t tcp)
{
    uint8_t *ip = frame + ETHERNET;
    size_t part = length - tcp;
    bool is_4 = tcp == ETHERNET + 20;
    uint32_t sum = 6 + (uint32_t)part;
    if (is_4) {
        write_be16(ip + 2, (uint32_t)(length - ETHERNET));
        write_be16(ip + 10, 0);
        write_be16(ip + 10, ~sum_of(0, ip, 20) & 0xffff);
        sum = sum_of(sum, ip + 12, 8);
    } else {
        write_be16(ip + 4, (uint32_t)part);
        sum = sum_of(sum, ip + 8, 32);
    }
    write_be16(frame + tcp + 16, 0);
    write_be16(frame + tcp + 16, ~sum_of(sum, frame + tcp, part) & 0xffff);
}

/* Puts `length` bytes in place of a frame. Returns the file's new size; 0: no room. */
static size_t replace(uint8_t *data, size_t size, size_t max_size,
                      struct found_frame old, struct bytes frame)
{
    size_t behind = old.at + FRAME_HEAD + old.length;
    if (size - old.length + frame.len > max_size) return 0;
    memmove(data + old.at + FRAME_HEAD + frame.len, data + behind, size - behind);
    memcpy(data + old.at + FRAME_HEAD, frame.ptr, frame.len);
    write_32(data + old.at + 8, (uint32_t)frame.len);
    write_32(data + old.at + 12, (uint32_t)frame.len);
    return size - old.length + frame.len;
}

static size_t mutate_tcp(uint8_t *data, size_t size, size_t max_size,
                         struct found_frame found, bool is_header)
{
    uint8_t frame[FRAME_BYTES_MAX];
    size_t tcp, payload, length = found.length;
    if (length > sizeof frame / 2) return 0;
    memcpy(frame, data + found.at + FRAME_HEAD, length);
    if (!find_tcp(frame, length, &tcp, &payload)) return 0;
    if (is_header)
        LLVMFuzzerMutate(frame + tcp, 16, 16); /* ports to window */
    else
        length = payload + LLVMFuzzerMutate(frame + payload, length - payload,
                                            sizeof frame - payload);
    mend(frame, length, tcp);
    return replace(data, size, max_size, found, bytes_of(frame, length));
}

/* A copy of one frame before another. */
static size_t repeat(uint8_t *data, size_t size, size_t max_size,
                     struct found_frame from, size_t to)
{
    uint8_t copy[FRAME_HEAD + FRAME_BYTES_MAX];
    size_t length = FRAME_HEAD + from.length;
    if (length > sizeof copy || size + length > max_size) return 0;
    memcpy(copy, data + from.at, length);
    memmove(data + to + length, data + to, size - to);
    memcpy(data + to, copy, length);
    return size + length;
}

static size_t drop(uint8_t *data, size_t size, struct found_frame found)
{
    size_t behind = found.at + FRAME_HEAD + found.length;
    memmove(data + found.at, data + behind, size - behind);
    return size - (behind - found.at);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    struct found_frame found[64];
    uint32_t chance = seed;
    size_t count = find_frames(data, size, found, ARRAY_LENGTH(found));
    unsigned deed = fuzz_next(&chance) % 10;
    size_t mutated = 0;
    if (count > 0) {
        struct found_frame one = found[fuzz_next(&chance) % count];
        struct found_frame other = found[fuzz_next(&chance) % count];
        if (deed < 5)
            mutated = mutate_tcp(data, size, max_size, one, false);
        else if (deed < 7)
            mutated = mutate_tcp(data, size, max_size, one, true);
        else if (deed == 7)
            mutated = repeat(data, size, max_size, one, other.at);
        else if (deed == 8)
            mutated = drop(data, size, one);
    }
    return mutated != 0 ? mutated : LLVMFuzzerMutate(data, size, max_size);
}
