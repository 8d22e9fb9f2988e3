/* sandbox: whom root becomes. Needs root; children try, since none comes back. */
#include "sandbox_child.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OWNER = 1234, CALLER = 4321, NOBODY = 65534, NO_GATE = 200 };

struct trial {
    const char *name;
    uid_t folder, input; /* their owners */
    mode_t folder_mode, input_mode;
    const char *sudo; /* SUDO_UID; NULL: none */
    bool has_output;
    uid_t becomes;
    const char *capabilities;
};

/* clang-format off */
static const char none[] = "0000000000000000", files[] = "0000000000000002";
static const struct trial trials[] = {
    { "nothing is written",        0,     0,      0755, 0644, NULL,   false, NOBODY, none },
    { "... and nobody may read",   0,     0,      0755, 0600, NULL,   false, 0,      none },
    { "... nor enter",             0,     0,      0700, 0644, NULL,   false, 0,      none },
    { "... but its owner",         0,     OWNER,  0755, 0600, NULL,   false, OWNER,  none },
    { "... but nobody enters",     0,     OWNER,  0700, 0600, NULL,   false, 0,      files },
    { "root's own folder",         0,     0,      0755, 0644, NULL,   true,  0,      none },
    { "somebody's folder",         OWNER, 0,      0700, 0644, NULL,   true,  OWNER,  none },
    { "... root's input",          OWNER, 0,      0700, 0600, NULL,   true,  0,      files },
    { "sudo, own folder",          CALLER, CALLER, 0700, 0600, "4321", true, CALLER, none },
    { "sudo, root's folder",       0,     CALLER, 0755, 0644, "4321", true,  0,      none },
    { "sudo, for reading",         0,     CALLER, 0755, 0600, "4321", false, CALLER, none },
    { "sudo of nonsense",          0,     0,      0755, 0644, "-1",   false, NOBODY, none },
    { "sudo of root",              0,     0,      0755, 0644, "0",    false, NOBODY, none },
};
/* clang-format on */

/* 0, or what was not as it should be. */
static int become(const void *context)
{
    const struct trial *t = context;
    const struct sandbox_place places[] = {
        {"place/in.pcap", SANDBOX_READ, false},
        {t->has_output ? "place/out.db" : NULL, SANDBOX_MAKE, false},
        {"/proc", SANDBOX_READ, true}};
    const struct sandbox_options options = {
        .mode = SANDBOX_ON, .places = places, .place_count = ARRAY_LENGTH(places)};
    struct problem missing, why;
    char value[64];
    if (t->sudo != NULL) setenv("SUDO_UID", t->sudo, 1);
    if (sandbox_enter(&options, &missing, &why) != STATUS_OK) return NO_GATE;
    bool is_told = strstr(missing.text, "CAP_DAC_OVERRIDE") != NULL;
    if (getuid() != t->becomes || geteuid() != t->becomes) return 1;
    if (!sandbox_child_status("CapEff", value)) return 2;
    if (strcmp(value, t->capabilities) != 0) return 3;
    if (is_told != (t->capabilities == files)) return 4;
    if (open("place/in.pcap", O_RDONLY | O_CLOEXEC) < 0) return 5;
    if (t->has_output && open("place/out.db", O_RDWR | O_CREAT | O_CLOEXEC, 0600) < 0)
        return 6;
    return 0;
}

static void root_becomes_who_can_reach_it(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    assert_int_equal(chmod(".", 0755), 0);
    for (size_t i = 0; i < ARRAY_LENGTH(trials); i++) {
        const struct trial *t = &trials[i];
        assert_int_equal(mkdir("place", 0700), 0);
        int fd = open("place/in.pcap", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        assert_int_equal(fchown(fd, t->input, t->input), 0);
        assert_int_equal(fchmod(fd, t->input_mode), 0);
        close(fd);
        assert_int_equal(chown("place", t->folder, t->folder), 0);
        assert_int_equal(chmod("place", t->folder_mode), 0);
        int got = sandbox_child_run(become, t);
        if (got != 0) fail_msg("%s: %d", t->name, got);
        unlink("place/in.pcap");
        unlink("place/out.db");
        assert_int_equal(rmdir("place"), 0);
    }
}

/* ---- the first step of a capture ---- */

static int keep_capture(const void *context)
{
    const struct sandbox_options options = {.mode = SANDBOX_ON};
    struct problem why;
    char value[64];
    (void)context;
    if (sandbox_reduce(&options, &why) != STATUS_OK) return NO_GATE;
    if (getuid() != NOBODY || !sandbox_child_status("CapEff", value)) return 1;
    if (strcmp(value, "0000000000002000") != 0) return 2;
    if (!sandbox_child_status("CapPrm", value)) return 3;
    return strcmp(value, "0000000000002000") == 0 ? 0 : 4;
}

static void the_right_to_capture_stays(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    assert_int_equal(sandbox_child_run(keep_capture, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(root_becomes_who_can_reach_it,
                                        sandbox_child_enter_folder,
                                        sandbox_child_leave_folder),
        cmocka_unit_test(the_right_to_capture_stays),
    };
    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
