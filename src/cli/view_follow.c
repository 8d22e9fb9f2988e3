/* A database that a live run writes: rows come late (a connection that said nothing for
 * a while has a lower id than one that is there already) and are written over.
 *
 *   newest ids - those known = fresh
 *   fresh + those still open = watched --> their rows, exchanges and findings behind
 *                                 |        the last ones
 *                                 '--ended when the look began--> put, forgotten
 *
 * Of a connection that is none of the newest any more nothing is asked for. */
#include "cli/view_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FOLLOW_WATCHED_MAX = 20000, /* at a time; the others come with the next look */
    FOLLOW_OPEN_MAX = 2 * FOLLOW_WATCHED_MAX, /* with those of looks before */
    FOLLOW_ASKED_MAX = 5000, /* exchanges whose header fields are asked for */
    FOLLOW_FORMAT_AT = 18,   /* byte of the file's head: 2 while there is a log */
};

struct watched {
    int64_t id, last_exchange, last_finding;
    bool is_ended;
};

struct view_follow {
    bool is_first;          /* all is new: the newest of every kind */
    int64_t *known, *found; /* ids by size: of the look before, of this one */
    size_t known_count, found_count;
    struct watched *watched; /* by id */
    size_t watched_count;
    int64_t *asked; /* exchanges that came with this look */
    size_t asked_count;
};

struct view_follow *view_follow_new(void)
{
    struct view_follow *f = mem_alloc(sizeof *f);
    f->is_first = true;
    f->known = mem_alloc_array(FOLLOW_WATCHED_MAX, sizeof *f->known);
    f->found = mem_alloc_array(FOLLOW_WATCHED_MAX, sizeof *f->found);
    f->watched = mem_alloc_array(FOLLOW_OPEN_MAX, sizeof *f->watched);
    f->asked = mem_alloc_array(FOLLOW_ASKED_MAX, sizeof *f->asked);
    return f;
}

void view_follow_free(struct view_follow *f)
{
    if (f == NULL) return;
    mem_free(f->known);
    mem_free(f->found);
    mem_free(f->watched);
    mem_free(f->asked);
    mem_free(f);
}

bool view_follow_is_growing(const char *path)
{
    uint8_t format = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return false;
    ssize_t got = pread(fd, &format, 1, FOLLOW_FORMAT_AT);
    close(fd);
    return got == 1 && format == 2;
}

/* ---- ids ---- */

static int compare_ids(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x); /* each of the structs begins with its id */
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static struct watched *watched_of(struct view_follow *f, int64_t id)
{
    if (f->watched_count == 0) return NULL;
    return bsearch(&id, f->watched, f->watched_count, sizeof *f->watched, compare_ids);
}

void view_follow_take_id(struct view_follow *f, int64_t id)
{
    if (f->found_count < FOLLOW_WATCHED_MAX) f->found[f->found_count++] = id;
}

/* What was found and is not known yet is watched from now on. */
static void watch_fresh(struct view_follow *f)
{
    size_t before = f->watched_count;
    for (size_t i = 0; i < f->found_count; i++) {
        const int64_t *id = &f->found[i];
        bool is_known = f->known_count > 0 && bsearch(id, f->known, f->known_count,
                                                      sizeof *id, compare_ids) != NULL;
        if (is_known || f->watched_count == FOLLOW_OPEN_MAX) continue;
        f->watched[f->watched_count++] = (struct watched){.id = *id};
    }
    if (f->watched_count > before)
        qsort(f->watched, f->watched_count, sizeof *f->watched, compare_ids);
    int64_t *known = f->known;
    f->known = f->found;
    f->known_count = f->found_count;
    qsort(f->known, f->known_count, sizeof *f->known, compare_ids);
    f->found = known;
    f->found_count = 0;
}

void view_follow_end_look(struct view_follow *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->watched_count; i++)
        if (!f->watched[i].is_ended) f->watched[kept++] = f->watched[i];
    if (kept > FOLLOW_WATCHED_MAX) { /* the oldest of those that never end */
        memmove(f->watched, f->watched + (kept - FOLLOW_WATCHED_MAX),
                FOLLOW_WATCHED_MAX * sizeof *f->watched);
        kept = FOLLOW_WATCHED_MAX;
    }
    f->watched_count = kept;
    f->asked_count = 0;
    f->is_first = false;
}

/* ---- statements ---- */

#define NEWEST(view, by, count)                                               \
    "SELECT * FROM (SELECT * FROM " view " ORDER BY " by " DESC LIMIT " count \
    ") ORDER BY " by

/* The newest, and the last one of each connection that is shown: its row says it. */
#define NEWEST_EXCHANGES                                                             \
    "SELECT * FROM exchanges WHERE id IN ("                                          \
    "SELECT id FROM (SELECT id FROM exchange ORDER BY id DESC LIMIT 50000) UNION "   \
    "SELECT (SELECT MAX(e.id) FROM exchange AS e WHERE e.connection_id = c.id) FROM" \
    " (SELECT id FROM connection ORDER BY id DESC LIMIT 20000) AS c) ORDER BY id"

/* An id begins with its connection's, and that is the order of the table. */
#define NEWEST_FINDINGS                                                           \
    "SELECT * FROM (SELECT * FROM findings ORDER BY connection_id DESC, id DESC " \
    "LIMIT 10000) ORDER BY id"

/* clang-format off */
static const struct step {
    enum record_kind kind;
    const char *first; /* statement of the first look */
    const char *later; /* of the others, behind a table w(id, after) */
} steps[VIEW_STEP_COUNT] = {
    [VIEW_STEP_IDS]       = { RECORD_CONNECTION, "SELECT id FROM connections ORDER BY id DESC LIMIT 20000", NULL },
    [VIEW_STEP_OPENED]    = { RECORD_CONNECTION, NEWEST("connections", "id", "20000"),
                              "SELECT x.* FROM w CROSS JOIN connections AS x ON x.id = w.id" },
    [VIEW_STEP_EXCHANGES] = { RECORD_EXCHANGE,   NEWEST_EXCHANGES,
                              "SELECT x.* FROM w CROSS JOIN exchanges AS x ON x.connection_id = w.id AND x.id > w.after" },
    [VIEW_STEP_HEADERS]   = { RECORD_HEADER,     NEWEST("headers", "exchange_id", "50000"),
                              "SELECT x.* FROM w CROSS JOIN headers AS x ON x.exchange_id = w.id" },
    [VIEW_STEP_TUNNELS]   = { RECORD_TUNNEL,     NEWEST("tunnels", "id", "4096"),
                              "SELECT x.* FROM tunnels AS x WHERE x.connection_id IN (SELECT id FROM w)" },
    [VIEW_STEP_FINDINGS]  = { RECORD_FINDING,    NEWEST_FINDINGS,
                              "SELECT x.* FROM w CROSS JOIN findings AS x ON x.connection_id = w.id AND x.id > w.after" },
    [VIEW_STEP_ENDED]     = { RECORD_CONNECTION, NEWEST("connections", "id", "20000"),
                              "SELECT x.* FROM w CROSS JOIN connections AS x ON x.id = w.id" },
};
/* clang-format on */

enum record_kind view_follow_kind(enum view_step step)
{
    return steps[step].kind;
}

static void add_pair(struct buffer *out, size_t index, int64_t id, int64_t after)
{
    buffer_print(out, "%s(%lld,%lld)", index == 0 ? "" : ",", (long long)id,
                 (long long)after);
}

bool view_follow_sql(struct view_follow *f, enum view_step step, struct buffer *out)
{
    buffer_clear(out);
    if (step == VIEW_STEP_OPENED) watch_fresh(f);
    if (f->is_first || step == VIEW_STEP_IDS) {
        buffer_append_text(out, steps[step].first);
    } else {
        size_t count = step == VIEW_STEP_HEADERS ? f->asked_count : f->watched_count;
        if (count == 0) return false;
        buffer_append_text(out, "WITH w(id, after) AS (VALUES ");
        for (size_t i = 0; i < count; i++) {
            const struct watched *w = &f->watched[i];
            if (step == VIEW_STEP_HEADERS)
                add_pair(out, i, f->asked[i], 0);
            else
                add_pair(out, i, w->id,
                         step == VIEW_STEP_FINDINGS ? w->last_finding
                                                    : w->last_exchange);
        }
        buffer_print(out, ") %s", steps[step].later);
    }
    buffer_append(out, bytes_of("", 1));
    return true;
}

/* ---- rows ---- */

static enum view_follow_row take_connection(struct view_follow *f, bool is_opened,
                                            const struct record_connection *record)
{
    struct watched *w = watched_of(f, record->id);
    if (w == NULL) return VIEW_ROW_KNOWN; /* it came after this look began */
    if (is_opened) w->is_ended = record->is_open != TRI_YES;
    return is_opened || !w->is_ended ? VIEW_ROW_UPDATE : VIEW_ROW_PUT;
}

static enum view_follow_row take_exchange(struct view_follow *f,
                                          const struct record_exchange *record)
{
    struct watched *w = watched_of(f, record->connection_id);
    if (w != NULL && record->id <= w->last_exchange) return VIEW_ROW_KNOWN;
    if (record->state == EXCHANGE_OPEN) return VIEW_ROW_UPDATE;
    if (w != NULL) w->last_exchange = record->id;
    if (f->asked_count < FOLLOW_ASKED_MAX) f->asked[f->asked_count++] = record->id;
    return VIEW_ROW_PUT;
}

/* Each step sees the file as it is then: of a connection that came after this look
 * began, the next look asks for all. One older than all that are known comes with the
 * first look or never. */
static bool is_for_next_look(const struct view_follow *f, int64_t connection_id)
{
    return f->known_count < FOLLOW_WATCHED_MAX || connection_id > f->known[0];
}

static enum view_follow_row take_finding(struct view_follow *f,
                                         const struct record_finding *record)
{
    struct watched *w = watched_of(f, record->connection_id);
    if (w == NULL)
        return is_for_next_look(f, record->connection_id) ? VIEW_ROW_KNOWN
                                                          : VIEW_ROW_PUT;
    if (record->id <= w->last_finding) return VIEW_ROW_KNOWN;
    w->last_finding = record->id;
    return VIEW_ROW_PUT;
}

enum view_follow_row view_follow_take(struct view_follow *f, enum view_step step,
                                      const void *record)
{
    switch (step) {
    case VIEW_STEP_OPENED: return take_connection(f, true, record);
    case VIEW_STEP_ENDED: return take_connection(f, false, record);
    case VIEW_STEP_EXCHANGES: return take_exchange(f, record);
    case VIEW_STEP_FINDINGS: return take_finding(f, record);
    case VIEW_STEP_IDS:
    case VIEW_STEP_HEADERS:
    case VIEW_STEP_TUNNELS:
    case VIEW_STEP_COUNT: break;
    }
    return VIEW_ROW_PUT;
}
