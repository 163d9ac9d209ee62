/* Exit codes: what a script learns from how `longhaul` ended. Part of the interface; documented in
 * docs/cli.md and in each --help. */
#ifndef LONGHAUL_CLI_EXIT_CODE_H
#define LONGHAUL_CLI_EXIT_CODE_H

enum exit_code {
    EXIT_DONE = 0,
    EXIT_JOB = 1,           /* the job failed or was canceled */
    EXIT_USAGE = 2,         /* the command line or a setting is wrong */
    EXIT_REFUSED = 3,       /* the server said no (4xx) */
    EXIT_UNREACHABLE = 4,   /* no answer, or 5xx, after all tries; also --timeout */
    EXIT_UNVERIFIED = 5,    /* what was downloaded is not what the server promised */
    EXIT_LOCAL = 6,         /* a file or stdout could not be written */
    EXIT_INTERRUPTED = 130, /* SIGINT; 129 and 143 after SIGHUP and SIGTERM */
};

#endif
