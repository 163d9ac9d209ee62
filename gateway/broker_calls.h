/* Broker calls: what gateway/broker_link.c and broker_calls.c say to each other; nobody else. */
#ifndef LONGHAUL_GATEWAY_BROKER_CALLS_H
#define LONGHAUL_GATEWAY_BROKER_CALLS_H

#include "gateway/broker_link.h"

/* broker_link.c */

/* The next usable broker after `after`, one with free slots if there is one; BROKERS_MAX: none. */
size_t broker_choose(const struct broker_link *link, size_t after);
/* Into its packet, which leaves at the end of the turn. */
MUST_CHECK enum err broker_add(struct broker *b, const struct wire_message *m);

/* broker_calls.c */
MUST_CHECK enum err broker_calls_open(struct broker_link *link);
void broker_calls_close(struct broker_link *link);
void broker_calls_answer(struct broker_link *link, size_t broker, const struct wire_message *m);
void broker_calls_repeat_old(struct broker_link *link);
/* A broker went silent, or came (back): what it was sent, and what nobody could be sent, is sent
 * again without waiting for its time. */
void broker_calls_repeat_at(struct broker_link *link, size_t broker);

#endif
