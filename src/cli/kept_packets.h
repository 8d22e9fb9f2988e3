/* The packets of connections, out of the files that hold them. */
#ifndef CLI_KEPT_PACKETS_H
#define CLI_KEPT_PACKETS_H

#include "hopscope/ui.h"

/* What was read; borrowed. */
struct kept_packets {
    const char *const *paths;
    size_t path_count;
    const char *filter; /* NULL: none */
    uint32_t first_capture_id;
};

/* As ui_source.packets, with `context` a struct kept_packets. Gives up after some
 * seconds of reading, and says so. */
enum status kept_packets_read(void *context, const struct record_connection *connection,
                              bool (*take)(void *taker, const struct ui_packet *packet),
                              void *taker, struct problem *why);

#endif
