/* Drain: a loop's end in good order.
 *
 *     told -> listener closed (its backlog taken in first), idle connections closed, streams told
 * to come back elsewhere and ended, answers carry `Connection: close` -> over when no connection is
 * left, or at the deadline (--drain-s)
 *
 * The admin listener stays until the end, so that /readyz says why. */
#ifndef LONGHAUL_GATEWAY_DRAIN_H
#define LONGHAUL_GATEWAY_DRAIN_H

#include "gateway/loop.h"

void drain_on_message(h2o_multithread_receiver_t *receiver, h2o_linklist_t *messages);
bool drain_is_over(const struct gateway_loop *loop);

#endif
