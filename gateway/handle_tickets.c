/* POST /v1/download/tickets: a ticket for one stream (core/ticket.h). Who asks has shown a token.
 */
#include "base/clock.h"
#include "core/ticket.h"
#include "gateway/counters.h"
#include "gateway/handlers.h"
#include "gateway/loop.h"
#include "gateway/reply.h"
#include "ports/ticket_store.h"

struct issued {
    char ticket[TICKET_LEN + 1];
    int64_t expires_at_s;
};

static void reply_ticket(struct exchange *x)
{
    const struct issued *issued = x->state;
    struct buf *body = &x->loop->scratch;
    buf_reset(body);
    (void)buf_text(body, "{\"ticket\":");
    (void)buf_json_string(body, span_of(issued->ticket));
    (void)buf_text(body, ",\"expiresAt\":");
    (void)buf_i64(body, issued->expires_at_s);
    (void)buf_char(body, '}');
    reply_begin(x, 200);
    reply_header(x, H2O_TOKEN_CACHE_CONTROL, SPAN("no-store"));
    reply_scratch(x, REPLY_JSON);
}

static void on_put(void *context, enum err err)
{
    struct late *late = context;
    metrics_add(late->loop->counters, COUNT_IN_FLIGHT, -1);
    struct exchange *x = late_take(late);
    if (x == NULL) {
        return;
    }
    if (err != ERR_OK) {
        reply_err(x, err);
        return;
    }
    reply_ticket(x);
}

static enum err put(struct exchange *x, struct late *late, const char *ticket)
{
    char hash[TICKET_HASH_SIZE];
    struct buf *value = &x->loop->scratch;
    const struct ticket_value v = {
        .user = x->caller.user, .until_s = x->caller.until_s, .admin = x->caller.admin};
    TRY(ticket_hash(span_of(ticket), hash));
    ticket_value_write(&v, value);
    TRY(buf_error(value));
    return ticket_store_put(x->loop->redis, span_of(hash), buf_as_span(value), TICKET_TTL_S, on_put,
                            late);
}

void handle_tickets(struct exchange *x)
{
    unsigned char random[TICKET_BYTES];
    if (!x->caller.known) {
        reply_problem(x, PROBLEM_NOT_FOUND,
                      SPAN("This server asks for no tokens (auth=none), so it has no tickets."));
        return;
    }
    if (!rate_admit(x, RATE_TICKETS, x->caller.user, 1)) {
        return;
    }
    struct late *late = late_new(x);
    if (late == NULL) {
        reply_err(x, ERR_FULL);
        return;
    }
    struct issued *issued = exchange_alloc(x, sizeof *issued);
    id_source_bytes(&x->loop->ids, random, sizeof random);
    hex_encode(random, sizeof random, issued->ticket);
    issued->expires_at_s = clock_wall_ms() / 1000 + TICKET_TTL_S;
    x->state = issued;
    const enum err e = put(x, late, issued->ticket);
    if (e != ERR_OK) {
        (void)late_take(late);
        reply_err(x, e);
        return;
    }
    metrics_add(x->loop->counters, COUNT_IN_FLIGHT, 1);
}
