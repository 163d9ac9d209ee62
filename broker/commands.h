/* Commands of users: cancel, retry, remove. Each is one call to Redis and one answer. */
#ifndef LONGHAUL_BROKER_COMMANDS_H
#define LONGHAUL_BROKER_COMMANDS_H

#include "broker/broker.h"

enum { COMMANDS_MAX = 1024 }; /* in flight; more are answered COMMAND_UNAVAILABLE */

MUST_CHECK enum err commands_new(struct commands **out);
void commands_destroy(struct commands **c);
void commands_take(struct broker *b, struct peer *peer, const struct wire_message *m);
size_t commands_in_flight(const struct commands *c);
/* Redis says on its channel that this job is to be canceled. */
void commands_abort(struct broker *b, struct span job_id);

#endif
