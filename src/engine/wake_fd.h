/* An eventfd that ends another thread's poll. */
#ifndef ENGINE_WAKE_FD_H
#define ENGINE_WAKE_FD_H

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

static inline void wake_fd_raise(int fd)
{
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) continue;
}

#endif
