/* What a network and a tap do to segments that changes nothing of what was said. */
#include "variation.h"

#include "stack.h"

#include "hopscope/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CUT_ALL_MAX = 2000, /* stream bytes up to which every byte is a border in turn */
    CUT_NEAR = 24,      /* beyond: this near to a segment's ends, and */
    CUT_SAMPLES = 150,  /* so many places in between */
    SHUFFLE_SEEDS = 12,
    SHUFFLE_PIECES = 8, /* about, of each segment */
    WRAP_PLACES = 8,
    LOSSY_PIECES = 3,
    DUPLICATED_WAYS = 2,
};

static const char *const family_names[] = {
    [VARIATION_WHOLE] = "whole",
    [VARIATION_CUT] = "cut",
    [VARIATION_BYTES] = "bytes",
    [VARIATION_SHUFFLED] = "shuffled",
    [VARIATION_DUPLICATED] = "duplicated",
    [VARIATION_LOSSY] = "lossy",
    [VARIATION_IPV6] = "ipv6",
    [VARIATION_WRAP] = "wrap",
};

const char *variation_family_name(enum variation_family family)
{
    return family_names[family];
}

/* ---- names ---- */

void variation_format(const struct variation *v, char out[VARIATION_NAME_MAX])
{
    const char *family = family_names[v->family];
    unsigned long long number = v->number;
    if (v->family == VARIATION_CUT)
        (void)snprintf(out, VARIATION_NAME_MAX, "%s:%c%llu", family,
                       v->side == SIDE_CLIENT ? 'C' : 'S', number);
    else if (number > 0)
        (void)snprintf(out, VARIATION_NAME_MAX, "%s:%llu", family, number);
    else
        (void)snprintf(out, VARIATION_NAME_MAX, "%s", family);
}

bool variation_parse(const char *text, struct variation *out)
{
    size_t length = strcspn(text, ":");
    *out = (struct variation){0};
    for (size_t f = 0; f < VARIATION_FAMILY_COUNT; f++) {
        if (strlen(family_names[f]) != length) continue;
        if (strncmp(text, family_names[f], length) != 0) continue;
        out->family = (enum variation_family)f;
        if (text[length] == '\0')
            return f == VARIATION_WHOLE || f == VARIATION_IPV6 || f == VARIATION_BYTES;
        const char *number = text + length + 1;
        if (*number == 'S') out->side = SIDE_SERVER;
        if (*number == 'S' || *number == 'C') number++;
        char *end = NULL;
        out->number = strtoull(number, &end, 10);
        return end != number && *end == '\0';
    }
    return false;
}

/* ---- dice: the same on every run ---- */

static uint64_t roll(uint64_t *dice) /* SplitMix64 */
{
    uint64_t z = *dice += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* ---- cutting ---- */

/* Cuts the first `length` bytes off into `out`; what SYN and FIN mean stays in place.
 */
static void push_first(struct segments *out, struct segment *rest, size_t length)
{
    size_t whole = rest->payload.len;
    struct segment first = *rest;
    int64_t share_ns = rest->span_ns * (int64_t)length / (int64_t)whole;
    first.payload = bytes_first(first.payload, length);
    first.flags &= (uint8_t) ~(TCP_FIN | TCP_PSH);
    first.span_ns = share_ns;
    segments_push(out, &first);
    rest->payload = bytes_from(rest->payload, length);
    rest->offset += length;
    rest->at_ns += share_ns;
    rest->span_ns -= share_ns;
    rest->is_fixed = false;
}

static bool can_be_cut(const struct segment *s)
{
    return s->payload.len > 1 && (s->flags & TCP_SYN) == 0;
}

static void cut_at(const struct segments *sent, const struct variation *v,
                   struct segments *out)
{
    for (size_t i = 0; i < sent->count; i++) {
        struct segment rest = sent->at[i];
        bool is_inside = rest.from == v->side && can_be_cut(&rest) &&
                         v->number > rest.offset &&
                         v->number < rest.offset + rest.payload.len;
        if (is_inside) push_first(out, &rest, (size_t)(v->number - rest.offset));
        segments_push(out, &rest);
    }
}

/* Pieces of 1 to `len / pieces * 2` bytes; pieces 0: of one byte each. */
static void cut_up(const struct segments *sent, size_t pieces, uint64_t seed,
                   struct segments *out)
{
    uint64_t dice = seed;
    for (size_t i = 0; i < sent->count; i++) {
        struct segment rest = sent->at[i];
        size_t most = pieces == 0 ? 1 : rest.payload.len * 2 / pieces + 1;
        while (can_be_cut(&rest)) {
            size_t length = most == 1 ? 1 : 1 + (size_t)(roll(&dice) % most);
            if (length >= rest.payload.len) break;
            push_first(out, &rest, length);
        }
        segments_push(out, &rest);
    }
}

/* ---- order ---- */

/* Puts the segment at `from` to `to`; what lies between moves up, times stay. */
static void move_back(struct segments *list, size_t from, size_t to)
{
    struct segment moved = list->at[from];
    for (size_t i = from; i < to; i++) {
        int64_t at_ns = list->at[i].at_ns;
        list->at[i] = list->at[i + 1];
        list->at[i].at_ns = at_ns;
    }
    moved.at_ns = list->at[to].at_ns;
    list->at[to] = moved;
}

/* The flight's last segment that may change places with `i`. */
static size_t flight_end(const struct segments *list, size_t i)
{
    size_t end = i;
    while (end + 1 < list->count && list->at[end + 1].flight == list->at[i].flight &&
           !list->at[end + 1].is_fixed)
        end++;
    return end;
}

static void shuffle(struct segments *list, uint64_t seed)
{
    uint64_t dice = seed;
    for (size_t i = 0; i < list->count; i++) {
        if (list->at[i].is_fixed) continue;
        size_t end = flight_end(list, i);
        size_t chosen = i + (size_t)(roll(&dice) % (end - i + 1));
        struct segment swap = list->at[i];
        int64_t at_ns = swap.at_ns, other_ns = list->at[chosen].at_ns;
        list->at[i] = list->at[chosen];
        list->at[chosen] = swap;
        list->at[chosen].at_ns = other_ns;
        list->at[i].at_ns = at_ns;
    }
}

static bool can_be_late(const struct segments *list, size_t i)
{
    return !list->at[i].is_fixed && flight_end(list, i) > i;
}

static void delay(struct segments *list, size_t i)
{
    if (i < list->count && can_be_late(list, i))
        move_back(list, i, flight_end(list, i));
}

/* ---- copies ---- */

static bool carries(const struct segment *s)
{
    return s->payload.len > 0 || (s->flags & (TCP_SYN | TCP_FIN)) != 0;
}

static void repeat_at_once(const struct segments *sent, struct segments *out)
{
    for (size_t i = 0; i < sent->count; i++) {
        segments_push(out, &sent->at[i]);
        segments_push(out, &sent->at[i]);
    }
}

/* Each flight once more behind the next one, with what its sender has received then. */
static void repeat_later(const struct segments *sent, struct segments *out)
{
    size_t flight = 0; /* its first segment */
    for (size_t i = 0; i < sent->count;) {
        size_t next = i;
        uint64_t acked[2] = {0};
        while (next < sent->count && sent->at[next].flight == sent->at[i].flight)
            segments_push(out, &sent->at[next++]);
        for (size_t k = 0; k < next; k++)
            if (sent->at[k].life == sent->at[i].life)
                acked[sent->at[k].from] = sent->at[k].acked;
        for (; flight < i; flight++) {
            struct segment again = sent->at[flight];
            if (!carries(&again) || again.life != sent->at[i].life) continue;
            if ((again.flags & TCP_SYN) == 0) again.acked = acked[again.from];
            segments_push(out, &again);
        }
        i = next;
    }
}

/* ---- all of them ---- */

static void add(struct variation_list *list, enum variation_family family,
                enum side side, uint64_t number)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 256 : list->capacity * 2;
        list->at = mem_resize(list->at, list->capacity * sizeof *list->at);
    }
    list->at[list->count++] =
        (struct variation){.family = family, .side = side, .number = number};
}

static void add_cuts(const struct segments *sent, struct variation_list *list)
{
    size_t bytes = 0;
    for (size_t i = 0; i < sent->count; i++) bytes += sent->at[i].payload.len;
    size_t stride = bytes <= CUT_ALL_MAX ? 1 : bytes / CUT_SAMPLES;
    for (size_t i = 0; i < sent->count; i++) {
        const struct segment *s = &sent->at[i];
        if (!can_be_cut(s)) continue;
        for (size_t at = 1; at < s->payload.len; at++) {
            bool is_near = at <= CUT_NEAR || s->payload.len - at <= CUT_NEAR;
            if (is_near || at % stride == 0)
                add(list, VARIATION_CUT, s->from, s->offset + at);
        }
    }
}

static void add_losses(const struct segments *sent, struct variation_list *list)
{
    struct segments pieces = {0};
    cut_up(sent, LOSSY_PIECES, 0, &pieces);
    for (size_t i = 0; i < pieces.count; i++)
        if (can_be_late(&pieces, i)) add(list, VARIATION_LOSSY, SIDE_CLIENT, i + 1);
    segments_done(&pieces);
}

void variation_list_all(const struct segments *sent, unsigned families,
                        struct variation_list *out)
{
    static const uint64_t counts[VARIATION_FAMILY_COUNT] = {
        [VARIATION_SHUFFLED] = SHUFFLE_SEEDS,
        [VARIATION_DUPLICATED] = DUPLICATED_WAYS,
        [VARIATION_WRAP] = WRAP_PLACES,
    };
    for (int f = 0; f < VARIATION_FAMILY_COUNT; f++) {
        if ((families & 1u << f) == 0) continue;
        enum variation_family family = (enum variation_family)f;
        switch (family) {
        case VARIATION_WHOLE:
        case VARIATION_BYTES:
        case VARIATION_IPV6: add(out, family, SIDE_CLIENT, 0); break;
        case VARIATION_CUT: add_cuts(sent, out); break;
        case VARIATION_LOSSY: add_losses(sent, out); break;
        case VARIATION_SHUFFLED:
        case VARIATION_DUPLICATED:
        case VARIATION_WRAP:
            for (uint64_t n = 1; n <= counts[f]; n++) add(out, family, SIDE_CLIENT, n);
            break;
        case VARIATION_FAMILY_COUNT: break;
        }
    }
}

void variation_list_done(struct variation_list *list)
{
    mem_free(list->at);
    *list = (struct variation_list){0};
}

void variation_apply(const struct variation *v, const struct segments *sent,
                     struct segments *out)
{
    memcpy(out->port, sent->port, sizeof out->port);
    switch (v->family) {
    case VARIATION_WHOLE:
    case VARIATION_IPV6: cut_at(sent, &(struct variation){0}, out); return;
    case VARIATION_CUT: cut_at(sent, v, out); return;
    case VARIATION_BYTES: cut_up(sent, 0, 0, out); return;
    case VARIATION_SHUFFLED:
        cut_up(sent, SHUFFLE_PIECES, v->number, out);
        shuffle(out, v->number);
        return;
    case VARIATION_DUPLICATED:
        if (v->number == 1)
            repeat_at_once(sent, out);
        else
            repeat_later(sent, out);
        return;
    case VARIATION_LOSSY:
        cut_up(sent, LOSSY_PIECES, 0, out);
        delay(out, (size_t)v->number - 1);
        return;
    case VARIATION_WRAP: cut_up(sent, LOSSY_PIECES, v->number, out); return;
    case VARIATION_FAMILY_COUNT: return;
    }
}
