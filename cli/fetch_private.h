/* Fetch, inside: one try of the transfer, and the way that repeats it. */
#ifndef LONGHAUL_CLI_FETCH_PRIVATE_H
#define LONGHAUL_CLI_FETCH_PRIVATE_H

#include "cli/backoff.h"
#include "cli/fetch.h"
#include "cli/part.h"

struct fetch {
    struct cli *cli;
    const char *job;
    struct progress *progress;
    struct part part;
    /* What the API says of the file. */
    char *url; /* owned, absolute */
    char *file_name;
    char *sha256;       /* owned; NULL: unknown */
    int64_t size_bytes; /* -1: unknown */
    /* Where it goes. */
    char *folder; /* owned; NULL: the user named the file */
    char *path;   /* owned; of the file, or in `folder` until the name is known */
    char disposition[1024];
    struct backoff backoff;
    bool resumed; /* bytes of an earlier answer are in the part */
    bool again;   /* it was wrong once, and began anew */
};

enum transfer_end {
    TRANSFER_WHOLE, /* all bytes are there */
    TRANSFER_CUT,   /* go on from where it stands */
    TRANSFER_LINK,  /* the link is used up: get another */
    TRANSFER_OVER,  /* `code` says why; it was complained about */
};
/* One request. */
enum transfer_end transfer_once(struct fetch *f, enum exit_code *code);

#endif
