/* Frames of the kind that almost every one is, decoded in one go. */
#ifndef NET_PLAIN_FRAME_H
#define NET_PLAIN_FRAME_H

#include "hopscope/net.h"

/* Fills `packet` with what the frame's own headers say, exactly as the decoders of its
 * layers would (net/layer.h). False: they have to, whatever the frame is; `packet` then
 * means nothing. */
bool plain_frame_decode(const struct frame *frame, struct packet *packet);

#endif
