/* Reads the files again, from their beginning, and picks the packets of one four-tuple
 * between its first and its last.
 *
 *   capture set --ref--> net --endpoints--> offsets in both streams --> take        */
#include "cli/kept_packets.h"

#include "hopscope/capture.h"
#include "hopscope/net.h"

#include <time.h>

enum {
    KEPT_SECONDS_MAX = 3,
    KEPT_LOOK_EVERY = 4096 /* frames between two at the clock */
};

/* One direction: where its stream stands. */
struct kept_side {
    bool has_base;
    uint32_t base;  /* sequence number of offset 0 */
    int64_t newest; /* offset; sequence numbers are near it */
};

struct kept_walk {
    const struct record_connection *connection;
    struct kept_side sides[2];
    bool (*take)(void *taker, const struct ui_packet *packet);
    void *taker;
};

static int64_t offset_of(struct kept_side *side, uint32_t seq)
{
    if (!side->has_base) {
        side->has_base = true;
        side->base = seq;
    }
    uint32_t newest = side->base + (uint32_t)side->newest;
    int64_t offset = side->newest + (int32_t)(seq - newest);
    if (offset > side->newest) side->newest = offset;
    return offset;
}

static bool give(struct kept_walk *w, const struct packet *packet, enum side from)
{
    struct kept_side *own = &w->sides[from], *other = &w->sides[side_other(from)];
    struct ui_packet out = {
        .ref = packet->frame->ref,
        .time_us = packet->frame->captured_ns / 1000,
        .from = from,
        .flags = packet->flags,
        .length = packet->payload_length,
        .window = packet->window,
        .payload = packet->payload,
        .acked = RECORD_UNKNOWN,
    };
    /* A SYN takes the number before the first byte. */
    bool is_syn = (packet->flags & TCP_SYN) != 0;
    if (is_syn) *own = (struct kept_side){.has_base = true, .base = packet->seq + 1};
    out.offset = offset_of(own, is_syn ? packet->seq + 1 : packet->seq);
    if (packet->flags & TCP_ACK) out.acked = offset_of(other, packet->ack);
    return w->take(w->taker, &out);
}

static bool walk_frame(struct kept_walk *w, struct net *net, const struct frame *frame)
{
    struct packet packet;
    enum net_verdict verdict = net_decode(net, frame, &packet);
    const struct record_connection *c = w->connection;
    while (true) {
        bool is_tcp = verdict == NET_TCP;
        if (is_tcp && endpoint_equal(&packet.from, &c->client) &&
            endpoint_equal(&packet.to, &c->server)) {
            if (!give(w, &packet, SIDE_CLIENT)) return false;
        } else if (is_tcp && endpoint_equal(&packet.from, &c->server) &&
                   endpoint_equal(&packet.to, &c->client)) {
            if (!give(w, &packet, SIDE_SERVER)) return false;
        }
        if (!net_has_more(net)) return true;
        verdict = net_decode_more(net, frame, &packet);
    }
}

enum status kept_packets_read(void *context, const struct record_connection *connection,
                              bool (*take)(void *taker, const struct ui_packet *packet),
                              void *taker, struct problem *why)
{
    const struct kept_packets *kept = context;
    const struct capture_options options = {.filter = kept->filter,
                                            .first_capture_id = kept->first_capture_id};
    struct kept_walk walk = {.connection = connection, .take = take, .taker = taker};
    struct capture_set *set = NULL;
    struct frame frame;
    time_t until = time(NULL) + KEPT_SECONDS_MAX;
    enum status rc =
        capture_set_open(kept->paths, kept->path_count, &options, &set, why);
    if (rc != STATUS_OK) return rc;
    struct net *net = net_new();
    for (uint64_t i = 0; capture_set_next(set, &frame) == CAPTURE_FRAME; i++) {
        bool is_same = frame.ref >> 32 == connection->first_ref >> 32;
        if (is_same && frame.ref < connection->first_ref) continue;
        bool is_over = connection->is_open == TRI_NO && is_same;
        if (is_over && frame.ref > connection->last_ref) break;
        if (!walk_frame(&walk, net, &frame)) break;
        if (i % KEPT_LOOK_EVERY != 0 || time(NULL) <= until) continue;
        problem_set(why, STATUS_FAILED, "the packets were not all found within %d s",
                    KEPT_SECONDS_MAX);
        break;
    }
    net_free(net);
    capture_set_close(set);
    return rc;
}
