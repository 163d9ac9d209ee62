/* Start: asks the server for a job. */
#ifndef LONGHAUL_CLI_START_H
#define LONGHAUL_CLI_START_H

#include "cli/cli.h"

enum { JOB_TEXT_SIZE = 65, KEY_SIZE = 256 };

/* The file ids of the words, complained about if they are none. `out` has room for all words. */
MUST_CHECK enum exit_code start_ids(struct cli *c, json_t **out);
/* The body of the request for the ids of an array: one id, or several for an archive. Owned;
 * NULL: an option's JSON is wrong (complained about), or no memory. */
json_t *start_body(struct cli *c, const json_t *ids);
/* The key of the n-th request of this call: the user's own (with "-ID" behind it where there are
 * several requests), or a random one. */
MUST_CHECK enum exit_code start_key(struct cli *c, const json_t *id, char key[KEY_SIZE]);
/* "file_id", or "file_ids" of an archive; nothing for NULL. */
void start_name_ids(const json_t *ids, json_t *line);
/* Did it end in a way that the next job would, too? */
bool start_hopeless(enum exit_code code);
/* Says how many of the plan were not begun after the i-th. */
void start_say_rest(struct cli *c, const json_t *plan, size_t i);
/* One job for `ids`. */
MUST_CHECK enum exit_code start_job(struct cli *c, const json_t *ids, char job[JOB_TEXT_SIZE]);

/* The jobs that the words ask for, each an array of ids; owned. */
MUST_CHECK enum exit_code start_plan(struct cli *c, json_t **out);

#endif
