/* A list longer than the screen: which row is chosen, and which is the first shown. */
#ifndef UI_PICK_LIST_H
#define UI_PICK_LIST_H

#include "ui/keys.h"

struct pick_list {
    size_t at, top; /* rows from 0 */
    size_t count;
    size_t page; /* rows that fit */
};

/* The list has so many rows now, and room for `page`: `at` and `top` stay within. */
void pick_list_fit(struct pick_list *l, size_t count, int page);
/* Moves; false: the action is no movement. */
bool pick_list_act(struct pick_list *l, enum action action);
/* For pages without a chosen row: `top` moves instead. */
bool pick_list_scroll(struct pick_list *l, enum action action);
/* The chosen row's item is now row `at`: it stays where it is on the screen. */
void pick_list_follow(struct pick_list *l, size_t at);

#endif
