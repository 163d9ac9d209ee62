/* Hangup: notices within milliseconds that the client of an idle stream has gone.
 *
 * libh2o does not read from a connection while it answers, so a closed one would stay until the
 * second heartbeat after its FIN. An epoll of our own, nested in the loop, reports EPOLLRDHUP.
 *
 * One for each hub; its thread. */
#ifndef LONGHAUL_GATEWAY_HANGUP_H
#define LONGHAUL_GATEWAY_HANGUP_H

#include "base/err.h"

struct hub;
typedef void hangup_on_gone(struct hub *hub, void *stream);

MUST_CHECK enum err hangup_open(struct hub *hub, hangup_on_gone *gone);
void hangup_close(struct hub *hub);
/* Tells once. ERR_IO: then the heartbeat will notice. */
MUST_CHECK enum err hangup_watch(struct hub *hub, int fd, void *stream);
void hangup_forget(struct hub *hub, int fd); /* before `stream` dies */

#endif
