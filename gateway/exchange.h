/* Exchange: one request and its reply, as handlers see them.
 *
 * It lives in the request's pool and dies with the request, answered or not: whatever waits
 * elsewhere on its behalf is canceled then. What must answer later and cannot be canceled (a read
 * of Redis) holds a `struct late`, which learns of the death.
 *
 * Owner: libh2o, through the pool. Thread: its loop's. */
#ifndef LONGHAUL_GATEWAY_EXCHANGE_H
#define LONGHAUL_GATEWAY_EXCHANGE_H

#include "base/list.h"
#include "base/span.h"
#include "gateway/broker_link.h"
#include "gateway/caller.h"
#include "gateway/h2o_loop.h"
#include "gateway/rate_limits.h"

#include <stdbool.h>

struct gateway_loop;
struct job_record;
struct late;
struct route;

struct exchange {
    h2o_req_t *req;
    struct gateway_loop *loop;
    struct list of_unanswered; /* in loop->unanswered until its reply begins */
    const struct route *route; /* NULL until one matched */
    struct span request_id;    /* of X-Request-Id */
    struct span param;         /* what the pattern's open part stands for */
    struct span path;          /* raw; without query, and without a scheme and host */
    struct span query;         /* raw, without '?' */
    bool target_valid;         /* else path and query end before what is wrong */
    struct span origin;        /* of a page that may read the reply; empty: none */
    struct caller caller;
    struct rate_notes rates;
    void (*admitted)(struct exchange *x); /* what follows when the caller is known */
    struct broker_call call;
    struct late *late;
    int linger_fd;                      /* owned; -1: the connection ends with the request */
    void *state;                        /* the handler's; in the pool, or freed by on_end */
    void (*on_end)(struct exchange *x); /* the request is over; may be NULL */
};

/* Never NULL: libh2o aborts without memory. */
struct exchange *exchange_new(struct gateway_loop *loop, h2o_req_t *req);
void *exchange_alloc(struct exchange *x, size_t size); /* in the pool, zeroed */
struct span exchange_copy(struct exchange *x, struct span s);

/* The first header of that name (lower case), without white space around it; false if there is
 * none. */
bool exchange_header(const struct exchange *x, const char *name, struct span *out);
/* All values of a header that is a list, joined by commas (RFC 9110 §5.3). */
bool exchange_header_list(struct exchange *x, const char *name, struct span *out);
/* All of that name; *cursor starts at 0. False at the end. */
bool exchange_header_next(const struct exchange *x, const char *name, size_t *cursor,
                          struct span *out);
bool exchange_is_head(const struct exchange *x);
struct exchange *exchange_of_call(struct broker_call *call);

/* Late: stands for an exchange in callbacks that come when they come. Bounded by
 * LATE_MAX a loop; NULL over it. Exactly one late_take for each. */
enum { LATE_MAX = 65536 };
struct late {
    struct exchange *exchange; /* NULL: the request is over */
    struct gateway_loop *loop;
    struct late *next_free;
    void (*then)(struct exchange *x, const struct job_record *record);
};
struct late *late_new(struct exchange *x);
struct exchange *late_take(struct late *late); /* frees; NULL if the request is over */

#endif
