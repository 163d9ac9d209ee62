#include "workers/committer.h"

#include <pthread.h>
#include <stdlib.h>

struct committer {
    struct file_store *store;
    struct pool *pool;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct list ready; /* under the lock: to be published */
    bool stopping;     /* under the lock */
    bool started;
    pthread_t thread;
};

static struct commit *commit_of(struct list *link)
{
    struct task *t = LIST_ENTRY(link, struct task, link);
    return LIST_ENTRY(t, struct commit, task);
}

static void move_all(struct list *from, struct list *to)
{
    for (struct list *l = list_pop(from); l != NULL; l = list_pop(from)) {
        list_append(to, l);
    }
}

/* ---- the commit thread */

static bool take_group(struct committer *k, struct list *group)
{
    pthread_mutex_lock(&k->lock);
    while (list_empty(&k->ready) && !k->stopping) {
        pthread_cond_wait(&k->work, &k->lock);
    }
    move_all(&k->ready, group);
    pthread_mutex_unlock(&k->lock);
    return !list_empty(group);
}

static void publish_group(struct committer *k, struct list *group)
{
    for (struct list *l = group->next; l != group; l = l->next) {
        struct commit *c = commit_of(l);
        c->result = file_sink_publish(k->store, &c->sink, c->key);
    }
    const enum err synced = file_store_sync(k->store);
    for (struct list *l = list_pop(group); l != NULL; l = list_pop(group)) {
        struct commit *c = commit_of(l);
        c->result = c->result == ERR_OK ? synced : c->result;
        pool_finish(k->pool, &c->task);
    }
}

static void *thread_main(void *context)
{
    struct committer *k = context;
    struct list group;
    list_init(&group);
    while (take_group(k, &group)) {
        publish_group(k, &group);
    }
    return NULL;
}

static void hand_over(struct committer *k, struct list *commits)
{
    pthread_mutex_lock(&k->lock);
    move_all(commits, &k->ready);
    pthread_cond_signal(&k->work);
    pthread_mutex_unlock(&k->lock);
}

/* ---- on a pool thread */

static bool commit_run(struct task *t)
{
    struct commit *c = LIST_ENTRY(t, struct commit, task);
    struct committer *k = c->committer;
    if (c->kind == COMMIT_PUBLISH) {
        struct list one;
        c->result = file_sink_sync(&c->sink);
        if (c->result != ERR_OK) {
            return true;
        }
        list_init(&one);
        list_append(&one, &c->task.link);
        hand_over(k, &one);
        return false;
    }
    if (c->kind == COMMIT_DROP) {
        file_sink_drop(k->store, &c->sink);
        c->result = ERR_OK;
    } else {
        c->result = file_store_remove(k->store, c->key);
    }
    return true;
}

/* ---- on the loop's thread */

static void commit_done(struct task *t)
{
    struct commit *c = LIST_ENTRY(t, struct commit, task);
    c->done(c);
}

enum err committer_new(struct file_store *store, struct pool *pool, struct committer **out)
{
    struct committer *k = calloc(1, sizeof(*k));
    if (k == NULL) {
        return ERR_NOMEM;
    }
    k->store = store;
    k->pool = pool;
    list_init(&k->ready);
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->work, NULL);
    k->started = pthread_create(&k->thread, NULL, thread_main, k) == 0;
    if (!k->started) {
        committer_destroy(&k);
        return ERR_NOMEM;
    }
    *out = k;
    return ERR_OK;
}

void committer_stop(struct committer *k)
{
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    pthread_cond_signal(&k->work);
    pthread_mutex_unlock(&k->lock);
    if (k->started) {
        pthread_join(k->thread, NULL);
        k->started = false;
    }
}

void committer_destroy(struct committer **k)
{
    if (*k == NULL) {
        return;
    }
    pthread_cond_destroy(&(*k)->work);
    pthread_mutex_destroy(&(*k)->lock);
    free(*k);
    *k = NULL;
}

void committer_put(struct committer *k, struct commit *c)
{
    c->committer = k;
    c->task.run = commit_run;
    c->task.done = commit_done;
    pool_put(k->pool, &c->task);
}
