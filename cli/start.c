#include "cli/start.h"

#include "cli/api.h"
#include "core/job.h"

#include <stdio.h>
#include <string.h>

enum { RANDOM_BYTES = 16, ABOUT_SIZE = 48 };

enum exit_code start_ids(struct cli *c, json_t **out)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < c->args.words_count; i++) {
        uint64_t id = 0;
        if (span_to_u64(span_of(c->args.words[i]), &id) != ERR_OK || id == 0 ||
            id > JOB_FILE_ID_MAX) {
            terminal_error(&c->terminal, "%s is no file id (a number from 1)", c->args.words[i]);
            json_decref(ids);
            return EXIT_USAGE;
        }
        (void)json_array_append_new(ids, json_integer((json_int_t)id));
    }
    *out = ids;
    return EXIT_DONE;
}

enum exit_code start_plan(struct cli *c, json_t **out)
{
    json_t *ids = NULL;
    const enum exit_code code = start_ids(c, &ids);
    if (code != EXIT_DONE) {
        return code;
    }
    json_t *plan = json_array();
    if (c->args.archive) {
        (void)json_array_append(plan, ids);
    } else {
        size_t i;
        json_t *id;
        json_array_foreach(ids, i, id)
        {
            (void)json_array_append_new(plan, json_pack("[O]", id));
        }
    }
    json_decref(ids);
    *out = plan;
    return EXIT_DONE;
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text != NULL) {
        (void)json_object_set_new(object, name, json_string(text));
    }
}

static void set_number(json_t *object, const char *name, int64_t n)
{
    if (n >= 0) {
        (void)json_object_set_new(object, name, json_integer((json_int_t)n));
    }
}

static json_t *options_of(struct cli *c)
{
    const struct args *a = &c->args;
    json_t *options = json_object();
    set_text(options, "fileName", a->file_name);
    set_text(options, "format", a->format);
    set_text(options, "sha256", a->sha256);
    set_number(options, "priority", a->priority);
    set_number(options, "delaySeconds", a->delay_s);
    set_number(options, "timeoutSeconds", a->job_timeout_s);
    set_number(options, "maxAttempts", a->max_attempts);
    if (a->simulate != NULL) {
        json_t *simulate = json_loads(a->simulate, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(simulate)) {
            terminal_error(&c->terminal, "--simulate takes a JSON object");
            json_decref(simulate);
            json_decref(options);
            return NULL;
        }
        (void)json_object_set_new(options, "simulate", simulate);
    }
    return options;
}

json_t *start_body(struct cli *c, const json_t *ids)
{
    json_t *options = options_of(c);
    if (options == NULL) {
        return NULL;
    }
    json_t *body = json_object();
    if (c->args.archive) {
        (void)json_object_set_new(body, "file_ids", json_deep_copy(ids));
    } else {
        (void)json_object_set(body, "file_id", json_array_get(ids, 0));
    }
    if (json_object_size(options) > 0) {
        (void)json_object_set(body, "options", options);
    }
    json_decref(options);
    set_text(body, "userId", c->args.user);
    return body;
}

enum exit_code start_key(struct cli *c, const json_t *id, char key[KEY_SIZE])
{
    const char *own = c->args.key;
    int len = 0;
    if (own == NULL) {
        unsigned char bytes[RANDOM_BYTES];
        id_source_bytes(&c->ids, bytes, sizeof bytes);
        hex_encode(bytes, sizeof bytes, key);
        return EXIT_DONE;
    }
    const bool several = c->args.words_count > 1 && !c->args.archive;
    len = several ? snprintf(key, KEY_SIZE, "%s-%lld", own, (long long)json_integer_value(id))
                  : snprintf(key, KEY_SIZE, "%s", own);
    for (const char *p = own; len > 0 && *p != '\0'; p++) {
        len = *p > ' ' && *p < 0x7F ? len : -1;
    }
    if (len <= 0 || len >= KEY_SIZE) {
        terminal_error(&c->terminal, "--idempotency-key takes 1 to 255 visible ASCII characters");
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

void start_name_ids(const json_t *ids, json_t *line)
{
    if (json_array_size(ids) > 1) {
        (void)json_object_set_new(line, "file_ids", json_deep_copy(ids));
    } else if (ids != NULL) {
        (void)json_object_set(line, "file_id", json_array_get(ids, 0));
    }
}

bool start_hopeless(enum exit_code code)
{
    return code == EXIT_INTERRUPTED || code == EXIT_USAGE || code == EXIT_LOCAL ||
           code == EXIT_UNREACHABLE;
}

void start_say_rest(struct cli *c, const json_t *plan, size_t i)
{
    if (i + 1 < json_array_size(plan)) {
        terminal_hint(&c->terminal, "%zu further file ids were not begun",
                      json_array_size(plan) - i - 1);
    }
}

/* Which of several it is: "file 42". */
static const char *about_of(const json_t *ids, char text[ABOUT_SIZE])
{
    const long long first = json_integer_value(json_array_get(ids, 0));
    const size_t count = json_array_size(ids);
    if (count > 1) {
        (void)snprintf(text, ABOUT_SIZE, "archive of %zu files", count);
    } else {
        (void)snprintf(text, ABOUT_SIZE, "file %lld", first);
    }
    return text;
}

static enum exit_code take_job(struct cli *c, const struct api_reply *reply,
                               char job[JOB_TEXT_SIZE])
{
    const char *id = api_text(reply->json, "jobId");
    if (id == NULL || !cli_job_good(c, id) ||
        span_copy(span_of(id), job, JOB_TEXT_SIZE) != ERR_OK) {
        terminal_error(&c->terminal, "the answer names no job: is %s a Longhaul server?", c->base);
        return EXIT_UNREACHABLE;
    }
    return EXIT_DONE;
}

enum exit_code start_job(struct cli *c, const json_t *ids, char job[JOB_TEXT_SIZE])
{
    char key[KEY_SIZE], about[ABOUT_SIZE];
    enum exit_code code = start_key(c, json_array_get(ids, 0), key);
    if (code != EXIT_DONE) {
        return code;
    }
    json_t *body = start_body(c, ids);
    if (body == NULL) {
        return EXIT_USAGE;
    }
    struct api_reply reply;
    api_reply_init(&reply);
    const struct api_request q = {.method = "POST",
                                  .path = "/initiate",
                                  .body = body,
                                  .key = key,
                                  .about = about_of(ids, about)};
    code = api_call(c, &q, &reply);
    if (code == EXIT_DONE) {
        code = take_job(c, &reply, job);
    } else if (code == EXIT_INTERRUPTED || code == EXIT_UNREACHABLE) {
        terminal_hint(&c->terminal,
                      "The server may have started the job. The same command with "
                      "--idempotency-key %s\nfinds it, and starts no second one.",
                      c->args.key != NULL ? c->args.key : key);
    }
    api_reply_clear(&reply);
    json_decref(body);
    return code;
}
