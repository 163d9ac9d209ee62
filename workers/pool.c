#include "workers/pool.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct list queued, finished; /* under the lock */
    bool stopping;                /* under the lock */
    int event_fd;
    unsigned threads_count;
    pthread_t threads[POOL_THREADS_MAX];
};

static struct task *take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (list_empty(&p->queued) && !p->stopping) {
        pthread_cond_wait(&p->work, &p->lock);
    }
    struct list *link = list_pop(&p->queued);
    pthread_mutex_unlock(&p->lock);
    return link != NULL ? LIST_ENTRY(link, struct task, link) : NULL;
}

static void *thread_main(void *context)
{
    struct pool *p = context;
    for (struct task *t = take(p); t != NULL; t = take(p)) {
        if (t->run(t)) {
            pool_finish(p, t);
        }
    }
    return NULL;
}

enum err pool_new(unsigned threads, struct pool **out)
{
    struct pool *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return ERR_NOMEM;
    }
    list_init(&p->queued);
    list_init(&p->finished);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    p->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    while (p->event_fd >= 0 && p->threads_count < threads && p->threads_count < POOL_THREADS_MAX &&
           pthread_create(&p->threads[p->threads_count], NULL, thread_main, p) == 0) {
        p->threads_count++;
    }
    if (p->threads_count == 0) {
        pool_destroy(&p);
        return ERR_NOMEM;
    }
    *out = p;
    return ERR_OK;
}

void pool_stop(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->threads_count; i++) {
        pthread_join(p->threads[i], NULL);
    }
    p->threads_count = 0;
}

void pool_destroy(struct pool **pool)
{
    struct pool *p = *pool;
    if (p == NULL) {
        return;
    }
    pool_stop(p);
    if (p->event_fd >= 0) {
        close(p->event_fd);
    }
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    free(p);
    *pool = NULL;
}

void pool_put(struct pool *p, struct task *t)
{
    pthread_mutex_lock(&p->lock);
    list_append(&p->queued, &t->link);
    pthread_cond_signal(&p->work);
    pthread_mutex_unlock(&p->lock);
}

void pool_finish(struct pool *p, struct task *t)
{
    const uint64_t one = 1;
    pthread_mutex_lock(&p->lock);
    const bool first = list_empty(&p->finished);
    list_append(&p->finished, &t->link);
    pthread_mutex_unlock(&p->lock);
    if (first) {
        (void)!write(p->event_fd, &one, sizeof(one));
    }
}

int pool_fd(const struct pool *p)
{
    return p->event_fd;
}

void pool_turn(struct pool *p)
{
    uint64_t count;
    struct list *link;
    (void)!read(p->event_fd, &count, sizeof(count));
    do {
        pthread_mutex_lock(&p->lock);
        link = list_pop(&p->finished);
        pthread_mutex_unlock(&p->lock);
        if (link != NULL) {
            struct task *t = LIST_ENTRY(link, struct task, link);
            t->done(t);
        }
    } while (link != NULL);
}
