/* What is saved: the marked connections, or those that the filter lets through. */
#ifndef UI_SAVING_H
#define UI_SAVING_H

#include "ui/ui_state.h"

struct ui_selection {
    const struct model *model;
    const int64_t *ids;
    size_t count;
};

/* Gives them to the owner's save, and tells what came of it. */
void saving_write(struct ui *u, const char *path);

#endif
