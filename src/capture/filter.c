#include "capture/filter.h"

#include <pcap/pcap.h>

#include "capture/link_type.h"

enum {
    FILTER_LINK_TYPES_MAX = 256, /* a file with more of them was made to cost us */
    FILTER_SNAPLEN = 262144,
    FILTER_ROOM_BYTES = 64 << 10, /* what compiling takes, and more */
    FILTER_OPTIMIZE = 1,
};

struct filter_program {
    uint32_t link_type;
    bool is_compiled;
    struct bpf_program code;
    char *words; /* why not */
};

struct filter {
    const char *text;
    struct filter_program *programs;
    size_t count;
    size_t last; /* frames of one link type come in rows */
};

struct filter *filter_new(const char *text)
{
    struct filter *f = mem_alloc(sizeof *f);
    f->text = text;
    return f;
}

void filter_free(struct filter *f)
{
    if (!f) return;
    for (size_t i = 0; i < f->count; i++) {
        if (f->programs[i].is_compiled) pcap_freecode(&f->programs[i].code);
        mem_free(f->programs[i].words);
    }
    mem_free(f->programs);
    mem_free(f);
}

static void filter_run_compiler(const struct filter *f, struct filter_program *program)
{
    /* libpcap follows the NULL of the first allocation in pcap_compile: let it find
     * room, or let the program end here in its own words. */
    mem_free(mem_alloc(FILTER_ROOM_BYTES));
    pcap_t *handle =
        pcap_open_dead(link_type_to_dlt(program->link_type), FILTER_SNAPLEN);
    if (!handle) {
        program->words = mem_copy_text("no memory for libpcap");
        return;
    }
    program->is_compiled = pcap_compile(handle, &program->code, f->text,
                                        FILTER_OPTIMIZE, PCAP_NETMASK_UNKNOWN) == 0;
    if (!program->is_compiled) program->words = mem_copy_text(pcap_geterr(handle));
    pcap_close(handle);
}

/* The program for a link type, compiled now if it is new. NULL: too many of them. */
static const struct filter_program *filter_program(struct filter *f, uint32_t link_type)
{
    if (f->last < f->count && f->programs[f->last].link_type == link_type)
        return &f->programs[f->last];
    size_t i = 0;
    while (i < f->count && f->programs[i].link_type != link_type) i++;
    if (i == FILTER_LINK_TYPES_MAX) return NULL;
    if (i == f->count) {
        f->programs = mem_resize(f->programs, (f->count + 1) * sizeof *f->programs);
        f->programs[f->count++] = (struct filter_program){.link_type = link_type};
        filter_run_compiler(f, &f->programs[i]);
    }
    f->last = i;
    return &f->programs[i];
}

bool filter_compile(struct filter *f, uint32_t link_type, const char **words)
{
    const struct filter_program *program = filter_program(f, link_type);
    if (program && program->is_compiled) return true;
    *words = program ? program->words : "too many link types";
    return false;
}

bool filter_accepts(struct filter *f, const struct frame *frame)
{
    const struct filter_program *program = filter_program(f, frame->link_type);
    return program && program->is_compiled &&
           bpf_filter(program->code.bf_insns, frame->data.ptr, frame->length,
                      frame->captured) != 0;
}
