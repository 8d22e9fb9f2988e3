/* Which columns are shown: as a line of text for a file, and as places in a row. */
#include "ui/columns.h"

#include <string.h>

static const char usual[] =
    "columns: state client server host protocol exchanges depth "
    "status last wait idle bytes findings age; sort: -start";

void columns_choose_usual(struct column_choice *choice)
{
    *choice = (struct column_choice){.count = 0};
    columns_choice_read(choice, bytes_of_text(usual));
}

void columns_choice_write(const struct column_choice *choice, struct buffer *out)
{
    buffer_append_text(out, "columns:");
    for (size_t i = 0; i < choice->count; i++)
        buffer_print(out, " %s", columns_get(choice->shown[i]).name);
    buffer_print(out, "; sort: %s%s\n", choice->is_descending ? "-" : "",
                 columns_get(choice->sorted_by).name);
}

static struct bytes next_word(struct bytes *text)
{
    size_t len = 0;
    while (text->len > 0 && strchr(" ;\r\n\t", *text->ptr) != NULL)
        *text = bytes_from(*text, 1);
    while (len < text->len && strchr(" ;\r\n\t", text->ptr[len]) == NULL) len++;
    struct bytes word = bytes_first(*text, len);
    *text = bytes_from(*text, len);
    return word;
}

void columns_choice_read(struct column_choice *choice, struct bytes text)
{
    struct column_choice read = {.sorted_by = choice->sorted_by,
                                 .is_descending = choice->is_descending};
    bool is_sort = false;
    for (struct bytes word = next_word(&text); word.len > 0; word = next_word(&text)) {
        if (bytes_are(word, "columns:") || bytes_are(word, "sort:")) {
            is_sort = bytes_are(word, "sort:");
            continue;
        }
        bool is_descending = word.ptr[0] == '-';
        size_t index = columns_find(is_descending ? bytes_from(word, 1) : word);
        if (index == columns_count()) continue;
        if (is_sort) {
            read.sorted_by = index;
            read.is_descending = is_descending;
        } else if (read.count < COLUMNS_SHOWN_MAX) {
            read.shown[read.count++] = index;
        }
    }
    if (read.count > 0) *choice = read;
}

/* The widths that fit: columns of the least priority go until they do; what is left is
 * for those that can use it. */
static void fit(const struct column *columns, size_t count, int width, int *widths)
{
    int sum = 0;
    for (size_t i = 0; i < count; i++) sum += widths[i] > 0 ? widths[i] + 1 : 0;
    while (sum > width) {
        size_t least = count;
        for (size_t i = 0; i < count; i++) {
            if (widths[i] > 0 &&
                (least == count || columns[i].priority < columns[least].priority))
                least = i;
        }
        if (least == count) return;
        int left = width - (sum - widths[least] - 1) - 1;
        bool is_cut = columns[least].is_wide && left >= 8; /* the last to go is cut */
        sum -= widths[least] + 1;
        widths[least] = is_cut ? left : 0;
        sum += is_cut ? left + 1 : 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (columns[i].is_wide && widths[i] > 0) widths[i] += width - sum, sum = width;
    }
}

void columns_lay_out(const struct column_choice *choice, const int *needs, int width,
                     size_t skipped, struct column_layout *out)
{
    struct column columns[COLUMNS_SHOWN_MAX];
    for (size_t i = 0; i < choice->count; i++) {
        columns[i] = columns_get(choice->shown[i]);
        int least = (int)strlen(columns[i].title) + 1; /* and the mark of the order */
        int wanted = needs[i] < columns[i].width ? needs[i] : columns[i].width;
        if (columns[i].is_wide) wanted = columns[i].width;
        if (wanted < least) wanted = least;
        out->widths[i] = i >= 2 && i < 2 + skipped ? 0 : wanted;
    }
    fit(columns, choice->count, width, out->widths);
    int at = 0;
    for (size_t i = 0; i < choice->count; i++) {
        out->at[i] = at;
        if (out->widths[i] > 0) at += out->widths[i] + 1;
    }
}
