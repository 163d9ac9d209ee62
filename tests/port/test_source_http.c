// links: ports core base support pthread
/* The HTTP source by itself: what it tells its listener, and that it can be given up at any time.
 */
#include "ports/source_http.h"

#include "base/clock.h"
#include "support/stub_source.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>

enum { PATIENCE_MS = 20000 };

static struct stub_source server;
static struct cidr_list allow;
static struct http_sources *sources;

/* What a listener was told. */
static struct {
    int begun, ended;
    size_t received, stop_after; /* 0: never */
    size_t pause_every;          /* bytes; 0: never */
    size_t pause_at;
    int paused, pauses; /* waits for source_resume; how often so far */
    int64_t size_bytes;
    struct job_fault fault;
} told;

static void setup(void)
{
    stub_source_start(&server);
    cr_assert_eq(cidr_list_parse(SPAN("127.0.0.0/8"), &allow), ERR_OK);
    cr_assert_eq(http_sources_new(&allow, &sources), ERR_OK);
}

static void teardown(void)
{
    http_sources_destroy(&sources);
    stub_source_stop(&server);
}

TestSuite(source_http, .init = setup, .fini = teardown, .timeout = 60);

static bool on_begin(void *context, const struct source_info *info)
{
    (void)context;
    told.begun++;
    told.size_bytes = info->size_bytes;
    return true;
}

static enum source_take on_bytes(void *context, struct span bytes)
{
    (void)context;
    cr_assert_leq(bytes.len, SOURCE_CHUNK_MAX);
    cr_assert_eq(told.paused, 0, "a paused source says nothing");
    if (told.pause_every > 0 && told.received >= told.pause_at) {
        told.pause_at = told.received + told.pause_every;
        told.paused = 1;
        told.pauses++;
        return SOURCE_PAUSE;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        cr_assert_eq((unsigned char)bytes.ptr[i], stub_source_byte(told.received + i));
    }
    told.received += bytes.len;
    return told.stop_after == 0 || told.received < told.stop_after ? SOURCE_TAKEN : SOURCE_STOP;
}

static void on_end(void *context, const struct job_fault *fault)
{
    (void)context;
    told.ended++;
    told.fault = *fault;
}

static struct source *ask(const char *path)
{
    char url[128];
    struct source *s = NULL;
    const struct source_listener listener = {.begin = on_begin, .bytes = on_bytes, .end = on_end};
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", (unsigned)server.port, path);
    cr_assert_eq(source_http_new(sources, span_of(url), &listener, &s), ERR_OK);
    return s;
}

/* Turns until `*what` is not 0, or the other thing is not. */
static void turn_until_either(const int *what, const int *other)
{
    const int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (*what == 0 && *other == 0) {
        const int64_t now_ms = clock_mono_ms();
        cr_assert_lt(now_ms, until_ms);
        http_sources_turn(sources, now_ms);
        const int64_t wait_ms = http_sources_wait_ms(sources, now_ms);
        const bool over = *what != 0 || *other != 0;
        struct pollfd p = {.fd = http_sources_fd(sources), .events = POLLIN};
        (void)poll(&p, over ? 0 : 1, over ? 0 : wait_ms < 0 ? 1000 : (int)wait_ms);
    }
}

static void turn_until(const int *what)
{
    turn_until_either(what, what);
}

Test(source_http, tells_what_it_is_once_then_all_bytes_then_the_end_once)
{
    struct source *s = ask("/breaks");
    turn_until(&told.ended);
    cr_assert_eq(told.begun, 1);
    cr_assert_eq(told.size_bytes, STUB_BODY);
    cr_assert_eq(told.received, STUB_BODY);
    cr_assert_eq(told.fault.error, JOB_ERROR_NONE);
    source_destroy(&s);
}

Test(source_http, says_that_a_short_body_is_short)
{
    struct source *s = ask("/short");
    turn_until(&told.ended);
    cr_assert_eq(told.fault.error, JOB_ERROR_SOURCE_UNREACHABLE);
    cr_assert_eq(told.received, STUB_BODY / 2);
    source_destroy(&s);
}

Test(source_http, can_be_given_up_in_the_middle_and_then_says_nothing)
{
    struct source *s = ask("/stall");
    turn_until(&told.begun);
    source_destroy(&s);
    http_sources_turn(sources, clock_mono_ms());
    cr_assert_eq(told.ended, 0);
    cr_assert_eq(http_sources_wait_ms(sources, clock_mono_ms()) < 0, true);
}

Test(source_http, says_nothing_after_its_listener_stopped_it)
{
    told.stop_after = 1;
    struct source *s = ask("/whole");
    struct source *other = ask("/loop");
    turn_until(&told.ended); /* of the other */
    cr_assert_eq(told.fault.error, JOB_ERROR_SOURCE_FORBIDDEN);
    cr_assert_eq(told.ended, 1);
    source_destroy(&s);
    source_destroy(&other);
}

/* Pauses it again and again, and resumes it only after turns that bring nothing. */
static void read_with_pauses(const char *path, size_t pause_every)
{
    told.pause_every = pause_every;
    struct source *s = ask(path);
    for (;;) {
        turn_until_either(&told.paused, &told.ended);
        if (told.ended != 0) {
            break;
        }
        for (int i = 0; i < 3; i++) {
            http_sources_turn(sources, clock_mono_ms());
        }
        told.paused = 0;
        source_resume(s);
    }
    cr_assert_eq(told.received, STUB_BODY);
    cr_assert_eq(told.fault.error, JOB_ERROR_NONE);
    cr_assert_geq((size_t)told.pauses, STUB_BODY / pause_every / 2);
    source_destroy(&s);
}

Test(source_http, loses_no_byte_when_it_is_paused)
{
    read_with_pauses("/whole", 100000);
}

Test(source_http, loses_no_byte_when_it_is_paused_and_breaks_off)
{
    read_with_pauses("/breaks", 70000);
}

Test(source_http, can_be_given_up_while_it_is_paused)
{
    told.pause_every = STUB_BODY;
    struct source *s = ask("/whole");
    turn_until(&told.paused);
    source_destroy(&s);
    http_sources_turn(sources, clock_mono_ms());
    cr_assert_eq(told.ended, 0);
    cr_assert_eq(told.received, 0);
}

Test(source_http, takes_nothing_from_a_connection_that_served_another)
{
    struct source *s = ask("/keeps");
    turn_until(&told.ended);
    cr_assert_eq(told.fault.error, JOB_ERROR_SOURCE_INVALID);
    source_destroy(&s);
    told.ended = 0;
    s = ask("/whole");
    turn_until(&told.ended);
    cr_assert_eq(told.fault.error, JOB_ERROR_NONE);
    cr_assert_eq(told.received, STUB_BODY);
    source_destroy(&s);
}
