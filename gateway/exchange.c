#include "gateway/exchange.h"

#include "core/target.h"
#include "gateway/linger.h"
#include "gateway/loop.h"
#include "gateway/stay_polled.h"

#include <stdlib.h>
#include <string.h>

static h2o_socket_t *socket_of(const h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn);
}

static void on_pool_cleared(void *p)
{
    struct exchange *x = p;
    stay_polled_end(socket_of(x->req));
    list_remove(&x->of_unanswered);
    broker_call_cancel(&x->call);
    if (x->late != NULL) {
        x->late->exchange = NULL;
    }
    if (x->on_end != NULL) {
        x->on_end(x);
    }
    if (x->linger_fd >= 0) {
        linger_begin(x);
    }
}

struct exchange *exchange_new(struct gateway_loop *loop, h2o_req_t *req)
{
    struct exchange *x = h2o_mem_alloc_shared(&req->pool, sizeof *x, on_pool_cleared);
    *x = (struct exchange){.req = req, .loop = loop, .linger_fd = -1};
    list_init(&x->of_unanswered);
    list_append(&loop->unanswered, &x->of_unanswered);
    stay_polled_begin(socket_of(req));
    struct target target;
    x->target_valid = target_parse(span_of_iovec(req->input.path), &target) == ERR_OK;
    x->path = target.path;
    x->query = target.query;
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

bool exchange_header_next(const struct exchange *x, const char *name, size_t *cursor,
                          struct span *out)
{
    const size_t len = strlen(name);
    const h2o_headers_t *headers = &x->req->headers;
    const h2o_token_t *token = h2o_lookup_token(name, len);
    const ssize_t before = (ssize_t)*cursor - 1;
    const ssize_t at = token != NULL ? h2o_find_header(headers, token, before)
                                     : h2o_find_header_by_str(headers, name, len, before);
    if (at < 0) {
        return false;
    }
    *cursor = (size_t)at + 1;
    *out = span_trim(span_of_iovec(headers->entries[at].value)); /* RFC 9110 §5.5 */
    return true;
}

bool exchange_header(const struct exchange *x, const char *name, struct span *out)
{
    size_t cursor = 0;
    return exchange_header_next(x, name, &cursor, out);
}

static struct span join(struct exchange *x, struct span a, struct span b)
{
    char *p = h2o_mem_alloc_pool(&x->req->pool, a.len + b.len + 1);
    if (a.len > 0) {
        memcpy(p, a.ptr, a.len);
    }
    p[a.len] = ',';
    if (b.len > 0) {
        memcpy(p + a.len + 1, b.ptr, b.len);
    }
    return (struct span){p, a.len + b.len + 1};
}

bool exchange_header_list(struct exchange *x, const char *name, struct span *out)
{
    size_t cursor = 0;
    struct span next;
    if (!exchange_header_next(x, name, &cursor, out)) {
        return false;
    }
    while (exchange_header_next(x, name, &cursor, &next)) {
        *out = join(x, *out, next);
    }
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
