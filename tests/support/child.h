/* Child: a program that a test started. It is stopped by its pid, and dies with the test. */
#ifndef LONGHAUL_SUPPORT_CHILD_H
#define LONGHAUL_SUPPORT_CHILD_H

#include <sys/types.h>

/* Starts argv[0] (NULL at the end) with stdout and stderr going to `log_path` (appended; NULL: not
 * redirected). Ends the test when that fails. */
pid_t child_start(const char *const *argv, const char *log_path);
/* Sends the signal and waits; 128 + signal if one killed it, else its exit status. */
int child_stop(pid_t pid, int signal_number);
/* Waits up to `timeout_ms` for its end; -1: it still runs. */
int child_wait(pid_t pid, int timeout_ms);

#endif
