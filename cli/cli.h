/* Cli: what every command works with, and the commands themselves. */
#ifndef LONGHAUL_CLI_CLI_H
#define LONGHAUL_CLI_CLI_H

#include "base/ids.h"
#include "cli/args.h"
#include "cli/exit_code.h"
#include "cli/net.h"
#include "cli/terminal.h"

#include <jansson.h>

struct cli {
    struct args args;
    struct terminal terminal;
    struct net *net;
    struct id_source ids;
    char *base;      /* owned: the server's URL without a slash at its end */
    char *token;     /* owned; NULL: none */
    json_t *refusal; /* owned: the server's newest problem document; see cli_error */
};

/* Checks the settings that parsing cannot: URL, token. Says what is wrong. */
MUST_CHECK enum exit_code cli_check(struct cli *c);
MUST_CHECK enum exit_code cli_open(struct cli *c); /* after cli_check */
void cli_close(struct cli *c);

/* One JSON document as a line on stdout. */
void cli_print_json(struct cli *c, const json_t *json);
/* What --json says of something that ended with `code`: the server's problem document if it
 * refused, else {"code", "title"} by the exit code. Owned; what the server said is said once. */
json_t *cli_error(struct cli *c, enum exit_code code);
/* A word that may be the path segment of a job: 20-64 of [0-9A-Za-z_-]. Complains if not. */
bool cli_job_good(struct cli *c, const char *job);
bool cli_jobs_good(struct cli *c);
/* What to say and return when an exchange or a wait did not end in NET_DONE. */
enum exit_code cli_net_failed(struct cli *c, enum net_end end);

enum exit_code run_get(struct cli *c);
enum exit_code run_start(struct cli *c);
enum exit_code run_status(struct cli *c);
enum exit_code run_list(struct cli *c);
enum exit_code run_cancel(struct cli *c);
enum exit_code run_retry(struct cli *c);
enum exit_code run_link(struct cli *c);
enum exit_code run_history(struct cli *c);
enum exit_code run_rm(struct cli *c);
enum exit_code run_doctor(struct cli *c);
enum exit_code run_completion(struct cli *c);

#endif
