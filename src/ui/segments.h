/* The second pane of a connection: its packets as arrows between two lines. */
#ifndef UI_SEGMENTS_H
#define UI_SEGMENTS_H

#include "ui/ui_state.h"

/* Reads them from where packets are kept, once for each connection shown. */
void segments_draw(struct ui *u, const struct model_connection *c,
                   struct canvas_area a);

#endif
