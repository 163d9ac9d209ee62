/* Signals: the one module that handles them. */
#ifndef LONGHAUL_BASE_SIGNALS_H
#define LONGHAUL_BASE_SIGNALS_H

#include "base/err.h"

/* Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and those it starts later, ignores
 * SIGPIPE, and gives a non-blocking, close-on-exec descriptor (signalfd) that becomes readable when
 * one arrives. Call it first in main. ERR_IO with errno set. */
MUST_CHECK enum err signals_open(int *fd_out);
/* The next signal number that arrived, or 0. */
int signals_next(int fd);

#endif
