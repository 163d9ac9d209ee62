/* Finding a user's jobs (see user_stream.h): what was made since, and what is active. */
#include "base/clock.h"
#include "gateway/loop.h"
#include "gateway/user_stream.h"
#include "gateway/watch.h"
#include "ports/job_index.h"

#include <stdlib.h>

/* It outlives a stream that ends early: answers of Redis come when they come. */
struct user_scan {
    struct gateway_loop *loop;
    struct user_stream *stream; /* NULL: it is over */
    char settled[JOB_ID_SIZE];  /* what `since` may become */
    unsigned live_pages;
    size_t members; /* when an active job found no place */
    bool left_out;  /* one did */
    bool first;
    bool failed;
};

/* Of active jobs, in one scan: 1000, as many as are read whole (ports/job_index.h). */
enum { LIVE_PAGES_MAX = JOB_INDEX_LIVE_MAX / JOB_INDEX_IDS_MAX };

static struct job_index_page page_of(const struct user_stream *u, struct span from)
{
    const struct span anybody = span_of(u->since);
    return (struct job_index_page){.shard = job_id_shard(anybody),
                                   .user_id = u->user_id,
                                   .after = from,
                                   .limit = JOB_INDEX_IDS_MAX};
}

static void scan_end(struct user_scan *scan)
{
    struct user_stream *u = scan->stream;
    const bool failed = scan->failed;
    const bool first = scan->first;
    const bool left_out = scan->left_out;
    const size_t members = scan->members;
    free(scan);
    if (u == NULL) {
        return;
    }
    u->scan = NULL;
    u->crowded = u->crowded || left_out;
    if (!failed) {
        const size_t count = left_out ? members : u->many.count;
        u->begun = true;
        u->many.say_cursor = u->many.say_cursor || first;
        user_stream_let_go(u);
        if (u->crowded && u->many.count < count) { /* now there are places */
            user_topic_scan_soon(&u->many.stream.exchange->loop->hub, &u->follower);
        }
    }
    if (u->scan_again) {
        u->scan_again = false;
        user_scan_start(u);
    }
    user_stream_go_on(u);
}

static void ask_live(struct user_scan *scan, struct span after);
static void ask_newer(struct user_scan *scan, struct span from);

/* Of those that are later than `since` the other half knows more. */
static void add_live(const struct user_scan *scan, struct span id)
{
    struct user_stream *u = scan->stream;
    const struct many_member *member = many_find(&u->many, id);
    if (member != NULL && member->ended && member->super.watch != NULL) {
        watch_read(member->super.watch); /* retried, and nobody has said so */
    }
    if (scan->first || !job_is_after(id.ptr, u->since)) {
        const struct many_join join = {.job_id = id,
                                       .start = scan->first ? MANY_AS_IT_IS : MANY_THIS_LIFE};
        user_stream_add(u, &join);
    }
}

/* One half: what is active. Of those that are not later than `since` nobody else would know any
 * more once they have ended: they have the first claim to a place. */
static void on_live(void *context, enum err err, const struct span *ids, size_t count,
                    struct span next)
{
    struct user_scan *scan = context;
    scan->failed = scan->failed || err != ERR_OK;
    for (size_t i = 0; i < count && scan->stream != NULL; i++) {
        add_live(scan, ids[i]);
    }
    struct user_stream *u = scan->stream; /* it may be over by now */
    if (scan->failed || u == NULL) {
        scan_end(scan);
        return;
    }
    if (next.len > 0 && !u->crowded && ++scan->live_pages < LIVE_PAGES_MAX) {
        ask_live(scan, next);
        return;
    }
    scan->left_out = u->crowded;
    scan->members = u->many.count;
    u->crowded = false;
    ask_newer(scan, span_of(u->since));
}

/* All ids up to `settled` are known now, unless some found no place. At a stream's beginning those
 * are older active ones, which are found by being active: what is made from now on is new. */
static void settle(struct user_scan *scan)
{
    struct user_stream *u = scan->stream;
    if ((u->crowded || scan->left_out) && scan->first) {
        job_id_floor(job_id_shard(span_of(u->since)), clock_wall_ms(), u->since);
    } else if (!u->crowded && job_is_after(scan->settled, u->since)) {
        memcpy(u->since, scan->settled, sizeof u->since);
    }
    if (job_is_after(u->since, u->scanned)) {
        memcpy(u->scanned, u->since, sizeof u->scanned);
    }
}

static void on_newer(void *context, enum err err, const struct span *ids, size_t count,
                     struct span next);

static void ask_newer(struct user_scan *scan, struct span from)
{
    const struct job_index_page page = page_of(scan->stream, from);
    if (job_index_newer(scan->loop->redis, &page, on_newer, scan) != ERR_OK) {
        scan->failed = true;
        scan_end(scan);
    }
}

static void ask_live(struct user_scan *scan, struct span after)
{
    const struct job_index_page page = page_of(scan->stream, after);
    if (job_index_live(scan->loop->redis, &page, on_live, scan) != ERR_OK) {
        scan->failed = true;
        scan_end(scan);
    }
}

static void add_newer(const struct user_scan *scan, struct span id)
{
    struct user_stream *u = scan->stream;
    const struct many_join join = {.job_id = id,
                                   .start = scan->first ? MANY_IF_ACTIVE : MANY_AS_IT_IS,
                                   .resumed = !scan->first};
    user_stream_add(u, &join);
    if (!u->crowded && job_is_after(id.ptr, u->scanned)) {
        memcpy(u->scanned, id.ptr, JOB_ID_LEN);
    }
}

/* The other half: what was made since. */
static void on_newer(void *context, enum err err, const struct span *ids, size_t count,
                     struct span next)
{
    struct user_scan *scan = context;
    struct user_stream *u = scan->stream;
    if (err != ERR_OK || u == NULL) {
        scan->failed = true;
        scan_end(scan);
        return;
    }
    for (size_t i = 0; i < count && !u->crowded; i++) {
        if (job_is_after(ids[i].ptr, u->since)) { /* which may have moved since it was asked */
            add_newer(scan, ids[i]);
        }
    }
    if (next.len > 0 && !u->crowded) {
        ask_newer(scan, next);
        return;
    }
    settle(scan);
    scan_end(scan);
}

void user_scan_start(struct user_stream *u)
{
    if (u->scan != NULL) {
        u->scan_again = true;
        return;
    }
    struct user_scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL) {
        return; /* the next tick's */
    }
    scan->loop = u->many.stream.exchange->loop;
    scan->stream = u;
    scan->first = !u->begun;
    job_id_floor(job_id_shard(span_of(u->since)), clock_wall_ms() - USER_SETTLE_MS, scan->settled);
    u->scan = scan;
    u->crowded = false;
    ask_live(scan, (struct span){0});
}

void user_scan_forget(struct user_stream *u)
{
    if (u->scan != NULL) {
        u->scan->stream = NULL;
        u->scan = NULL;
    }
}
