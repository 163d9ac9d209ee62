#include "support/child.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void redirect(const char *log_path)
{
    const int fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0) {
        _exit(127);
    }
}

pid_t child_start(const char *const *argv, const char *log_path)
{
    const pid_t pid = fork();
    cr_assert(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (log_path != NULL) {
            redirect(log_path);
        }
        /* execv promises not to write to them; its type is older than const. */
        union {
            const char *const *in;
            char *const *out;
        } arguments = {.in = argv};
        (void)execvp(argv[0], arguments.out);
        _exit(127);
    }
    return pid;
}

static int outcome(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int child_stop(pid_t pid, int signal_number)
{
    int status = 0;
    (void)kill(pid, signal_number);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return outcome(status);
}

int child_wait(pid_t pid, int timeout_ms)
{
    const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    cr_assert(fd >= 0);
    struct pollfd ended = {.fd = fd, .events = POLLIN};
    const int ready = poll(&ended, 1, timeout_ms);
    (void)close(fd);
    int status = 0;
    return ready == 1 && waitpid(pid, &status, 0) == pid ? outcome(status) : -1;
}
