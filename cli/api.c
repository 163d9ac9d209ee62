#include "cli/api.h"

#include "cli/backoff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LINE_SIZE = 320, PROBLEM_BYTES_MAX = 4000 };

void api_reply_init(struct api_reply *r)
{
    *r = (struct api_reply){.retry_after_s = -1};
    buf_init(&r->body, API_REPLY_BYTES_MAX);
}

void api_reply_clear(struct api_reply *r)
{
    buf_clear(&r->body);
    json_decref(r->json);
    r->json = NULL;
}

char *api_url(const struct cli *c, const char *path)
{
    static const char root[] = "/v1/download";
    if (strncmp(path, "http://", 7) == 0 || strncmp(path, "https://", 8) == 0) {
        return strdup(path);
    }
    const size_t size = strlen(c->base) + sizeof root + strlen(path);
    char *url = malloc(size);
    if (url != NULL) {
        (void)snprintf(url, size, "%s%s%s", c->base, root, path);
    }
    return url;
}

static bool take_body(void *self, const struct http_head *head, struct span bytes)
{
    (void)head;
    struct api_reply *reply = self;
    return buf_span(&reply->body, bytes) == ERR_OK;
}

static void decode(struct api_reply *reply)
{
    if (reply->body.len > 0) {
        reply->json = json_loadb(reply->body.data, reply->body.len, JSON_REJECT_DUPLICATES, NULL);
    }
}

enum net_end api_try(struct cli *c, const struct api_request *q, struct api_reply *reply)
{
    char key_line[KEY_LINE_SIZE] = "";
    const char *header[] = {"Accept: application/json", NULL, NULL};
    char *url = api_url(c, q->path);
    char *body = q->body != NULL ? json_dumps(q->body, JSON_COMPACT) : NULL;
    api_reply_clear(reply);
    api_reply_init(reply);
    if (q->key != NULL) {
        (void)snprintf(key_line, sizeof key_line, "Idempotency-Key: %s", q->key);
        header[1] = key_line;
    }
    enum net_end end = NET_BROKEN;
    if (url != NULL && (q->body == NULL || body != NULL)) {
        const bool ours = q->path[0] == '/'; /* the token is for nobody else */
        const struct net_request request = {.method = q->method,
                                            .url = url,
                                            .body = span_of(body),
                                            .header = header,
                                            .bearer = ours ? c->token : NULL,
                                            .silence_ms_max = API_SILENCE_MS};
        const struct net_watch watch = {.self = reply, .take = take_body};
        end = net_run(c->net, &request, &watch, &reply->head, &reply->retry_after_s);
    }
    if (end == NET_DONE) {
        decode(reply);
    }
    free(body);
    free(url);
    return end;
}

enum exit_code api_verdict(const struct api_reply *reply)
{
    const long status = reply->head.status;
    if (status >= 200 && status < 300) {
        return EXIT_DONE;
    }
    return status >= 400 && status < 500 ? EXIT_REFUSED : EXIT_UNREACHABLE;
}

bool api_worth_repeating(const struct api_reply *reply)
{
    static const long statuses[] = {408, 429, 500, 502, 503, 504};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (reply->head.status == statuses[i]) {
            return true;
        }
    }
    const char *code = api_text(reply->json, "code");
    return code != NULL && strcmp(code, "IDEMPOTENCY_IN_FLIGHT") == 0;
}

static void keep_refusal(struct cli *c, const struct api_reply *reply)
{
    json_decref(c->refusal);
    c->refusal = json_is_object(reply->json)
                     ? json_incref(reply->json)
                     : json_pack("{s:i}", "status", (int)reply->head.status);
}

void api_complain(struct cli *c, const char *about, const struct api_reply *reply)
{
    struct buf text;
    buf_init(&text, PROBLEM_BYTES_MAX);
    if (about != NULL) {
        (void)buf_printf(&text, "%s: ", about);
    }
    keep_refusal(c, reply);
    api_problem_text(reply->head.status, reply->json, &text);
    terminal_error(&c->terminal, "%.*s", SPAN_ARG(buf_as_span(&text)));
    buf_clear(&text);
}

/* 500 and 504 leave open whether it was done; so does a lost connection. */
static bool may_repeat(const struct api_request *q, enum net_end end, const struct api_reply *reply)
{
    if (end == NET_NEVER_SENT) {
        return true;
    }
    if (end == NET_BROKEN) {
        return !q->not_repeatable;
    }
    const bool sure = reply->head.status == 429 || reply->head.status == 503;
    return end == NET_DONE && api_worth_repeating(reply) && (sure || !q->not_repeatable);
}

enum exit_code api_call(struct cli *c, const struct api_request *q, struct api_reply *reply)
{
    struct backoff backoff = {.failures = 0};
    enum net_end end = api_try(c, q, reply);
    for (int i = 1; i < API_TRIES && may_repeat(q, end, reply); i++) {
        end = net_wait(c->net, backoff_next_ms(&backoff, reply->retry_after_s), NULL);
        if (end == NET_DONE) {
            end = api_try(c, q, reply);
        }
    }
    if (end != NET_DONE) {
        return cli_net_failed(c, end);
    }
    const enum exit_code code = api_verdict(reply);
    if (code != EXIT_DONE) {
        api_complain(c, q->about, reply);
    }
    return code;
}
