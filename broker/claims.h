/* Claims: takes waiting jobs for free credit, when jobs are believed to wait.
 *
 * No more seats are asked for than jobs are believed to wait: what is left goes along with the
 * submits of the same turn, whose jobs are then claimed in the step that records them. */
#ifndef LONGHAUL_BROKER_CLAIMS_H
#define LONGHAUL_BROKER_CLAIMS_H

#include "broker/broker.h"

enum {
    CLAIMS_HINT = 32, /* seats that a hint of unknown size may take from the submits of its turn */
};

MUST_CHECK enum err claims_new(struct broker *b, struct claims **out);
void claims_destroy(struct claims **c);
/* Something says that jobs wait, nobody knows how many: another broker's "ready", a new start. */
void claims_hint(struct broker *b);
/* So many are known to wait: a submit's jobs that found no credit, a tick's count. */
void claims_expect(struct broker *b, size_t more);
void claims_expect_in_all(struct broker *b, uint64_t waiting);
void claims_flush(struct broker *b);
bool claims_in_flight(const struct claims *c);

/* Chooses workers for up to `want` claims and reserves their slots: `seats` and their names in
 * `names`, which live until the turn ends. Nothing is reserved while draining. */
size_t claims_reserve(struct broker *b, size_t want, uint16_t *seats, struct span *names);

#endif
