/* What a capture's record says of its packets and connections. */
#ifndef ENGINE_CAPTURE_ROW_H
#define ENGINE_CAPTURE_ROW_H

#include "hopscope/engine.h"

/* Fills the figures that the pipeline has counted. */
void capture_row_fill_counted(const struct pipeline_counters *n,
                              struct record_capture *row);

#endif
