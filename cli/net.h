/* Net: one HTTP exchange at a time, over libcurl's multi interface, so that waiting also sees
 * signals, the overall time limit, and ticks for the progress bar. One thread.
 *
 * SIGINT, SIGTERM and SIGHUP never kill the program while a net is open: they end the exchange or
 * the wait that is going on, and every later one at once. */
#ifndef LONGHAUL_CLI_NET_H
#define LONGHAUL_CLI_NET_H

#include "base/err.h"
#include "base/span.h"
#include "cli/http_head.h"

#include <stdbool.h>
#include <stdint.h>

struct net;

enum net_end {
    NET_DONE,        /* an answer came, whole; look at its status */
    NET_NEVER_SENT,  /* no connection: the server has not seen the request */
    NET_BROKEN,      /* the connection was lost: the outcome is unknown */
    NET_STOPPED,     /* `take` or `tick` said so */
    NET_INTERRUPTED, /* a signal came */
    NET_TIMED_OUT,   /* --timeout has passed */
};

struct net_request {
    const char *method;
    const char *url;           /* http or https */
    struct span body;          /* JSON; empty for none */
    const char *const *header; /* lines "Name: value", ended by NULL; may be NULL */
    const char *bearer;        /* token; NULL: none. Never goes along with a redirect */
    int64_t silence_ms_max;    /* without a byte for so long, it counts as broken */
    bool follow;               /* up to 3 redirects */
};

struct net_watch {
    void *self;
    /* Bytes of the body. `head` is the answer's. False: stop. */
    bool (*take)(void *self, const struct http_head *head, struct span bytes);
    bool (*tick)(void *self,
                 int64_t now_ms); /* about 10 times a second; may be NULL. False: stop */
};

/* `deadline_ms` on the steady clock; 0: none. */
MUST_CHECK enum err net_open(int64_t deadline_ms, struct net **out);
void net_close(struct net **n);

/* `retry_after_s`: -1 when the server did not say. */
enum net_end net_run(struct net *n, const struct net_request *q, const struct net_watch *watch,
                     struct http_head *head, int64_t *retry_after_s);
/* NET_DONE when the time has passed. */
enum net_end net_wait(struct net *n, int64_t ms, const struct net_watch *watch);
/* NET_DONE, or why no work should go on: for long work without the network. */
enum net_end net_check(struct net *n);

const char *net_error(const struct net *n); /* of the last exchange, for people */
int net_signal(const struct net *n);        /* the signal that came; 0: none */

/* http or https with a host, no user or password in it. */
bool net_url_good(const char *url);
/* `link` as seen from `base` (RFC 3986 §5); owned result. ERR_INVALID if it is not http(s). */
MUST_CHECK enum err net_url_resolve(const char *base, const char *link, char **out);
/* Seconds since the epoch of a header Date; -1 if it is none. */
int64_t net_date_s(const char *text);

#endif
