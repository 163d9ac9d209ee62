/* Reply: how every answer leaves, so that each has X-Request-Id, a length and its counter.
 *
 * Add headers after reply_begin and before one of the endings. Texts of headers must live until
 * the reply has left: constants, or copies in the exchange's pool. */
#ifndef LONGHAUL_GATEWAY_REPLY_H
#define LONGHAUL_GATEWAY_REPLY_H

#include "core/problem.h"
#include "gateway/exchange.h"

#define REPLY_JSON SPAN("application/json")

void reply_begin(struct exchange *x, int status);
void reply_header(struct exchange *x, const h2o_token_t *name, struct span value);
void reply_header_named(struct exchange *x, struct span name, struct span value);
void reply_retry_after(struct exchange *x, uint64_t seconds);

/* Endings. The body is copied; HEAD sends none. */
void reply_body(struct exchange *x, struct span content_type, struct span body);
void reply_empty(struct exchange *x); /* 204, 304 and replies without a body */
/* What is in the loop's scratch buffer; 500 if rendering failed. */
void reply_scratch(struct exchange *x, struct span content_type);

/* A whole error reply. `detail` may be empty: then the list's own text. */
void reply_problem(struct exchange *x, enum problem_code code, struct span detail);
void reply_problem_at(struct exchange *x, enum problem_code code, struct span detail,
                      struct span pointer);
/* With a Retry-After other than the list's. */
void reply_problem_later(struct exchange *x, enum problem_code code, uint64_t retry_after_s);
/* Everything but the sending: headers into the reply, the body's text into `body`. */
void reply_problem_head(struct exchange *x, enum problem_code code, struct buf *body);
/* What an error of a dependency means to the client: 404, 503 or 500. */
void reply_err(struct exchange *x, enum err err);

#endif
