#include "gateway/deprecation.h"

#include "gateway/reply.h"
#include "gateway/routes.h"

struct deprecated {
    struct span path;
    struct span since;     /* RFC 9745 §2.1: a date as a structured field */
    struct span sunset;    /* RFC 8594 §3: an HTTP date, not before `since` */
    struct span successor; /* RFC 8288: a Link */
};

static const struct deprecated paths[] = {
    /* Since 2026-01-01; served until the end of 2027. */
    {ROUTE_TEXT("/v1/download/start"), ROUTE_TEXT("@1767225600"),
     ROUTE_TEXT("Fri, 31 Dec 2027 23:59:59 GMT"),
     ROUTE_TEXT("</v1/download/initiate>; rel=\"successor-version\"")},
};

void deprecation_add(struct exchange *x)
{
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const struct deprecated *d = &paths[i];
        if (span_eq(x->path, d->path)) {
            reply_header_named(x, SPAN("deprecation"), d->since);
            reply_header_named(x, SPAN("sunset"), d->sunset);
            reply_header_named(x, SPAN("link"), d->successor);
        }
    }
}
