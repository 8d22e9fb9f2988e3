#include "capture/savefile_info.h"

#include <string.h>

enum { SAVEFILE_SNAPLEN_DEFAULT = 262144 };

void savefile_info_begin(struct capture_info *info, const char *path,
                         uint32_t capture_id)
{
    *info = (struct capture_info){
        .capture_id = capture_id,
        .path = path,
        .format = "",
        .start_ns = CAPTURE_NUMBER_UNKNOWN,
        .end_ns = CAPTURE_NUMBER_UNKNOWN,
        .kernel_dropped = CAPTURE_NUMBER_UNKNOWN,
        .interface_dropped = CAPTURE_NUMBER_UNKNOWN,
    };
}

void savefile_info_add_interface(struct capture_info *info, uint32_t link_type,
                                 uint32_t snaplen)
{
    if (snaplen == 0 || snaplen > CAPTURE_FRAME_MAX) snaplen = SAVEFILE_SNAPLEN_DEFAULT;
    if (snaplen > info->snaplen) info->snaplen = snaplen;
    for (uint32_t i = 0; i < info->link_type_count; i++) {
        if (info->link_types[i] == link_type) return;
    }
    if (info->link_type_count < CAPTURE_LINK_TYPES_MAX)
        info->link_types[info->link_type_count++] = link_type;
}

uint32_t savefile_info_number(struct capture_info *info,
                              const struct capture_interface *interface)
{
    for (uint32_t i = 0; i < info->interface_count; i++) {
        const struct capture_interface *known = &info->interfaces[i];
        bool is_same = known->link_type == interface->link_type &&
                       known->snaplen == interface->snaplen &&
                       strcmp(known->name, interface->name) == 0;
        if (is_same) return i + 1;
    }
    if (info->interface_count == CAPTURE_INTERFACES_MAX) return 0;
    info->interfaces[info->interface_count] = *interface;
    return ++info->interface_count;
}

/* As numbers without a sign, an unknown time is later than all. */
static inline int64_t savefile_info_earlier(int64_t a_ns, int64_t b_ns)
{
    return (uint64_t)a_ns < (uint64_t)b_ns ? a_ns : b_ns;
}

void savefile_info_count(struct capture_info *info, const struct frame *frames,
                         size_t count)
{
    int64_t start_ns = info->start_ns, end_ns = info->end_ns;
    uint64_t bytes = 0, truncated = 0;
    for (size_t i = 0; i < count; i++) {
        const struct frame *frame = &frames[i];
        bytes += frame->length;
        truncated += frame->captured < frame->length;
        start_ns = savefile_info_earlier(start_ns, frame->captured_ns);
        if (frame->captured_ns > end_ns) end_ns = frame->captured_ns;
    }
    info->start_ns = start_ns;
    info->end_ns = end_ns;
    info->packets += count;
    info->bytes += bytes;
    info->truncated += truncated;
}
