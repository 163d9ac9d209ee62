#include "cli/job_text.h"

#include "cli/api.h"
#include "cli/bar.h"

#include <stdio.h>
#include <time.h>

const char job_text_row_head[] = "JOB                          STATUS     PROGRESS  FILE ID        "
                                 "   CREATED               NAME";
const char job_text_event_head[] =
    "VERSION  AT                    STATUS     STAGE      ATTEMPT  WORKER            ERROR";

static const char *or_dash(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : "-";
}

void job_text_time(int64_t epoch_s, struct buf *out)
{
    char text[32] = "-";
    struct tm parts;
    const time_t at = (time_t)epoch_s;
    if (epoch_s >= 0 && gmtime_r(&at, &parts) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    (void)buf_printf(out, "%-20s", text);
}

static void write_error(const json_t *status, struct buf *out)
{
    const json_t *error = json_object_get(status, "error");
    if (error != NULL) {
        (void)buf_printf(out, "%s: %s", or_dash(api_text(error, "code")),
                         or_dash(api_text(error, "message")));
    }
}

static void line_time(const json_t *status, const char *label, const char *name, struct buf *out)
{
    const int64_t at = api_number(status, name, -1);
    if (at >= 0) {
        (void)buf_printf(out, "\n%s", label);
        job_text_time(at, out);
        out->len -= out->data[out->len - 1] == ' ' ? 1 : 0;
    }
}

static void line_text(const char *label, const char *text, struct buf *out)
{
    if (text != NULL && text[0] != '\0') {
        (void)buf_printf(out, "\n%s%s", label, text);
    }
}

static void lines_of_progress(const json_t *status, struct buf *out)
{
    const int64_t percent = api_number(status, "progress", -1);
    const int64_t eta_s = api_number(status, "etaSeconds", -1);
    const int64_t total = api_number(status, "bytesTotal", -1);
    const int64_t done = api_number(status, "bytesDone", 0);
    if (percent >= 0) {
        (void)buf_printf(out, "\nprogress   %lld%%", (long long)percent);
    }
    if (done > 0) {
        (void)buf_text(out, "\nbytes      ");
        bar_write_size((uint64_t)done, out);
        if (total >= 0) {
            (void)buf_text(out, " of ");
            bar_write_size((uint64_t)total, out);
        }
    }
    if (eta_s >= 0) {
        (void)buf_text(out, "\neta        ");
        bar_write_duration(eta_s, out);
    }
}

static void lines_of_result(const json_t *status, struct buf *out)
{
    const json_t *result = json_object_get(status, "result");
    if (result == NULL) {
        return;
    }
    line_text("name       ", api_text(result, "fileName"), out);
    line_text("type       ", api_text(result, "contentType"), out);
    (void)buf_printf(out, "\nsize       %lld", (long long)api_number(result, "size", 0));
    line_text("sha256     ", api_text(result, "sha256"), out);
}

void job_text_full(const json_t *status, struct buf *out)
{
    (void)buf_printf(out, "job        %s\nstatus     %s", or_dash(api_text(status, "jobId")),
                     or_dash(api_text(status, "status")));
    line_text("stage      ", api_text(status, "stage"), out);
    lines_of_progress(status, out);
    (void)buf_printf(out, "\nattempts   %lld of %lld", (long long)api_number(status, "attempts", 0),
                     (long long)api_number(status, "maxAttempts", 0));
    (void)buf_printf(out, "\nfile id    %lld", (long long)api_number(status, "file_id", 0));
    line_text("user       ", api_text(status, "userId"), out);
    line_time(status, "created    ", "createdAt", out);
    line_time(status, "updated    ", "updatedAt", out);
    line_time(status, "next try   ", "nextAttemptAt", out);
    const int64_t position = api_number(status, "queuePosition", -1);
    if (position >= 0) {
        (void)buf_printf(out, "\nin queue   %lld", (long long)position);
    }
    if (json_object_get(status, "error") != NULL) {
        (void)buf_text(out, "\nerror      ");
        write_error(status, out);
    }
    lines_of_result(status, out);
}

void job_text_change(const json_t *status, struct buf *out)
{
    job_text_time(api_number(status, "updatedAt", -1), out);
    (void)buf_printf(out, "  %s", or_dash(api_text(status, "status")));
    if (json_object_get(status, "error") != NULL) {
        (void)buf_text(out, "  ");
        write_error(status, out);
    } else if (json_object_get(status, "nextAttemptAt") != NULL) {
        (void)buf_text(out, "  next attempt ");
        job_text_time(api_number(status, "nextAttemptAt", -1), out);
    }
}

void job_text_row(const json_t *status, struct buf *out)
{
    char percent[16] = "-";
    const int64_t n = api_number(status, "progress", -1);
    if (n >= 0 && n <= 100) {
        (void)snprintf(percent, sizeof percent, "%d%%", (int)n);
    }
    const json_t *result = json_object_get(status, "result");
    (void)buf_printf(out, "%-27s  %-9s  %8s  %-16lld  ", or_dash(api_text(status, "jobId")),
                     or_dash(api_text(status, "status")), percent,
                     (long long)api_number(status, "file_id", 0));
    job_text_time(api_number(status, "createdAt", -1), out);
    (void)buf_printf(out, "  %s", or_dash(api_text(result, "fileName")));
}

void job_text_event(const json_t *event, struct buf *out)
{
    (void)buf_printf(out, "%7lld  ", (long long)api_number(event, "version", 0));
    job_text_time(api_number(event, "at", -1), out);
    (void)buf_printf(out, "  %-9s  %-9s  %7lld  %-16s  %s", or_dash(api_text(event, "status")),
                     or_dash(api_text(event, "stage")), (long long)api_number(event, "attempt", 0),
                     or_dash(api_text(event, "workerId")), or_dash(api_text(event, "errorCode")));
}
