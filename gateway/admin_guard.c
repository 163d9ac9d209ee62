#include "gateway/admin_guard.h"

#include "core/admin_host.h"
#include "gateway/content_type.h"
#include "gateway/loop.h"
#include "gateway/reply.h"

static struct span authority_of(const struct exchange *x)
{
    return span_of_iovec(x->req->input.authority);
}

bool admin_guard_read(struct exchange *x)
{
    if (admin_host_allowed(authority_of(x), x->loop->config->admin_hosts)) {
        return true;
    }
    reply_problem(x, PROBLEM_FORBIDDEN,
                  SPAN("Ask by an address or as localhost; other names must be listed in "
                       "--admin-hosts"));
    return false;
}

/* What browsers add and pages cannot forge: absent in requests of other programs. */
static bool same_site(const struct exchange *x)
{
    struct span value;
    if (exchange_header(x, "origin", &value) && !admin_origin_same(value, authority_of(x))) {
        return false;
    }
    return !exchange_header(x, "sec-fetch-site", &value) || span_eq(value, SPAN("same-origin"));
}

bool admin_guard_change(struct exchange *x)
{
    if (!x->loop->config->admin_changes) {
        reply_problem(x, PROBLEM_FORBIDDEN,
                      SPAN("Changes are not enabled: start the gateway with --admin-changes"));
    } else if (!same_site(x)) {
        reply_problem(x, PROBLEM_FORBIDDEN, SPAN("A page of another origin may change nothing"));
    } else if (!content_type_is_json(x) || content_is_encoded(x)) {
        reply_problem(x, PROBLEM_UNSUPPORTED_MEDIA_TYPE, (struct span){0});
    } else {
        return true;
    }
    return false;
}
