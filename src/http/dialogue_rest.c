/* A dialogue at rest: its own members, but for pointers that another struct dialogue
 * has in the same place, or that its owner knows. Those to memory of its own stay good.
 */
#include "hopscope/packing.h"
#include "hopscope/pool.h"
#include "http/dialogue.h"

struct dialogue *dialogue_take(struct message_sink *sink)
{
    struct pool **dialogues = &sink->drafts.dialogues;
    if (*dialogues == NULL) *dialogues = pool_new(sizeof(struct dialogue));
    return pool_take(*dialogues);
}

/* Amid a message its parser has a draft, which is larger than all the rest. */
bool dialogue_can_rest(const void *instance)
{
    const struct dialogue *d = instance;
    return d->client.draft == NULL && d->server.draft == NULL;
}

static void parser_rest(struct parser *p)
{
    p->owner = NULL;
    p->context = NULL;
    p->conn = NULL;
    p->drafts = NULL;
}

static void parser_resume(struct parser *p, struct dialogue *d)
{
    p->owner = &dialogue_owner;
    p->context = d;
    p->conn = d->conn;
    p->drafts = &d->sink->drafts;
}

void dialogue_rest(void *instance, struct packing *out)
{
    struct dialogue *d = instance;
    struct pool *dialogues = d->sink->drafts.dialogues;
    parser_rest(&d->client);
    parser_rest(&d->server);
    pairing_rest(&d->pairing);
    d->opened = NULL;
    d->conn = NULL;
    d->stream = NULL;
    d->sink = NULL;
    packing_put(out, d, sizeof *d);
    pool_give(dialogues, d);
}

void *dialogue_resume(void *context, struct stream *stream, struct conn *conn,
                      struct unpacking *in)
{
    struct message_sink *sink = context;
    struct dialogue *d = dialogue_take(sink);
    packing_take(in, d, sizeof *d);
    d->sink = sink;
    d->opened = sink->open(sink->context, conn);
    d->conn = conn;
    d->stream = stream;
    parser_resume(&d->client, d);
    parser_resume(&d->server, d);
    pairing_moved(&d->pairing);
    return d;
}
