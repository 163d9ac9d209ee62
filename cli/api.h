/* Api: requests to the server's API, and what its refusals say. */
#ifndef LONGHAUL_CLI_API_H
#define LONGHAUL_CLI_API_H

#include "base/buf.h"
#include "cli/cli.h"

enum {
    API_TRIES = 4,                 /* waits of 1, 2 and 5 s between them */
    API_REPLY_BYTES_MAX = 8 << 20, /* a page of 200 jobs takes 400 KiB */
    API_SILENCE_MS = 30000,
};

struct api_request {
    const char *method;
    const char *path;    /* below the API, e.g. "/jobs?limit=5"; or "https://…" as it is */
    json_t *body;        /* borrowed; NULL: none */
    const char *key;     /* Idempotency-Key; NULL: none */
    const char *about;   /* the job or file that a complaint names; NULL: there is only one */
    bool not_repeatable; /* doing it twice differs from doing it once */
};

struct api_reply {
    struct http_head head;
    struct buf body;
    json_t *json; /* owned; NULL: none */
    int64_t retry_after_s;
};

void api_reply_init(struct api_reply *r);
void api_reply_clear(struct api_reply *r);

/* One try, silent. */
enum net_end api_try(struct cli *c, const struct api_request *q, struct api_reply *reply);
/* Tries again where that is safe and can help, and complains at the end if it did not.
 * EXIT_DONE: 2xx. */
enum exit_code api_call(struct cli *c, const struct api_request *q, struct api_reply *reply);

enum exit_code api_verdict(const struct api_reply *reply); /* by the status alone */
bool api_worth_repeating(const struct api_reply *reply);
/* "CODE: detail (requestId)" on stderr, with "ABOUT: " before it unless `about` is NULL; and kept
 * for cli_error. */
void api_complain(struct cli *c, const char *about, const struct api_reply *reply);
/* The same as text; the error sticks in `out`. Pure. */
void api_problem_text(long status, const json_t *json, struct buf *out);

/* BASE/v1/download + path, owned; NULL when out of memory. */
char *api_url(const struct cli *c, const char *path);
/* Members of an object; NULL and the default when absent or of another type. */
const char *api_text(const json_t *object, const char *name);
int64_t api_number(const json_t *object, const char *name, int64_t otherwise);

#endif
