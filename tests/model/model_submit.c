/* submit and claim. */
#include "tests/model/model.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEM = 10, ITEMS_MAX = 256, CLAIM_SLACK = 32, HEAD = 7 };
enum { QUEUED, CLAIMED, EXISTS, REPLAYED, CONFLICT, QUOTA, QUEUE_FULL };
enum { UNDECIDED = -1, TO_PARK = -2 };

struct batch {
    size_t count, workers;
    const char *const *items[ITEMS_MAX];
    int code[ITEMS_MAX];
    const char *earlier[ITEMS_MAX];
    int worker[ITEMS_MAX]; /* UNDECIDED, TO_PARK, or an index */
};

static void idem_key(const char *const *item, char *out, size_t cap)
{
    const bool owned = strchr(item[8], ':') != NULL; /* else an older broker's */
    const int len = owned ? snprintf(out, cap, MODEL_NS "idem:%s", item[8])
                          : snprintf(out, cap, MODEL_NS "idem:%s:%s", item[1], item[8]);
    assert(len > 0 && (size_t)len < cap);
}

static const struct model_idem *idem_find(const struct model *m, const char *const *item)
{
    char key[MODEL_TEXT_SIZE * 2];
    idem_key(item, key, sizeof(key));
    for (size_t i = 0; i < m->idem_count; i++) {
        if (strcmp(m->idem[i].key, key) == 0) {
            return &m->idem[i];
        }
    }
    return NULL;
}

static void idem_add(struct model *m, const char *const *item)
{
    assert(m->idem_count < MODEL_KEYS_MAX);
    struct model_idem *i = &m->idem[m->idem_count++];
    idem_key(item, i->key, sizeof(i->key));
    model_copy(i->id, sizeof(i->id), item[0]);
    model_copy(i->fingerprint, sizeof(i->fingerprint), item[9]);
}

static int known_code(struct model *m, const char *const *item, const char **earlier)
{
    const struct model_idem *i = item[8][0] != '\0' ? idem_find(m, item) : NULL;
    if (i != NULL && strcmp(i->id, item[0]) != 0) {
        *earlier = i->id;
        return strcmp(i->fingerprint, item[9]) == 0 ? REPLAYED : CONFLICT;
    }
    return i != NULL || model_find(m, item[0]) != NULL ? EXISTS : QUEUED;
}

static void job_fill(struct model_step *s, struct model_job *j, const char *const *item)
{
    model_copy(j->id, sizeof(j->id), item[0]);
    model_copy(j->user, sizeof(j->user), item[1]);
    j->file_id = strtoll(item[2], NULL, 10);
    j->priority = strtoll(item[3], NULL, 10);
    j->timeout_ms = strtoll(item[5], NULL, 10);
    j->max_attempts = strtoll(item[6], NULL, 10);
    model_copy(j->spec, sizeof(j->spec), item[7]);
    j->version = 1;
    j->created_s = j->updated_s = s->now_ms / 1000;
    model_log(s, j, false, NULL, NULL);
    model_place(j, AT_COUNT, 0); /* decided when the whole batch is known */
}

static void decide(struct model_step *s, struct batch *b)
{
    int64_t free_workers = s->waiting == 0 ? (int64_t)b->workers : 0;
    int64_t room = model_arg(s, 2) - s->waiting - s->parked - model_count_at(s->m, AT_DELAYED);
    for (size_t i = 0; i < b->count; i++) {
        const char *const *item = b->items[i];
        const int64_t active_max = model_arg(s, 3);
        b->worker[i] = UNDECIDED;
        b->code[i] = known_code(s->m, item, &b->earlier[i]);
        if (b->code[i] != QUEUED) {
            continue;
        }
        if (room <= 0) {
            b->code[i] = QUEUE_FULL;
        } else if (item[1][0] != '\0' && active_max > 0 &&
                   model_count_user(s->m, item[1], false) >= active_max) {
            b->code[i] = QUOTA;
        } else {
            job_fill(s, model_add(s->m), item);
            if (item[8][0] != '\0') {
                idem_add(s->m, item);
            }
            const bool direct = strcmp(item[4], "0") == 0 && free_workers > 0;
            free_workers -= direct ? 1 : 0;
            room -= direct ? 0 : 1;
        }
    }
}

static void job_claim(struct model_step *s, struct model_job *j, const char *worker)
{
    const bool applied = model_apply(s, j, EVENT_CLAIM);
    assert(applied);
    model_copy(j->worker, sizeof(j->worker), worker);
    model_copy(j->broker, sizeof(j->broker), s->argv[1]);
    j->deadline_ms = s->now_ms + j->timeout_ms;
    j->next_attempt_s = -1;
    const int64_t first = s->now_ms + 10000, last = j->deadline_ms + 5000;
    model_place(j, AT_LEASE, first < last ? first : last);
    model_log(s, j, true, worker, NULL);
}

/* True while the user's running cap leaves room. */
static bool has_room(const struct model_step *s, const char *user, int64_t cap)
{
    return user[0] == '\0' || cap == 0 || model_count_user(s->m, user, true) < cap;
}

static void assign(struct model_step *s, struct batch *b)
{
    int used = 0;
    for (char p = '9'; p >= '0' && s->waiting == 0; p--) {
        for (size_t i = 0; i < b->count; i++) {
            const char *const *item = b->items[i];
            if (b->code[i] != QUEUED || item[3][0] != p || strcmp(item[4], "0") != 0 ||
                used == (int)b->workers) {
                continue;
            }
            if (!has_room(s, item[1], model_arg(s, 4))) {
                b->worker[i] = TO_PARK;
                continue;
            }
            job_claim(s, model_find(s->m, item[0]), s->argv[HEAD + (size_t)used]);
            b->code[i] = CLAIMED;
            b->worker[i] = used++;
        }
    }
}

static void enqueue(struct model_step *s, const struct batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const char *const *item = b->items[i];
        struct model_job *j = b->code[i] == QUEUED ? model_find(s->m, item[0]) : NULL;
        const int64_t delay_ms = strtoll(item[4], NULL, 10);
        if (j == NULL) {
            continue;
        }
        if (delay_ms > 0) {
            model_place(j, AT_DELAYED, s->now_ms + delay_ms);
        } else {
            model_place(j, b->worker[i] == TO_PARK ? AT_PARKED : AT_READY,
                        model_fresh_score(s->m, j->priority, j->user));
        }
    }
}

void model_submit(struct model_step *s)
{
    struct batch b = {.workers = (size_t)model_arg(s, 6)};
    for (size_t at = HEAD + b.workers; at < s->argc; at += ITEM) {
        b.items[b.count++] = &s->argv[at];
    }
    decide(s, &b);
    assign(s, &b);
    enqueue(s, &b);
    for (size_t i = 0; i < b.count; i++) {
        model_say_int(s, b.code[i]);
        if (b.code[i] == REPLAYED) {
            model_say_text(s, b.earlier[i]);
        } else {
            model_say_int(s, b.code[i] == CLAIMED ? b.worker[i] : 0);
        }
    }
}

static void say_claim(struct model_step *s, const struct model_job *j)
{
    model_say_text(s, j->id);
    model_say_int(s, j->fence);
    model_say_int(s, j->version);
    (void)buf_printf(s->reply, "b:%" PRId64 " b:%" PRId64 " b:%" PRId64 " b:%s ", j->file_id,
                     j->timeout_ms, j->failures, j->spec);
}

void model_claim(struct model_step *s)
{
    struct model_job *ready[MODEL_JOBS_MAX];
    const size_t count = model_sorted(s->m, AT_READY, ready, MODEL_JOBS_MAX);
    const size_t workers = s->argc - 3, look = 2 * workers + CLAIM_SLACK + 1;
    for (size_t i = 0, used = 0; i < count && i < look && used < workers; i++) {
        struct model_job *j = ready[i];
        if (!has_room(s, j->user, model_arg(s, 2))) {
            j->at = AT_PARKED;
            continue;
        }
        j->score = j->at_score;
        job_claim(s, j, s->argv[3 + used++]);
        model_advance_clock(s->m, j->score);
        say_claim(s, j);
    }
}
