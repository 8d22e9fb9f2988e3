#include "export/har_lists.h"

#include "hopscope/cell_text.h"

#include <string.h>

enum { COLUMN_EXCHANGE, COLUMN_SIDE, COLUMN_NAME, COLUMN_VALUE };

static enum status take_next(struct har_lists *l, struct problem *why)
{
    l->next = NULL;
    return rows_next(&l->rows, &l->next, why);
}

enum status har_lists_open(struct har_lists *l, const struct export_source *source,
                           struct problem *why)
{
    enum status rc = source->ask(source->context,
                                 "SELECT exchange_id, side, name, value FROM headers "
                                 "ORDER BY exchange_id, side, position",
                                 &l->rows, why);
    return rc == STATUS_OK ? take_next(l, why) : rc;
}

void har_lists_done(struct har_lists *l)
{
    rows_close(&l->rows);
    buffer_done(&l->location);
    for (int i = 0; i < 2; i++) {
        buffer_done(&l->headers[i]);
        buffer_done(&l->cookies[i]);
    }
}

/* ---- elements ---- */

static void add_pair(struct buffer *list, struct bytes name, struct bytes value)
{
    buffer_append_text(list, list->len == 0 ? "{\"name\":" : ",{\"name\":");
    cell_text_json_string(name, list);
    buffer_append_text(list, ",\"value\":");
    cell_text_json_string(value, list);
    buffer_append_text(list, "}");
}

/* What stands before the first `mark` leaves `*rest`, which loses the mark, too. */
static struct bytes split(struct bytes *rest, char mark)
{
    const uint8_t *at = rest->len == 0 ? NULL : memchr(rest->ptr, mark, rest->len);
    size_t len = at == NULL ? rest->len : (size_t)(at - rest->ptr);
    struct bytes part = bytes_first(*rest, len);
    *rest = bytes_from(*rest, at == NULL ? len : len + 1);
    return part;
}

static struct bytes trim(struct bytes text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = bytes_from(text, 1);
    return text;
}

/* RFC 6265, sections 4.1.1 and 4.2.1: pairs divided by semicolons; of Set-Cookie only
 * the first is the cookie, the others tell how long and where. */
static void add_cookies(struct buffer *list, enum side side, struct bytes value)
{
    do {
        struct bytes rest = split(&value, ';');
        struct bytes name = trim(split(&rest, '='));
        if (name.len > 0) add_pair(list, name, rest);
    } while (side == SIDE_CLIENT && value.len > 0);
}

/* A value that was replaced by its length has no cookies to tell. */
static bool is_replaced(struct bytes value)
{
    static const char tail[] = " bytes)";
    size_t len = sizeof tail - 1;
    return value.len > len && value.ptr[0] == '(' &&
           memcmp(value.ptr + value.len - len, tail, len) == 0;
}

static void add_header(struct har_lists *l, const struct cell *cells)
{
    static const char *const cookie_names[] = {"cookie", "set-cookie"};
    enum side side =
        bytes_are(cells[COLUMN_SIDE].text, "server") ? SIDE_SERVER : SIDE_CLIENT;
    struct bytes name = cells[COLUMN_NAME].text, value = cells[COLUMN_VALUE].text;
    add_pair(&l->headers[side], name, value);
    if (bytes_are_caseless(name, cookie_names[side]) && !is_replaced(value))
        add_cookies(&l->cookies[side], side, value);
    if (side == SIDE_SERVER && bytes_are_caseless(name, "location")) {
        buffer_clear(&l->location);
        buffer_append(&l->location, value);
    }
}

enum status har_lists_move_to(struct har_lists *l, int64_t exchange_id,
                              struct problem *why)
{
    enum status rc = STATUS_OK;
    buffer_clear(&l->location);
    for (int i = 0; i < 2; i++) {
        buffer_clear(&l->headers[i]);
        buffer_clear(&l->cookies[i]);
    }
    while (rc == STATUS_OK && l->next != NULL) {
        int64_t id = l->next[COLUMN_EXCHANGE].integer;
        if (id > exchange_id) break;
        if (id == exchange_id) add_header(l, l->next);
        rc = take_next(l, why);
    }
    return rc;
}

void har_lists_write_query(struct bytes target, struct buffer *out)
{
    struct buffer list = {.ptr = NULL};
    split(&target, '?');
    target = split(&target, '#');
    while (target.len > 0) {
        struct bytes value = split(&target, '&');
        struct bytes name = split(&value, '=');
        if (name.len > 0 || value.len > 0) add_pair(&list, name, value);
    }
    buffer_append_text(out, "[");
    buffer_append(out, buffer_bytes(&list));
    buffer_append_text(out, "]");
    buffer_done(&list);
}
