#include "capture/pcapng_interface.h"

#include "capture/capture_time.h"
#include "capture/link_type.h"
#include "capture/pcapng_options.h"

#include <string.h>

enum {
    PCAPNG_IF_NAME = 2,
    PCAPNG_IF_TSRESOL = 9,
    PCAPNG_IF_TSOFFSET = 14,
    PCAPNG_ISB_IFDROP = 5,
    PCAPNG_ISB_OSDROP = 7,
    PCAPNG_RESOLUTION_DEFAULT = 6, /* microseconds */
    PCAPNG_RESOLUTION_IS_BINARY = 0x80,
    PCAPNG_COUNTER_BYTES = 8,
};

static uint64_t pcapng_interface_number(struct bytes value, bool is_little)
{
    struct cursor c = cursor_of(value);
    c.is_little = is_little;
    return cursor_64(&c);
}

/* How ticks become seconds and nanoseconds; a resolution beyond 10^-9 is brought there
 * by `surplus_digits` divisions first. */
static void pcapng_interface_set_unit(struct pcapng_interface *i)
{
    enum { NANO_DIGITS = 9 };
    unsigned digits = i->resolution & (unsigned)~PCAPNG_RESOLUTION_IS_BINARY;
    i->surplus_digits = digits > NANO_DIGITS ? digits - NANO_DIGITS : 0;
    i->ticks_per_second = 1;
    i->tick_ns = 1;
    for (unsigned n = 0; n < NANO_DIGITS; n++) {
        if (n < digits) i->ticks_per_second *= 10;
        if (n >= digits) i->tick_ns *= 10;
    }
}

bool pcapng_interface_read(struct pcapng_interface *i, struct cursor body)
{
    *i = (struct pcapng_interface){.resolution = PCAPNG_RESOLUTION_DEFAULT};
    i->link_type = link_type_from_file(cursor_16(&body));
    cursor_skip(&body, 2); /* reserved */
    i->snaplen = cursor_32(&body);
    struct pcapng_option option;
    while (pcapng_options_next(&body, &option)) {
        struct bytes name = bytes_first(option.value, sizeof i->name - 1);
        if (option.code == PCAPNG_IF_NAME && name.len > 0)
            memcpy(i->name, name.ptr, name.len);
        if (option.code == PCAPNG_IF_TSRESOL && option.value.len == 1)
            i->resolution = option.value.ptr[0];
        if (option.code == PCAPNG_IF_TSOFFSET &&
            option.value.len == PCAPNG_COUNTER_BYTES)
            i->offset_s =
                (int64_t)pcapng_interface_number(option.value, body.is_little);
    }
    pcapng_interface_set_unit(i);
    return !body.is_short;
}

/* 2^-bits seconds each; the fraction as a number of 2^-64 s, whose lower half is finer
 * than a nanosecond. */
static int64_t pcapng_interface_binary_time(unsigned bits, uint64_t ticks)
{
    uint64_t seconds = bits < 64 ? ticks >> bits : 0;
    uint64_t fraction = 0;
    if (bits >= 64)
        fraction = ticks >> (bits - 64);
    else if (bits > 0)
        fraction = ticks << (64 - bits);
    uint64_t fraction_ns = (fraction >> 32) * CAPTURE_TIME_SECOND_NS >> 32;
    return capture_time_of(seconds, fraction_ns);
}

static int64_t pcapng_interface_decimal_time(const struct pcapng_interface *i,
                                             uint64_t ticks)
{
    for (unsigned n = i->surplus_digits; n > 0 && ticks > 0; n--) ticks /= 10;
    return capture_time_of(ticks / i->ticks_per_second,
                           ticks % i->ticks_per_second * i->tick_ns);
}

int64_t pcapng_interface_time(const struct pcapng_interface *i, uint64_t ticks)
{
    unsigned bits = i->resolution & (unsigned)~PCAPNG_RESOLUTION_IS_BINARY;
    int64_t time_ns = i->resolution & PCAPNG_RESOLUTION_IS_BINARY
                          ? pcapng_interface_binary_time(bits, ticks)
                          : pcapng_interface_decimal_time(i, ticks);
    return capture_time_shift(time_ns, i->offset_s);
}

/* The counters run from the start of the capture, so only their growth is added. */
static void pcapng_interface_grow(int64_t *total, uint64_t *last, struct bytes value,
                                  bool is_little)
{
    if (value.len != PCAPNG_COUNTER_BYTES) return;
    uint64_t now = pcapng_interface_number(value, is_little);
    uint64_t grown = now > *last ? now - *last : 0;
    if (*total < 0) *total = 0;
    /* A number that no capture reaches is damage that its block does not show. */
    if (grown > (uint64_t)(CAPTURE_TIME_NS_MAX - *total)) return;
    *total += (int64_t)grown;
    *last = now;
}

void pcapng_interface_count_drops(struct pcapng_interface *i, struct cursor options,
                                  int64_t *kernel_dropped, int64_t *interface_dropped)
{
    struct pcapng_option option;
    while (pcapng_options_next(&options, &option)) {
        if (option.code == PCAPNG_ISB_IFDROP)
            pcapng_interface_grow(interface_dropped, &i->interface_dropped,
                                  option.value, options.is_little);
        if (option.code == PCAPNG_ISB_OSDROP)
            pcapng_interface_grow(kernel_dropped, &i->kernel_dropped, option.value,
                                  options.is_little);
    }
}
