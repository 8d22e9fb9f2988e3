/* What all streams of a thread share. They come and go with their connections, so their
 * memory stands in a pool:
 *
 *   streams --> protocols | pool: stream | stream | ... */
#include "stream/stream_state.h"

struct streams *streams_new(const struct protocol *protocols, size_t count)
{
    struct streams *all = mem_alloc(sizeof *all);
    *all = (struct streams){
        .protocols = protocols,
        .protocol_count = count,
        .memory = pool_new(sizeof(struct stream)),
    };
    return all;
}

void streams_free(struct streams *all)
{
    if (all == NULL) return;
    pool_free(all->memory);
    mem_free(all);
}
