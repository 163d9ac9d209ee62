#include "cli/api.h"
#include "cli/follow.h"
#include "cli/sse_reader.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATH_SIZE = 128,
    SILENCE_MS = 45000,     /* three heartbeats */
    FIRST_EVENT_MS = 10000, /* it leaves at once, unless something holds it back */
};

struct stream {
    struct follow *follow;
    struct sse_reader reader;
    int64_t opened_at_ms;
    unsigned events;
};

static bool on_event(void *self, const struct sse_event *event)
{
    struct stream *s = self;
    const bool known =
        span_eq(event->name, SPAN("status")) || span_eq(event->name, SPAN("progress"));
    if (known) {
        json_t *status = json_loadb(event->data.ptr, event->data.len, JSON_REJECT_DUPLICATES, NULL);
        if (status != NULL) {
            s->events++;
            follow_take(s->follow, status);
        }
        json_decref(status);
    }
    return !s->follow->ended;
}

static bool take(void *self, const struct http_head *head, struct span bytes)
{
    struct stream *s = self;
    const bool stream = span_starts(span_of(head->content_type), SPAN("text/event-stream"));
    return head->status == 200 && stream && sse_reader_feed(&s->reader, bytes) == ERR_OK;
}

static bool tick(void *self, int64_t now_ms)
{
    const struct stream *s = self;
    progress_draw(s->follow->progress, now_ms);
    return s->events > 0 || now_ms - s->opened_at_ms < FIRST_EVENT_MS;
}

static enum net_end open_and_read(struct follow *f, struct stream *s)
{
    char path[PATH_SIZE], last_id[64];
    const char *header[] = {"Accept: text/event-stream", NULL, NULL};
    struct http_head head;
    int64_t retry_after_s = -1;
    (void)snprintf(path, sizeof path, "/subscribe/%s?named=1", f->job);
    const int64_t version = api_number(f->last, "version", 0);
    if (version > 0) {
        (void)snprintf(last_id, sizeof last_id, "Last-Event-ID: %lld", (long long)version);
        header[1] = last_id;
    }
    char *url = api_url(f->cli, path);
    if (url == NULL) {
        return NET_BROKEN;
    }
    const struct net_request request = {.method = "GET",
                                        .url = url,
                                        .header = header,
                                        .bearer = f->cli->token,
                                        .silence_ms_max = SILENCE_MS};
    const struct net_watch watch = {.self = s, .take = take, .tick = tick};
    const enum net_end end = net_run(f->cli->net, &request, &watch, &head, &retry_after_s);
    free(url);
    return end;
}

enum stream_end follow_stream(struct follow *f, enum net_end *end)
{
    struct stream s = {.follow = f, .opened_at_ms = clock_mono_ms()};
    sse_reader_init(&s.reader, on_event, &s);
    *end = open_and_read(f, &s);
    if (s.reader.retry_ms >= 0) {
        f->retry_ms = s.reader.retry_ms;
    }
    sse_reader_clear(&s.reader);
    if (*end == NET_INTERRUPTED || *end == NET_TIMED_OUT) {
        return STREAM_OVER;
    }
    return s.events > 0 ? STREAM_CUT : STREAM_SILENT;
}
