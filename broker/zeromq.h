/* czmq without syslog: <czmq.h> brings <syslog.h>, whose LOG_INFO and LOG_DEBUG are macros of other
 * values than base/log.h's. Everything in broker/ includes this in place of <czmq.h>. */
#ifndef LONGHAUL_BROKER_ZEROMQ_H
#define LONGHAUL_BROKER_ZEROMQ_H

#include <czmq.h>

#undef LOG_DEBUG
#undef LOG_INFO

#endif
