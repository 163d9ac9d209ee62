/* Worker rig: a real longhaul-worker, one or two stub brokers, a stub source, a real nginx with a
 * folder of its own; all in a temporary folder. */
#ifndef LONGHAUL_SUPPORT_WORKER_RIG_H
#define LONGHAUL_SUPPORT_WORKER_RIG_H

#include "base/ids.h"
#include "support/stub_broker.h"
#include "support/stub_source.h"

#include <sys/types.h>

enum { RIG_FILE_BYTES = 3000000, RIG_ARGS_MAX = 32, RIG_BROKERS = 2 };

/* Ids of the rig's catalogue. */
enum rig_file {
    RIG_NOWHERE,    /* not in the catalogue; use as file_id 999 */
    RIG_NGINX_FILE, /* RIG_FILE_BYTES from nginx, with name and type of the catalogue */
    RIG_NGINX_404,
    RIG_NGINX_403,
    RIG_NGINX_500,
    RIG_NGINX_EMPTY, /* 0 bytes */
    RIG_SHORT,
    RIG_STALL,
    RIG_SILENT,
    RIG_BREAKS,
    RIG_BREAKS_CHANGED,
    RIG_BREAKS_WRONG,
    RIG_BUSY,
    RIG_NAMED,
    RIG_TO_PRIVATE,   /* redirects to 10.0.0.1 */
    RIG_TO_LOOPBACK6, /* redirects to [::1], which is not allow-listed */
    RIG_TO_MAPPED,    /* redirects to [::ffff:169.254.169.254] */
    RIG_TO_FTP,
    RIG_LOOP,
    RIG_PRIVATE,      /* 10.0.0.1 itself */
    RIG_NO_NAME,      /* a name that does not resolve */
    RIG_REFUSES,      /* nobody listens */
    RIG_WRONG_SIZE,   /* the catalogue names another size */
    RIG_WRONG_SHA,    /* the catalogue names another digest */
    RIG_FILE_OUTSIDE, /* file: outside of the root */
    RIG_FILE_INSIDE,  /* file: below the root, RIG_FILE_BYTES */
    RIG_FILE_LINK,    /* file: below the root, a link that leads out */
    RIG_UNSIZED,
    RIG_UNSIZED_SMALL,
    RIG_FILE_COUNT, /* tests may add ids from here on */
};

struct worker_rig {
    char dir[64];
    struct stub_broker brokers[RIG_BROKERS];
    struct stub_source source;
    struct id_source ids;
    pid_t worker, nginx;
    unsigned short nginx_port;
    int port_fd; /* holds it */
};

void worker_rig_start(struct worker_rig *r); /* all but the worker */
void worker_rig_stop(struct worker_rig *r);
/* Adds an entry to the catalogue, before the worker starts. `more` is "" or ", \"size\": 3". */
void worker_rig_add(const struct worker_rig *r, uint64_t file_id, const char *url,
                    const char *more);
/* Starts the worker with the rig's catalogue and these further arguments (NULL at the end), and
 * welcomes it at broker 0. */
void worker_rig_worker(struct worker_rig *r, const char *const *more);
void worker_rig_path(const struct worker_rig *r, const char *name, char *out, size_t size);

struct attempt rig_attempt(struct worker_rig *r, uint64_t fence);
/* Assigns the transfer of a file with a timeout of 60 s. */
struct attempt rig_assign(struct worker_rig *r, uint64_t file_id);
struct attempt rig_simulate(struct worker_rig *r, const struct simulate *plan, uint32_t failures);
/* The next Result, which must be of this attempt. It is acknowledged. */
const struct wire_result *rig_done(struct worker_rig *r, const struct attempt *a);
/* The same, and it must be this failure. */
void rig_failed_with(struct worker_rig *r, const struct attempt *a, const char *code,
                     bool retryable);
/* The stored bytes of an attempt, NULL if there are none. The caller frees. */
unsigned char *rig_artifact(const struct worker_rig *r, const struct attempt *a, size_t *len);
/* Number of files in a folder of the store, locks not counted. */
size_t rig_files_in(const struct worker_rig *r, const char *folder);
unsigned char rig_byte(size_t i); /* of the files that nginx and file: serve */

#endif
