#include "gateway/rate_limits.h"

#include "base/clock.h"
#include "base/ids.h"
#include "core/client_address.h"
#include "core/rate_header.h"
#include "gateway/counters.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "gateway/server.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX = 256 };

struct limit {
    pthread_mutex_t mutex;
    struct rate_table *table; /* NULL: no limit */
};

struct rate_limits {
    const struct rate *rates;
    struct limit limits[RATE_SCOPES];
};

static const char *const names[RATE_SCOPES] = {
    [RATE_ADDRESS] = "address", [RATE_USER] = "user", [RATE_TICKETS] = "tickets"};

enum err rate_limits_new(const struct rate rates[RATE_SCOPES], struct rate_limits **out)
{
    struct rate_limits *limits = calloc(1, sizeof *limits);
    struct id_source random;
    if (limits == NULL) {
        return ERR_NOMEM;
    }
    limits->rates = rates;
    *out = limits;
    id_source_init(&random);
    for (size_t i = 0; i < RATE_SCOPES; i++) {
        const struct siphash_key key = {id_source_u64(&random), id_source_u64(&random)};
        (void)pthread_mutex_init(&limits->limits[i].mutex, NULL); /* cannot fail as it is called */
        if (rates[i].tokens > 0) {
            TRY(rate_table_new(&rates[i], &key, &limits->limits[i].table));
        }
    }
    return ERR_OK;
}

void rate_limits_destroy(struct rate_limits **limits)
{
    if (*limits == NULL) {
        return;
    }
    for (size_t i = 0; i < RATE_SCOPES; i++) {
        rate_table_destroy(&(*limits)->limits[i].table);
        (void)pthread_mutex_destroy(&(*limits)->limits[i].mutex);
    }
    free(*limits);
    *limits = NULL;
}

bool rate_admit(struct exchange *x, enum rate_scope scope, struct span name, uint32_t tokens)
{
    struct limit *limit = &x->loop->server->rates->limits[scope];
    if (limit->table == NULL) {
        return true;
    }
    struct rate_state *state = &x->rates.states[scope];
    (void)pthread_mutex_lock(&limit->mutex);
    *state = rate_table_take(limit->table, name, tokens, clock_mono_ms());
    (void)pthread_mutex_unlock(&limit->mutex);
    x->rates.known[scope] = true;
    if (state->allowed) {
        return true;
    }
    metrics_add(x->loop->counters, (size_t)COUNT_RATE_LIMITED + scope, 1);
    reply_problem_later(x, PROBLEM_RATE_LIMITED, (uint64_t)rate_retry_after_s(state));
    return false;
}

/* Of a socket that is neither IPv4 nor IPv6 (there is none): all zeros. */
static struct address peer_of(const struct exchange *x)
{
    struct sockaddr_storage storage = {0};
    h2o_conn_t *conn = x->req->conn;
    (void)conn->callbacks->get_peername(conn, (struct sockaddr *)&storage);
    if (storage.ss_family == AF_INET) {
        struct sockaddr_in in;
        unsigned char bytes[ADDRESS_V4_SIZE];
        memcpy(&in, &storage, sizeof in);
        memcpy(bytes, &in.sin_addr, sizeof bytes);
        return address_v4(bytes);
    }
    struct sockaddr_in6 in6;
    memcpy(&in6, &storage, sizeof in6);
    return address_v6(in6.sin6_addr.s6_addr);
}

/* Who counts as one address. */
static struct address group_of(struct exchange *x)
{
    const struct access_options *o = &x->loop->config->access;
    const struct address peer = peer_of(x);
    struct span forwarded = {0};
    if (o->proxies.count > 0) {
        (void)exchange_header_list(x, "x-forwarded-for", &forwarded);
    }
    const struct address client = client_address(&peer, forwarded, &o->proxies);
    return client_address_group(&client);
}

static struct span name_of(const struct address *group)
{
    return (struct span){(const char *)group->bytes, ADDRESS_SIZE};
}

bool rate_admit_address(struct exchange *x, uint32_t tokens)
{
    if (x->loop->config->access.rates[RATE_ADDRESS].tokens == 0) {
        return true;
    }
    const struct address group = group_of(x);
    return rate_admit(x, RATE_ADDRESS, name_of(&group), tokens);
}

static void owe(struct exchange *x, enum rate_scope scope, struct span name, uint32_t tokens)
{
    struct limit *limit = &x->loop->server->rates->limits[scope];
    (void)pthread_mutex_lock(&limit->mutex);
    x->rates.states[scope] = rate_table_owe(limit->table, name, tokens, clock_mono_ms());
    (void)pthread_mutex_unlock(&limit->mutex);
}

void rate_charge_jobs(struct exchange *x, size_t jobs)
{
    const uint32_t tokens = (uint32_t)(jobs / RATE_JOBS_A_TOKEN);
    if (tokens > 0 && x->rates.known[RATE_ADDRESS]) {
        const struct address group = group_of(x);
        owe(x, RATE_ADDRESS, name_of(&group), tokens);
    }
    if (tokens > 0 && x->rates.known[RATE_USER]) {
        owe(x, RATE_USER, x->caller.user, tokens);
    }
}

void rate_headers_add(struct exchange *x)
{
    struct buf policy, state;
    buf_init(&policy, HEADER_MAX);
    buf_init(&state, HEADER_MAX);
    for (size_t i = 0; i < RATE_SCOPES; i++) {
        if (x->rates.known[i]) {
            rate_header_policy(names[i], &x->loop->server->rates->rates[i], &policy);
            rate_header_state(names[i], &x->rates.states[i], &state);
        }
    }
    if (policy.len > 0) {
        reply_header_named(x, SPAN("ratelimit-policy"), exchange_copy(x, buf_as_span(&policy)));
        reply_header_named(x, SPAN("ratelimit"), exchange_copy(x, buf_as_span(&state)));
    }
    buf_clear(&policy);
    buf_clear(&state);
}
