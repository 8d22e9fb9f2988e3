#include "sandbox/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel splits its 64 bits into two words. */
struct capability_sets {
    struct __user_cap_data_struct word[_LINUX_CAPABILITY_U32S_3];
};

static bool read_sets(struct capability_sets *sets)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    return syscall(SYS_capget, &head, sets->word) == 0;
}

static bool write_sets(const struct capability_sets *sets)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    return syscall(SYS_capset, &head, sets->word) == 0;
}

/* In the first word, as all of them are. */
static uint32_t mask_of(unsigned kept)
{
    uint32_t mask = 0;
    if (kept & CAPABILITIES_CAPTURE) mask |= 1U << CAP_NET_RAW;
    if (kept & CAPABILITIES_FILES) mask |= 1U << CAP_DAC_OVERRIDE;
    return mask;
}

bool capabilities_keep(unsigned kept)
{
    struct capability_sets sets;
    uint32_t mask = mask_of(kept);
    if (!read_sets(&sets)) return false;
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    /* Only who may give out capabilities may lower the bound, and needs not who has no
     * new privileges. */
    for (unsigned i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
        if (i >= 32 || (mask & 1U << i) == 0) prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    mask &= sets.word[0].permitted;
    sets = (struct capability_sets){.word = {{.effective = mask, .permitted = mask}}};
    return write_sets(&sets);
}

bool capabilities_may_change_user(void)
{
    const uint32_t needed = 1U << CAP_SETUID | 1U << CAP_SETGID;
    struct capability_sets sets;
    return read_sets(&sets) && (sets.word[0].effective & needed) == needed;
}

bool capabilities_lay_aside(void)
{
    struct capability_sets sets;
    if (!read_sets(&sets)) return false;
    sets.word[0].effective = sets.word[1].effective = 0;
    return write_sets(&sets);
}

bool capabilities_take_up(void)
{
    struct capability_sets sets;
    if (!read_sets(&sets)) return false;
    sets.word[0].effective = sets.word[0].permitted;
    sets.word[1].effective = sets.word[1].permitted;
    return write_sets(&sets);
}
