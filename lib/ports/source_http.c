#include "ports/source_http.h"

#include "core/transfer_rules.h"
#include "ports/source_http_private.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS_A_TURN = 64,
    RECEIVE_BUFFER = 131072, /* bytes; also what one write to the store gets */
};

#define USER_AGENT "longhaul/" LONGHAUL_VERSION

/* ---- the multi's view of the loop */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
    struct http_sources *s = context;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event e = {.data.fd = fd};
    e.events |= (what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0;
    e.events |= (what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0;
    (void)epoll_ctl(s->epoll_fd, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);
    (void)curl_multi_assign(s->multi, fd, s); /* anything but NULL: epoll knows this descriptor */
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct http_sources *s = context;
    (void)multi;
    s->timer_ms = timeout_ms < 0 ? -1 : s->now_ms + timeout_ms;
    return 0;
}

static enum err sources_setup(struct http_sources *s)
{
    const bool ok = curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
                    curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s) == CURLM_OK &&
                    curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
                    curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s) == CURLM_OK;
    return ok ? ERR_OK : ERR_INTERNAL;
}

enum err http_sources_new(const struct cidr_list *allow, struct http_sources **out)
{
    struct http_sources *s = calloc(1, sizeof(*s));
    if (s == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(s);
        return ERR_NOMEM;
    }
    s->allow = allow;
    s->timer_ms = -1;
    list_init(&s->waiting);
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    s->multi = curl_multi_init();
    if (s->epoll_fd < 0 || s->multi == NULL || sources_setup(s) != ERR_OK) {
        http_sources_destroy(&s);
        return ERR_NOMEM;
    }
    *out = s;
    return ERR_OK;
}

void http_sources_destroy(struct http_sources **s)
{
    if (*s == NULL) {
        return;
    }
    curl_multi_cleanup((*s)->multi);
    if ((*s)->epoll_fd >= 0) {
        close((*s)->epoll_fd);
    }
    curl_global_cleanup();
    free(*s);
    *s = NULL;
}

int http_sources_fd(const struct http_sources *s)
{
    return s->epoll_fd;
}

int64_t http_sources_wait_ms(const struct http_sources *s, int64_t now_ms)
{
    int64_t at_ms = s->timer_ms;
    for (const struct list *l = s->waiting.next; l != &s->waiting; l = l->next) {
        const struct http_source *h =
            (const void *)((const char *)l - offsetof(struct http_source, link));
        at_ms = at_ms < 0 || h->resume_at_ms < at_ms ? h->resume_at_ms : at_ms;
    }
    if (at_ms < 0) {
        return -1;
    }
    return at_ms > now_ms ? at_ms - now_ms : 0;
}

/* ---- one transfer */

static bool address_of(const struct curl_sockaddr *peer, struct address *out)
{
    if (peer->family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &peer->addr, sizeof(v4));
        *out = address_v4((const unsigned char *)&v4.sin_addr);
        return true;
    }
    if (peer->family == AF_INET6 && peer->addrlen >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 v6;
        memcpy(&v6, (const void *)&peer->addr, sizeof(v6));
        *out = address_v6(v6.sin6_addr.s6_addr);
        return true;
    }
    return false;
}

/* The very address that would be connected to: nothing can change between check and use. */
static curl_socket_t on_open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *peer)
{
    struct http_source *h = context;
    struct address address;
    h->refused = purpose != CURLSOCKTYPE_IPCXN || !address_of(peer, &address) ||
                 !address_allowed(&address, h->owner->allow);
    if (h->refused) {
        return CURL_SOCKET_BAD;
    }
    return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

static const struct {
    CURLoption option;
    long value;
} LONG_OPTIONS[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_FOLLOWLOCATION, 1},
    {CURLOPT_MAXREDIRS, TRANSFER_REDIRECTS_MAX},
    {CURLOPT_FAILONERROR, 0},
    {CURLOPT_FILETIME, 1}, /* of Last-Modified */
    {CURLOPT_CONNECTTIMEOUT_MS, HTTP_CONNECT_MS},
    {CURLOPT_BUFFERSIZE, RECEIVE_BUFFER},
    {CURLOPT_TCP_KEEPALIVE, 1},
    /* A download gains nothing from HTTP/2, and shares no connection's fate with HTTP/1.1. */
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    /* One connection for one request: bytes that a source sends behind its answer would otherwise
     * be read as the answer to another job. */
    {CURLOPT_FRESH_CONNECT, 1},
    {CURLOPT_FORBID_REUSE, 1},
    /* Otherwise giving up on a name that is still being looked up would wait for the resolver. */
    {CURLOPT_QUICK_EXIT, 1},
};

static const struct {
    CURLoption option;
    const char *value;
} TEXT_OPTIONS[] = {
    {CURLOPT_PROTOCOLS_STR, "http,https"},
    {CURLOPT_REDIR_PROTOCOLS_STR, "http,https"},
    {CURLOPT_PROXY, ""}, /* no proxy from the environment: it would be connected to unchecked */
    {CURLOPT_USERAGENT, USER_AGENT},
};

static bool set_tables(CURL *easy)
{
    bool ok = true;
    for (size_t i = 0; i < sizeof(LONG_OPTIONS) / sizeof(LONG_OPTIONS[0]); i++) {
        ok =
            ok && curl_easy_setopt(easy, LONG_OPTIONS[i].option, LONG_OPTIONS[i].value) == CURLE_OK;
    }
    for (size_t i = 0; i < sizeof(TEXT_OPTIONS) / sizeof(TEXT_OPTIONS[0]); i++) {
        ok =
            ok && curl_easy_setopt(easy, TEXT_OPTIONS[i].option, TEXT_OPTIONS[i].value) == CURLE_OK;
    }
    return ok;
}

static bool set_request(struct http_source *h)
{
    return curl_easy_setopt(h->easy, CURLOPT_URL, h->url) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_PRIVATE, h) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_OPENSOCKETDATA, h) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_HEADERFUNCTION, http_on_header) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_HEADERDATA, h) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_WRITEFUNCTION, http_on_body) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_WRITEDATA, h) == CURLE_OK;
}

static bool set_range(struct http_source *h)
{
    char range[32];
    char validator[ETAG_SIZE + 16];
    (void)snprintf(range, sizeof(range), "%llu-", (unsigned long long)h->received);
    (void)snprintf(validator, sizeof(validator), "If-Range: %s", h->etag);
    h->headers = curl_slist_append(NULL, validator);
    return h->headers != NULL && curl_easy_setopt(h->easy, CURLOPT_RANGE, range) == CURLE_OK &&
           curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, h->headers) == CURLE_OK;
}

static void request_drop(struct http_source *h)
{
    if (h->easy != NULL) {
        (void)curl_multi_remove_handle(h->owner->multi, h->easy);
        curl_easy_cleanup(h->easy);
        h->easy = NULL;
        h->paused = false;
    }
    curl_slist_free_all(h->headers);
    h->headers = NULL;
}

/* Asks for the file, or for what is missing of it. */
static enum err request_start(struct http_source *h)
{
    h->easy = curl_easy_init();
    h->checked = false;
    h->refused = false;
    memset(&h->answer, 0, sizeof(h->answer));
    if (h->easy == NULL || !set_tables(h->easy) || !set_request(h) || (h->begun && !set_range(h)) ||
        curl_multi_add_handle(h->owner->multi, h->easy) != CURLM_OK) {
        request_drop(h);
        return ERR_NOMEM;
    }
    return ERR_OK;
}

static void http_resume(struct source *s)
{
    struct http_source *h = (struct http_source *)s;
    if (h->paused) {
        h->paused = false; /* before: the callback may pause it again */
        (void)curl_easy_pause(h->easy, CURLPAUSE_CONT);
    }
}

static void http_destroy(struct source *s)
{
    struct http_source *h = (struct http_source *)s;
    list_remove(&h->link);
    request_drop(h);
    free(h->url);
    free(h);
}

static const struct source_ops HTTP_OPS = {
    .turn = NULL, .resume = http_resume, .destroy = http_destroy};

enum err source_http_new(struct http_sources *s, struct span url,
                         const struct source_listener *listener, struct source **out)
{
    struct http_source *h = calloc(1, sizeof(*h));
    char *copy = malloc(url.len + 1);
    if (h == NULL || copy == NULL || span_copy(url, copy, url.len + 1) != ERR_OK) {
        free(h);
        free(copy);
        return ERR_NOMEM;
    }
    h->base.ops = &HTTP_OPS;
    h->owner = s;
    h->listener = *listener;
    h->url = copy;
    h->total = -1;
    list_init(&h->link);
    if (request_start(h) != ERR_OK) {
        http_destroy(&h->base);
        return ERR_NOMEM;
    }
    *out = &h->base;
    return ERR_OK;
}

/* ---- a turn */

static void resume_due(struct http_sources *s)
{
    struct list *next;
    for (struct list *l = s->waiting.next; l != &s->waiting; l = next) {
        next = l->next;
        struct http_source *h = LIST_ENTRY(l, struct http_source, link);
        if (h->resume_at_ms > s->now_ms) {
            continue;
        }
        list_remove(&h->link);
        if (request_start(h) != ERR_OK) {
            const struct job_fault fault = job_fault_of(JOB_ERROR_SOURCE_UNREACHABLE);
            h->silent = true;
            h->listener.end(h->listener.context, &fault);
        }
    }
}

static void collect_finished(struct http_sources *s)
{
    int left;
    for (CURLMsg *m = curl_multi_info_read(s->multi, &left); m != NULL;
         m = curl_multi_info_read(s->multi, &left)) {
        char *private = NULL;
        const CURLcode result = m->data.result;
        (void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        struct http_source *h = (void *)private;
        const bool again = http_finish(h, result);
        request_drop(h);
        if (again) {
            h->resume_at_ms = s->now_ms + transfer_resume_delay_ms(h->resumes);
            h->resumes++;
            list_append(&s->waiting, &h->link);
        }
    }
}

void http_sources_turn(struct http_sources *s, int64_t now_ms)
{
    struct epoll_event events[EVENTS_A_TURN];
    int running;
    s->now_ms = now_ms;
    resume_due(s);
    const int count = epoll_wait(s->epoll_fd, events, EVENTS_A_TURN, 0);
    for (int i = 0; i < count; i++) {
        /* An error or hang-up is found by reading, after what came before it. */
        const uint32_t reads = (uint32_t)(EPOLLIN | EPOLLERR | EPOLLHUP);
        int mask = (events[i].events & reads) != 0 ? CURL_CSELECT_IN : 0;
        mask |= (events[i].events & (uint32_t)(EPOLLOUT | EPOLLERR)) != 0 ? CURL_CSELECT_OUT : 0;
        (void)curl_multi_socket_action(s->multi, events[i].data.fd, mask, &running);
    }
    if (s->timer_ms >= 0 && s->timer_ms <= now_ms) {
        s->timer_ms = -1;
        (void)curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    collect_finished(s);
}
