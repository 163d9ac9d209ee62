#include "workers/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct spool {
    struct source base; /* from replay on */
    struct source_listener listener;
    int64_t modified_s;
    bool begun, paused, over;
    struct file_sink sink;
    uint64_t bytes_max, bytes;
    uint64_t replayed; /* also where the next read begins */
    char chunk[SOURCE_CHUNK_MAX];
};

enum err spool_new(struct file_store *store, const char *key, uint64_t bytes_max,
                   struct spool **out)
{
    struct spool *s = malloc(sizeof(*s));
    if (s == NULL) {
        return ERR_NOMEM;
    }
    s->begun = s->paused = s->over = false;
    s->bytes_max = bytes_max;
    s->bytes = s->replayed = 0;
    file_sink_init(&s->sink);
    const enum err err = file_sink_open_nameless(store, key, &s->sink);
    if (err != ERR_OK) {
        spool_destroy(&s);
        return err;
    }
    *out = s;
    return ERR_OK;
}

void spool_destroy(struct spool **s)
{
    if (*s != NULL) {
        if ((*s)->sink.fd >= 0) {
            close((*s)->sink.fd);
        }
        free(*s);
        *s = NULL;
    }
}

enum err spool_add(struct spool *s, struct span bytes)
{
    if (bytes.len > s->bytes_max - s->bytes) {
        return ERR_TOO_LARGE;
    }
    TRY(file_sink_write(&s->sink, bytes));
    s->bytes += bytes.len;
    return ERR_OK;
}

/* ---- as a source */

static void end_with(struct spool *s, struct job_fault fault)
{
    s->over = true;
    s->listener.end(s->listener.context, &fault);
}

static void begin(struct spool *s)
{
    const struct source_info info = {.size_bytes = (int64_t)s->bytes,
                                     .modified_s = s->modified_s,
                                     .file_name = "",
                                     .content_type = ""};
    s->begun = true;
    s->over = !s->listener.begin(s->listener.context, &info);
}

static void spool_turn(struct source *source)
{
    struct spool *s = (struct spool *)source;
    if (s->over || s->paused) {
        return;
    }
    if (!s->begun) {
        begin(s);
        return;
    }
    if (s->replayed == s->bytes) {
        end_with(s, JOB_FAULT_NONE);
        return;
    }
    const ssize_t got = pread(s->sink.fd, s->chunk, sizeof(s->chunk), (off_t)s->replayed);
    if (got < 0 && errno == EINTR) {
        return;
    }
    if (got <= 0) {
        end_with(s, job_fault_of(JOB_ERROR_STORE_UNAVAILABLE));
        return;
    }
    const enum source_take take =
        s->listener.bytes(s->listener.context, (struct span){s->chunk, (size_t)got});
    s->replayed += take == SOURCE_TAKEN ? (uint64_t)got : 0;
    s->paused = take == SOURCE_PAUSE;
    s->over = take == SOURCE_STOP;
}

static void spool_resume(struct source *source)
{
    ((struct spool *)source)->paused = false; /* its next turn reads the same bytes */
}

static void spool_source_destroy(struct source *source)
{
    struct spool *s = (struct spool *)source;
    spool_destroy(&s);
}

static const struct source_ops SPOOL_OPS = {
    .turn = spool_turn, .resume = spool_resume, .destroy = spool_source_destroy};

struct source *spool_replay(struct spool **spool, const struct source_listener *listener,
                            int64_t modified_s)
{
    struct spool *s = *spool;
    *spool = NULL;
    s->base.ops = &SPOOL_OPS;
    s->listener = *listener;
    s->modified_s = modified_s;
    return &s->base;
}
