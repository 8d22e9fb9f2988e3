/* IEEE 802.11 data frames in clear, alone or behind what a monitoring card says of the
 * reception (radiotap, PPI). Fields are little-endian. What a frame carries begins with
 * LLC; several such units share a frame in an A-MSDU (IEEE 802.11-2020, 9.3.2.2).
 *
 *   radiotap, PPI --> 802.11 --> LLC
 *                        '-----> unit --> LLC, and the next unit by net_decode_more */
#include "net/layer.h"

enum {
    WIFI_VERSION = 0x03,
    WIFI_TYPE = 0x0c,
    WIFI_DATA = 0x08,
    WIFI_NO_DATA = 0x40, /* of the subtype: null, acknowledgements, polls */
    WIFI_QOS = 0x80,
    /* flags */
    WIFI_FOUR_ADDRESSES = 0x03, /* to and from the distribution system */
    WIFI_MORE_FRAGMENTS = 0x04,
    WIFI_PROTECTED = 0x40,
    WIFI_HT_CONTROL = 0x80,
    FRAGMENT_NUMBER = 0x0f,
    QOS_SEVERAL_UNITS = 0x80,

    RADIOTAP_FIELDS_AT = 8,
    RADIOTAP_TIME = 1u << 0,
    RADIOTAP_FLAGS = 1u << 1,
    RADIOTAP_FCS = 0x10,
    RADIOTAP_PADDED = 0x20,
    RADIOTAP_BAD_FCS = 0x40,
    PPI_FIELDS_AT = 8,
    PPI_ALIGNED = 0x01,
    PPI_COMMON = 2, /* the field that has the flags below */
    PPI_FCS = 0x01,
    PPI_BAD_FCS = 0x04,
    FCS_BYTES = 4,
};

static const uint32_t radiotap_more_words = UINT32_C(1) << 31;

enum layer link_wireless_decode(struct decoding *d)
{
    uint8_t control = cursor_8(&d->in);
    uint8_t flags = cursor_8(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if ((control & WIFI_VERSION) != 0) return LAYER_BAD;
    if ((control & WIFI_TYPE) != WIFI_DATA || (control & WIFI_NO_DATA) != 0 ||
        (flags & (WIFI_PROTECTED | WIFI_MORE_FRAGMENTS)) != 0)
        return LAYER_OTHER;

    cursor_skip(&d->in, 20); /* duration, three addresses */
    uint8_t fragment = cursor_8(&d->in) & FRAGMENT_NUMBER;
    cursor_skip(&d->in, 1);
    uint32_t header = 24;
    uint8_t qos = 0;
    if ((flags & WIFI_FOUR_ADDRESSES) == WIFI_FOUR_ADDRESSES) {
        cursor_skip(&d->in, 6);
        header += 6;
    }
    if ((control & WIFI_QOS) != 0) {
        qos = cursor_8(&d->in);
        uint32_t rest = (flags & WIFI_HT_CONTROL) != 0 ? 5 : 1;
        cursor_skip(&d->in, rest);
        header += 1 + rest;
    }
    if (d->is_padded) cursor_skip(&d->in, (4 - header % 4) % 4);
    if (d->in.is_short) return LAYER_SHORT;
    if (fragment != 0) return LAYER_OTHER;
    return (qos & QOS_SEVERAL_UNITS) != 0 ? LAYER_WIFI_UNIT : LAYER_LLC;
}

/* An A-MSDU subframe: addresses, length, a unit; then filled up to a multiple of four,
 * unless it is the last. */
enum layer link_wireless_decode_unit(struct decoding *d)
{
    cursor_skip(&d->in, 12);
    uint16_t length = cursor_be16(&d->in);
    if (d->in.is_short) return LAYER_SHORT;
    if (length > layer_wire_length(d)) return LAYER_BAD;

    struct decoding behind = *d;
    cursor_skip(&behind.in, length + ((2u - length) & 3));
    if (cursor_left(&behind.in) != 0) {
        d->memory->units = behind;
        d->memory->has_units = true;
    }
    layer_limit_length(d, length);
    return LAYER_LLC;
}

static enum layer decode_without_fcs(struct decoding *d, enum layer next)
{
    uint32_t wire_length = layer_wire_length(d);
    if (wire_length < FCS_BYTES) return LAYER_BAD;
    layer_limit_length(d, wire_length - FCS_BYTES);
    return next;
}

/* Words of presence bits, then the fields they announce, each aligned to its own size.
 * The flags come second, behind a time of eight bytes. */
static uint8_t read_radiotap_flags(struct bytes header)
{
    struct cursor in = cursor_of(header);
    in.is_little = true;
    cursor_skip(&in, 4);
    uint32_t present = cursor_32(&in);
    for (uint32_t word = present; (word & radiotap_more_words) != 0;)
        word = cursor_32(&in);
    if ((present & RADIOTAP_FLAGS) == 0) return 0;
    size_t at = header.len - cursor_left(&in);
    if ((present & RADIOTAP_TIME) != 0) cursor_skip(&in, (8 - at % 8) % 8 + 8);
    return cursor_8(&in);
}

enum layer link_wireless_decode_radiotap(struct decoding *d)
{
    struct cursor start = d->in;
    start.is_little = true;
    uint8_t version = cursor_8(&start);
    cursor_skip(&start, 1);
    uint16_t length = cursor_16(&start);
    struct bytes header = cursor_take(&d->in, length);
    if (start.is_short) return LAYER_SHORT;
    if (version != 0 || length < RADIOTAP_FIELDS_AT) return LAYER_BAD;
    if (d->in.is_short) return LAYER_SHORT;

    uint8_t flags = read_radiotap_flags(header);
    d->is_padded = (flags & RADIOTAP_PADDED) != 0;
    if ((flags & RADIOTAP_BAD_FCS) != 0) return LAYER_BAD; /* the card says so */
    return (flags & RADIOTAP_FCS) != 0 ? decode_without_fcs(d, LAYER_WIFI) : LAYER_WIFI;
}

/* The flags of PPI's field for 802.11, or 0. `fields` is little-endian. */
static uint16_t read_ppi_flags(struct cursor fields, bool is_aligned)
{
    while (cursor_left(&fields) != 0) {
        uint16_t type = cursor_16(&fields);
        uint16_t length = cursor_16(&fields);
        if (type == PPI_COMMON) {
            cursor_skip(&fields, 8);
            return cursor_16(&fields);
        }
        cursor_skip(&fields, length + (is_aligned ? (4u - length) & 3 : 0));
    }
    return 0;
}

enum layer link_wireless_decode_ppi(struct decoding *d)
{
    struct cursor start = d->in;
    start.is_little = true;
    uint8_t version = cursor_8(&start);
    uint8_t flags = cursor_8(&start);
    uint16_t length = cursor_16(&start);
    uint32_t link_type = cursor_32(&start);
    struct bytes header = cursor_take(&d->in, length);
    if (start.is_short) return LAYER_SHORT;
    if (version != 0 || length < PPI_FIELDS_AT) return LAYER_BAD;
    if (d->in.is_short) return LAYER_SHORT;

    enum layer next = link_find_layer(link_type);
    if (next != LAYER_WIFI) return next;
    struct cursor fields = cursor_of(bytes_from(header, PPI_FIELDS_AT));
    fields.is_little = true;
    uint16_t reception = read_ppi_flags(fields, (flags & PPI_ALIGNED) != 0);
    if ((reception & PPI_BAD_FCS) != 0) return LAYER_BAD;
    return (reception & PPI_FCS) != 0 ? decode_without_fcs(d, next) : next;
}
