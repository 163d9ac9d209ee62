/* Progresses: reports of running attempts. Of a job's reports only the newest waits; what Redis
 * recorded is published. */
#ifndef LONGHAUL_BROKER_PROGRESSES_H
#define LONGHAUL_BROKER_PROGRESSES_H

#include "broker/attempts.h"
#include "broker/broker.h"

enum { PROGRESSES_IN_FLIGHT = 2 };

MUST_CHECK enum err progresses_new(struct broker *b, struct progresses **out);
void progresses_destroy(struct progresses **p);
void progresses_take(struct broker *b, struct peer *peer, const struct wire_message *m);
void progresses_flush(struct broker *b);
size_t progresses_in_flight(const struct progresses *p);

#endif
