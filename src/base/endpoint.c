#include "hopscope/base.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

int endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
    if (a->version != b->version) return a->version < b->version ? -1 : 1;
    int order = memcmp(a->address, b->address, sizeof a->address);
    if (order != 0) return order < 0 ? -1 : 1;
    if (a->port != b->port) return a->port < b->port ? -1 : 1;
    return 0;
}

void endpoint_format_address(const struct endpoint *e, char out[ADDRESS_TEXT_MAX])
{
    int family = e->version == 4 ? AF_INET : e->version == 6 ? AF_INET6 : AF_UNSPEC;
    if (family == AF_UNSPEC || !inet_ntop(family, e->address, out, ADDRESS_TEXT_MAX))
        snprintf(out, ADDRESS_TEXT_MAX, "-");
}

void endpoint_format(const struct endpoint *e, char out[ENDPOINT_TEXT_MAX])
{
    char address[ADDRESS_TEXT_MAX];
    endpoint_format_address(e, address);
    if (e->version == 6)
        snprintf(out, ENDPOINT_TEXT_MAX, "[%s]:%u", address, (unsigned)e->port);
    else
        snprintf(out, ENDPOINT_TEXT_MAX, "%s:%u", address, (unsigned)e->port);
}
