#include "gateway/exchange.h"

#include "gateway/loop.h"

#include <stdlib.h>
#include <string.h>

static void on_pool_cleared(void *p)
{
    struct exchange *x = p;
    broker_call_cancel(&x->call);
    if (x->late != NULL) {
        x->late->exchange = NULL;
    }
    if (x->on_end != NULL) {
        x->on_end(x);
    }
}

struct exchange *exchange_new(struct gateway_loop *loop, h2o_req_t *req)
{
    struct exchange *x = h2o_mem_alloc_shared(&req->pool, sizeof *x, on_pool_cleared);
    *x = (struct exchange){.req = req, .loop = loop};
    if (req->query_at != SIZE_MAX && req->query_at < req->path.len) {
        x->query.ptr = req->path.base + req->query_at + 1;
        x->query.len = req->path.len - req->query_at - 1;
    }
    return x;
}

void *exchange_alloc(struct exchange *x, size_t size)
{
    void *p = h2o_mem_alloc_pool(&x->req->pool, size);
    memset(p, 0, size);
    return p;
}

struct span exchange_copy(struct exchange *x, struct span s)
{
    char *p = h2o_mem_alloc_pool(&x->req->pool, s.len + 1);
    if (s.len > 0) {
        memcpy(p, s.ptr, s.len);
    }
    return (struct span){p, s.len};
}

bool exchange_header(const struct exchange *x, const char *name, struct span *out)
{
    const size_t len = strlen(name);
    const h2o_token_t *token = h2o_lookup_token(name, len);
    const ssize_t at = token != NULL ? h2o_find_header(&x->req->headers, token, -1)
                                     : h2o_find_header_by_str(&x->req->headers, name, len, -1);
    if (at < 0) {
        return false;
    }
    *out = span_of_iovec(x->req->headers.entries[at].value);
    return true;
}

bool exchange_is_head(const struct exchange *x)
{
    return span_eq(span_of_iovec(x->req->method), SPAN("HEAD"));
}

struct exchange *exchange_of_call(struct broker_call *call)
{
    return OWNER_OF(struct exchange, call, call);
}

struct late *late_new(struct exchange *x)
{
    struct gateway_loop *loop = x->loop;
    struct late *late = loop->late_free;
    if (late != NULL) {
        loop->late_free = late->next_free;
    } else if (loop->late_count < LATE_MAX) {
        late = malloc(sizeof *late);
        if (late == NULL) {
            return NULL;
        }
        loop->late_count++;
    } else {
        return NULL;
    }
    *late = (struct late){.exchange = x, .loop = loop};
    x->late = late;
    return late;
}

struct exchange *late_take(struct late *late)
{
    struct exchange *x = late->exchange;
    struct gateway_loop *loop = late->loop;
    late->next_free = loop->late_free;
    loop->late_free = late;
    if (x != NULL) {
        x->late = NULL;
    }
    return x;
}
