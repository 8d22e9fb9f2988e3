/* The lanes of one connection: handshake, exchanges, tunnel, close, each a line with a
 * bar on a common axis of time. */
#ifndef UI_LANES_H
#define UI_LANES_H

#include "ui/canvas.h"
#include "ui/model.h"
#include "ui/time_axis.h"

enum lane_kind { LANE_HANDSHAKE, LANE_EXCHANGE, LANE_TUNNEL, LANE_CLOSE };

struct lane {
    enum lane_kind kind;
    const struct model_exchange *exchange; /* LANE_EXCHANGE */
};

struct lanes {
    const struct model *model;
    const struct model_connection *connection;
    struct lane *rows;
    size_t count;
    struct time_axis axis;
    int64_t start_us;
};

/* Borrows from the model until it changes; release with lanes_done. */
void lanes_build(struct lanes *l, const struct model *m,
                 const struct model_connection *c, bool is_to_scale);
void lanes_done(struct lanes *l);
void lanes_draw_heads(const struct lanes *l, struct canvas_area a, int row);
void lanes_draw(const struct lanes *l, size_t index, struct canvas_area a, int row,
                unsigned chosen);

#endif
