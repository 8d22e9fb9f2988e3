/* An interface through libpcap: TPACKET_V3, whose blocks the kernel hands out when they
 * are full or 100 ms old. No immediate mode: that gives every packet a slot of the
 * snaplen's size, and loses most of a burst.
 *
 *   poll(ring, stop) --readable, or time is up--> pcap_dispatch --> take
 *
 * Dispatching after every wait also lets libpcap find out that an interface has gone.
 */
#include "hopscope/live_capture.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/capture_time.h"
#include "capture/link_type.h"

enum {
    LIVE_CAPTURE_BATCH = 4096, /* frames between two looks at the clock */
    LIVE_CAPTURE_FILTER_OPTIMIZE = 1,
    LIVE_CAPTURE_GROUP_KNOWN = 1 << 17, /* marks a group's number, which may be 0 */
    /* A block that was just begun is handed out a little after the timeout. */
    LIVE_CAPTURE_WAIT_MS = LIVE_CAPTURE_TIMEOUT_MS + 20,
};

struct live_capture {
    pcap_t *handle;
    char *interface;
    int state_fd; /* a socket to ask for the interface's state; -1: none */
    int stop_fd;
    uint32_t link_type, snaplen;
    uint32_t group;                       /* 0: alone */
    bool is_follower;                     /* in a group, and not its first */
    uint32_t kernel_seen, interface_seen; /* libpcap's counters, which wrap */
    struct live_capture_drops drops;
    struct problem problem;
    /* During a dispatch. */
    bool (*take)(void *context, struct frame *frame);
    void *context;
};

/* ---- what can go wrong ---- */

static enum status tell_no_right(const struct live_capture *c, struct problem *why)
{
    char program[256] = "hopscope";
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    if (len > 0) program[len] = '\0';
    return problem_set(why, STATUS_FAILED,
                       "no right to capture on %s: run it as root, or give the program "
                       "that right once: sudo setcap cap_net_raw+ep %s",
                       c->interface, program);
}

static enum status tell_why(const struct live_capture *c, int rc, struct problem *why)
{
    const char *words = pcap_geterr(c->handle);
    switch (rc) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED: return tell_no_right(c, why);
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return problem_set(why, STATUS_FAILED,
                           "there is no interface %s: hopscope live -D lists them",
                           c->interface);
    case PCAP_ERROR_IFACE_NOT_UP:
        return problem_set(why, STATUS_FAILED,
                           "the interface %s is down: ip link set %s up", c->interface,
                           c->interface);
    }
    return problem_set(why, STATUS_FAILED, "cannot capture on %s: %s%s%s", c->interface,
                       pcap_statustostr(rc), words[0] == '\0' ? "" : ": ", words);
}

/* ---- opening ---- */

static enum status activate(struct live_capture *c,
                            const struct live_capture_options *o, struct problem *why)
{
    char words[PCAP_ERRBUF_SIZE] = "";
    uint32_t buffer_kib = o->buffer_kib > 0 ? o->buffer_kib : LIVE_CAPTURE_BUFFER_KIB;
    bool is_any = strcmp(c->interface, "any") == 0;
    if (buffer_kib > INT32_MAX >> 10) buffer_kib = INT32_MAX >> 10;
    c->handle = pcap_create(c->interface, words);
    if (c->handle == NULL)
        return problem_set(why, STATUS_FAILED, "cannot capture on %s: %s", c->interface,
                           words);
    pcap_set_snaplen(c->handle, (int)c->snaplen);
    pcap_set_promisc(c->handle, o->is_quiet_mode || is_any ? 0 : 1);
    pcap_set_timeout(c->handle, LIVE_CAPTURE_TIMEOUT_MS);
    pcap_set_buffer_size(c->handle, (int)(buffer_kib << 10));
    pcap_set_tstamp_precision(c->handle, PCAP_TSTAMP_PRECISION_NANO);
    int rc = pcap_activate(c->handle);
    if (rc < 0) return tell_why(c, rc, why);
    if (pcap_setnonblock(c->handle, 1, words) != 0)
        return problem_set(why, STATUS_FAILED, "cannot capture on %s: %s", c->interface,
                           words);
    return STATUS_OK;
}

/* Of all interfaces together, the newer header says which one it was. */
static enum status choose_link_type(struct live_capture *c, const char *name,
                                    struct problem *why)
{
    bool is_any = strcmp(c->interface, "any") == 0;
    int dlt = name == NULL ? DLT_LINUX_SLL2 : pcap_datalink_name_to_val(name);
    if (name != NULL && (dlt < 0 || pcap_set_datalink(c->handle, dlt) != 0))
        return problem_set(why, STATUS_USAGE, "%s has no packets of link type %s: %s",
                           c->interface, name,
                           dlt < 0 ? "there is no such type" : pcap_geterr(c->handle));
    if (name == NULL && is_any) pcap_set_datalink(c->handle, dlt);
    c->link_type = link_type_from_dlt(pcap_datalink(c->handle));
    return STATUS_OK;
}

static enum status set_filter(struct live_capture *c, const char *filter,
                              struct problem *why)
{
    struct bpf_program code;
    if (filter == NULL) return STATUS_OK;
    if (pcap_compile(c->handle, &code, filter, LIVE_CAPTURE_FILTER_OPTIMIZE,
                     PCAP_NETMASK_UNKNOWN) != 0)
        return problem_set(why, STATUS_USAGE, "filter '%.200s': %s", filter,
                           pcap_geterr(c->handle));
    int rc = pcap_setfilter(c->handle, &code);
    pcap_freecode(&code);
    if (rc == 0) return STATUS_OK;
    return problem_set(why, STATUS_FAILED, "filter '%.200s': %s", filter,
                       pcap_geterr(c->handle));
}

/* The hash is the kernel's own, and symmetric. */
static enum status join_group(struct live_capture *c, uint32_t group,
                              struct problem *why)
{
    bool is_first = group == LIVE_CAPTURE_GROUP_NEW;
    int fd = pcap_fileno(c->handle);
    int flags = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG;
    int argument = (int)(group & 0xffff);
    socklen_t size = sizeof argument;
    if (group == 0) return STATUS_OK;
    if (is_first) flags |= PACKET_FANOUT_FLAG_UNIQUEID; /* the kernel chooses */
    argument |= (int)((uint32_t)flags << 16);
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, sizeof argument) != 0 ||
        getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, &size) != 0)
        return problem_set(why, STATUS_FAILED,
                           "cannot share the packets of %s among several threads: %s; "
                           "without --threads it can be captured on",
                           c->interface, strerror(errno));
    c->group = LIVE_CAPTURE_GROUP_KNOWN | ((uint32_t)argument & 0xffff);
    c->is_follower = !is_first;
    return STATUS_OK;
}

enum status live_capture_open(const struct live_capture_options *options,
                              struct live_capture **out, struct problem *why)
{
    struct live_capture *c = mem_alloc(sizeof *c);
    c->interface = mem_copy_text(options->interface ? options->interface : "any");
    c->snaplen = options->snaplen > 0 ? options->snaplen : LIVE_CAPTURE_SNAPLEN;
    c->stop_fd = options->stop_fd;
    c->state_fd = -1;
    enum status rc = activate(c, options, why);
    if (rc == STATUS_OK) rc = choose_link_type(c, options->link_type, why);
    if (rc == STATUS_OK) rc = set_filter(c, options->filter, why);
    if (rc == STATUS_OK) rc = join_group(c, options->group, why);
    if (rc != STATUS_OK) {
        live_capture_close(c);
        return rc;
    }
    c->state_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *out = c;
    return rc;
}

void live_capture_close(struct live_capture *c)
{
    if (c == NULL) return;
    if (c->handle != NULL) pcap_close(c->handle);
    if (c->state_fd >= 0) close(c->state_fd);
    mem_free(c->interface);
    mem_free(c);
}

/* ---- reading ---- */

static void on_packet(unsigned char *cookie, const struct pcap_pkthdr *header,
                      const unsigned char *data)
{
    struct live_capture *c = (void *)cookie;
    /* tv_usec holds nanoseconds, as asked for. */
    int64_t time_ns =
        capture_time_of((uint64_t)header->ts.tv_sec, (uint64_t)header->ts.tv_usec);
    struct frame frame = {
        .captured_ns = time_ns == CAPTURE_NUMBER_UNKNOWN ? 0 : time_ns,
        .link_type = c->link_type,
        .captured = header->caplen,
        .length = header->len < header->caplen ? header->caplen : header->len,
        .data = bytes_of(data, header->caplen),
    };
    if (!c->take(c->context, &frame)) pcap_breakloop(c->handle);
}

enum live_capture_state
live_capture_read(struct live_capture *c,
                  bool (*take)(void *context, struct frame *frame), void *context)
{
    struct pollfd waiting[] = {
        {.fd = pcap_get_selectable_fd(c->handle), .events = POLLIN},
        {.fd = c->stop_fd > 0 ? c->stop_fd : -1, .events = POLLIN},
    };
    poll(waiting, ARRAY_LENGTH(waiting), LIVE_CAPTURE_WAIT_MS);
    if (waiting[1].revents != 0) return LIVE_CAPTURE_STOPPED;
    c->take = take;
    c->context = context;
    int count =
        pcap_dispatch(c->handle, LIVE_CAPTURE_BATCH, on_packet, (unsigned char *)c);
    if (count > 0 || count == PCAP_ERROR_BREAK) return LIVE_CAPTURE_FRAMES;
    if (count == 0) return LIVE_CAPTURE_SILENT;
    problem_set(&c->problem, STATUS_FAILED, "%s", pcap_geterr(c->handle));
    return LIVE_CAPTURE_GONE;
}

void live_capture_finish(struct live_capture *c)
{
    c->stop_fd = -1;
}

const char *live_capture_problem(const struct live_capture *c)
{
    return c->problem.text;
}

/* ---- what is known of it ---- */

/* ps_recv holds the dropped ones too, and on the loopback each packet twice; so only
 * what was dropped is asked for. The counters have 32 bits. */
struct live_capture_drops live_capture_drops(struct live_capture *c)
{
    struct pcap_stat now;
    if (pcap_stats(c->handle, &now) != 0) return c->drops;
    c->drops.kernel += (uint32_t)(now.ps_drop - c->kernel_seen);
    if (!c->is_follower) /* it is the interface's, and told once */
        c->drops.interface += (uint32_t)(now.ps_ifdrop - c->interface_seen);
    c->kernel_seen = now.ps_drop;
    c->interface_seen = now.ps_ifdrop;
    return c->drops;
}

bool live_capture_is_up(const struct live_capture *c)
{
    struct ifreq request;
    if (c->state_fd < 0 || strcmp(c->interface, "any") == 0) return true;
    memset(&request, 0, sizeof request);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", c->interface);
    if (ioctl(c->state_fd, SIOCGIFFLAGS, &request) != 0)
        return true; /* no such thing */
    return (request.ifr_flags & IFF_UP) != 0;
}

uint32_t live_capture_group(const struct live_capture *c)
{
    return c->group;
}

const char *live_capture_interface(const struct live_capture *c)
{
    return c->interface;
}

uint32_t live_capture_link_type(const struct live_capture *c)
{
    return c->link_type;
}

uint32_t live_capture_snaplen(const struct live_capture *c)
{
    return c->snaplen;
}
