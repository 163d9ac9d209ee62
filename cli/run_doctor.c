/* longhaul doctor: is the way to the server and back in order? Each check says ok, warn, fail or
 * skip; the first that failed decides the exit code. */
#include "cli/api.h"
#include "cli/follow.h"
#include "cli/start.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SKEW_S_MAX = 30, DETAIL_SIZE = 512, ROUND_TRIP_BYTES = 65536 };

struct doctor {
    struct cli *cli;
    enum exit_code code;
    bool reached;
    char date[64]; /* of the API's answer */
};

__attribute__((format(printf, 5, 6))) static void finding(struct doctor *d, const char *check,
                                                          const char *verdict, enum exit_code code,
                                                          const char *format, ...)
{
    char detail[DETAIL_SIZE], line[DETAIL_SIZE + 64];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(detail, sizeof detail, format, list);
    va_end(list);
    d->code = d->code == EXIT_DONE ? code : d->code;
    if (d->cli->args.json) {
        json_t *object =
            json_pack("{s:s, s:s, s:s}", "check", check, "verdict", verdict, "detail", detail);
        cli_print_json(d->cli, object);
        json_decref(object);
        return;
    }
    (void)snprintf(line, sizeof line, "%-4s  %-10s  %s", verdict, check, detail);
    terminal_result(&d->cli->terminal, span_of(line));
}

static void net_finding(struct doctor *d, const char *check, enum net_end end)
{
    const bool interrupted = end == NET_INTERRUPTED;
    finding(d, check, "fail", interrupted ? EXIT_INTERRUPTED : EXIT_UNREACHABLE, "%s",
            interrupted ? "interrupted" : net_error(d->cli->net));
}

/* A job that cannot be: what answers with our own problem is a Longhaul server. */
static void check_api(struct doctor *d)
{
    struct api_reply reply;
    const struct api_request q = {.method = "GET", .path = "/status/00000000000000000000000000"};
    api_reply_init(&reply);
    const enum net_end end = api_try(d->cli, &q, &reply);
    const char *code = api_text(reply.json, "code");
    memcpy(d->date, reply.head.date, sizeof d->date);
    if (end != NET_DONE) {
        net_finding(d, "api", end);
    } else if (code == NULL) {
        finding(d, "api", "fail", EXIT_UNREACHABLE, "HTTP %ld, but not from Longhaul: is %s right?",
                reply.head.status, d->cli->base);
    } else if (strcmp(code, "JOB_NOT_FOUND") == 0) {
        d->reached = true;
        finding(d, "api", "ok", EXIT_DONE, "%s answers", d->cli->base);
    } else {
        finding(d, "api", "fail", api_verdict(&reply), "%s: HTTP %ld", code, reply.head.status);
    }
    api_reply_clear(&reply);
}

static void check_health(struct doctor *d)
{
    const char *admin = d->cli->args.admin_url;
    if (admin == NULL) {
        finding(d, "health", "skip", EXIT_DONE, "no --admin-url");
        return;
    }
    char url[1024];
    struct api_reply reply;
    const size_t len = strlen(admin);
    const char *slash = len > 0 && admin[len - 1] == '/' ? "" : "/";
    (void)snprintf(url, sizeof url, "%s%sreadyz", admin, slash);
    const struct api_request q = {.method = "GET", .path = url};
    api_reply_init(&reply);
    const enum net_end end = api_try(d->cli, &q, &reply);
    if (end != NET_DONE) {
        net_finding(d, "health", end);
    } else {
        const bool ready = reply.head.status == 200;
        finding(d, "health", ready ? "ok" : "fail", ready ? EXIT_DONE : EXIT_UNREACHABLE,
                "HTTP %ld %.*s", reply.head.status,
                (int)(reply.body.len < 200 ? reply.body.len : 200),
                reply.body.len > 0 ? reply.body.data : "");
    }
    api_reply_clear(&reply);
}

static void check_clock(struct doctor *d)
{
    const int64_t theirs_s = net_date_s(d->date);
    if (theirs_s < 0) {
        finding(d, "clock", "skip", EXIT_DONE, "the server sent no Date");
        return;
    }
    const int64_t skew_s = clock_wall_ms() / 1000 - theirs_s;
    const bool good = skew_s <= SKEW_S_MAX && skew_s >= -SKEW_S_MAX;
    finding(d, "clock", good ? "ok" : "warn", EXIT_DONE, "this machine is %lld s %s the server",
            (long long)(skew_s < 0 ? -skew_s : skew_s), skew_s < 0 ? "behind" : "ahead of");
}

/* ---- a job that goes all the way, and is removed */

static void remove_job(struct doctor *d, const char *job)
{
    char path[128];
    struct api_reply reply;
    api_reply_init(&reply);
    (void)snprintf(path, sizeof path, "/%s", job);
    const struct api_request q = {.method = "DELETE", .path = path};
    (void)api_try(d->cli, &q, &reply); /* if not: its retention does */
    api_reply_clear(&reply);
}

static void follow_round_trip(struct doctor *d, const char *job, int64_t begun_ms)
{
    struct progress progress;
    progress_init(&progress, &d->cli->terminal);
    struct follow f = {.cli = d->cli, .job = job, .progress = &progress};
    const enum exit_code code = follow_job(&f);
    const char *state = api_text(f.last, "status");
    terminal_erase(&d->cli->terminal);
    if (code != EXIT_DONE) {
        finding(d, "round trip", "fail", code, "job %s could not be followed", job);
    } else if (state == NULL || strcmp(state, "completed") != 0) {
        finding(d, "round trip", "fail", EXIT_JOB, "job %s: %s", job, state != NULL ? state : "?");
    } else {
        finding(d, "round trip", "ok", EXIT_DONE, "a simulated job took %lld ms%s",
                (long long)(clock_mono_ms() - begun_ms),
                f.streams_silent > 0 ? "; its stream of events was held back on the way" : "");
        remove_job(d, job);
    }
    follow_clear(&f);
}

static void check_round_trip(struct doctor *d)
{
    struct api_reply reply;
    const int64_t begun_ms = clock_mono_ms();
    json_t *body = json_pack("{s:i, s:{s:{s:i, s:i}}}", "file_id", 1, "options", "simulate",
                             "durationMs", 0, "size", (int)ROUND_TRIP_BYTES);
    const struct api_request q = {.method = "POST", .path = "/initiate", .body = body};
    if (d->cli->args.user != NULL) {
        (void)json_object_set_new(body, "userId", json_string(d->cli->args.user));
    }
    api_reply_init(&reply);
    const enum net_end end = api_try(d->cli, &q, &reply);
    const char *job = api_text(reply.json, "jobId");
    if (end != NET_DONE) {
        net_finding(d, "round trip", end);
    } else if (reply.head.status == 400) {
        finding(d, "round trip", "skip", EXIT_DONE, "the server does not allow simulated jobs");
    } else if (job == NULL || !cli_job_good(d->cli, job)) {
        const char *code = api_text(reply.json, "code");
        finding(d, "round trip", "fail",
                api_verdict(&reply) == EXIT_REFUSED ? EXIT_REFUSED : EXIT_UNREACHABLE,
                "HTTP %ld %s", reply.head.status, code != NULL ? code : "");
    } else {
        follow_round_trip(d, job, begun_ms);
    }
    api_reply_clear(&reply);
    json_decref(body);
}

enum exit_code run_doctor(struct cli *c)
{
    struct doctor d = {.cli = c};
    check_api(&d);
    check_health(&d);
    if (d.reached) {
        check_clock(&d);
        check_round_trip(&d);
    }
    return d.code;
}
