// links: base
#include "base/signals.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static int fd = -1;

static void start(void)
{
    cr_assert_eq(signals_open(&fd), ERR_OK);
}

static void stop(void)
{
    cr_expect_eq(close(fd), 0);
}

TestSuite(signals, .init = start, .fini = stop);

Test(signals, test_next_when_none_came_then_zero)
{
    cr_expect_eq(signals_next(fd), 0);
}

Test(signals, test_next_when_fd_is_closed_then_zero)
{
    cr_expect_eq(signals_next(-1), 0);
}

Test(signals, test_next_when_several_came_then_each_once)
{
    static const int sent[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(raise(sent[i]), 0);
    }
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    cr_expect_eq(poll(&ready, 1, 0), 1);
    unsigned seen = 0;
    for (int n; (n = signals_next(fd)) != 0;) {
        seen |= 1U << n;
    }
    cr_expect_eq(seen, 1U << SIGTERM | 1U << SIGINT | 1U << SIGHUP);
}

Test(signals, test_open_when_a_pipe_breaks_then_the_process_lives)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(close(ends[0]), 0);
    cr_expect_eq(write(ends[1], "x", 1), -1);
    cr_assert_eq(close(ends[1]), 0);
}

Test(signals, test_open_when_done_then_fd_does_not_block_and_is_not_inherited)
{
    cr_expect(fcntl(fd, F_GETFL) & O_NONBLOCK);
    cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}
