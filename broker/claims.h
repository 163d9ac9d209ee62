/* Claims: takes waiting jobs for free credit, when jobs are believed to wait. */
#ifndef LONGHAUL_BROKER_CLAIMS_H
#define LONGHAUL_BROKER_CLAIMS_H

#include "broker/broker.h"

enum { CLAIMS_IN_FLIGHT = 2 };

MUST_CHECK enum err claims_new(struct broker *b, struct claims **out);
void claims_destroy(struct claims **c);
/* Something says that jobs wait: a submit without credit, another broker's "ready", a tick. */
void claims_hint(struct broker *b);
bool claims_hinted(const struct claims *c);
void claims_flush(struct broker *b);
size_t claims_in_flight(const struct claims *c);

/* Chooses workers for up to `want` claims and reserves their slots: `seats` and their names in
 * `names`, which live until the turn ends. Nothing is reserved while draining. */
size_t claims_reserve(struct broker *b, size_t want, uint16_t *seats, struct span *names);

#endif
