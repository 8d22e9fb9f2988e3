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

void savefile_info_count(struct capture_info *info, const struct frame *frame)
{
    info->packets++;
    info->bytes += frame->length;
    if (frame->captured < frame->length) info->truncated++;
    if (info->start_ns == CAPTURE_NUMBER_UNKNOWN || frame->captured_ns < info->start_ns)
        info->start_ns = frame->captured_ns;
    if (frame->captured_ns > info->end_ns) info->end_ns = frame->captured_ns;
}
