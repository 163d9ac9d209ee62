/* Record: the hash download:job:<id> as a struct.
 *
 * Field names are the seed document's where it has one, ours otherwise. An absent or empty field
 * means null or the default. Numbers are decimal text. Spans point into the pairs that were
 * decoded.
 *
 * Some members have no field of their own: the decoder derives them. Of a completed record
 * bytes_done and bytes_total are its size and completed_at_s is its updatedAt; eta_s is known only
 * while running; a stage that is not there follows from the status. */
#ifndef LONGHAUL_CORE_RECORD_H
#define LONGHAUL_CORE_RECORD_H

#include "base/err.h"
#include "base/span.h"
#include "core/job.h"

#include <stddef.h>
#include <stdint.h>

/* One recorded transition: "version:epochSeconds:statusLetter:attempt:workerId:errorCode", joined
 * by ';' in the field `log`; empty trailing parts are left out. Letters: q r c f x. `attempt` is
 * the fence of the attempt that ran or ended (0 before the first). */
struct record_transition {
    uint64_t version;
    int64_t at_s;
    enum job_status status;
    uint64_t attempt;
    struct span worker_id;  /* empty: none */
    struct span error_code; /* empty: none */
};

struct job_record {
    char job_id[JOB_ID_SIZE];
    enum job_status status;
    uint64_t version;
    int progress;      /* 0-100; -1 null */
    int eta_s;         /* -1 null */
    uint32_t attempts; /* charged failures since the last manual retry */
    uint32_t max_attempts;
    uint64_t file_id;
    struct span user_id; /* empty: null */
    int64_t created_at_s, updated_at_s;
    enum job_stage stage;
    uint64_t bytes_done;
    int64_t bytes_total;                   /* -1 null */
    int64_t queue_position;                /* -1 unknown; filled by the reader, 1 = next */
    int64_t next_attempt_at_s;             /* 0: not waiting for a retry */
    struct span error_code, error_message; /* empty: none */
    bool error_retryable;
    struct span artifact_key; /* empty: none (any more) */
    struct span file_name, content_type, sha256_hex;
    uint64_t size_bytes;
    int64_t completed_at_s; /* when it completed; 0: it did not */
    bool artifact_expired;  /* completed, but the artifact is past retention */
    uint64_t fence;         /* of the last attempt; 0: there was none */
    struct span
        worker_id; /* of the attempt that runs or was the last before the end; empty: none */
    bool cancel_wanted;
    uint32_t retries; /* manual ones */
    struct span log;  /* see record_transition */
};

/* `pairs`: field, value, field, value … (count = number of spans). Unknown fields are skipped.
 * ERR_NOT_FOUND for no pairs, ERR_INVALID for a value that is not what we write. */
MUST_CHECK enum err job_record_decode(struct span job_id, const struct span *pairs, size_t count,
                                      struct job_record *out);

/* The next transition of a log, from its front: *rest starts as record.log. False at the end or at
 * bytes that are not an entry. */
bool record_log_next(struct span *rest, struct record_transition *out);
/* Version of the last transition in the log; 0 if there is none. */
uint64_t record_log_last(struct span log);

#endif
