/* Renewals: leases to renew, a batch a turn. Renewing also makes this broker the keeper of the
 * attempt, and is how a lost cancel or a stale attempt comes to light. */
#ifndef LONGHAUL_BROKER_RENEWALS_H
#define LONGHAUL_BROKER_RENEWALS_H

#include "broker/attempts.h"
#include "broker/broker.h"

enum {
    RENEW_EVERY_MS = 5000,  /* of a lease of RECORDS_LEASE_MS */
    RENEWALS_IN_FLIGHT = 2, /* calls */
};

MUST_CHECK enum err renewals_new(struct broker *b, struct renewals **out);
void renewals_destroy(struct renewals **r);
void renewals_add(struct broker *b, struct running *r); /* safe to repeat */
void renewals_add_all(struct broker *b);
void renewals_flush(struct broker *b);
size_t renewals_in_flight(const struct renewals *r);

#endif
