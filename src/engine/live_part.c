/* Parts: a long run in files that can be moved away one by one. Everything that belongs
 * to a part stands before the mark, in the order of the wire, so nothing is lost at the
 * seam and nothing stands in both.
 *
 *   ... packet n | packet 1 ...      file of packets: closed | the next
 *   ... rows, its capture row | mark | rows ...    database: closed | the next   */
#include "engine/live_run.h"

void live_part_begin(struct engine_live *l, uint32_t capture_id)
{
    struct live_capture_drops drops = live_capture_drops(l->capture);
    l->part = (struct live_part){
        .capture_id = capture_id,
        .began_ns = clock_monotonic_ns(),
        .start_ns = CAPTURE_NUMBER_UNKNOWN,
        .end_ns = CAPTURE_NUMBER_UNKNOWN,
        .drops_before = drops,
        .dropped_rows_before = live_queue_state(l->stored).dropped_rows,
    };
}

enum status live_part_open_packets(struct engine_live *l, bool is_first,
                                   struct problem *why)
{
    char path[ENGINE_LIVE_PATH_MAX];
    if (l->options.packets_path == NULL) return STATUS_OK;
    l->options.packets_path(l->options.context, l->index, path);
    char program[64];
    struct problem name;
    problem_set(&name, STATUS_OK, "hopscope %.40s", l->options.program_version);
    bytes_escape(bytes_of_text(name.text), program, sizeof program);
    struct pcapng_writer_options options = {
        .path = path,
        .interface = live_capture_interface(l->capture),
        .filter = l->options.capture.filter,
        .program = program,
        .link_type = live_capture_link_type(l->capture),
        .snaplen = live_capture_snaplen(l->capture),
    };
    enum status rc = pcapng_writer_open(&options, &l->packets, why);
    if (rc != STATUS_OK && !is_first) {
        live_account_say(l, "%s; packets are not kept from now on", why->text);
        l->packets = NULL;
    }
    return rc;
}

void live_part_close_packets(struct engine_live *l)
{
    if (l->packets == NULL) return;
    struct problem why = {.text = ""};
    struct live_capture_drops drops = live_capture_drops(l->capture);
    drops.kernel -= l->part.drops_before.kernel;
    drops.interface -= l->part.drops_before.interface;
    if (pcapng_writer_close(l->packets, &drops, &why) != STATUS_OK &&
        l->part.unwritten == 0)
        live_account_say(l, "%s", why.text);
    l->packets = NULL;
}

static bool is_large(const struct engine_live *first)
{
    const struct engine_live_options *o = &first->options;
    if (o->part_bytes == 0) return false;
    if (atomic_load(&first->packets_bytes) >= o->part_bytes) return true;
    for (size_t i = 0; i < first->other_count; i++)
        if (atomic_load(&first->others[i]->packets_bytes) >= o->part_bytes) return true;
    return o->stored_bytes != NULL && o->stored_bytes(o->context) >= o->part_bytes;
}

/* Of the first one; the others follow it. */
static bool wants_part(struct engine_live *first)
{
    const struct engine_live_options *o = &first->options;
    if (atomic_exchange(&first->wants_part, false)) return true;
    if (o->part_ns > 0 && clock_monotonic_ns() - first->part.began_ns >= o->part_ns)
        return true;
    return is_large(first);
}

static bool is_due(struct engine_live *l)
{
    struct engine_live *first = l->first;
    if (l->packets != NULL)
        atomic_store(&l->packets_bytes, pcapng_writer_bytes(l->packets));
    if (l->part.number >= UINT32_MAX - 1) /* packet numbers have 32 bits */
        atomic_store(&first->wants_part, true);
    if (l == first && wants_part(l)) atomic_fetch_add(&first->parts_asked, 1);
    return l->parts_begun < atomic_load(&first->parts_asked);
}

/* The counters of a part that is over join the sums. */
static void add_up(struct engine_live *l)
{
    struct pipeline_counters n = pipeline_counters(l->pipeline, l->part.capture_id);
    l->sums.connections += n.connections;
    l->sums.exchanges += n.exchanges;
    l->sums.evicted_connections += n.evicted_connections;
}

void live_part_rotate_when_due(struct engine_live *l)
{
    if (!is_due(l)) return;
    uint32_t next_id = l->part.capture_id + 1 + (uint32_t)l->first->other_count;
    if (next_id >= ENGINE_CAPTURES_MAX) {
        live_account_say(l, "more than %d parts of one run: it ends here",
                         ENGINE_CAPTURES_MAX);
        engine_live_end(l->first);
        return;
    }
    struct problem why = {.text = ""};
    l->parts_begun++;
    live_account_put_capture(l, true);
    live_queue_mark(l->stored);
    live_part_close_packets(l);
    add_up(l);
    atomic_store(&l->packets_bytes, 0);
    live_part_begin(l, next_id);
    live_part_open_packets(l, false, &why);
}
