#include "ui/pick_list.h"

static void show_chosen(struct pick_list *l)
{
    size_t page = l->page == 0 ? 1 : l->page;
    if (l->at < l->top) l->top = l->at;
    if (l->at >= l->top + page) l->top = l->at - page + 1;
}

void pick_list_fit(struct pick_list *l, size_t count, int page)
{
    l->count = count;
    l->page = page < 0 ? 0 : (size_t)page;
    if (l->at >= count) l->at = count == 0 ? 0 : count - 1;
    if (l->top + l->page > count) l->top = count > l->page ? count - l->page : 0;
    show_chosen(l);
}

/* Where the action leads from `at`; the last row is `last`. */
static bool move(const struct pick_list *l, enum action action, size_t *at, size_t last)
{
    static const struct {
        enum action action;
        int rows, halves; /* of a page */
    } steps[] = {
        {ACTION_UP, -1, 0},       {ACTION_DOWN, 1, 0},     {ACTION_PAGE_UP, 0, -2},
        {ACTION_PAGE_DOWN, 0, 2}, {ACTION_HALF_UP, 0, -1}, {ACTION_HALF_DOWN, 0, 1},
    };
    if (action == ACTION_FIRST || action == ACTION_LAST) {
        *at = action == ACTION_FIRST ? 0 : last;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        if (steps[i].action != action) continue;
        int half = l->page < 2 ? 1 : (int)(l->page / 2);
        int step = steps[i].rows + steps[i].halves * half;
        if (step < 0)
            *at -= *at < (size_t)-step ? *at : (size_t)-step;
        else
            *at = last - *at < (size_t)step ? last : *at + (size_t)step;
        return true;
    }
    return false;
}

bool pick_list_act(struct pick_list *l, enum action action)
{
    size_t last = l->count == 0 ? 0 : l->count - 1;
    if (!move(l, action, &l->at, last)) return false;
    show_chosen(l);
    return true;
}

bool pick_list_scroll(struct pick_list *l, enum action action)
{
    size_t last = l->count > l->page ? l->count - l->page : 0;
    if (l->top > last) l->top = last;
    if (!move(l, action, &l->top, last)) return false;
    l->at = l->top;
    return true;
}

void pick_list_follow(struct pick_list *l, size_t at)
{
    size_t above = l->at - l->top;
    l->at = at;
    l->top = at > above ? at - above : 0;
    show_chosen(l);
}
