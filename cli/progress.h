/* Progress: one bar over the life of a job, first its state on the server, then the download. */
#ifndef LONGHAUL_CLI_PROGRESS_H
#define LONGHAUL_CLI_PROGRESS_H

#include "cli/cli.h"
#include "cli/speed.h"

struct progress {
    struct terminal *terminal;
    struct speed speed;
    char label[24];
    struct bar bar;
    int64_t eta_s; /* the server's own guess; -1: none */
};

void progress_init(struct progress *p, struct terminal *terminal);
/* What a status object says. */
void progress_status(struct progress *p, const json_t *status, int64_t now_ms);
/* The download of the file. `total` -1: unknown. */
void progress_bytes(struct progress *p, uint64_t done, int64_t total, int64_t now_ms);
void progress_draw(struct progress *p, int64_t now_ms);

#endif
