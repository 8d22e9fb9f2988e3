#include "cli/confine.h"

#include "cli/output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFINE_PATH_MAX = 4096 };

void confine_init(struct confine *c, const struct options *options)
{
    *c = (struct confine){.options = options};
}

void confine_done(struct confine *c)
{
    mem_free(c->places);
    c->places = NULL;
    c->place_count = 0;
}

static void add(struct confine *c, struct sandbox_place place)
{
    if (place.path == NULL) return;
    size_t size = (c->place_count + 1) * sizeof *c->places;
    c->places = mem_resize(c->places, size);
    c->places[c->place_count++] = place;
}

void confine_add(struct confine *c, const char *path, enum sandbox_use use)
{
    add(c, (struct sandbox_place){.path = path, .use = use});
}

void confine_wish(struct confine *c, const char *path, enum sandbox_use use)
{
    add(c, (struct sandbox_place){.path = path, .use = use, .is_wish = true});
}

void confine_add_files(struct confine *c, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) confine_add(c, paths[i], SANDBOX_READ);
}

struct sandbox_options confine_options(const struct confine *c)
{
    return (struct sandbox_options){
        .mode = (enum sandbox_mode)c->options->sandbox,
        .places = c->places,
        .place_count = c->place_count,
        .memory_max = c->memory_max,
        .thread_count = c->options->threads,
        .asks_names = c->options->filter != NULL,
    };
}

/* A rule can be given for what is there only. */
static void make_folders(const char *path)
{
    char folder[CONFINE_PATH_MAX];
    if (strlen(path) >= sizeof folder) return;
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(at - path), path);
        mkdir(folder, 0700);
    }
}

enum status confine_enter(struct confine *c, struct problem *why)
{
    struct problem missing = {.text = ""};
    struct sandbox_options options = confine_options(c);
    enum status rc = sandbox_reduce(&options, why); /* folders belong to the new user */
    if (rc == STATUS_OK && c->settings != NULL) {
        if (options.mode == SANDBOX_ON) make_folders(c->settings);
        confine_wish(c, c->settings, SANDBOX_MAKE);
        options = confine_options(c);
    }
    if (rc == STATUS_OK) rc = sandbox_enter(&options, &missing, why);
    if (missing.text[0] != '\0' && !c->options->is_quiet) output_complain(missing.text);
    confine_done(c);
    return rc;
}

enum status confine_to_database(const struct options *options, const char *output,
                                enum sandbox_use use, struct problem *why)
{
    struct confine c;
    confine_init(&c, options);
    confine_add(&c, options->path_count > 0 ? options->paths[0] : NULL,
                SANDBOX_DATABASE);
    confine_add(&c, options->diff, SANDBOX_DATABASE);
    confine_add(&c, output, use);
    return confine_enter(&c, why);
}
