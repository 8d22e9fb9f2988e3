/* The packets of some connections, with comments that say what hopscope knows of them.
 *
 *   database --ids--> stretches, comments
 *   captures --first time: decode, match--> marks
 *            --second time: marked?-------> pcapng, comments on the way
 *
 * Twice, because a fragment is known to be wanted only when its datagram is whole. */
#include "cli/slice.h"

#include "cli/anonymize_key.h"
#include "cli/confine.h"
#include "cli/disguise.h"
#include "cli/output.h"
#include "cli/slice_choice.h"
#include "cli/slice_marks.h"
#include "hopscope/engine.h"
#include "hopscope/live_capture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct slice {
    const struct options *options;
    const volatile int *stop;
    const char *const *files;
    size_t file_count;
    uint32_t *capture_ids;  /* of each file, in the database */
    int64_t *packet_counts; /* that it should have; RECORD_UNKNOWN: its name tells */
    struct query *query;
    struct slice_choice choice;
    struct slice_marks *marks;
    uint64_t written;
    const struct hash_key *key; /* NULL: nothing is to be hidden */
};

/* ---- which file is which capture ---- */

static const char *slice_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* How well a file's name fits a capture's: 2 the same path, 1 the same name. */
static int slice_fit(const char *path, struct bytes source)
{
    if (bytes_are(source, path)) return 2;
    struct bytes base = source;
    for (size_t i = 0; i < source.len; i++)
        if (source.ptr[i] == '/') base = bytes_from(source, i + 1);
    return bytes_are(base, slice_base_name(path)) ? 1 : 0;
}

/* Files are told by their names; where no name fits, by their order. */
static enum status slice_find_captures(struct slice *s, struct problem *why)
{
    struct rows rows = {.context = NULL};
    const struct cell *cells = NULL;
    size_t count = 0, named = 0;
    int *fits = mem_alloc_array(s->file_count, sizeof *fits);
    uint32_t *in_order = mem_alloc_array(s->file_count, sizeof *in_order);
    enum status rc = query_run(
        s->query, "SELECT id, source, packets FROM captures ORDER BY id", &rows, why);
    while (rc == STATUS_OK) {
        rc = rows_next(&rows, &cells, why);
        if (rc != STATUS_OK || cells == NULL) break;
        if (count < s->file_count) {
            in_order[count] = (uint32_t)cells[0].integer;
            s->packet_counts[count] = cells[2].integer;
        }
        count++;
        for (size_t i = 0; i < s->file_count && cells[1].kind == CELL_TEXT; i++) {
            int fit = slice_fit(s->files[i], cells[1].text);
            if (fit <= fits[i]) continue;
            fits[i] = fit;
            s->capture_ids[i] = (uint32_t)cells[0].integer;
        }
    }
    for (size_t i = 0; i < s->file_count; i++) named += fits[i] > 0;
    for (size_t i = 0; named > 0 && i < s->file_count; i++)
        s->packet_counts[i] = RECORD_UNKNOWN;
    if (rc == STATUS_OK && named == 0 && count == s->file_count)
        memcpy(s->capture_ids, in_order, s->file_count * sizeof *in_order);
    else if (rc == STATUS_OK && named < s->file_count)
        rc = problem_set(why, STATUS_FAILED,
                         "the database was not made of all these files: name those of "
                         "its captures, by the names they had");
    rows_close(&rows);
    mem_free(fits);
    mem_free(in_order);
    return rc;
}

/* ---- the two passes ---- */

static enum status slice_open(const struct slice *s, struct capture_set **set,
                              struct problem *why)
{
    const struct capture_options options = {.first_capture_id = 1};
    return capture_set_open(s->files, s->file_count, &options, set, why);
}

/* The next frame, its reference as the database has it; false: the end. */
static bool slice_next(const struct slice *s, struct capture_set *set, size_t *file,
                       struct frame *frame)
{
    if (*s->stop != 0 || capture_set_next(set, frame) == CAPTURE_END) return false;
    *file = frame_capture_id(frame->ref) - 1;
    frame->ref = (uint64_t)s->capture_ids[*file] << 32 | frame_number(frame->ref);
    return true;
}

/* A file of another name has to be as long as the capture was. */
static enum status slice_check_files(const struct slice *s,
                                     const struct capture_set *set, struct problem *why)
{
    for (size_t i = 0; i < s->file_count; i++) {
        const struct capture_info *info = capture_set_info(set, i);
        int64_t wanted = s->packet_counts[i];
        if (wanted == RECORD_UNKNOWN || (int64_t)info->packets == wanted) continue;
        return problem_set(why, STATUS_FAILED,
                           "the database was made of another capture than %s: that "
                           "had %lld packets, this has %llu",
                           info->path, (long long)wanted,
                           (unsigned long long)info->packets);
    }
    return STATUS_OK;
}

static enum status slice_mark(struct slice *s, struct problem *why)
{
    struct capture_set *set = NULL;
    struct frame frame;
    size_t file;
    enum status rc = slice_open(s, &set, why);
    if (rc != STATUS_OK) return rc;
    while (slice_next(s, set, &file, &frame)) slice_marks_take(s->marks, file, &frame);
    if (*s->stop == 0) rc = slice_check_files(s, set, why);
    capture_set_close(set);
    if (rc != STATUS_OK) return rc;
    if (*s->stop != 0)
        return problem_set(why, STATUS_FAILED, "stopped before the slice was made");
    if (s->marks->count == 0)
        return problem_set(why, STATUS_FAILED,
                           "none of the packets is in %s%s: name the capture that the "
                           "database was made of",
                           s->files[0], s->file_count > 1 ? " or the others" : "");
    return STATUS_OK;
}

/* Secrets come before the packets that follow them in their file. */
static enum status slice_copy_secrets(const struct slice *s, struct capture_set *set,
                                      struct pcapng_writer *out, size_t *copied)
{
    enum status rc = STATUS_OK;
    if (!s->options->wants_secrets) return rc;
    for (; rc == STATUS_OK && *copied < capture_set_secret_count(set); ++*copied) {
        struct capture_secret secret = capture_set_secret(set, *copied);
        rc = pcapng_writer_secret(out, &secret);
    }
    return rc;
}

static enum status slice_copy(struct slice *s, struct capture_set *set,
                              struct pcapng_writer *out)
{
    struct buffer comment = {.ptr = NULL};
    struct frame frame;
    size_t file, secrets = 0;
    enum status rc = STATUS_OK;
    while (rc == STATUS_OK && s->written < s->marks->count &&
           slice_next(s, set, &file, &frame)) {
        if (!slice_marks_has(s->marks, file, frame_number(frame.ref))) continue;
        const struct capture_info *info = capture_set_info(set, file);
        const struct capture_interface *interface =
            frame.interface == 0 ? NULL : &info->interfaces[frame.interface - 1];
        rc = slice_copy_secrets(s, set, out, &secrets);
        buffer_clear(&comment);
        slice_choice_comment(&s->choice, frame.ref, &comment);
        if (rc == STATUS_OK)
            rc = pcapng_writer_packet(out, &frame, interface, buffer_bytes(&comment));
        s->written++;
    }
    buffer_done(&comment);
    return rc;
}

static bool slice_is_marked(const struct slice *s, size_t file,
                            const struct frame *frame)
{
    return slice_marks_has(s->marks, file, frame_number(frame->ref));
}

/* What the connections say, for slice_copy_disguised; a pass of its own. */
static enum status slice_learn(struct slice *s, struct disguise *d, struct problem *why)
{
    struct capture_set *set = NULL;
    struct frame frame;
    size_t file;
    enum status rc = slice_open(s, &set, why);
    if (rc != STATUS_OK) return rc;
    while (slice_next(s, set, &file, &frame))
        disguise_learn(d, &frame, slice_is_marked(s, file, &frame));
    capture_set_close(set);
    return disguise_finish_learning(d, why);
}

/* No comments: they are made of what the database has. */
static enum status slice_copy_disguised(struct slice *s, struct capture_set *set,
                                        struct disguise *d, struct pcapng_writer *out)
{
    struct frame frame, shown;
    size_t file;
    enum status rc = STATUS_OK;
    while (rc == STATUS_OK && slice_next(s, set, &file, &frame)) {
        if (!disguise_frame(d, &frame, slice_is_marked(s, file, &frame), &shown))
            continue;
        rc = pcapng_writer_packet(out, &shown, NULL, bytes_of(NULL, 0));
        s->written++;
    }
    return rc;
}

static enum status slice_write(struct slice *s, struct problem *why)
{
    const struct pcapng_writer_options options = {
        .path = s->options->output,
        .program = "hopscope " HOPSCOPE_VERSION,
        .snaplen = LIVE_CAPTURE_SNAPLEN,
        .replaces = true,
        .is_part = true,
    };
    struct capture_set *set = NULL;
    struct pcapng_writer *out = NULL;
    struct disguise *disguise = NULL;
    enum status rc = STATUS_OK;
    if (s->key != NULL) {
        disguise = disguise_new(*s->key, s->options->vlan_in_key);
        rc = slice_learn(s, disguise, why);
    }
    if (rc == STATUS_OK) rc = slice_open(s, &set, why);
    if (rc == STATUS_OK) rc = pcapng_writer_open(&options, &out, why);
    if (rc == STATUS_OK) {
        if (disguise != NULL)
            slice_copy_disguised(s, set, disguise, out);
        else
            slice_copy(s, set, out);
        if (*s->stop != 0)
            pcapng_writer_give_up(out, "stopped before the slice was whole");
        rc = pcapng_writer_close(out, NULL, why);
    }
    capture_set_close(set);
    disguise_free(disguise);
    return rc;
}

/* ---- the command ---- */

/* Whether two paths are one file; writing over what is being read would destroy it. */
static bool slice_is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static enum status slice_understand(const struct options *o, struct problem *why)
{
    if (o->path_count < 3)
        return problem_set(why, STATUS_USAGE,
                           "a DB, connections and a FILE are needed: hopscope slice DB "
                           "CONN FILE -o part.pcapng");
    if (o->output == NULL)
        return problem_set(why, STATUS_USAGE, "-o FILE is needed: packets are no text");
    for (size_t i = 0; i < o->path_count; i++) {
        if (i != 1 && slice_is_same_file(o->paths[i], o->output))
            return problem_set(why, STATUS_USAGE,
                               "%s would be written over: choose another name",
                               o->paths[i]);
        if (i >= 2 && strcmp(o->paths[i], "-") == 0)
            return problem_set(why, STATUS_USAGE,
                               "captures are read twice, so a pipe will not do");
    }
    return STATUS_OK;
}

static enum status slice_make(struct slice *s, struct problem *why)
{
    enum status rc = query_open(s->options->paths[0], s->stop, &s->query, why);
    if (rc == STATUS_OK) rc = query_check_views(s->query, why);
    if (rc == STATUS_OK) rc = slice_find_captures(s, why);
    if (rc == STATUS_OK)
        rc = slice_choice_read(&s->choice, s->query, s->options->paths[1], why);
    if (rc == STATUS_OK) {
        slice_marks_init(s->marks, &s->choice, s->file_count);
        s->marks->vlan_in_key = s->options->vlan_in_key;
        rc = slice_mark(s, why);
    }
    if (rc == STATUS_OK) rc = slice_write(s, why);
    return rc;
}

enum status slice_cut(const struct options *options, const struct hash_key *key,
                      const volatile int *stop, uint64_t *written, struct problem *why)
{
    enum status rc = slice_understand(options, why);
    if (rc != STATUS_OK) return rc;
    struct slice s = {
        .options = options,
        .key = key,
        .stop = stop,
        .files = options->paths + 2,
        .file_count = options->path_count - 2,
        .marks = mem_alloc(sizeof *s.marks),
    };
    s.packet_counts = mem_alloc_array(s.file_count, sizeof *s.packet_counts);
    s.capture_ids = mem_alloc_array(s.file_count, sizeof *s.capture_ids);
    rc = slice_make(&s, why);
    *written = s.written;
    slice_marks_done(s.marks);
    mem_free(s.marks);
    slice_choice_done(&s.choice);
    query_close(s.query);
    mem_free(s.capture_ids);
    mem_free(s.packet_counts);
    return rc;
}

static enum status slice_confine(const struct options *o, struct problem *why)
{
    struct confine c;
    confine_init(&c, o);
    confine_add(&c, o->paths[0], SANDBOX_DATABASE);
    confine_add_files(&c, o->paths + 2, o->path_count - 2);
    confine_add(&c, o->output, SANDBOX_MAKE);
    return confine_enter(&c, why);
}

static enum status slice_run(const struct options *options, struct problem *why)
{
    const struct signals_options handlers = {.patience_ms = SIGNALS_PATIENCE_MS};
    uint64_t written = 0;
    struct hash_key key;
    enum status rc = slice_understand(options, why);
    if (rc == STATUS_OK) rc = anonymize_key_get(options, &key, why);
    if (rc == STATUS_OK) rc = slice_confine(options, why);
    if (rc != STATUS_OK) return rc;
    struct signals *signals = signals_start(&handlers);
    rc = slice_cut(options, anonymize_is_wanted(options) ? &key : NULL,
                   signals_stop_flag(signals), &written, why);
    if (rc == STATUS_OK && isatty(STDERR_FILENO) == 1)
        fprintf(stderr, "hopscope: %llu packets in %s\n", (unsigned long long)written,
                options->output);
    signals_end(signals);
    return rc;
}

/* clang-format off */
const struct command slice_command = {
    .name = "slice",
    .operands = "DB CONN FILE... -o PART",
    .purpose = "cut the packets of connections out of a capture",
    .about =
        "Writes the packets of some connections or exchanges into a pcapng file, with\n"
        "comments that say what the database knows of them. CONN is ids, separated by\n"
        "commas, or a SELECT with a column connection_id, exchange_id or id. FILE is the\n"
        "capture that the database was made of, or all of them.",
    .notes =
        "    hopscope slice a.db 4294967297 a.pcap -o one.pcapng\n"
        "    hopscope slice a.db 'SELECT * FROM ask_idle_race' a.pcap -o races.pcapng\n"
        "Interfaces and link types stay as they are. TLS secrets are left out unless\n"
        "--secrets asks for them. Wireshark shows the comments: frame.comment.\n"
        "\n"
        "With --anonymize, each packet is made anew: addresses and names are pseudonyms,\n"
        "bodies are x, of link layers and tunnels nothing is left, and there are no\n"
        "comments. Times, sizes, TCP and what frames the messages stay, so that the slice\n"
        "has the account that its connections had.\n"
        "\n"
        "Exit status: 0 done; 1 could not do it; 2 wrong usage.\n",
    .bit = COMMAND_SLICE,
    .takes_plain_words = true,
    .run = slice_run,
};
/* clang-format on */
