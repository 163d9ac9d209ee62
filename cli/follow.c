#include "cli/follow.h"

#include "base/clock.h"
#include "cli/api.h"

#include <stdio.h>

enum { PATH_SIZE = 128, RETRY_MS_DEFAULT = 1000, RETRY_MS_MAX = 15000 };

/* What one way of asking led to. */
enum step { STEP_ON, STEP_OVER };

void follow_take(struct follow *f, json_t *status)
{
    enum job_status state;
    const char *name = api_text(status, "status");
    const int64_t version = api_number(status, "version", -1);
    if (name == NULL || job_status_parse(span_of(name), &state) != ERR_OK ||
        (f->last != NULL && version <= api_number(f->last, "version", -1))) {
        return;
    }
    backoff_reset(&f->pace);
    json_decref(f->last);
    f->last = json_incref(status);
    f->ended = job_status_terminal(state);
    progress_status(f->progress, status, clock_mono_ms());
    if (f->changed != NULL) {
        f->changed(f->self, status);
    }
}

void follow_clear(struct follow *f)
{
    json_decref(f->last);
    f->last = NULL;
}

static bool draw(void *self, int64_t now_ms)
{
    progress_draw(self, now_ms);
    return true;
}

static enum step pause_for(struct follow *f, int64_t ms, enum exit_code *code)
{
    const struct net_watch watch = {.self = f->progress, .tick = draw};
    const enum net_end end = net_wait(f->cli->net, ms, &watch);
    if (end != NET_DONE) {
        *code = cli_net_failed(f->cli, end);
    }
    return end == NET_DONE ? STEP_ON : STEP_OVER;
}

/* No usable answer: again later, or the end of patience. */
static enum step failed(struct follow *f, enum net_end end, const struct api_reply *reply,
                        enum exit_code *code)
{
    const bool patient = f->backoff.failures < FOLLOW_FAILURES_MAX;
    const bool over = end == NET_INTERRUPTED || end == NET_TIMED_OUT;
    if (end == NET_DONE && (!patient || !api_worth_repeating(reply))) {
        api_complain(f->cli, f->job, reply);
        *code = api_verdict(reply) == EXIT_REFUSED ? EXIT_REFUSED : EXIT_UNREACHABLE;
        return STEP_OVER;
    }
    if (over || !patient) {
        *code = cli_net_failed(f->cli, end);
        return STEP_OVER;
    }
    return pause_for(f, backoff_next_ms(&f->backoff, reply->retry_after_s), code);
}

/* Asks once; then waits if the job goes on. */
static enum step poll_job(struct follow *f, enum exit_code *code)
{
    char path[PATH_SIZE];
    struct api_reply reply;
    api_reply_init(&reply);
    (void)snprintf(path, sizeof path, "/status/%s", f->job);
    const struct api_request q = {.method = "GET", .path = path};
    const enum net_end end = api_try(f->cli, &q, &reply);
    enum step step = STEP_ON;
    if (end != NET_DONE || api_verdict(&reply) != EXIT_DONE || reply.json == NULL) {
        step = failed(f, end, &reply, code);
    } else {
        backoff_reset(&f->backoff);
        follow_take(f, reply.json);
        if (!f->ended) {
            step = pause_for(f, backoff_next_ms(&f->pace, reply.retry_after_s), code);
        }
    }
    api_reply_clear(&reply);
    return step;
}

static enum step stream_job(struct follow *f, enum exit_code *code)
{
    enum net_end end = NET_DONE;
    switch (follow_stream(f, &end)) {
    case STREAM_OVER:
        *code = cli_net_failed(f->cli, end);
        return STEP_OVER;
    case STREAM_SILENT:
        f->streams_silent++;
        return poll_job(f, code);
    case STREAM_CUT:
        break;
    }
    f->streams_silent = 0;
    backoff_reset(&f->backoff);
    if (f->ended) {
        return STEP_ON;
    }
    const int64_t ms = f->retry_ms >= 0 ? f->retry_ms : RETRY_MS_DEFAULT;
    return pause_for(f, ms < RETRY_MS_MAX ? ms : RETRY_MS_MAX, code);
}

enum exit_code follow_job(struct follow *f)
{
    enum exit_code code = EXIT_DONE;
    enum step step = STEP_ON;
    f->retry_ms = -1;
    while (step == STEP_ON && !f->ended) {
        step = f->streams_silent < FOLLOW_STREAMS_SILENT_MAX ? stream_job(f, &code)
                                                             : poll_job(f, &code);
    }
    return code;
}
