/* One broker, a gateway that is connected to it, and two workers that a test may connect. */
#ifndef LONGHAUL_TESTS_BROKER_FIXTURE_H
#define LONGHAUL_TESTS_BROKER_FIXTURE_H

#include "support/broker_rig.h"

static struct rig rig;
static struct talker gateway, worker, reserve;

static inline void setup(void)
{
    rig_start(&rig, 1);
    talker_open(&gateway, rig.brokers[0].requests);
}

static inline void teardown(void)
{
    talker_close(&gateway);
    talker_close(&worker);
    talker_close(&reserve);
    rig_stop(&rig);
}

static inline const char *field(const struct rig_job *job, const char *name)
{
    return redis_server_field(&rig.redis, job->id, name);
}

#endif
