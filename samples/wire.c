/* A wire between two network namespaces, with the weather of a real path.
 *
 *   TAP --read--> lost? --no--> lane, sorted by the time due --due--> write --> TAP
 *                   '--yes--> gone    ^ delay, and for some frames a little more:
 *                                       what follows them closely overtakes them
 *
 * Two lanes, one for each direction, share the chances. The wire creates both devices,
 * says "up", and runs until it is killed; the devices disappear with it. It is there
 * for kernels without netem: nothing but the TAP driver is asked of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_BYTES_MAX = 2048, LATE_NS_MAX = 3000000 };

struct frame {
    struct frame *next;
    int64_t due_ns;
    size_t length_bytes;
    uint8_t bytes[FRAME_BYTES_MAX];
};

struct lane {
    int from_fd, to_fd;
    struct frame *first; /* sorted by due_ns */
};

struct weather {
    int64_t delay_ns;
    uint32_t loss_permille, late_permille;
    uint64_t random_state; /* never 0 */
};

/* xorshift64: the same seed gives the same weather. */
static uint32_t weather_random(struct weather *w)
{
    uint64_t x = w->random_state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    w->random_state = x;
    return (uint32_t)(x >> 32);
}

static bool weather_strikes(struct weather *w, uint32_t permille)
{
    return weather_random(w) % 1000 < permille;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Creates the TAP device named by `place` ("namespace/device") and returns its
 * descriptor. The process stays in that namespace; devices do not follow it. */
static int tap_open(const char *place)
{
    const char *slash = strchr(place, '/');
    if (slash == NULL || strlen(slash + 1) >= IFNAMSIZ) {
        fprintf(stderr, "wire: '%s' is not NAMESPACE/DEVICE\n", place);
        exit(2);
    }
    char path[128];
    snprintf(path, sizeof path, "/run/netns/%.*s", (int)(slash - place), place);
    int ns_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (ns_fd < 0 || setns(ns_fd, CLONE_NEWNET) != 0) fail(path);
    close(ns_fd);

    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) fail("/dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    snprintf(request.ifr_name, IFNAMSIZ, "%s", slash + 1);
    if (ioctl(fd, TUNSETIFF, &request) != 0) fail(place);
    return fd;
}

/* Behind every frame that is due no later, so that equal delays keep the order. */
static void lane_insert(struct lane *lane, struct frame *f)
{
    struct frame **place = &lane->first;
    while (*place != NULL && (*place)->due_ns <= f->due_ns) place = &(*place)->next;
    f->next = *place;
    *place = f;
}

/* Takes in all frames that wait at the lane's entrance. */
static void lane_fill(struct lane *lane, struct weather *w)
{
    for (;;) {
        struct frame *f = malloc(sizeof *f);
        if (f == NULL) fail("memory");
        ssize_t got = read(lane->from_fd, f->bytes, sizeof f->bytes);
        if (got <= 0 || weather_strikes(w, w->loss_permille)) {
            free(f);
            if (got <= 0) return;
            continue;
        }
        f->length_bytes = (size_t)got;
        f->due_ns = now_ns() + w->delay_ns;
        if (weather_strikes(w, w->late_permille))
            f->due_ns += 1 + weather_random(w) % LATE_NS_MAX;
        lane_insert(lane, f);
    }
}

/* Lets out the frames that are due. A device that is down refuses them: lost, too. */
static void lane_drain(struct lane *lane)
{
    while (lane->first != NULL && lane->first->due_ns <= now_ns()) {
        struct frame *f = lane->first;
        lane->first = f->next;
        if (write(lane->to_fd, f->bytes, f->length_bytes) < 0 && errno == EBADFD)
            fail("write");
        free(f);
    }
}

static int64_t lanes_next_due_ns(const struct lane lanes[2])
{
    int64_t due_ns = INT64_MAX;
    for (int i = 0; i < 2; i++)
        if (lanes[i].first != NULL && lanes[i].first->due_ns < due_ns)
            due_ns = lanes[i].first->due_ns;
    return due_ns;
}

static void wire_run(struct lane lanes[2], struct weather *w)
{
    for (;;) {
        struct pollfd ends[2] = {
            {.fd = lanes[0].from_fd, .events = POLLIN},
            {.fd = lanes[1].from_fd, .events = POLLIN},
        };
        struct timespec pause = {0};
        int64_t due_ns = lanes_next_due_ns(lanes), left_ns = due_ns - now_ns();
        if (left_ns > 0) {
            pause.tv_sec = left_ns / 1000000000;
            pause.tv_nsec = left_ns % 1000000000;
        }
        if (ppoll(ends, 2, due_ns == INT64_MAX ? NULL : &pause, NULL) < 0) fail("poll");
        for (int i = 0; i < 2; i++) {
            lane_fill(&lanes[i], w);
            lane_drain(&lanes[i]);
        }
    }
}

static int usage(void)
{
    fputs("usage: wire [-d DELAY_MS] [-l LOSS_PERMILLE] [-r REORDER_PERMILLE]\n"
          "            [-s SEED] NAMESPACE/DEVICE NAMESPACE/DEVICE\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct weather w = {.random_state = 1};
    for (int option; (option = getopt(argc, argv, "d:l:r:s:")) != -1;) {
        uint32_t value = optarg != NULL ? (uint32_t)strtoul(optarg, NULL, 10) : 0;
        switch (option) {
        case 'd': w.delay_ns = value * INT64_C(1000000); break;
        case 'l': w.loss_permille = value; break;
        case 'r': w.late_permille = value; break;
        case 's': w.random_state += value; break;
        default: return usage();
        }
    }
    if (argc - optind != 2) return usage();
    int left = tap_open(argv[optind]), right = tap_open(argv[optind + 1]);
    struct lane lanes[2] = {{left, right, NULL}, {right, left, NULL}};
    for (int i = 0; i < 64; i++)
        weather_random(&w); /* small seeds need a while to spread */
    puts("up");
    fflush(stdout);
    wire_run(lanes, &w);
}
