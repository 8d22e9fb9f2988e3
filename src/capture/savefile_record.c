#include "capture/savefile_record.h"

#include "capture/pcap_file.h"
#include "capture/pcapng_file.h"

enum record savefile_record_cut(struct block_reader *in, uint64_t need,
                                const char *what)
{
    if (in->reason.text[0]) return RECORD_DAMAGED;
    if (in->raw.is_stopped) return RECORD_END;
    uint64_t have = in->offset - in->mark + (uint64_t)(in->end - in->at);
    problem_set(&in->reason, STATUS_DAMAGED,
                "the data end inside %s of %llu bytes after %llu of them (was the file "
                "still being written?)",
                what, (unsigned long long)need, (unsigned long long)have);
    return RECORD_DAMAGED;
}

enum record savefile_record_end(struct block_reader *in)
{
    return in->reason.text[0] ? RECORD_DAMAGED : RECORD_END;
}

bool savefile_record_is_header(struct bytes start)
{
    return pcap_file_is_header(start) || pcapng_file_is_header(start);
}
