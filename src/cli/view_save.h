/* Saving what is chosen on the screens. */
#ifndef CLI_VIEW_SAVE_H
#define CLI_VIEW_SAVE_H

#include "cli/kept_packets.h"

extern const char view_save_endings[];

/* As ui_source.save, with `context` a struct kept_packets whose path_count may be 0. */
enum status view_save_write(void *context, const struct ui_selection *selection,
                            const char *path, struct problem *said);

#endif
