#include "broker/events.h"

#include "base/ids.h"
#include "base/log.h"
#include "base/map.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

enum topic_kind { TOPIC_JOB, TOPIC_USER, TOPIC_OTHER };

struct events {
    void *xpub;
    struct span broker_id;
    struct map *topics;  /* jobs and users that somebody watches; the value is only a mark */
    size_t users_topics; /* of them */
    bool everything;     /* the set does not say all: a topic did not fit, or was a mere prefix */
    struct wire_packet packet;
};

enum err events_new(void *xpub, const char *broker_id, struct events **out)
{
    struct events *e = calloc(1, sizeof *e);
    if (e == NULL) {
        return ERR_NOMEM;
    }
    const enum err error = map_new(EVENTS_TOPICS_MAX, &e->topics);
    if (error != ERR_OK) {
        free(e);
        return error;
    }
    e->xpub = xpub;
    e->broker_id = span_of(broker_id);
    wire_packet_init(&e->packet);
    *out = e;
    return ERR_OK;
}

void events_destroy(struct events **e)
{
    if (*e != NULL) {
        map_destroy(&(*e)->topics);
        wire_packet_clear(&(*e)->packet);
        free(*e);
        *e = NULL;
    }
}

static void publish(struct events *e, struct span topic, const struct wire_event *event)
{
    struct wire_message m = {.kind = WIRE_EVENT, .event = *event};
    m.event.broker_id = e->broker_id;
    wire_packet_reset(&e->packet);
    const enum err error = wire_add(&e->packet, &m);
    if (error != ERR_OK) {
        log_error("event.pack", "%s", err_name(error));
        return;
    }
    const struct span bytes = wire_packet_bytes(&e->packet);
    if (zmq_send(e->xpub, topic.ptr, topic.len, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0) {
        (void)zmq_send(e->xpub, bytes.ptr, bytes.len, ZMQ_DONTWAIT);
    }
}

static bool watched(const struct events *e, struct span topic)
{
    return e->everything || map_get(e->topics, topic) != NULL;
}

void events_transition(struct events *e, struct span job_id, enum job_status status,
                       uint64_t version, int64_t wall_ms)
{
    if (watched(e, job_id)) {
        publish(e, job_id,
                &(struct wire_event){.job_id = job_id,
                                     .kind = EVENT_TRANSITION,
                                     .status = status,
                                     .version = version,
                                     .transition = version,
                                     .updated_at_s = wall_ms / 1000});
    }
}

void events_progress(struct events *e, const struct event_progress *p)
{
    if (watched(e, p->job_id)) {
        publish(e, p->job_id,
                &(struct wire_event){.job_id = p->job_id,
                                     .kind = EVENT_PROGRESS,
                                     .status = JOB_RUNNING,
                                     .version = p->version,
                                     .transition = p->transition,
                                     .updated_at_s = p->updated_at_s,
                                     .meter = *p->meter});
    }
}

bool events_users_watched(const struct events *e)
{
    return e->everything || e->users_topics > 0;
}

void events_of_user(struct events *e, struct span user_id, struct span job_id, uint64_t version,
                    int64_t wall_ms)
{
    char text[sizeof WIRE_USER_TOPIC + JOB_USER_ID_MAX];
    const size_t prefix = sizeof WIRE_USER_TOPIC - 1;
    if (user_id.len == 0 || user_id.len > JOB_USER_ID_MAX || !events_users_watched(e)) {
        return;
    }
    memcpy(text, WIRE_USER_TOPIC, prefix);
    memcpy(text + prefix, user_id.ptr, user_id.len);
    const struct span topic = {text, prefix + user_id.len};
    if (watched(e, topic)) {
        publish(e, topic,
                &(struct wire_event){.job_id = job_id,
                                     .kind = EVENT_TRANSITION,
                                     .status = JOB_QUEUED,
                                     .version = version,
                                     .transition = version,
                                     .updated_at_s = wall_ms / 1000,
                                     .user_id = user_id});
    }
}

/* `user_id` is filled for TOPIC_USER. */
static enum topic_kind kind_of(struct span topic, struct span *user_id)
{
    const size_t prefix = sizeof WIRE_USER_TOPIC - 1;
    if (job_id_valid(topic)) {
        return TOPIC_JOB;
    }
    if (topic.len <= prefix || topic.len > prefix + JOB_USER_ID_MAX ||
        !span_starts(topic, SPAN(WIRE_USER_TOPIC))) {
        return TOPIC_OTHER;
    }
    *user_id = (struct span){topic.ptr + prefix, topic.len - prefix};
    return TOPIC_USER;
}

static enum err note(struct events *e, struct span topic, enum topic_kind kind)
{
    if (kind == TOPIC_OTHER) {
        return ERR_UNSUPPORTED;
    }
    const enum err error = map_put(e->topics, topic, e);
    if (error == ERR_OK && kind == TOPIC_USER) {
        e->users_topics++;
    }
    return error == ERR_EXISTS ? ERR_OK : error;
}

static void subscribed(struct events *e, struct span topic)
{
    struct span user_id = {0};
    const enum topic_kind kind = kind_of(topic, &user_id);
    if (!e->everything) {
        const enum err error = note(e, topic, kind);
        if (error != ERR_OK) {
            e->everything = true;
            log_warn("events.everything", "publishing every event from now on: %s",
                     err_name(error));
        }
    }
    if (kind == TOPIC_USER) {
        publish(e, topic, &(struct wire_event){.kind = EVENT_SUBSCRIBED, .user_id = user_id});
    } else if (topic.len > 0 && topic.len <= JOB_ID_LEN) {
        publish(e, topic, &(struct wire_event){.job_id = topic, .kind = EVENT_SUBSCRIBED});
    }
}

/* XPUB passes on each subscription, but only the unsubscription that leaves nobody. */
static void unsubscribed(struct events *e, struct span topic)
{
    struct span user_id;
    const enum topic_kind kind = kind_of(topic, &user_id);
    if (map_remove(e->topics, topic) != NULL && kind == TOPIC_USER) {
        e->users_topics--;
    }
}

static void take(struct events *e, struct span frame)
{
    if (frame.len == 0) {
        return;
    }
    const struct span topic = {frame.ptr + 1, frame.len - 1};
    if (frame.ptr[0] == 1) {
        subscribed(e, topic);
    } else if (frame.ptr[0] == 0) {
        unsubscribed(e, topic);
    }
}

void events_read(struct events *e, size_t max)
{
    zmq_msg_t frame;
    (void)zmq_msg_init(&frame);
    for (size_t i = 0; i < max && zmq_msg_recv(&frame, e->xpub, ZMQ_DONTWAIT) >= 0; i++) {
        take(e, (struct span){zmq_msg_data(&frame), zmq_msg_size(&frame)});
    }
    (void)zmq_msg_close(&frame);
}
