// links: base jansson
#include "base/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

enum { CAUGHT_MAX = 8192 };

static int ends[2];
static int saved_stderr;
static char caught[CAUGHT_MAX];

static void start(void)
{
    cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
    saved_stderr = dup(STDERR_FILENO);
    cr_assert_geq(dup2(ends[1], STDERR_FILENO), 0);
    log_open("tester", LOG_INFO);
}

static void stop(void)
{
    (void)dup2(saved_stderr, STDERR_FILENO);
    (void)close(saved_stderr);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

TestSuite(log, .init = start, .fini = stop);

/* What was written since the last call, as text. */
static const char *catch_text(void)
{
    const ssize_t n = read(ends[0], caught, sizeof caught - 1);
    caught[n > 0 ? n : 0] = '\0';
    return caught;
}

/* The one line written, as JSON; the caller frees it. */
static json_t *catch_line(void)
{
    const char *text = catch_text();
    const size_t len = strlen(text);
    cr_assert_gt(len, 0);
    cr_assert_eq(strchr(text, '\n'), text + len - 1, "one line");
    cr_assert_leq(len, 2048);
    json_error_t error;
    json_t *line = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    cr_assert_not_null(line, "%s: %s", error.text, text);
    return line;
}

static const char *member(const json_t *line, const char *name)
{
    const char *text = json_string_value(json_object_get(line, name));
    return text != NULL ? text : "";
}

Test(log, test_write_when_below_the_least_level_then_nothing)
{
    log_debug("a.b", "x");
    cr_expect_str_eq(catch_text(), "");
}

Test(log, test_write_when_detail_is_hostile_then_still_one_valid_line)
{
    log_info("a.b", "%s", "\"}\n{\"event\":\"forged\x01\xff\xed\xa0\x80");
    json_t *line = catch_line();
    cr_expect_str_eq(member(line, "event"), "a.b");
    cr_expect_str_eq(
        member(line, "detail"),
        "\"}\n{\"event\":\"forged\x01\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    json_decref(line);
}

Test(log, test_write_when_detail_is_long_then_cut_and_valid_at_every_length)
{
    static const char *const fillers[] = {"x", "\n", "\x01", "€", "\xF0\x9F\x98\x80", "\xff"};
    static char text[4096];
    for (size_t f = 0; f < sizeof fillers / sizeof fillers[0]; f++) {
        const size_t len = strlen(fillers[f]);
        for (size_t shift = 0; shift < 8; shift++) {
            memset(text, 'a', shift);
            for (size_t i = shift; i + len < sizeof text; i += len) {
                memcpy(text + i, fillers[f], len);
                text[i + len] = '\0';
            }
            log_error("a.b", "%s", text);
            json_decref(catch_line());
        }
    }
}

Test(log, test_write_when_stderr_is_closed_then_nothing_happens)
{
    (void)close(STDERR_FILENO);
    errno = EDOM;
    log_error("a.b", "%d", 1);
    cr_expect_eq(errno, EDOM);
}

Test(log, test_write_when_no_detail_then_no_member)
{
    log_warn("worker.gone", NULL);
    json_t *line = catch_line();
    cr_expect_null(json_object_get(line, "detail"));
    cr_expect_str_eq(member(line, "level"), "warn");
    json_decref(line);
}

Test(log, test_write_when_all_is_well_then_every_member_is_there)
{
    log_info("worker.joined", "worker=%s slots=%d", "w1", 8);
    json_t *line = catch_line();
    cr_expect_eq(json_object_size(line), 5);
    cr_expect_str_eq(member(line, "level"), "info");
    cr_expect_str_eq(member(line, "program"), "tester");
    cr_expect_str_eq(member(line, "event"), "worker.joined");
    cr_expect_str_eq(member(line, "detail"), "worker=w1 slots=8");
    unsigned parts[7] = {0};
    char zone = 'x';
    cr_expect_eq(sscanf(member(line, "at"), "%4u-%2u-%2uT%2u:%2u:%2u.%3u%c", &parts[0], &parts[1],
                        &parts[2], &parts[3], &parts[4], &parts[5], &parts[6], &zone),
                 8);
    cr_expect_eq(zone, 'Z');
    cr_expect_eq(strlen(member(line, "at")), 24);
    json_decref(line);
}

Test(log, test_write_when_called_then_errno_is_kept)
{
    errno = ENOENT;
    log_info("a.b", "%s", "x");
    cr_expect_eq(errno, ENOENT);
}
