#include "gateway/hangup.h"

#include "base/log.h"
#include "gateway/hub.h"
#include "gateway/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { HANGUPS_A_TURN = 64 };

static void on_readable(h2o_socket_t *sock, const char *err)
{
    struct hub *hub = sock->data;
    struct epoll_event events[HANGUPS_A_TURN];
    (void)err;
    const int count = epoll_wait(hub->hangup_fd, events, HANGUPS_A_TURN, 0);
    for (int i = 0; i < count; i++) {
        hub->on_gone(hub, events[i].data.ptr);
    }
}

enum err hangup_open(struct hub *hub, hangup_on_gone *gone)
{
    hub->on_gone = gone;
    hub->hangup_fd = epoll_create1(EPOLL_CLOEXEC);
    if (hub->hangup_fd < 0) {
        log_error("hangup.failed", "epoll_create1: %s", strerror(errno));
        return ERR_IO;
    }
    hub->hangups =
        h2o_evloop_socket_create(hub->loop->h2o.loop, hub->hangup_fd, H2O_SOCKET_FLAG_DONT_READ);
    hub->hangups->data = hub;
    h2o_socket_read_start(hub->hangups, on_readable);
    return ERR_OK;
}

void hangup_close(struct hub *hub)
{
    if (hub->hangups != NULL) {
        h2o_socket_close(hub->hangups); /* closes hangup_fd */
    }
    hub->hangups = NULL;
    hub->hangup_fd = -1;
}

enum err hangup_watch(struct hub *hub, int fd, void *stream)
{
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = stream};
    return epoll_ctl(hub->hangup_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? ERR_OK : ERR_IO;
}

void hangup_forget(struct hub *hub, int fd)
{
    struct epoll_event unused = {0};
    (void)epoll_ctl(hub->hangup_fd, EPOLL_CTL_DEL, fd, &unused);
}
