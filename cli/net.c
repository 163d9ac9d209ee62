#include "cli/net.h"

#include "base/clock.h"
#include "base/signals.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECT_MS = 10000, TICK_MS = 100, REDIRECTS_MAX = 3 };

struct net {
    CURLM *multi;
    CURL *easy;
    int signal_fd, signal;
    int64_t deadline_ms;
    char error[CURL_ERROR_SIZE];
};

/* One exchange. */
struct exchange {
    const struct net_request *q;
    const struct net_watch *watch;
    struct http_head *head;
    CURL *easy;
    int64_t moved_at_ms;
    bool stopped;
};

enum err net_open(int64_t deadline_ms, struct net **out)
{
    struct net *n = calloc(1, sizeof *n);
    if (n == NULL) {
        return ERR_NOMEM;
    }
    n->deadline_ms = deadline_ms;
    n->signal_fd = -1;
    if (signals_open(&n->signal_fd) != ERR_OK || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        net_close(&n);
        return ERR_IO;
    }
    n->multi = curl_multi_init();
    n->easy = curl_easy_init();
    if (n->multi == NULL || n->easy == NULL) {
        net_close(&n);
        return ERR_NOMEM;
    }
    *out = n;
    return ERR_OK;
}

void net_close(struct net **n)
{
    struct net *old = *n;
    if (old == NULL) {
        return;
    }
    curl_easy_cleanup(old->easy);
    if (old->multi != NULL) {
        (void)curl_multi_cleanup(old->multi);
    }
    if (old->signal_fd >= 0) {
        (void)close(old->signal_fd);
    }
    curl_global_cleanup();
    free(old);
    *n = NULL;
}

enum net_end net_check(struct net *n)
{
    const int signal = signals_next(n->signal_fd);
    if (signal != 0) {
        n->signal = signal;
    }
    if (n->signal != 0) {
        return NET_INTERRUPTED;
    }
    return n->deadline_ms > 0 && clock_mono_ms() >= n->deadline_ms ? NET_TIMED_OUT : NET_DONE;
}

static size_t on_header(char *data, size_t size, size_t count, void *self)
{
    struct exchange *x = self;
    x->moved_at_ms = clock_mono_ms();
    http_head_line(x->head, (struct span){data, size * count});
    return size * count;
}

static size_t on_body(char *data, size_t size, size_t count, void *self)
{
    struct exchange *x = self;
    x->moved_at_ms = clock_mono_ms();
    (void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &x->head->status);
    if (!x->watch->take(x->watch->self, x->head, (struct span){data, size * count})) {
        x->stopped = true;
        return 0;
    }
    return size * count;
}

static struct curl_slist *header_list(const struct net_request *q)
{
    struct curl_slist *list = NULL;
    for (const char *const *line = q->header; line != NULL && *line != NULL; line++) {
        struct curl_slist *more = curl_slist_append(list, *line);
        list = more != NULL ? more : list;
    }
    if (q->body.len > 0) {
        struct curl_slist *more = curl_slist_append(list, "Content-Type: application/json");
        list = more != NULL ? more : list;
    }
    return list;
}

static void set_up(struct net *n, struct exchange *x, struct curl_slist *headers)
{
    CURL *e = n->easy;
    curl_easy_reset(e);
    n->error[0] = '\0';
    (void)curl_easy_setopt(e, CURLOPT_URL, x->q->url);
    (void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, x->q->follow ? 1L : 0L);
    (void)curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    (void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    (void)curl_easy_setopt(e, CURLOPT_USERAGENT, "longhaul/" LONGHAUL_VERSION);
    (void)curl_easy_setopt(e, CURLOPT_ERRORBUFFER, n->error);
    (void)curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(e, CURLOPT_HEADERDATA, x);
    (void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(e, CURLOPT_WRITEDATA, x);
    (void)curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (x->q->bearer != NULL) {
        (void)curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
        (void)curl_easy_setopt(e, CURLOPT_XOAUTH2_BEARER, x->q->bearer);
    }
    const bool post = strcmp(x->q->method, "POST") == 0;
    if (post) {
        (void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)x->q->body.len);
        (void)curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS, x->q->body.len > 0 ? x->q->body.ptr : "");
    } else {
        (void)curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
        (void)curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, x->q->method);
    }
}

static enum net_end end_of(CURLcode code)
{
    static const CURLcode never_sent[] = {
        CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST,     CURLE_COULDNT_CONNECT,
        CURLE_SSL_CONNECT_ERROR,     CURLE_PEER_FAILED_VERIFICATION, CURLE_URL_MALFORMAT,
    };
    if (code == CURLE_OK) {
        return NET_DONE;
    }
    for (size_t i = 0; i < sizeof never_sent / sizeof never_sent[0]; i++) {
        if (code == never_sent[i]) {
            return NET_NEVER_SENT;
        }
    }
    return NET_BROKEN;
}

static void set_error(struct net *n, const char *text)
{
    (void)snprintf(n->error, sizeof n->error, "%s", text);
}

/* True when the exchange is over. */
static bool finished(struct net *n, const struct exchange *x, enum net_end *end)
{
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(n->multi, &left);
    if (message == NULL || message->msg != CURLMSG_DONE) {
        return false;
    }
    *end = x->stopped ? NET_STOPPED : end_of(message->data.result);
    if (*end != NET_DONE && n->error[0] == '\0') {
        set_error(n, curl_easy_strerror(message->data.result));
    }
    return true;
}

static bool ticked(const struct net_watch *w)
{
    return w == NULL || w->tick == NULL || w->tick(w->self, clock_mono_ms());
}

static void poll_once(struct net *n, int64_t ms)
{
    struct curl_waitfd fd = {.fd = n->signal_fd, .events = CURL_WAIT_POLLIN};
    (void)curl_multi_poll(n->multi, &fd, 1, (int)(ms < TICK_MS ? ms : TICK_MS), NULL);
}

static enum net_end drive(struct net *n, struct exchange *x)
{
    for (;;) {
        int running = 0;
        enum net_end end = net_check(n);
        if (end != NET_DONE) {
            return end;
        }
        if (curl_multi_perform(n->multi, &running) != CURLM_OK) {
            return NET_BROKEN;
        }
        if (finished(n, x, &end)) {
            return end;
        }
        if (!ticked(x->watch)) {
            return NET_STOPPED;
        }
        if (clock_mono_ms() - x->moved_at_ms >= x->q->silence_ms_max) {
            set_error(n, "no answer in time");
            return NET_BROKEN;
        }
        poll_once(n, TICK_MS);
    }
}

enum net_end net_run(struct net *n, const struct net_request *q, const struct net_watch *watch,
                     struct http_head *head, int64_t *retry_after_s)
{
    struct exchange x = {
        .q = q, .watch = watch, .head = head, .easy = n->easy, .moved_at_ms = clock_mono_ms()};
    struct curl_slist *headers = header_list(q);
    curl_off_t after = 0;
    *head = (struct http_head){.status = 0};
    set_up(n, &x, headers);
    enum net_end end = NET_BROKEN;
    if (curl_multi_add_handle(n->multi, n->easy) == CURLM_OK) {
        end = drive(n, &x);
        (void)curl_easy_getinfo(n->easy, CURLINFO_RESPONSE_CODE, &head->status);
        (void)curl_easy_getinfo(n->easy, CURLINFO_RETRY_AFTER, &after);
        (void)curl_multi_remove_handle(n->multi, n->easy);
    }
    *retry_after_s = after > 0 ? (int64_t)after : -1;
    (void)curl_easy_setopt(n->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return end;
}

enum net_end net_wait(struct net *n, int64_t ms, const struct net_watch *watch)
{
    const int64_t until_ms = clock_mono_ms() + ms;
    for (;;) {
        const enum net_end end = net_check(n);
        const int64_t left_ms = until_ms - clock_mono_ms();
        if (end != NET_DONE || left_ms <= 0) {
            return end;
        }
        if (!ticked(watch)) {
            return NET_STOPPED;
        }
        poll_once(n, left_ms);
    }
}

const char *net_error(const struct net *n)
{
    return n->error[0] != '\0' ? n->error : "the connection was lost";
}

int net_signal(const struct net *n)
{
    return n->signal;
}
