/* Broker rig: a private Redis, real longhaul-broker processes on ipc sockets in a temporary folder,
 * and the phrases of the protocol that most tests need. */
#ifndef LONGHAUL_SUPPORT_BROKER_RIG_H
#define LONGHAUL_SUPPORT_BROKER_RIG_H

#include "base/ids.h"
#include "support/redis_server.h"
#include "support/talker.h"

enum { RIG_BROKERS_MAX = 3 };

struct rig_broker {
    pid_t pid;
    char requests[128], events[128]; /* endpoints */
    char log[128];
};

struct rig {
    char dir[64];
    struct redis_server redis;
    struct rig_broker brokers[RIG_BROKERS_MAX];
    struct id_source ids;
};

void rig_start(struct rig *r, unsigned brokers); /* and waits until they are ready */
void rig_stop(struct rig *r);
void rig_broker_start(struct rig *r, unsigned index);
void rig_broker_kill(struct rig *r, unsigned index); /* SIGKILL */
/* Waits for Pong with this `ready`. */
void rig_await_ready(struct rig *r, unsigned index, bool ready);

/* ---- a gateway's phrases */
struct rig_job {
    char id[JOB_ID_SIZE];
};
struct rig_job rig_job(struct rig *r);
struct wire_message rig_submit(const struct rig_job *job);
/* Submits and waits for SUBMIT_ACCEPTED. */
void rig_submitted(struct talker *gateway, const struct rig_job *job);
enum command_code rig_command(struct talker *gateway, enum command_kind kind, const char *job_id);

/* ---- a worker's phrases */
struct wire_message rig_hello(const char *worker_id, uint64_t incarnation, uint32_t slots);
/* Connects, says Hello with all slots free, waits for Welcome. */
void rig_worker(struct rig *r, struct talker *worker, unsigned broker, const char *worker_id,
                uint32_t slots);
void rig_beat(struct talker *worker, const struct attempt *running, size_t count);
struct wire_message rig_completed(const struct attempt *attempt);
struct wire_message rig_failed(const struct attempt *attempt, const char *code, bool retryable);
/* The next Assign; it must be for this job (any if NULL). */
struct attempt rig_assigned(struct talker *worker, const struct rig_job *job);
/* Reports and waits for the Ack. */
enum ack_code rig_result(struct talker *worker, struct wire_message result);
/* A message of this kind that is there, or waits for one, heartbeating each second. */
const struct wire_message *rig_hear_beating(struct talker *worker, enum wire_kind kind,
                                            const struct attempt *running, size_t count);

#endif
