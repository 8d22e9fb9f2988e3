/* Several captures as one: a heap of their heads, earliest first, the order of the
 * arguments where times are equal. Only heads are compared; within a file the order is
 * the file's own.
 *
 *   open: every file is read up to its first frame, then put aside
 *   next: top of the heap --aside?--> opened again --> given out; moved on at the next
 * call
 *
 * Where one file is left to read, what stands whole in its block goes out together:
 *
 *   block  | taken | frame | frame | frame | fra  <-- cut by the end: the next batch's
 *                  '------- batch --------'                                          */
#include "capture/capture_source.h"
#include "capture/filter.h"
#include "capture/filter_gaps.h"
#include "capture/savefile_info.h"
#include "hopscope/capture.h"

#include <string.h>

enum {
    CAPTURE_SET_BLOCK_BYTES = 256 << 10, /* it stays in a core's cache */
    CAPTURE_SET_SMALL_BLOCK_BYTES = 64 << 10,
    CAPTURE_SET_MANY = 64, /* from here on: small blocks, as all may overlap */
    CAPTURE_SET_LINK_TYPE_ETHERNET = 1,
};

struct capture_set {
    struct capture_source *sources;
    size_t count;
    size_t *heap; /* indexes of sources that have a head */
    size_t heap_length;
    bool is_top_given; /* the top's head is with the caller */
    struct filter *filter;
    unsigned filter_gaps; /* of enum filter_gaps */
    struct capture_secrets secrets;
};

/* ---- heap ---- */

static bool capture_set_is_before(const struct capture_set *set, size_t a, size_t b)
{
    int64_t a_ns = set->sources[a].head.captured_ns;
    int64_t b_ns = set->sources[b].head.captured_ns;
    return a_ns != b_ns ? a_ns < b_ns : a < b;
}

static void capture_set_sink(struct capture_set *set, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < set->heap_length &&
                capture_set_is_before(set, set->heap[child], set->heap[least]))
                least = child;
        }
        if (least == at) return;
        size_t index = set->heap[at];
        set->heap[at] = set->heap[least];
        set->heap[least] = index;
        at = least;
    }
}

static void capture_set_drop_top(struct capture_set *set)
{
    set->heap[0] = set->heap[--set->heap_length];
    capture_set_sink(set, 0);
}

/* The source whose head is next; NULL: all are at their end. */
static struct capture_source *capture_set_move_on(struct capture_set *set)
{
    if (set->is_top_given) {
        struct capture_source *given = &set->sources[set->heap[0]];
        if (capture_source_advance(given))
            capture_set_sink(set, 0);
        else
            capture_set_drop_top(set);
        set->is_top_given = false;
    }
    while (set->heap_length > 0) {
        struct capture_source *top = &set->sources[set->heap[0]];
        if (capture_source_resume(top)) {
            set->is_top_given = true;
            return top;
        }
        capture_set_drop_top(set);
    }
    return NULL;
}

/* ---- open ---- */

static enum status capture_set_open_sources(struct capture_set *set,
                                            struct problem *why)
{
    for (size_t i = 0; i < set->count; i++) {
        struct capture_source *s = &set->sources[i];
        size_t secrets_before = set->secrets.count;
        bool has_head = false;
        enum status rc = capture_source_open(s, &set->secrets, &has_head, why);
        if (rc != STATUS_OK) return rc;
        if (has_head) set->heap[set->heap_length++] = i;
        if (has_head && set->count > 1) capture_source_park(s, secrets_before);
    }
    for (size_t at = set->heap_length / 2; at-- > 0;) capture_set_sink(set, at);
    return STATUS_OK;
}

/* Whether the filter has a meaning for at least one of the source's link types. */
static bool capture_set_filter_fits(struct capture_set *set,
                                    const struct capture_info *info, const char **words)
{
    for (uint32_t i = 0; i < info->link_type_count; i++) {
        if (filter_compile(set->filter, info->link_types[i], words)) return true;
    }
    return false;
}

static enum status capture_set_refuse_language(const char *text, const char *words,
                                               struct problem *why)
{
    return problem_set(why, STATUS_USAGE, "filter \"%.160s\" is not understood: %.160s",
                       text, words);
}

static enum status capture_set_refuse_filter(struct capture_set *set, const char *text,
                                             const struct capture_info *info,
                                             const char *words, struct problem *why)
{
    const char *ignored;
    if (!filter_compile(set->filter, CAPTURE_SET_LINK_TYPE_ETHERNET, &ignored))
        return capture_set_refuse_language(text, words, why);
    uint32_t link_type = info->link_types[0];
    const char *name = capture_link_type_name(link_type);
    return problem_set(why, STATUS_USAGE,
                       "filter \"%.120s\" has no meaning for %s, whose link type is %s "
                       "(%u): %.80s; read it without a filter",
                       text, raw_file_name(info->path), name ? name : "unknown",
                       (unsigned)link_type, words);
}

/* A file may have link types that the filter fits and others: frames of the latter are
 * left out, which capture_set_passes notes. */
static enum status capture_set_check_filter(struct capture_set *set, const char *text,
                                            struct problem *why)
{
    const char *words = "";
    bool is_used = false;
    for (size_t i = 0; i < set->count; i++) {
        const struct capture_info *info = &set->sources[i].file.info;
        if (info->link_type_count == 0) continue;
        is_used = true;
        if (!capture_set_filter_fits(set, info, &words))
            return capture_set_refuse_filter(set, text, info, words, why);
    }
    /* No interface is known yet: at least it has to be a filter. */
    if (is_used || filter_compile(set->filter, CAPTURE_SET_LINK_TYPE_ETHERNET, &words))
        return STATUS_OK;
    return capture_set_refuse_language(text, words, why);
}

static enum status capture_set_begin(struct capture_set *set,
                                     const struct capture_options *options,
                                     struct problem *why)
{
    set->heap = mem_alloc_array(set->count, sizeof *set->heap);
    enum status rc = capture_set_open_sources(set, why);
    if (rc != STATUS_OK || !options->filter) return rc;
    set->filter = filter_new(options->filter);
    set->filter_gaps = filter_gaps_of(options->filter);
    return capture_set_check_filter(set, options->filter, why);
}

static const struct capture_options capture_set_plain_options = {.filter = NULL};

/* Standard input can be read once. */
static enum status capture_set_check_paths(const char *const *paths, size_t path_count,
                                           struct problem *why)
{
    size_t stdin_count = 0;
    for (size_t i = 0; i < path_count; i++) stdin_count += strcmp(paths[i], "-") == 0;
    if (stdin_count > 1)
        return problem_set(why, STATUS_USAGE,
                           "standard input (-) is named %zu times; "
                           "it can be read once",
                           stdin_count);
    return STATUS_OK;
}

enum status capture_set_open(const char *const *paths, size_t path_count,
                             const struct capture_options *options,
                             struct capture_set **out, struct problem *why)
{
    *out = NULL;
    if (!options) options = &capture_set_plain_options;
    enum status rc = capture_set_check_paths(paths, path_count, why);
    if (rc != STATUS_OK) return rc;
    struct capture_set *set = mem_alloc(sizeof *set);
    set->sources = mem_alloc_array(path_count, sizeof *set->sources);
    set->count = path_count;
    bool is_many = path_count >= CAPTURE_SET_MANY;
    for (size_t i = 0; i < path_count; i++) {
        struct capture_source *s = &set->sources[i];
        s->origin = (struct raw_origin){
            .path = paths[i], .stop_fd = options->stop_fd, .is_frugal = is_many};
        s->capture_id = options->first_capture_id + (uint32_t)i;
        s->block_bytes =
            is_many ? CAPTURE_SET_SMALL_BLOCK_BYTES : CAPTURE_SET_BLOCK_BYTES;
    }
    rc = capture_set_begin(set, options, why);
    if (rc == STATUS_OK)
        *out = set;
    else
        capture_set_close(set);
    return rc;
}

enum status capture_set_open_memory(struct bytes image,
                                    const struct capture_options *options,
                                    struct capture_set **out, struct problem *why)
{
    *out = NULL;
    if (!options) options = &capture_set_plain_options;
    struct capture_set *set = mem_alloc(sizeof *set);
    set->sources = mem_alloc_array(1, sizeof *set->sources);
    set->count = 1;
    set->sources[0].origin = (struct raw_origin){.memory = image};
    set->sources[0].capture_id = options->first_capture_id;
    set->sources[0].block_bytes = CAPTURE_SET_SMALL_BLOCK_BYTES;
    enum status rc = capture_set_begin(set, options, why);
    if (rc == STATUS_OK)
        *out = set;
    else
        capture_set_close(set);
    return rc;
}

/* ---- next ---- */

/* Told once, with the first such frame that is refused. */
static void capture_set_tell_gap(const struct capture_set *set,
                                 struct capture_info *info, const struct frame *frame)
{
    unsigned gap = filter_gaps_frame(set->filter_gaps, frame);
    if (gap == 0 || info->note.text[0]) return;
    problem_set(&info->note, STATUS_OK, "%s: the filter on ports leaves out %s",
                raw_file_name(info->path), filter_gaps_describe(gap));
}

static bool capture_set_passes(struct capture_set *set, struct capture_info *info,
                               const struct frame *frame)
{
    if (!set->filter || filter_accepts(set->filter, frame)) return true;
    info->filtered++;
    capture_set_tell_gap(set, info, frame);
    const char *words = "";
    uint32_t type = frame->link_type;
    if (!info->note.text[0] && !filter_compile(set->filter, type, &words)) {
        const char *name = capture_link_type_name(type);
        problem_set(
            &info->note, STATUS_OK,
            "%s: frames of link type %s (%u) were left out, as the filter has no "
            "meaning for them: %.80s",
            raw_file_name(info->path), name ? name : "unknown", (unsigned)type, words);
    }
    return false;
}

enum capture_next capture_set_next(struct capture_set *set, struct frame *frame)
{
    struct capture_source *source;
    while ((source = capture_set_move_on(set)) != NULL) {
        struct capture_info *info = &source->file.info;
        savefile_info_count(info, &source->head, 1);
        if (!capture_set_passes(set, info, &source->head)) continue;
        *frame = source->head;
        return CAPTURE_FRAME;
    }
    return CAPTURE_END;
}

/* Returns how many stay. */
static size_t capture_set_sift(struct capture_set *set, struct capture_info *info,
                               struct frame *frames, size_t count)
{
    size_t kept = 0;
    savefile_info_count(info, frames, count);
    if (!set->filter) return count;
    for (size_t i = 0; i < count; i++) {
        if (capture_set_passes(set, info, &frames[i])) frames[kept++] = frames[i];
    }
    return kept;
}

size_t capture_set_next_batch(struct capture_set *set,
                              struct frame frames[CAPTURE_BATCH_MAX])
{
    if (capture_set_next(set, &frames[0]) == CAPTURE_END) return 0;
    if (set->heap_length != 1) return 1;
    struct savefile *file = &set->sources[set->heap[0]].file;
    size_t more = savefile_take_plain(file, frames + 1, CAPTURE_BATCH_MAX - 1);
    return 1 + capture_set_sift(set, &file->info, frames + 1, more);
}

bool capture_set_is_packed(const struct capture_set *set)
{
    return set->count > 0 && set->sources[0].file.in.packed != NULL;
}

bool capture_set_may_read_ahead(const struct capture_set *set)
{
    return set->count == 1 && set->heap_length == 1 &&
           block_reader_may_read_ahead(&set->sources[0].file.in);
}

bool capture_set_fill(struct capture_set *set, struct capture_ahead_block *block)
{
    return block_reader_fill_other(&set->sources[0].file.in, block);
}

void capture_set_read_ahead(struct capture_set *set, const struct capture_ahead *ahead)
{
    set->sources[0].file.in.ahead = *ahead;
}

struct capture_block *capture_set_hold(struct capture_set *set)
{
    if (!set->is_top_given) return NULL;
    return savefile_hold(&set->sources[set->heap[0]].file);
}

/* ---- what is known ---- */

size_t capture_set_count(const struct capture_set *set)
{
    return set->count;
}

const struct capture_info *capture_set_info(const struct capture_set *set, size_t index)
{
    return &set->sources[index].file.info;
}

void capture_set_progress(const struct capture_set *set, uint64_t *done,
                          uint64_t *total)
{
    *done = *total = 0;
    bool is_known = true;
    for (size_t i = 0; i < set->count; i++) {
        const struct capture_source *s = &set->sources[i];
        *done += capture_source_done_bytes(s);
        *total += s->total_bytes;
        if (s->total_bytes == 0) is_known = false;
    }
    if (!is_known) *total = 0;
}

size_t capture_set_secret_count(const struct capture_set *set)
{
    return set->secrets.count;
}

struct capture_secret capture_set_secret(const struct capture_set *set, size_t index)
{
    return set->secrets.rows[index];
}

void capture_set_close(struct capture_set *set)
{
    if (!set) return;
    for (size_t i = 0; i < set->count; i++) capture_source_close(&set->sources[i]);
    mem_free(set->sources);
    mem_free(set->heap);
    filter_free(set->filter);
    capture_secrets_done(&set->secrets);
    mem_free(set);
}
