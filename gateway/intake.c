#include "gateway/intake.h"

#include "core/query.h"
#include "gateway/framing.h"
#include "gateway/linger.h"
#include "gateway/reply.h"
#include "gateway/request_ids.h"

#include <stdio.h>

struct refusal {
    enum problem_code code;
    const char *detail;
};

static const struct refusal refusals[FRAMING_FAULT_COUNT] = {
    [FRAMING_LINE_END] = {PROBLEM_BAD_REQUEST, "A line of the head does not end in CR LF"},
    [FRAMING_METHOD] = {PROBLEM_BAD_REQUEST, "The method is not a token"},
    [FRAMING_TARGET_LONG] = {PROBLEM_URI_TOO_LONG, "Path and query may have at most 8192 bytes"},
    [FRAMING_FIELDS_LARGE] = {PROBLEM_HEADERS_TOO_LARGE, ""},
    [FRAMING_FIELD] = {PROBLEM_BAD_REQUEST, "A header line is folded, or has no proper name"},
    [FRAMING_HOST] = {PROBLEM_BAD_REQUEST, "One header Host with a host name is needed"},
    [FRAMING_LENGTH] = {PROBLEM_BAD_REQUEST, "Content-Length must be one decimal number, once"},
    [FRAMING_ENCODING] = {PROBLEM_BAD_REQUEST,
                          "Transfer-Encoding may be chunked, once, and in HTTP/1.1 only"},
    [FRAMING_TWO_ENDS] = {PROBLEM_BAD_REQUEST,
                          "Content-Length and Transfer-Encoding exclude each other"},
    [FRAMING_REPEATED] = {PROBLEM_BAD_REQUEST, ""}, /* made below: it has the header's name */
    [FRAMING_REPEATED_KEY] = {PROBLEM_IDEMPOTENCY_KEY_INVALID,
                              "The header Idempotency-Key stands twice"},
};

static void refuse_framing(struct exchange *x, const struct framing *f)
{
    const struct refusal *r = &refusals[f->fault];
    if (f->close) {
        linger_after(x);
    }
    char text[80];
    struct span detail = span_of(r->detail);
    if (f->fault == FRAMING_REPEATED) {
        const int len =
            snprintf(text, sizeof text, "The header %.*s stands twice", SPAN_ARG(f->repeated));
        detail = (struct span){text, (size_t)len};
    }
    reply_problem(x, r->code, detail);
}

static bool framing_fits(struct exchange *x)
{
    h2o_req_t *req = x->req;
    const h2o_socket_t *sock = req->conn->callbacks->get_socket(req->conn);
    const struct span head = {sock->input->bytes, sock->input->size};
    const struct framing f = framing_check(head, req->version >= 0x101);
    if (f.close) {
        req->http1_is_persistent = 0;
    }
    if (f.fault != FRAMING_OK) {
        refuse_framing(x, &f);
    }
    return f.fault == FRAMING_OK;
}

/* Which names a query may have is the handlers' business; that it can be read is not. */
static bool query_fits(struct exchange *x)
{
    struct query query;
    if (x->query.len == 0 || query_parse(x->query, &query) == ERR_OK) {
        return true;
    }
    reply_problem(x, PROBLEM_BAD_REQUEST,
                  SPAN("The query must be percent-encoded UTF-8 without control characters, with "
                       "at most 256 parameters"));
    return false;
}

bool intake_check(struct exchange *x)
{
    request_id_take(x);
    if (!framing_fits(x)) {
        return false;
    }
    if (!x->target_valid) {
        reply_problem(x, PROBLEM_BAD_REQUEST,
                      SPAN("The request's target must be a path with bytes that a URI may have"));
        return false;
    }
    return query_fits(x);
}
