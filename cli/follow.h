/* Follow: a job's status until it ends.
 *
 *           open                     cut after events: wait, Last-Event-ID
 *     ----> STREAM <-----------------------------------.
 *             | no event came                          |
 *             v                                        |
 *            POLL once ---- first time ----------------'
 *             | second time in a row: polls to the end
 *             v
 *            POLL, waiting as Retry-After says, else 1, 2, 5, 10, 15 s
 *
 * A proxy that buffers streams or forbids them thus costs comfort, not the result. */
#ifndef LONGHAUL_CLI_FOLLOW_H
#define LONGHAUL_CLI_FOLLOW_H

#include "cli/backoff.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "core/job.h"

struct follow {
    struct cli *cli;
    const char *job;
    struct progress *progress;
    /* Called with each new status object, the terminal one too; may be NULL. */
    void (*changed)(void *self, const json_t *status);
    void *self;
    json_t *last;            /* owned: the newest status object; see follow_clear */
    bool ended;              /* `last` is terminal */
    struct backoff backoff;  /* polls without an answer */
    struct backoff pace;     /* polls that brought nothing new */
    unsigned streams_silent; /* in a row */
    int64_t retry_ms;        /* what the stream said; -1 nothing */
};

enum {
    FOLLOW_FAILURES_MAX = 8, /* polls in a row without an answer: 78 s */
    FOLLOW_STREAMS_SILENT_MAX = 2,
};

/* EXIT_DONE: the job ended, how is in `last`. Otherwise it was complained about. */
MUST_CHECK enum exit_code follow_job(struct follow *f);
void follow_clear(struct follow *f);

/* For follow's own two ways of asking: takes a status object, if it is newer. */
void follow_take(struct follow *f, json_t *status);

enum stream_end {
    STREAM_CUT,    /* events came, then it broke or ended: open it again */
    STREAM_SILENT, /* no event: cannot be opened, or held back on its way */
    STREAM_OVER,   /* interrupted or --timeout; see `end` */
};
enum stream_end follow_stream(struct follow *f, enum net_end *end);

#endif
