#include "broker/commands.h"

#include "base/clock.h"
#include "broker/claims.h"
#include "broker/events.h"
#include "broker/pool.h"
#include "broker/report.h"
#include "broker/workers.h"
#include "ports/record_reader.h"

#include <stdlib.h>

struct command {
    struct broker *broker;
    struct peer_ref from;
    uint64_t request_id;
    enum command_kind kind;
    enum command_code newest_code; /* that the asker knows */
    char job_id[JOB_ID_SIZE];
    uint64_t retried; /* version of the retry, while its job's user is asked for */
};

struct commands {
    struct pool pool;
};

enum err commands_new(struct commands **out)
{
    struct commands *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return ERR_NOMEM;
    }
    pool_init(&c->pool, sizeof(struct command), COMMANDS_MAX);
    *out = c;
    return ERR_OK;
}

void commands_destroy(struct commands **c)
{
    if (*c != NULL) {
        pool_clear(&(*c)->pool);
        free(*c);
        *c = NULL;
    }
}

size_t commands_in_flight(const struct commands *c)
{
    return c->pool.used;
}

static void reply(struct broker *b, struct peer *peer, uint64_t request_id, enum command_code code)
{
    if (peer != NULL && request_id != 0) {
        peers_say(b->peers, peer,
                  &(struct wire_message){.request_id = request_id,
                                         .kind = WIRE_COMMAND_REPLY,
                                         .command_reply = {.code = code}});
    }
}

void commands_abort(struct broker *b, struct span job_id)
{
    const struct running *r = attempts_get(b->attempts, job_id);
    if (r != NULL) {
        workers_abort(b, r, ABORT_CANCELED);
    }
}

/* What follows from a command that was done or is under way. */
static void follow(struct broker *b, const struct command *c, const struct record_commanded *item)
{
    const struct span id = span_of(c->job_id);
    if (item->code == RECORD_CMD_UNDERWAY) {
        commands_abort(b, id);
    }
    if (item->code != RECORD_CMD_DONE || c->kind == COMMAND_REMOVE) {
        return;
    }
    events_transition(b->events, id, item->status, item->version, clock_wall_ms());
    if (c->kind == COMMAND_RETRY) {
        claims_hint(b);
    } else {
        report_canceled(b);
    }
}

static void on_retried(void *context, enum err err, const struct job_record *record)
{
    struct command *c = context;
    struct broker *b = c->broker;
    /* A repeat was told the record's present version: only of a job that is as the retry left it is
     * that the transition which made it active. What became of others is known already, or found.
     */
    if (err == ERR_OK && record->status == JOB_QUEUED && record->version == c->retried) {
        events_of_user(b->events, record->user_id, span_of(c->job_id), c->retried, clock_wall_ms());
    }
    pool_give(&b->commands->pool, c);
}

/* True: the command stays until its job's user was told. Should that fail, who follows the user's
 * jobs finds out by itself, only later. */
static bool tell_user(struct broker *b, struct command *c, const struct record_commanded *item)
{
    if (c->kind != COMMAND_RETRY || item->code != RECORD_CMD_DONE ||
        !events_users_watched(b->events)) {
        return false;
    }
    c->retried = item->version;
    return reader_get(b->redis, span_of(c->job_id), on_retried, c) == ERR_OK;
}

static void on_commanded(void *context, enum err err, const struct record_commanded *item)
{
    static const enum command_code CODES[] = {
        [RECORD_CMD_DONE] = COMMAND_DONE,       [RECORD_CMD_UNDERWAY] = COMMAND_UNDERWAY,
        [RECORD_CMD_ALREADY] = COMMAND_ALREADY, [RECORD_CMD_TERMINAL] = COMMAND_TERMINAL,
        [RECORD_CMD_ACTIVE] = COMMAND_ACTIVE,   [RECORD_CMD_COMPLETED] = COMMAND_COMPLETED,
        [RECORD_CMD_LIMIT] = COMMAND_LIMIT,     [RECORD_CMD_GONE] = COMMAND_GONE,
        [RECORD_CMD_QUOTA] = COMMAND_QUOTA,     [RECORD_CMD_QUEUE_FULL] = COMMAND_QUEUE_FULL,
    };
    struct command *c = context;
    struct broker *b = c->broker;
    const bool done = err == ERR_OK && item != NULL;
    const enum command_code code = done ? CODES[item->code] : COMMAND_UNAVAILABLE;
    reply(b, peer_get(c->from), c->request_id, code <= c->newest_code ? code : COMMAND_UNAVAILABLE);
    if (done) {
        follow(b, c, item);
    }
    if (!done || !tell_user(b, c, item)) {
        pool_give(&b->commands->pool, c);
    }
}

static enum err ask(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    static const enum record_command_kind KINDS[COMMAND_KIND_COUNT] = {
        [COMMAND_CANCEL] = RECORD_CANCEL,
        [COMMAND_RETRY] = RECORD_RETRY,
        [COMMAND_REMOVE] = RECORD_REMOVE,
    };
    struct command *c = b->prepared ? pool_take(&b->commands->pool) : NULL;
    if (c == NULL) {
        return ERR_UNAVAILABLE;
    }
    *c = (struct command){.broker = b,
                          .from = peer_ref(peer),
                          .request_id = m->request_id,
                          .kind = m->command.kind,
                          .newest_code = m->command.newest_code};
    enum err err = span_copy(m->command.job_id, c->job_id, sizeof c->job_id);
    if (err == ERR_OK) {
        const struct record_command command = {.kind = KINDS[c->kind],
                                               .job_id = span_of(c->job_id),
                                               .command_id = m->command.command_id};
        err = records_command(b->records, &command, on_commanded, c);
    }
    if (err != ERR_OK) {
        pool_give(&b->commands->pool, c);
    }
    return err;
}

void commands_take(struct broker *b, struct peer *peer, const struct wire_message *m)
{
    if (ask(b, peer, m) != ERR_OK) {
        reply(b, peer, m->request_id, COMMAND_UNAVAILABLE);
    }
}
