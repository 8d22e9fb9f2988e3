/* The account of a run's own time: phases of the whole run, and stages of each thread.
 *
 *   phases   | opening | reading ............................ | finishing | printing |
 *   reader             | read, decode, tcp, http, ... | finish|
 *   shards             | wait, decode, tcp, http, ... | finish|       with --threads
 *   writer             | wait, unpack, sink, sink, wait, ...  |                      */
#include "engine/stats.h"

enum { STATS_LANES_MAX = 64 };

struct stats_lane {
    enum stats_role role;
    struct stopwatch watch;
};

struct stats {
    struct stats_lane *lanes[STATS_LANES_MAX];
    _Atomic size_t lane_count;
    _Atomic uint64_t phase_ns[STATS_PHASE_COUNT];
    _Atomic int phase;
    _Atomic uint64_t phase_began_ns, records, exchanges; /* handed to the sinks */
    const char *sink_names[STATS_SINKS_MAX];
    size_t sink_count;
};

static const struct {
    const char *name;
    uint32_t every; /* units (packets; blocks of records) to a sample */
    uint32_t waits; /* bits of the stages that are no work */
    const char *stages[STOPWATCH_STAGES_MAX];
} stats_roles[STATS_ROLE_COUNT] = {
    [STATS_READER] = {"reader",
                      64,
                      1u << READER_WAIT | 1u << READER_FINISH,
                      {[READER_LOOP] = "loop, progress",
                       [READER_READ] = "read the file",
                       [READER_DECODE] = "decode, or choose the shard",
                       [READER_HAND_OVER] = "hand over packets",
                       [READER_WAIT] = "wait for a shard",
                       [READER_FINISH] = "wait for the shards' end"}},
    [STATS_SHARD] = {"shard",
                     64,
                     1u << READER_WAIT | 1u << READER_IDLE,
                     {[READER_LOOP] = "loop",
                      [READER_DECODE] = "decode: link, IP, tunnels",
                      [READER_TCP] = "tcp: flow, checksum, order",
                      [READER_HTTP] = "http: streams, messages",
                      [READER_EXCHANGE] = "exchange: pairs, records",
                      [READER_HAND_OVER] = "hand over records",
                      [READER_WAIT] = "wait for the writer",
                      [READER_IDLE] = "wait for packets",
                      [READER_FINISH] = "finish what is open"}},
    [STATS_WRITER] =
        {"writer",
         8,
         1u << WRITER_WAIT,
         {[WRITER_LOOP] = "unpack records", [WRITER_WAIT] = "wait for records"}},
};

static const char *const stats_phase_names[STATS_PHASE_COUNT] = {
    [STATS_OPENING] = "opening",
    [STATS_READING] = "reading",
    [STATS_FINISHING] = "indexes and closing the database",
    [STATS_PRINTING] = "summary",
};

struct stats *stats_new(const char *const *sink_names, size_t sink_count)
{
    struct stats *s = mem_alloc(sizeof *s);
    s->phase_began_ns = stopwatch_now_ns();
    s->sink_count = sink_count < STATS_SINKS_MAX ? sink_count : STATS_SINKS_MAX;
    for (size_t i = 0; i < s->sink_count; i++) s->sink_names[i] = sink_names[i];
    return s;
}

void stats_free(struct stats *s)
{
    if (s == NULL) return;
    for (size_t i = 0; i < s->lane_count; i++) mem_free(s->lanes[i]);
    mem_free(s);
}

struct stopwatch *stats_watch(struct stats *s, enum stats_role role)
{
    if (s == NULL || s->lane_count == STATS_LANES_MAX) return NULL;
    struct stats_lane *lane = mem_alloc(sizeof *lane);
    lane->role = role;
    stopwatch_init(&lane->watch, stats_roles[role].every);
    s->lanes[s->lane_count] = lane;
    s->lane_count++; /* from here on another thread may look at it */
    return &lane->watch;
}

void stats_count_records(struct stats *s, uint64_t records, uint64_t exchanges)
{
    if (s == NULL) return;
    s->records += records;
    s->exchanges += exchanges;
}

void stats_begin_phase(struct stats *s, enum stats_phase phase)
{
    if (s == NULL) return;
    uint64_t now = stopwatch_now_ns();
    s->phase_ns[s->phase] += now - s->phase_began_ns;
    s->phase_began_ns = now;
    s->phase = (int)phase;
}

/* ---- text ---- */

static void print_phases(const struct stats *s, struct buffer *out)
{
    uint64_t ns[STATS_PHASE_COUNT], all_ns = 0;
    for (int i = 0; i < STATS_PHASE_COUNT; i++) {
        ns[i] = s->phase_ns[i];
        if (i == s->phase) ns[i] += stopwatch_now_ns() - s->phase_began_ns;
        all_ns += ns[i];
    }
    buffer_print(out, "time    %.3f s:", (double)all_ns / 1e9);
    for (int i = 0; i < STATS_PHASE_COUNT; i++)
        buffer_print(out, "%s %s %.3f s", i == 0 ? "" : ",", stats_phase_names[i],
                     (double)ns[i] / 1e9);
    buffer_append_text(out, "\n");
}

static const char *stage_name(const struct stats *s, enum stats_role role, size_t stage)
{
    if (role == STATS_WRITER && stage >= WRITER_SINKS) {
        size_t sink = stage - WRITER_SINKS;
        return sink < s->sink_count ? s->sink_names[sink] : NULL;
    }
    return stats_roles[role].stages[stage];
}

static void print_per(struct buffer *out, uint64_t ns, uint64_t units)
{
    if (units == 0)
        buffer_print(out, "%13s", "-");
    else
        buffer_print(out, "%13.1f", (double)ns / (double)units);
}

static void print_row(const struct stats *s, const char *name, uint64_t ns,
                      const struct stopwatch_times *of, struct buffer *out)
{
    double share = of->wall_ns == 0 ? 0 : (double)ns / (double)of->wall_ns;
    buffer_print(out, "  %-34s%8.3f%7.1f %%", name, (double)ns / 1e9, 100 * share);
    print_per(out, ns, of->units);
    print_per(out, ns, s->exchanges);
    buffer_append_text(out, "\n");
}

/* What a lane's times are divided by: its own packets, or all of them. */
static uint64_t lane_packets(const struct stats_lane *lane, uint64_t all)
{
    return lane->role == STATS_SHARD ? stopwatch_times(&lane->watch).units : all;
}

/* The name, with what tells one shard from another. */
static void print_lane_head(const struct stats_lane *lane, size_t number,
                            uint64_t packets, struct buffer *out)
{
    size_t begin = out->len;
    enum { NAME_WIDTH = 36 };
    buffer_append_text(out, stats_roles[lane->role].name);
    if (lane->role == STATS_SHARD)
        buffer_print(out, " %zu, %llu packets", number, (unsigned long long)packets);
    int pad = NAME_WIDTH - (int)(out->len - begin);
    buffer_print(out, "%*s%8s%9s%13s%13s\n", pad > 0 ? pad : 0, "", "s", "share",
                 "ns/packet", "ns/exchange");
}

static void print_lane(const struct stats *s, const struct stats_lane *lane,
                       size_t number, uint64_t packets, struct buffer *out)
{
    struct stopwatch_times t = stopwatch_times(&lane->watch);
    uint64_t busy_ns = t.cpu_ns;
    t.units = lane_packets(lane, packets);
    print_lane_head(lane, number, t.units, out);
    for (size_t i = 0; i < STOPWATCH_STAGES_MAX; i++) {
        const char *name = stage_name(s, lane->role, i);
        if (name != NULL) print_row(s, name, t.stage_ns[i], &t, out);
        if ((stats_roles[lane->role].waits >> i & 1) != 0) busy_ns += t.stage_ns[i];
    }
    print_row(s, "all", t.wall_ns, &t, out);
    if (t.cpu_ns == 0) return; /* it is not known before the thread ends */
    print_row(s, "of it on the processor", t.cpu_ns, &t, out);
    print_row(s, "of it off the processor, not waiting",
              t.wall_ns > busy_ns ? t.wall_ns - busy_ns : 0, &t, out);
}

void stats_format(const struct stats *s, struct buffer *out)
{
    uint64_t packets = 0;
    size_t lanes = s->lane_count;
    for (size_t i = 0; i < lanes; i++) {
        enum stats_role role = s->lanes[i]->role;
        if (role == STATS_READER) packets += stopwatch_times(&s->lanes[i]->watch).units;
    }
    print_phases(s, out);
    buffer_print(out, "work    %llu packets, %llu exchanges, %llu records\n",
                 (unsigned long long)packets, (unsigned long long)s->exchanges,
                 (unsigned long long)s->records);
    size_t shards = 0;
    for (size_t i = 0; i < lanes; i++) {
        if (s->lanes[i]->role == STATS_SHARD) shards++;
        print_lane(s, s->lanes[i], shards, packets, out);
    }
}
