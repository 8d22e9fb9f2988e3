/* Word by word. */
#include "net/payload_sums.h"

struct payload_sums payload_sums_of(const uint64_t *key, const uint8_t *at,
                                    size_t stripes)
{
    return payload_sums_plain(key, at, stripes);
}
