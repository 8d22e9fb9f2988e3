/* Keeps the account of one source (struct capture_info). */
#ifndef CAPTURE_SAVEFILE_INFO_H
#define CAPTURE_SAVEFILE_INFO_H

#include "hopscope/capture.h"

/* Nothing known yet but what it is called. */
void savefile_info_begin(struct capture_info *info, const char *path,
                         uint32_t capture_id);
/* An interface is declared; 0 and absurd snaplens become 262144. */
void savefile_info_add_interface(struct capture_info *info, uint32_t link_type,
                                 uint32_t snaplen);
/* The number of an interface that a file tells of, from 1; the same one declared again
 * keeps its number. 0: there are too many. */
uint32_t savefile_info_number(struct capture_info *info,
                              const struct capture_interface *interface);
/* Frames are given out, or refused by the filter. */
void savefile_info_count(struct capture_info *info, const struct frame *frames,
                         size_t count);

#endif
