#include "capture/pcap_fallback.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "capture/capture_time.h"
#include "capture/link_type.h"
#include "capture/savefile_info.h"

struct pcap_fallback {
    pcap_t *handle;
};

static ssize_t pcap_fallback_read(void *cookie, char *to, size_t room)
{
    struct block_reader *in = cookie;
    struct bytes part = bytes_first(block_reader_want(in, 1), room);
    if (part.len > 0) memcpy(to, part.ptr, part.len);
    block_reader_take(in, part.len);
    return (ssize_t)part.len;
}

enum status pcap_fallback_open(struct block_reader *in, struct capture_info *info,
                               struct pcap_fallback **out, struct problem *why)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    FILE *stream =
        fopencookie(in, "r", (cookie_io_functions_t){.read = pcap_fallback_read});
    if (!stream) return problem_set(why, STATUS_FAILED, "no stream for libpcap");
    pcap_t *handle = pcap_fopen_offline_with_tstamp_precision(
        stream, PCAP_TSTAMP_PRECISION_NANO, words);
    if (!handle) {
        fclose(stream);
        return problem_set(why, STATUS_FAILED, "%s", words);
    }
    struct pcap_fallback *p = mem_alloc(sizeof *p);
    p->handle = handle; /* owns the stream */
    savefile_info_add_interface(info, link_type_from_dlt(pcap_datalink(handle)),
                                (uint32_t)pcap_snapshot(handle));
    *out = p;
    return STATUS_OK;
}

enum record pcap_fallback_next(struct pcap_fallback *p, struct block_reader *in,
                               struct capture_info *info, struct frame *frame)
{
    block_reader_mark(in);
    struct pcap_pkthdr *header;
    const uint8_t *data;
    int rc = pcap_next_ex(p->handle, &header, &data);
    if (rc == PCAP_ERROR_BREAK) return savefile_record_end(in);
    if (rc != 1) {
        if (in->raw.is_stopped) return RECORD_END;
        if (!in->reason.text[0])
            problem_set(&in->reason, STATUS_DAMAGED, "%s", pcap_geterr(p->handle));
        return RECORD_DAMAGED;
    }
    /* tv_usec holds nanoseconds, as asked for; tv_sec is sign-extended after 2038. */
    uint64_t fraction_ns =
        capture_time_fraction((uint64_t)header->ts.tv_usec, &info->odd_times);
    frame->captured_ns = capture_time_of((uint32_t)header->ts.tv_sec, fraction_ns);
    frame->link_type = link_type_from_dlt(pcap_datalink(p->handle));
    frame->captured = header->caplen;
    frame->length = header->len < header->caplen ? header->caplen : header->len;
    frame->data = bytes_of(data, header->caplen);
    return RECORD_FRAME;
}

void pcap_fallback_free(struct pcap_fallback *p)
{
    if (!p) return;
    pcap_close(p->handle);
    mem_free(p);
}
