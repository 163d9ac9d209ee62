/* Records: the truth about jobs, as the broker changes it.
 *
 * Each call here is one Redis Function (ports/functions/), which checks first and writes after,
 * is guarded by (status, fence) and safe to repeat. Calls take arrays: the broker sends what one
 * turn of its loop collected as one call. Replies come in the order of the calls, through the
 * `done` callback given with the call, with err:
 *
 *   ERR_OK           every item has its own code
 *   ERR_UNAVAILABLE  Redis is away, is loading, or refused for want of memory. Outcome unknown
 *                    for items in flight, nothing done when the call itself returned it
 *   ERR_INTERNAL     a reply that should not be; logged by the port
 *
 * All times that rules use are Redis' own clock. Spans in replies live during the callback only.
 * One thread; the connection is borrowed and must outlive the calls. */
#ifndef LONGHAUL_PORTS_RECORDS_H
#define LONGHAUL_PORTS_RECORDS_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"
#include "ports/redis_conn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RECORDS_BATCH_MAX = 256,        /* items in one call */
    RECORDS_LEASE_FIRST_MS = 10000, /* until the worker's first heartbeat */
    RECORDS_LEASE_MS = 20000,
    RECORDS_LEASE_MARGIN_MS = 5000, /* a lease may outlast the attempt's deadline by this */
    RECORDS_REAP_EVERY_MS = 1000,
    RECORDS_GRACE_MS = 5000, /* nobody reaped for so long: extend leases once instead of reaping */
};

struct records_config {
    unsigned shard;            /* the keys are lh:{<shard>}:… */
    const char *broker_id;     /* recorded as the attempt's keeper */
    uint64_t queue_max;        /* waiting jobs */
    uint64_t user_active_max;  /* active jobs of a named user; 0: no limit */
    uint64_t user_running_max; /* running jobs of a named user; 0: no limit */
    int64_t idempotency_ttl_ms;
    int64_t artifact_ttl_ms;
    int64_t record_ttl_ms;
};

struct records;
/* Strings are borrowed. */
MUST_CHECK enum err records_new(struct redis_conn *conn, const struct records_config *config,
                                struct records **out);
void records_destroy(struct records **r);

/* ---- at each connection: is this Redis what was declared, and are our functions there?
 * Checks version >= 7.0, maxmemory-policy noeviction, appendonly yes, and appendfsync at least as
 * strict as `fsync_always` declares; then loads the function library if it is absent or older.
 * `problem` is text for the operator when err is ERR_DENIED (refuse to start), or when it is
 * ERR_UNAVAILABLE by an answer of Redis (it loads, or follows a lost master); else empty. */
typedef void records_on_ready(void *context, enum err err, struct span problem);
MUST_CHECK enum err records_prepare(struct records *r, bool fsync_always, records_on_ready *done,
                                    void *context);

/* ---- submit, with claims against free credit in the same step */
struct record_submit {
    struct span job_id, user_id; /* user_id empty: none */
    uint64_t file_id;
    uint32_t priority, delay_ms, timeout_ms, max_attempts;
    struct span spec;
    struct span idempotency_owner;             /* whose key it is; empty: nobody's */
    struct span idempotency_hash, fingerprint; /* raw bytes, or empty */
};
enum record_submit_code {
    RECORD_QUEUED,
    RECORD_CLAIMED,
    RECORD_EXISTS,
    RECORD_REPLAYED,
    RECORD_CONFLICT,
    RECORD_QUOTA,
    RECORD_QUEUE_FULL
};
struct record_submitted {
    enum record_submit_code code;
    struct span job_id; /* with RECORD_REPLAYED the earlier job */
    size_t worker;      /* RECORD_CLAIMED: index into `workers`; fence is 1, version 2 */
};
/* `workers[i]` is the id of the worker that the i-th claim will go to (the same id may stand many
 * times: one per free slot). Claims happen only when nothing else is waiting that should go first.
 */
typedef void records_on_submitted(void *context, enum err err, const struct record_submitted *items,
                                  size_t count);
MUST_CHECK enum err records_submit(struct records *r, const struct record_submit *jobs,
                                   size_t count, const struct span *workers, size_t workers_count,
                                   records_on_submitted *done, void *context);

/* ---- claim waiting jobs, best first */
struct record_claimed {
    struct attempt attempt;
    uint64_t version;
    uint64_t file_id;
    uint32_t timeout_ms;
    uint32_t failures;
    struct span spec;
    size_t worker;
};
typedef void records_on_claimed(void *context, enum err err, const struct record_claimed *items,
                                size_t count);
MUST_CHECK enum err records_claim(struct records *r, const struct span *workers,
                                  size_t workers_count, records_on_claimed *done, void *context);

/* ---- renew leases (and take over keeping: the caller becomes the attempt's broker) */
enum record_hold { RECORD_HELD, RECORD_STALE, RECORD_CANCEL_WANTED };
struct record_renewed {
    enum record_hold hold;
    uint64_t version;    /* RECORD_HELD: of the record now */
    uint64_t transition; /* RECORD_HELD: version of the last transition */
};
typedef void records_on_renewed(void *context, enum err err, const struct record_renewed *items,
                                size_t count);
MUST_CHECK enum err records_renew(struct records *r, const struct attempt *attempts, size_t count,
                                  records_on_renewed *done, void *context);

/* ---- record progress; items answer in order */
struct record_progress {
    struct attempt attempt;
    struct meter meter;
};
struct record_progressed {
    enum record_hold hold;
    uint64_t version, transition;
    int64_t updated_at_s;
};
typedef void records_on_progressed(void *context, enum err err,
                                   const struct record_progressed *items, size_t count);
MUST_CHECK enum err records_progress(struct records *r, const struct record_progress *items,
                                     size_t count, records_on_progressed *done, void *context);

/* ---- the end of an attempt */
enum record_end {
    RECORD_END_COMPLETED,
    RECORD_END_FAILED,
    RECORD_END_RELEASED,
    RECORD_END_CANCELED,
    RECORD_END_LOST /* its worker's connection is gone; counts as a crash; only while this broker
                       keeps it */
};
struct record_finish {
    struct attempt attempt;
    enum record_end end;
    struct artifact artifact; /* COMPLETED */
    struct failure failure;   /* FAILED */
    int64_t retry_delay_ms;   /* FAILED and retryable: when to try again; chosen by core/retry.h */
};
enum record_finish_code {
    RECORD_FINISHED,   /* recorded now */
    RECORD_REPEATED,   /* the same end of the same attempt was recorded before */
    RECORD_END_STALE,  /* another attempt owns the job, or it is gone */
    RECORD_END_REFUSED /* the cancel mark was first: the job is canceled now */
};
struct record_finished {
    enum record_finish_code code;
    enum job_status status; /* of the job now; only if code is not RECORD_END_STALE */
    uint64_t version;       /* likewise: of that transition */
};
typedef void records_on_finished(void *context, enum err err, const struct record_finished *items,
                                 size_t count);
MUST_CHECK enum err records_finish(struct records *r, const struct record_finish *items,
                                   size_t count, records_on_finished *done, void *context);

/* ---- commands of users */
enum record_command_kind { RECORD_CANCEL, RECORD_RETRY, RECORD_REMOVE };
enum record_command_code {
    RECORD_CMD_DONE,      /* cancel: canceled now; retry: queued; remove: gone */
    RECORD_CMD_UNDERWAY,  /* cancel: marked; the keeper is told through the abort channel */
    RECORD_CMD_ALREADY,   /* cancel: was canceled before */
    RECORD_CMD_TERMINAL,  /* cancel: completed or failed */
    RECORD_CMD_ACTIVE,    /* retry, remove: not terminal */
    RECORD_CMD_COMPLETED, /* retry: completed jobs are not retried */
    RECORD_CMD_LIMIT,     /* retry: JOB_MANUAL_RETRIES_MAX reached */
    RECORD_CMD_GONE,
    RECORD_CMD_QUOTA,     /* retry */
    RECORD_CMD_QUEUE_FULL /* retry */
};
struct record_commanded {
    enum record_command_code code;
    enum job_status status; /* not for GONE */
    uint64_t version;
};
typedef void records_on_commanded(void *context, enum err err, const struct record_commanded *item);
struct record_command {
    enum record_command_kind kind;
    struct span job_id;
    uint64_t command_id; /* one that was done before is answered DONE again; 0: none */
};
MUST_CHECK enum err records_command(struct records *r, const struct record_command *command,
                                    records_on_commanded *done, void *context);

/* ---- housekeeping: promote what is due, reap lost leases (at most once a second over all
 * brokers, with the grace rule), and say what changed so that it can be published */
struct record_change {
    struct span job_id;
    enum job_status status;
    uint64_t version;
};
struct records_tick_result {
    const struct record_change *changes;
    size_t changes_count;
    uint64_t ready;      /* jobs that could be claimed now */
    int64_t next_due_ms; /* until the next delayed job is due; -1: none */
    bool more;           /* there was more than one step may do: call again soon */
};
typedef void records_on_tick(void *context, enum err err, const struct records_tick_result *result);
MUST_CHECK enum err records_tick(struct records *r, records_on_tick *done, void *context);

/* ---- retention: drops records past their time, names artifacts to delete. A key is named again
 * (by any broker, at most every 60 s) until records_discarded says that it is gone. */
struct records_expired {
    const struct span *keys;
    size_t keys_count;
    bool more; /* due already: ask again soon */
};
typedef void records_on_expired(void *context, enum err err, const struct records_expired *result);
MUST_CHECK enum err records_expire(struct records *r, records_on_expired *done, void *context);
typedef void records_on_done(void *context, enum err err);
MUST_CHECK enum err records_discarded(struct records *r, const struct span *artifact_keys,
                                      size_t count, records_on_done *done, void *context);

/* ---- audit: one slice of a walk over all records, which repairs what disagrees with the queue */
struct records_audit_result {
    uint64_t seen, repaired;
    bool wrapped;
};
typedef void records_on_audit(void *context, enum err err, const struct records_audit_result *r);
MUST_CHECK enum err records_audit(struct records *r, records_on_audit *done, void *context);

/* ---- numbers */
struct records_stats {
    uint64_t ready, delayed, running, parked, kept, garbage;
    int64_t oldest_waiting_ms; /* age; -1: nothing waits */
};
typedef void records_on_stats(void *context, enum err err, const struct records_stats *stats);
MUST_CHECK enum err records_get_stats(struct records *r, records_on_stats *done, void *context);

/* The channel on which functions tell brokers, through Redis' PUBLISH, what cannot wait for a tick:
 * "abort <jobId>" (a running job was marked for cancel) and "ready <broker>" (a call of that
 * broker, or plain "ready" where none is known, left jobs waiting). Text is constant for a shard.
 */
void records_channel(const struct records *r, char *out, size_t cap);

#endif
