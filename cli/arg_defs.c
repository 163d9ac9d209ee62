#include "cli/args.h"

#include "core/initiate.h"
#include "core/job.h"

#define BIT(command) (1U << (unsigned)CMD_##command)
#define STARTING (BIT(GET) | BIT(START))
#define FIELD(name) offsetof(struct args, name)
#define SWITCH(name, letter, field, where, line)                                                   \
    {                                                                                              \
        name, letter, ARG_SWITCH, FIELD(field), where, 0, 0, NULL, NULL, NULL, line                \
    }
#define TEXT(name, letter, field, where, value, choices, variable, line)                           \
    {                                                                                              \
        name, letter, ARG_TEXT, FIELD(field), where, 0, 0, value, choices, variable, line          \
    }
#define WORDS(name, letter, field, where, value, choices, line)                                    \
    {                                                                                              \
        name, letter, ARG_LIST, FIELD(field), where, 0, 0, value, choices, NULL, line              \
    }
#define NUMBER(name, letter, field, where, least, most, value, line)                               \
    {                                                                                              \
        name, letter, ARG_NUMBER, FIELD(field), where, least, most, value, NULL, NULL, line        \
    }

enum { TIMEOUT_S_MAX = 7 * 86400 };

const struct arg_def arg_defs[] = {
    TEXT("output", 'o', output, BIT(GET), "FILE|DIR", NULL, NULL,
         "where the file goes; a folder keeps the file's own name (default .)"),
    TEXT("job", 0, job, BIT(GET), "JOB", NULL, NULL, "follow this job, start none"),
    TEXT("name", 0, file_name, STARTING, "NAME", NULL, NULL, "what the file is to be called"),
    TEXT("format", 0, format, STARTING, "FORMAT", "original gzip zstd zip tar", NULL,
         "original, gzip, zstd, zip or tar"),
    SWITCH("archive", 0, archive, STARTING, "one archive of all ids, in one job"),
    TEXT("sha256", 0, sha256, STARTING, "HEX", NULL, NULL, "expected digest of the source"),
    NUMBER("priority", 0, priority, STARTING, 0, 9, "0-9", "9 goes first (server's default 5)"),
    NUMBER("delay", 0, delay_s, STARTING, 0, INITIATE_DELAY_S_MAX, "S",
           "do not begin before so long, at most a week"),
    NUMBER("job-timeout", 0, job_timeout_s, STARTING, 10, 300, "S", "limit of one attempt"),
    NUMBER("max-attempts", 0, max_attempts, STARTING, 1, JOB_MAX_ATTEMPTS_MAX, "N",
           "attempts before the job fails"),
    TEXT("simulate", 0, simulate, STARTING, "JSON", NULL, NULL,
         "a simulated job, where the server allows it"),
    TEXT("idempotency-key", 0, key, STARTING, "KEY", NULL, NULL,
         "the same key starts the same job once (default random)"),
    SWITCH("watch", 'w', watch, BIT(STATUS), "follow the job to its end"),
    WORDS("status", 's', status, BIT(LIST), "STATUS", "queued running completed failed canceled",
          "only jobs of this status, or of these"),
    NUMBER("limit", 'n', limit, BIT(LIST), 1, 200, "N", "jobs a page (default 50)"),
    TEXT("cursor", 0, cursor, BIT(LIST), "CURSOR", NULL, NULL, "go on where a page ended"),
    SWITCH("all", 'a', all, BIT(LIST), "all pages"),
    TEXT("admin-url", 0, admin_url, BIT(DOCTOR), "URL", NULL, "LONGHAUL_ADMIN_URL",
         "the admin listener, to check health"),
    TEXT("url", 0, url, ARG_GLOBAL, "URL", NULL, "LONGHAUL_URL",
         "the server (default http://127.0.0.1:8080)"),
    TEXT("token", 0, token, ARG_GLOBAL, "TOKEN", NULL, "LONGHAUL_TOKEN",
         "bearer token; other users of this machine can see it: prefer --token-file"),
    TEXT("token-file", 0, token_file, ARG_GLOBAL, "FILE", NULL, "LONGHAUL_TOKEN_FILE",
         "the file that holds the token"),
    TEXT("user", 'u', user, ARG_GLOBAL, "USER", NULL, "LONGHAUL_USER",
         "whose jobs to start or list"),
    SWITCH("json", 0, json, ARG_GLOBAL, "results as JSON, one document a line"),
    SWITCH("quiet", 'q', quiet, ARG_GLOBAL, "say nothing on stderr but errors"),
    SWITCH("no-progress", 0, no_progress, ARG_GLOBAL, "no progress bar"),
    NUMBER("timeout", 0, timeout_s, ARG_GLOBAL, 1, TIMEOUT_S_MAX, "S",
           "give up after so long in all (default never)"),
    SWITCH("help", 'h', help, ARG_GLOBAL, "this text"),
    SWITCH("version", 'V', version, ARG_GLOBAL, "name and version"),
    SWITCH("check-config", 0, check_config, ARG_GLOBAL, "check the settings, and do nothing else"),
};
const size_t arg_defs_count = sizeof arg_defs / sizeof arg_defs[0];
