/* Fuzz target: a capture file's image in any format, read to its end. Whatever the
 * bytes are, what hopscope/capture.h promises of frames and of the account holds. */
#include "hopscope/capture.h"

#include <stdlib.h>

static void expect(bool holds)
{
    if (!holds) abort();
}

/* Looks at every byte, so that a frame beyond its block is seen. */
static uint64_t check_frame(const struct frame *frame, uint64_t number)
{
    expect(frame_number(frame->ref) == (uint32_t)number);
    expect(frame_capture_id(frame->ref) == 3);
    expect(frame->captured == frame->data.len);
    expect(frame->captured <= frame->length);
    expect(frame->captured <= CAPTURE_FRAME_MAX);
    expect(frame->captured_ns >= 0 && frame->captured_ns <= CAPTURE_TIME_NS_MAX);
    uint64_t sum = 0;
    for (size_t i = 0; i < frame->data.len; i++) sum += frame->data.ptr[i];
    return sum;
}

static void check_info(const struct capture_info *info, uint64_t given)
{
    expect(info->capture_id == 3);
    expect(info->packets == given + info->filtered);
    expect(info->truncated <= info->packets);
    expect((info->start_ns == CAPTURE_NUMBER_UNKNOWN) == (info->packets == 0));
    expect(info->start_ns <= info->end_ns);
    expect(info->link_type_count <= CAPTURE_LINK_TYPES_MAX);
    expect(info->kernel_dropped >= -1 && info->interface_dropped >= -1);
    expect(info->format[0] != '\0');
}

static void check_secrets(const struct capture_set *set)
{
    size_t bytes = 0;
    for (size_t i = 0; i < capture_set_secret_count(set); i++)
        bytes += capture_set_secret(set, i).data.len;
    expect(bytes <= CAPTURE_SECRETS_BYTES_MAX);
    expect(capture_set_info(set, 0)->secrets >= capture_set_secret_count(set));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct capture_options options = {.first_capture_id = 3};
    struct capture_set *set = NULL;
    struct problem why = {.text = ""};
    enum status rc =
        capture_set_open_memory(bytes_of(data, size), &options, &set, &why);
    if (rc != STATUS_OK) {
        expect(rc == STATUS_FAILED && why.text[0] != '\0' && !set);
        return 0;
    }
    struct frame frame;
    uint64_t given = 0;
    while (capture_set_next(set, &frame) == CAPTURE_FRAME) check_frame(&frame, ++given);
    expect(capture_set_next(set, &frame) == CAPTURE_END);
    check_info(capture_set_info(set, 0), given);
    check_secrets(set);
    uint64_t done, total;
    capture_set_progress(set, &done, &total);
    expect(total == size && done <= total);
    capture_set_close(set);
    return 0;
}
