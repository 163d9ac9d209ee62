/* Admin survey: a handler of the operator's API that begins with what all brokers see.
 *
 * Thread: the loop's. */
#ifndef LONGHAUL_GATEWAY_ADMIN_SURVEY_H
#define LONGHAUL_GATEWAY_ADMIN_SURVEY_H

#include "gateway/exchange.h"
#include "gateway/survey.h"

/* `then` answers the exchange, at once or later. It is not called if the request ends before;
 * x->state and x->on_end are in use until it is, and free from then on. */
void admin_survey(struct exchange *x, void (*then)(struct exchange *x, const struct survey *s));

#endif
