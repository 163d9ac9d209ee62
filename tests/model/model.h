/* Model: what the Redis functions promise, in plain C structures.
 *
 * The same calls as lib/ports/functions/ (its head comment has their layouts), built on
 * core/job_machine. Here every set of the real thing is derived: a job is in one place, and a
 * user's live, running and parked sets are what the jobs' statuses say. The conformance test runs
 * both side by side and compares every reply and the whole state.
 *
 * Replies and state are text: "i:<integer> " and "b:<text> " in order; "<key>\t<member>\t<value>\n"
 * in any order. */
#ifndef LONGHAUL_TESTS_MODEL_MODEL_H
#define LONGHAUL_TESTS_MODEL_MODEL_H

#include "base/buf.h"
#include "core/job_machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NS "lh:{0}:"
#define MODEL_BAND INT64_C(900000000000000)
#define MODEL_TAG_MAX INT64_C(890000000000000)

enum {
    MODEL_JOBS_MAX = 1600,
    MODEL_KEYS_MAX = 4096, /* idempotency keys; artifacts to delete */
    MODEL_USERS_MAX = 16,
    MODEL_NAME_SIZE = 48,
    MODEL_TEXT_SIZE = 136,
    MODEL_LOG_SIZE = 8192,
    MODEL_PRIORITIES = 10,
    MODEL_JOB_COST_MS = 1000,
    MODEL_TIMEOUT_DEFAULT_MS = 300000,
};

enum model_place { AT_READY, AT_DELAYED, AT_PARKED, AT_LEASE, AT_EXPIRY, AT_COUNT };

struct model_job {
    bool used;
    char id[JOB_ID_SIZE];
    char user[MODEL_NAME_SIZE];
    enum job_status status;
    int64_t version, created_s, updated_s, file_id, fence, priority, timeout_ms;
    int64_t attempts, max_attempts, failures, crashes, retries;
    char spec[MODEL_TEXT_SIZE];
    char retry_by[MODEL_NAME_SIZE]; /* a command; empty: none */
    char log[MODEL_LOG_SIZE];
    /* the attempt; empty or -1: absent */
    char worker[MODEL_NAME_SIZE], broker[MODEL_NAME_SIZE], stage[MODEL_NAME_SIZE];
    int64_t deadline_ms, score, percent, eta_s, bytes_done, bytes_total, next_attempt_s;
    bool lease_seen, cancel;
    /* how it ended */
    char error_code[MODEL_NAME_SIZE], error_message[MODEL_TEXT_SIZE], error_retryable[4];
    char artifact_key[MODEL_TEXT_SIZE], size[MODEL_NAME_SIZE], sha256[MODEL_TEXT_SIZE];
    char file_name[MODEL_TEXT_SIZE], content_type[MODEL_TEXT_SIZE];
    bool artifact_expired;
    enum model_place at;
    int64_t at_score;
};

struct model_tag { /* a user's finish tag at one priority */
    bool used;
    char user[MODEL_NAME_SIZE];
    int64_t tag;
};
struct model_idem {
    char key[MODEL_TEXT_SIZE * 2];
    char id[JOB_ID_SIZE];
    char fingerprint[MODEL_TEXT_SIZE];
};
struct model_removed {
    char id[JOB_ID_SIZE];
    char command[MODEL_NAME_SIZE];
};
struct model_garbage {
    char key[MODEL_TEXT_SIZE];
    int64_t due_ms;
};

struct model {
    struct model_job jobs[MODEL_JOBS_MAX];
    struct model_idem idem[MODEL_KEYS_MAX];
    size_t idem_count;
    struct model_garbage garbage[MODEL_KEYS_MAX];
    size_t garbage_count;
    struct model_removed removed[MODEL_KEYS_MAX]; /* kept for longer than a test lasts */
    size_t removed_count;
    struct model_tag tags[MODEL_PRIORITIES][MODEL_USERS_MAX];
    int64_t virtual_time[MODEL_PRIORITIES];
    int64_t reap_at_ms; /* -1: never */
};

struct model *model_new(void);
void model_destroy(struct model **m);

/* `argv` as behind the namespace in FCALL. The reply is appended to `reply`. */
void model_call(struct model *m, const char *function, const char *const *argv, size_t argc,
                struct buf *reply);
void model_dump(const struct model *m, struct buf *out);
size_t model_count(const struct model *m); /* records */

/* ---- for the model's own files: one call in progress */
struct model_step {
    struct model *m;
    const char *const *argv;
    size_t argc;
    struct buf *reply;
    int64_t now_ms;
    int64_t waiting, parked; /* at the start of the call */
};

int64_t model_arg(const struct model_step *s, size_t i); /* a number */
void model_say_int(struct model_step *s, int64_t n);
void model_say_text(struct model_step *s, const char *text);

struct model_job *model_find(struct model *m, const char *id);
struct model_job *model_add(struct model *m);
int64_t model_count_at(const struct model *m, enum model_place at);
int64_t model_count_user(const struct model *m, const char *user, bool running_only);
void model_copy(char *out, size_t cap, const char *text);

/* Applies the rule of `event`; `worker` and `code` may be NULL. False if it is not allowed. */
bool model_apply(struct model_step *s, struct model_job *j, enum job_event event);
void model_log(struct model_step *s, struct model_job *j, bool with_attempt, const char *worker,
               const char *code);
void model_place(struct model_job *j, enum model_place at, int64_t score);

/* model_queue.c: jobs in a place by (score, id), and the virtual clocks */
size_t model_sorted(struct model *m, enum model_place at, struct model_job **out, size_t cap);
int64_t model_fresh_score(struct model *m, int64_t priority, const char *user);
int64_t model_old_score(const struct model *m, const struct model_job *j);
void model_advance_clock(struct model *m, int64_t score);
void model_settle(struct model_step *s, const struct model_job *j);
void model_unpark(struct model_step *s, const char *user);
void model_tidy_clocks(struct model *m);

/* one function each */
void model_submit(struct model_step *s);
void model_claim(struct model_step *s);
void model_renew(struct model_step *s);
void model_progress(struct model_step *s);
void model_finish(struct model_step *s);
void model_cancel(struct model_step *s);
void model_retry(struct model_step *s);
void model_remove(struct model_step *s);
void model_tick(struct model_step *s);
void model_expire(struct model_step *s);
void model_discarded(struct model_step *s);
void model_stats(struct model_step *s);
void model_list(struct model_step *s);

/* model_attempt.c: how an attempt ends, for finish and reap */
struct model_end {
    enum job_event event;
    const char *code, *message, *retryable; /* of a charged failure */
    int64_t delay_ms;
    int64_t record_ttl_ms;
};
void model_end_attempt(struct model_step *s, struct model_job *j, const struct model_end *end);
void model_garbage_add(struct model *m, const char *key, int64_t due_ms);
/* What the attempt may have stored is to be deleted. */
void model_doubt(struct model_step *s, const char *id, int64_t fence);

#endif
