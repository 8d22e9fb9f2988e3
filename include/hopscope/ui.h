/* ui: connections on a terminal, as they come. A sink of records, a model of what is
 * shown, and views over it; the only layer that knows curses.
 *
 *   records --sink--> model (bounded) --views--> cells --curses--> terminal
 *                                        '--keys, mouse <------------'
 *
 * All of it on one thread: whoever owns the loop gives records and statistics, and
 * calls ui_serve whenever ui_fd is readable or ui_wait_ms have passed. */
#ifndef HOPSCOPE_UI_H
#define HOPSCOPE_UI_H

#include "hopscope/base.h"
#include "hopscope/record.h"

enum { UI_TITLE_MAX = 128 };

/* ---- what the owner can do ---- */

/* One packet of a connection. */
struct ui_packet {
    uint64_t ref;
    int64_t time_us;
    enum side from;
    uint8_t flags;           /* of TCP */
    int64_t offset;          /* of the payload in its side's stream; may be below 0 */
    int64_t acked;           /* of the other side's stream; RECORD_UNKNOWN: no ACK */
    uint32_t length, window; /* window: as in the header, not scaled */
    struct bytes payload;    /* borrowed; shorter than `length` where it was cut */
};

/* Some connections, for saving; valid during the call. */
struct ui_selection;
const int64_t *ui_selection_ids(const struct ui_selection *s, size_t *count);
/* Of the selection's connection `index`; NULL: it has gone. */
const struct record_connection *ui_selection_connection(const struct ui_selection *s,
                                                        size_t index);
/* Puts its records, as a capture's end would. STATUS_FAILED: the sink refused one. */
enum status ui_selection_put(const struct ui_selection *s,
                             const struct record_sink *sink);

struct ui_source {
    void *context;
    /* Gives the packets of a connection, oldest first, until `take` returns false.
     * STATUS_FAILED: `why` says it. NULL: packets are not kept. */
    enum status (*packets)(void *context, const struct record_connection *connection,
                           bool (*take)(void *taker, const struct ui_packet *packet),
                           void *taker, struct problem *why);
    /* Writes the selection to `path`, as its ending says. `said` has a sentence either
     * way. NULL: nothing can be saved. */
    enum status (*save)(void *context, const struct ui_selection *selection,
                        const char *path, struct problem *said);
    const char *save_endings; /* ".csv .jsonl ...", for the prompt */
};

/* ---- the terminal ---- */

struct ui_options {
    const char *title; /* "live eth0", "mixed.pcap" */
    struct ui_source source;
    bool has_colour;
    bool is_replay;   /* the owner asks ui_replay and plays at that speed */
    const char *loss; /* what would be lost by quitting, as a sentence; NULL: nothing */
    const char *settings; /* file that keeps the columns; NULL: they are not kept */
};

struct ui;

/* STATUS_FAILED: there is no terminal, or none that can place a cursor; `why` says
 * which, with a hint. */
enum status ui_open(const struct ui_options *options, struct ui **out,
                    struct problem *why);
/* Leaves the terminal as it was; NULL is allowed. Does not wait for one that is held.
 */
void ui_close(struct ui *u);

struct record_sink ui_sink(struct ui *u);
int ui_fd(const struct ui *u);
int ui_wait_ms(const struct ui *u);
/* Takes the keys that wait and draws what has changed, twice a second unless a key was
 * pressed. False: the user leaves, or the terminal has gone. */
bool ui_serve(struct ui *u);
/* A sentence for the bottom line. */
void ui_talk(struct ui *u, const char *sentence);

/* Sums since the start; RECORD_UNKNOWN: there is no such thing. */
struct ui_statistics {
    int64_t now_us;   /* time of the capture */
    int64_t known_us; /* what began or ended before it has been told */
    int64_t packets, bytes, kernel_dropped, interface_dropped;
    int64_t connections, exchanges; /* all, kept here or not */
    int64_t evicted_connections, memory_bytes;
    int64_t stored_waiting, stored_dropped, stored_lag_us; /* rows of the database */
    int64_t shown_dropped; /* rows that came too fast for a screen */
    int64_t done_permille; /* of the input */
    bool is_up, is_over;   /* interface; nothing follows */
};

void ui_tell(struct ui *u, const struct ui_statistics *now);

/* What is wished of a replay. */
struct ui_replay {
    bool is_paused;
    unsigned speed_percent; /* 100: as it was; 0: at once */
};

struct ui_replay ui_replay(const struct ui *u);
void ui_set_speed(struct ui *u, unsigned percent);

#endif
