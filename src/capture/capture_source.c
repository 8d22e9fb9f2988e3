#include "capture/capture_source.h"

enum status capture_source_open(struct capture_source *s,
                                struct capture_secrets *secrets, bool *has_head,
                                struct problem *why)
{
    enum status rc = savefile_open(&s->file, &s->origin, s->capture_id, s->block_bytes,
                                   secrets, why);
    if (rc != STATUS_OK) return rc;
    s->total_bytes = s->file.in.raw.size;
    *has_head = capture_source_advance(s);
    return STATUS_OK;
}

void capture_source_park(struct capture_source *s, size_t secrets_before)
{
    if (!s->file.in.raw.is_regular) return;
    /* They will be read a second time. */
    capture_secrets_forget(s->file.secrets, secrets_before);
    savefile_close(&s->file);
    s->head.data = bytes_of(NULL, 0);
    s->is_parked = true;
}

bool capture_source_resume(struct capture_source *s)
{
    if (!s->is_parked) return true;
    s->is_parked = false;
    bool has_head = false;
    struct problem why = {.text = ""};
    if (capture_source_open(s, s->file.secrets, &has_head, &why) == STATUS_OK)
        return has_head;
    s->file.info.damage = why;
    return false;
}

bool capture_source_advance(struct capture_source *s)
{
    if (savefile_next(&s->file, &s->head)) return true;
    capture_source_close(s);
    return false;
}

uint64_t capture_source_done_bytes(const struct capture_source *s)
{
    return s->file.format ? s->file.in.done : s->done_bytes;
}

void capture_source_close(struct capture_source *s)
{
    if (s->file.format && !s->is_parked) s->done_bytes = s->file.in.done;
    savefile_close(&s->file);
}
